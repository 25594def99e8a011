"""What the directories of a TIFF file say of which Pillow would make another picture without a word, or nothing clear.

Pillow opens the first directory and believes it: that its picture is the main one, and that a plane of samples is one
of bytes. Only whole numbers are read here, and only from the first directory and those it owns, before anything is
decoded. Numbers of tags are those of TIFF 6.0, its supplement 1 (SubIFDs), BigTIFF and DNG 1.7.
"""

from typing import Literal

from PIL.TiffImagePlugin import COMPRESSION_INFO

_NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION = 254, 255, 256, 257, 258, 259
_PHOTOMETRIC, _GRAY, _FILL_ORDER = 262, (0, 1), 266
_SAMPLES, _PLANES, _SUB_DIRECTORIES, _SAMPLE_FORMAT, _DNG_VERSION = 277, 284, 330, 339, 50706
_WANTED = frozenset((
    _NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _SAMPLES,
    _PLANES, _SUB_DIRECTORIES, _SAMPLE_FORMAT, _DNG_VERSION,
))  # fmt: skip
# The types of whole numbers, with their bytes: BYTE, SHORT, LONG, IFD, LONG8 and IFD8.
_TYPES = {1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8}
# Bounds on the work that a file made for it can ask for; files that are pictures stay far below.
_MOST_ENTRIES, _MOST_NUMBERS = 512, 64
_READ_BITS = (1, 2, 4, 8, 12, 16, 32)
_UNREAD_METHODS = {
    22610: "JPEG XR", 33003: "JPEG 2000", 33005: "JPEG 2000", 34712: "JPEG 2000", 34887: "LERC", 34934: "JPEG XR",
    50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip

Tags = dict[int, tuple[int, ...]]


def tags_of(data: bytes, place: int | None = None) -> Tags:
    """The tags looked at here, in a directory of a TIFF or BigTIFF file: in the first one, or in that at `place`.

    What is damaged, or leaves the file, is left out: whoever decodes says so.
    """
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    wide = 8 if b"+" in data[2:4] else 4
    count_size, entry_size = (8, 20) if wide == 8 else (2, 12)

    def number(start: int, size: int) -> int:
        return int.from_bytes(data[start : start + size], order)

    start = number(wide, wide) if place is None else place
    tags: Tags = {}
    for index in range(min(number(start, count_size), _MOST_ENTRIES)):
        entry = start + count_size + index * entry_size
        if entry + entry_size > len(data):
            break
        tag, size, count = number(entry, 2), _TYPES.get(number(entry + 2, 2)), number(entry + 4, wide)
        if tag not in _WANTED or size is None or count > _MOST_NUMBERS:
            continue
        value = entry + 4 + wide
        first = value if size * count <= wide else number(value, wide)
        if first + size * count <= len(data):
            tags[tag] = tuple(number(first + size * i, size) for i in range(count))
    return tags


def tiff_refusal(data: bytes) -> str | None:
    """Why a TIFF file is not read, with what would be, to stand behind its name; None when Pillow may try."""
    if data.startswith(b"MM\0+"):  # Pillow looks for them as if it were no BigTIFF
        return "is a BigTIFF file with numbers in big-endian order, which is not read; save it as TIFF or little-endian"
    tags = tags_of(data)
    bits, planes = _bits(tags), _one(tags, _PLANES, 1) == 2 and _one(tags, _SAMPLES, 1) > 1
    if 2 in tags.get(_SAMPLE_FORMAT, ()):  # Pillow reads them as if they were unsigned when they have 8 bits
        return "holds signed samples, which have no fixed scale; save unsigned samples or .npy"
    if bits not in _READ_BITS:
        return f"holds {bits}-bit samples, which are not read in TIFF files; save gray or RGB of 8 or 16 bits a sample"
    compression = _one(tags, _COMPRESSION, 1)
    if compression not in COMPRESSION_INFO:
        method = _UNREAD_METHODS.get(compression, f"method {compression}")
        return f"is compressed by {method}, which is not read in TIFF files; save it with deflate or LZW"
    raw_planes = planes and compression == 1
    if raw_planes and _one(tags, _PHOTOMETRIC, 2) in _GRAY:
        return "holds channels of gray plane by plane, which are not read; save each as a page or file of its own"
    # Of planes that are not compressed Pillow takes the bytes for samples, and in the usual order of bits.
    if raw_planes and (bits > 8 or _one(tags, _FILL_ORDER, 1) == 2):
        what = f"{bits}-bit colours" if bits > 8 else "colours with reversed bits"
        return f"holds {what} plane by plane, which are not read; save them pixel by pixel"
    return None


def samples_text(data: bytes) -> str:
    """What a pixel of a TIFF file consists of, in words."""
    tags = tags_of(data)
    samples = _one(tags, _SAMPLES, 1)
    return f"{samples} sample{'s' * (samples > 1)} of {_bits(tags)} bits a pixel"


def begins_with_preview(data: bytes) -> bool:
    """Whether a TIFF file is camera raw, or begins with a preview of its picture as that does."""
    tags = tags_of(data)
    if _DNG_VERSION in tags or data[8:10] == b"CR":  # Canon's CR2 says so in its header
        return True
    if _one(tags, _NEW_SUBFILE_TYPE, 0) & 1 or _one(tags, _SUBFILE_TYPE, 1) == 2:
        return True
    below = (tags_of(data, place) for place in tags.get(_SUB_DIRECTORIES, ()))
    return any(_area(inner) > _area(tags) for inner in below)


def _area(tags: Tags) -> int:
    return _one(tags, _WIDTH, 0) * _one(tags, _HEIGHT, 0)


def _bits(tags: Tags) -> int:
    return max(tags.get(_BITS, ()), default=1)


def _one(tags: Tags, tag: int, default: int) -> int:
    return next(iter(tags.get(tag, ())), default)
