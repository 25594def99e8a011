"""Two processes: files pass between them, errors keep their class."""

import numpy as np
import pytest

from crosscodec.errors import CorruptData, OutputExists, UsageError
from crosscodec.simulate.children import CODED, exchange
from crosscodec.simulate.codes import decode_file, empty_file, encode_file
from crosscodec.simulate.maps import SharedSeedCode
from crosscodec.theory import BernoulliTransport

CODE = empty_file(SharedSeedCode(BernoulliTransport(0.4, 0.3).distortion(0.5).plan, 1))
SOURCE = np.arange(1000, dtype=np.int32) % 2


def test_two_processes_do_what_one_does(tmp_path):
    found = exchange(CODE, SOURCE, tmp_path)
    assert found.data == encode_file(CODE, SOURCE) == (tmp_path / CODED).read_bytes()
    assert np.array_equal(found.output, decode_file(found.data))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["code.xcs", "coded.xcs", "output.npy", "source.npy"]
    assert found.encode_seconds > 0
    assert found.decode_seconds > 0
    with pytest.raises(OutputExists, match="name another folder"):
        exchange(CODE, SOURCE, tmp_path)


@pytest.mark.parametrize(("code", "source", "kind"), [(CODE, SOURCE + 5, UsageError), (CODE[:-1], SOURCE, CorruptData)])
def test_an_error_of_a_child_is_raised_here(code, source, kind, tmp_path):
    with pytest.raises(kind):
        exchange(code, source, tmp_path)
