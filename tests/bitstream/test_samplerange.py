import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.bitstream.varint import ByteReader
from crosscodec.errors import CorruptData, UsageError

floats = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(floats, floats, st.integers(0, 16))
def test_what_is_written_reads_back(low, high, bits):
    if not low < high or high - low > np.finfo(np.float32).max:
        with pytest.raises(UsageError):
            SampleRange(low, high, bits)
        return
    found = SampleRange(low, high, bits)
    reader = ByteReader(found.fields() + b"rest", "x")
    assert SampleRange.read(reader) == found
    assert reader.take(4) == b"rest"


@pytest.mark.parametrize(
    ("low", "high", "bits", "message"),
    [
        (5, 5, 16, "from a number up to a larger one; this is 5 to 5"),
        (5, 4, 16, "up to a larger one"),
        (0, float("nan"), 16, "up to a larger one"),
        (0, 1e39, 16, "up to a larger one; this is 0 to inf"),
        (1, 1 + 1e-12, 0, "up to a larger one"),  # the same number in the file
        (0, 1, 17, "1 to 16 bits, or 0 for floats; not 17"),
        (0, 1, -1, "not -1"),
    ],
)
def test_no_range_is_refused(low, high, bits, message):
    with pytest.raises(UsageError, match=message):
        SampleRange(low, high, bits)


def test_a_damaged_field_is_corrupt():
    fields = SampleRange(0, 1, 8).fields()
    with pytest.raises(CorruptData, match="header of the coded file: samples have"):
        SampleRange.read(ByteReader(b"\x11" + fields[1:], "x"))
    with pytest.raises(CorruptData, match="cut short"):
        SampleRange.read(ByteReader(fields[:-1], "x"))


def test_it_says_what_it_is():
    assert SampleRange(100, 3000, 12).describe() == "100 to 3000 of 12-bit samples"
    assert SampleRange(-0.5, 1e5, 0).describe() == "-0.5 to 100000 of floats"
