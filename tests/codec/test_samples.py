import numpy as np
import pytest

from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec.samples import from_unit, to_unit


def test_ends_are_black_and_white_and_no_limits():
    found = SampleRange(100, 3000, 16)
    samples = np.array([[0, 100, 1550, 3000, 3290]], np.uint16)
    unit = to_unit(samples, found)
    assert unit.dtype == np.float32
    assert unit[0].tolist() == pytest.approx([-100 / 2900, 0, 0.5, 1, 1.1])
    back = from_unit(unit, found)
    assert back.dtype == np.uint16
    assert back.tolist() == samples.tolist()


@pytest.mark.parametrize(
    ("bits", "dtype", "seen"),
    [(8, np.uint8, [0, 2, 255]), (12, np.uint16, [0, 2, 4095]), (0, np.float32, [-1e6, 1.5, 1e6])],
)
def test_samples_have_their_type_and_are_cut_to_it(bits, dtype, seen):
    found = from_unit(np.array([-1e6, 1.5, 1e6], np.float32), SampleRange(0, 1, bits))
    assert found.dtype == dtype
    assert found.tolist() == seen


def test_every_level_of_sixteen_bits_comes_back():
    levels = np.arange(65536, dtype=np.uint16)
    for found in (SampleRange(0, 65535, 16), SampleRange(-3.25, 700, 16)):
        assert (from_unit(to_unit(levels, found), found) == levels).all()
