"""Colour profiles (ICC, ISO 15076-1): which of them say something of a picture, and what they are called.

Only the header, the table of tags and two tags are looked at: a command that lists files need not load a colour engine.
"""

import math
import struct

OF_OTHER_COLOURS = "colour profile of other colours: pixel values kept, profile dropped"  # what is said of such a one

_HEADER = 128  # bytes; behind it the number of tags, and of each its name, place and size
_MOST_TAGS = 256
_SPACE, _SIGNATURE = slice(16, 20), slice(36, 40)
_CHANNELS_OF = {b"GRAY": 1, b"RGB ": 3}
_SRGB_RED = 0.436  # X of the red primary of sRGB, seen under D50; that of Display P3 is 0.515
_SRGB_MIDDLE = 0.214  # what half of the largest sample is in light; 0.218 of gamma 2.2, 0.5 of linear samples


def is_srgb(profile: bytes) -> bool:
    """Whether a profile is sRGB, by its name and, where it tells them, its primaries and its curve: a picture then
    needs none.
    """
    named = b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile
    red = _tag(profile, b"rXYZ")[8:12]
    curve = _middle(_tag(profile, b"rTRC") or _tag(profile, b"kTRC"))
    return (
        named
        and (len(red) < 4 or abs(struct.unpack(">i", red)[0] / 2**16 - _SRGB_RED) < 0.01)
        and (curve is None or abs(curve - _SRGB_MIDDLE) < 0.01)
    )


def _middle(curve: bytes) -> float | None:
    """What a curve (types curv and para) makes of the middle of its range, 0 to 1; None where there is none."""
    kind, body = curve[:4], curve[8:]
    if kind == b"para" and len(body) >= 8:  # (scale x + shift) to a power
        power, *line = (number / 2**16 for (number,) in struct.iter_unpack(">i", body[4 : len(body) // 4 * 4]))
        scale, shift = line[:2] if len(line) > 1 else (1.0, 0.0)
        return math.pow(min(max(scale / 2 + shift, 0.0), 1.0), max(power, 0.0))
    if kind != b"curv":
        return None
    count = int.from_bytes(body[:4], "big")
    value = int.from_bytes(body[4 + count // 2 * 2 :][:2], "big")  # the middle one of a table, or a power alone
    return value / 65535 if count > 1 else math.pow(0.5, value / 2**8 if count else 1)


def suits(profile: bytes, channels: int) -> bool:
    """Whether the bytes are a profile of pixels of so many channels: 1 gray, 3 RGB."""
    return _CHANNELS_OF.get(space_of(profile)) == channels


def space_of(profile: bytes) -> bytes:
    """The colour space of what a profile is for, b"GRAY", b"RGB ", b"CMYK" and so on; empty where it is none."""
    return profile[_SPACE] if profile[_SIGNATURE] == b"acsp" else b""


def profile_name(profile: bytes) -> str:
    """What the profile calls itself, for people; "unnamed" where it says nothing printable."""
    text = _tag(profile, b"desc")
    if text[:4] == b"mluc":  # version 4: length and place of the first of several languages, UTF-16
        length, start = (int.from_bytes(text[i : i + 4], "big") for i in (20, 24))
        name = text[start : start + length].decode("utf-16-be", "replace")
    else:  # version 2: length and ASCII
        length = int.from_bytes(text[8:12], "big")
        name = text[12 : 12 + length].decode("ascii", "replace")
    name = name.split("\0")[0].strip()[:100]
    return name if name and name.isprintable() else "unnamed"


def _tag(profile: bytes, name: bytes) -> bytes:
    """The content of a tag, empty when it is not there."""
    count = int.from_bytes(profile[_HEADER : _HEADER + 4], "big")
    for index in range(min(count, _MOST_TAGS)):
        entry = profile[_HEADER + 4 + 12 * index :][:12]
        if entry[:4] == name and len(entry) == 12:
            start, size = struct.unpack(">II", entry[4:])
            return profile[start : start + size]
    return b""
