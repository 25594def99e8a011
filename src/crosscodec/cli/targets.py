"""The options that say what a file may cost: --quality, --target-bpp and --target-size, one of them at a time."""

import re

from crosscodec.codec.ratecontrol import RateChoice
from crosscodec.errors import UsageError

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?) ?([kmg]i?)?b?", re.IGNORECASE | re.ASCII)


def parse_size(text: str) -> int:
    """The bytes that a text like 20000, 20k, 19.5KiB or 1.2MB means: k is a thousand, Ki 1,024; fractions are dropped.

    UsageError for other text.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"a size is a number of bytes like 20000, 20k, 19.5KiB or 1.2MB; not {text!r}")
    return int(float(found[1]) * UNITS[(found[2] or "").lower()])


def rate_choice(quality: int | None, target_bpp: float | None, target_size: str | None) -> RateChoice:
    """What the three options ask for. UsageError for more than one of them, and for values that cannot be."""
    given = {"--quality": quality, "--target-bpp": target_bpp, "--target-size": target_size}
    chosen = [name for name, value in given.items() if value is not None]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude one another: give one of them")
    return RateChoice(quality, target_bpp, None if target_size is None else parse_size(target_size))
