"""Sizes as people write them, and options that exclude one another."""

import pytest

from crosscodec.cli.targets import parse_size, rate_choice
from crosscodec.codec.ratecontrol import RateChoice
from crosscodec.errors import UsageError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("20000", 20_000),
        ("20k", 20_000),
        ("20kB", 20_000),
        ("20 KB", 20_000),
        ("20KiB", 20_480),
        ("20ki", 20_480),
        ("1.5M", 1_500_000),
        ("1MiB", 1_048_576),
        ("2GB", 2 * 10**9),
        (" 7b ", 7),
        ("1.9", 1),
    ],
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "k", "-1", "+1", "1e3", "20x", "20kkB", "20 000", "0x10", "nan", "٣", "1" * 16])
def test_sizes_that_are_none(text):
    with pytest.raises(UsageError, match="a size is a number of bytes like 20000"):
        parse_size(text)


def test_one_of_three():
    assert rate_choice(None, None, None) == RateChoice()
    assert rate_choice(0, None, None) == RateChoice(quality=0)
    assert rate_choice(None, 0.5, None) == RateChoice(target_bpp=0.5)
    assert rate_choice(None, None, "2k") == RateChoice(target_bytes=2000)
    with pytest.raises(UsageError, match="--quality and --target-size exclude one another"):
        rate_choice(0, None, "2k")
    with pytest.raises(UsageError, match="--quality and --target-bpp and --target-size"):
        rate_choice(0, 0.5, "2k")
    with pytest.raises(UsageError, match="at least one, not 0"):
        rate_choice(None, None, "0")
