import io

import numpy as np
import pytest
from numpy.typing import NDArray

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData
from crosscodec.images.arrays import array_pages, array_picture

LIMIT = 2**20


def read_array(data, limit, any_scale=False):
    (stored,) = array_pages(data, limit)
    return array_picture(stored, any_scale)


def saved(array: NDArray[np.generic], allow_pickle: bool = False) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=allow_pickle)
    return sink.getvalue()


def header(text: str) -> bytes:
    padded = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded


@pytest.mark.parametrize("shape", [(1, 1), (5, 4), (5, 4, 3), (5, 4, 1)])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, ">f4", np.float16])
def test_same_pixels_back(shape: tuple[int, ...], order: str, dtype: str) -> None:
    stored = np.asarray(np.random.default_rng(0).integers(0, 2, shape), dtype=dtype, order=order)
    found = read_array(saved(stored), LIMIT)
    pixels, notices = found.pixels, found.notices
    assert pixels.dtype == (np.uint8 if dtype == np.uint8 else np.float32)
    assert pixels.shape == (shape[:2] if shape[2:] in ((), (1,)) else shape)
    assert pixels.flags["C_CONTIGUOUS"]
    assert pixels.flags["WRITEABLE"]
    assert np.array_equal(pixels.reshape(shape), stored)
    assert notices == ()


def test_floats_stay_unclipped() -> None:
    pixels = read_array(saved(np.array([[-0.25, 1.5]], np.float32)), LIMIT).pixels
    assert pixels.tolist() == [[-0.25, 1.5]]


def test_conversions_leave_a_notice() -> None:
    found = read_array(saved(np.array([[0, 1, 65535]], np.uint16)), LIMIT)
    pixels, notices = found.pixels, found.notices
    assert np.rint(pixels * 65535).tolist() == [[0, 1, 65535]]
    assert notices == ("16-bit samples divided by 65535",)
    assert read_array(saved(np.full((2, 2), 0.1)), LIMIT).notices == ("float64 rounded to float32",)


def test_objects_are_refused_without_being_loaded() -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (pytest.fail, ("the object was loaded",))

    with pytest.raises(UnsupportedData, match="never loaded"):
        read_array(saved(np.array([[Bomb()]], dtype=object), allow_pickle=True), LIMIT)


@pytest.mark.parametrize(
    "array",
    [
        np.full((2, 2), np.nan),
        np.array([[0.5, np.inf]], np.float32),
        np.full((2, 2), 1e300),
        np.array([[0.0, 255.0]], np.float32),
        np.zeros((2, 2), np.int32),
        np.zeros((2, 2), np.uint32),
        np.zeros((2, 2), bool),
        np.zeros((2, 2), complex),
        np.zeros((2, 2), "S3"),
        np.zeros((2, 2), [("a", np.uint8)]),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((2, 2, 2, 4), np.uint8),
        np.zeros((2, 2, 2, 2, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 4), np.uint8),
        np.array(3, np.uint8),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_arrays_that_are_no_picture_are_refused(array: NDArray[np.generic]) -> None:
    with pytest.raises(UnsupportedData, match="npy file holds"):
        read_array(saved(array), LIMIT)


def test_a_header_above_the_limit_is_refused_before_its_length_is_looked_at() -> None:
    with pytest.raises(ResourceLimit, match="2048 x 1024"):
        read_array(header("{'descr': '|u1', 'fortran_order': False, 'shape': (1024, 2048), }"), LIMIT)


def test_every_truncation_and_trailing_bytes_are_refused() -> None:
    data = saved(np.zeros((3, 3), np.uint8))
    for cut in range(6, len(data)):
        with pytest.raises(CorruptData):
            read_array(data[:cut], LIMIT)
    with pytest.raises(CorruptData, match="10 bytes of pixels, its header says 9"):
        read_array(data + b"\0", LIMIT)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{'descr': 'x9', 'fortran_order': False, 'shape': (2, 2), }",
        "{'descr': '|u1'}",
        "(" * 5000,
        "f()",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-2, -2), }",
    ],
)
def test_damaged_headers_are_refused(text: str) -> None:
    with pytest.raises(CorruptData):
        read_array(header(text), LIMIT)


def test_unknown_versions_are_refused() -> None:
    with pytest.raises(UnsupportedData, match="version"):
        read_array(b"\x93NUMPY\x07\x00" + b"\0" * 20, LIMIT)


def test_on_any_scale_all_numbers_are_taken_as_they_are():
    for dtype in (np.float32, np.float64, np.int16, np.int32, np.uint32, np.int64):
        found = read_array(saved(np.array([[-7, 40000]]).astype(dtype)), LIMIT, any_scale=True)
        assert found.pixels.dtype == np.float32
        assert found.bits == 0
        assert found.pixels.tolist() == np.array([[-7, 40000]]).astype(dtype).astype(np.float32).tolist()
    sixteen = read_array(saved(np.array([[5, 4095]], np.uint16)), LIMIT, any_scale=True)
    assert (sixteen.bits, sixteen.notices) == (16, ())
    assert read_array(saved(np.array([[5]], np.uint8)), LIMIT).bits == 8
    with pytest.raises(UnsupportedData, match="or have their own told with --range"):
        read_array(saved(np.array([[40000.0]])), LIMIT)
    with pytest.raises(UnsupportedData, match="too large for float32"):
        read_array(saved(np.array([[1e300]])), LIMIT, any_scale=True)
    with pytest.raises(UnsupportedData, match="NaN or infinity"):
        read_array(saved(np.array([[np.nan]])), LIMIT, any_scale=True)
