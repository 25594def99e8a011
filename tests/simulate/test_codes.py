"""Any code by its file."""

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.simulate.codes import array_bytes, code_of, decode_file, empty_file, encode_file, payload_bits
from crosscodec.simulate.container import SimulatedFile
from crosscodec.simulate.design import DitherDesign
from crosscodec.simulate.dithered import DitherCode
from crosscodec.simulate.maps import SharedSeedCode
from crosscodec.simulate.vectorcode import VectorCode
from crosscodec.theory import BernoulliTransport, VectorGaussianTransport

PLANE = VectorGaussianTransport([0, 0], np.eye(2), [0, 0], np.eye(2))
CODES = [
    SharedSeedCode(BernoulliTransport(0.4, 0.3).distortion(0.5).plan, 1),
    DitherCode.of(DitherDesign(0, 1, 0, 1, 1, "scalar"), 1),
    VectorCode.of(PLANE, PLANE.distortion(2.0).plan, 1, "scalar"),
]
SOURCES = [np.arange(100) % 2, np.linspace(-2, 2, 100), np.linspace(-2, 2, 100).reshape(50, 2)]


@pytest.mark.parametrize(("code", "source"), list(zip(CODES, SOURCES, strict=True)), ids=lambda x: type(x).__name__)
def test_the_empty_file_is_the_code(code, source):
    empty = empty_file(code)
    assert isinstance(code_of(SimulatedFile.from_bytes(empty)), type(code))
    assert decode_file(empty).shape[0] == 0
    assert payload_bits(empty) == 0
    data = encode_file(empty, source)
    assert data == code.encode(source)
    assert encode_file(data, source) == data
    assert decode_file(data).shape == source.shape
    assert 0 < payload_bits(data) < 8 * len(data)


def test_symbols_of_another_kind_are_refused():
    with pytest.raises(UsageError, match="not float64"):
        encode_file(empty_file(CODES[0]), np.zeros(3))
    with pytest.raises(UsageError, match="not complex128"):
        encode_file(empty_file(CODES[1]), np.zeros(3, complex))


def test_arrays_are_npy_files():
    assert array_bytes(np.arange(3))[:6] == b"\x93NUMPY"
