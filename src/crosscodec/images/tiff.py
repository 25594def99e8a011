"""What the directories of a TIFF file say of which Pillow would make another picture without a word, or nothing clear.

Pillow opens a directory and believes it: that its picture is the main one, and that a plane of samples is one of
bytes. Only whole numbers are read here, from the directories that follow one another and those they own, before
anything is decoded. Numbers of tags are those of TIFF 6.0, its supplement 1 (SubIFDs), BigTIFF and DNG 1.7.
"""

from typing import Literal

from PIL.TiffImagePlugin import COMPRESSION_INFO

from crosscodec.errors import CorruptData, ResourceLimit

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
_MOST_ENTRIES, _MOST_NUMBERS, _MOST_DIRECTORIES = 512, 64, 2**16
_READ_BITS = (1, 2, 4, 8, 12, 16, 32)
_UNREAD_METHODS = {
    22610: "JPEG XR", 33003: "JPEG 2000", 33005: "JPEG 2000", 34712: "JPEG 2000", 34887: "LERC", 34934: "JPEG XR",
    50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
_BY_TIFFFILE = (1, 8, 32946)  # what tifffile needs no further library for: no compression, and deflate by two numbers

Tags = dict[int, tuple[int, ...]]


def tags_of(data: bytes, place: int | None = None) -> Tags:
    """The tags looked at here, in a directory of a TIFF or BigTIFF file: in the first one, or in that at `place`.

    What is damaged, or leaves the file, is left out: whoever decodes says so.
    """
    file = _Numbers(data)
    start = file.at(file.wide, file.wide) if place is None else place
    tags: Tags = {}
    for index in range(min(file.at(start, file.count_size), _MOST_ENTRIES)):
        entry = start + file.count_size + index * file.entry_size
        if entry + file.entry_size > len(data):
            break
        tag, size, count = file.at(entry, 2), _TYPES.get(file.at(entry + 2, 2)), file.at(entry + 4, file.wide)
        if tag not in _WANTED or size is None or count > _MOST_NUMBERS:
            continue
        value = entry + 4 + file.wide
        first = value if size * count <= file.wide else file.at(value, file.wide)
        if first + size * count <= len(data):
            tags[tag] = tuple(file.at(first + size * i, size) for i in range(count))
    return tags


def directories(data: bytes) -> tuple[int, ...]:
    """The places of the directories of a TIFF or BigTIFF file, one for each page, in their order.

    CorruptData: one lies outside of the file. ResourceLimit: more than 65,536. One that was there before ends them.
    """
    file = _Numbers(data)
    places: dict[int, None] = {}  # in order
    place = file.at(file.wide, file.wide)
    while place and place not in places:
        if place + file.count_size > len(data):
            raise CorruptData(f"is a damaged tiff file: the directory of page {len(places)} lies outside of it")
        if len(places) == _MOST_DIRECTORIES:
            raise ResourceLimit(f"has more than {_MOST_DIRECTORIES:,} pages")
        places[place] = None
        place = file.at(place + file.count_size + file.at(place, file.count_size) * file.entry_size, file.wide)
    return tuple(places)


def is_beside(tags: Tags) -> bool:
    """Whether a directory says that it is no page of its own: another page in fewer pixels, or the mask of one."""
    return bool(_one(tags, _NEW_SUBFILE_TYPE, 0) & 5) or _one(tags, _SUBFILE_TYPE, 1) == 2


class _Numbers:
    """Whole numbers of a TIFF or BigTIFF file, in its order of bytes; what lies behind its end is 0."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
        self.wide = 8 if b"+" in data[2:4] else 4
        self.count_size, self.entry_size = (8, 20) if self.wide == 8 else (2, 12)

    def at(self, start: int, size: int) -> int:
        """The number of so many bytes at a place."""
        return int.from_bytes(self.data[start : start + size], self.order)


def tiff_refusal(data: bytes, place: int | None = None) -> str | None:
    """Why a page of a TIFF file is not read, the first or the one whose directory is at `place`, with what would be, to
    stand behind its name; None when Pillow may try.
    """
    if data.startswith(b"MM\0+"):  # Pillow looks for them as if it were no BigTIFF
        return "is a BigTIFF file with numbers in big-endian order, which is not read; save it as TIFF or little-endian"
    tags = tags_of(data, place)
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
    if raw_planes and not has_deep_planes(tags) and (bits > 8 or _one(tags, _FILL_ORDER, 1) == 2):
        what = f"{bits}-bit colours" if bits > 8 else "colours with reversed bits"
        return f"holds {what} plane by plane, which are not read; save them pixel by pixel"
    return None


def has_deep_planes(tags: Tags) -> bool:
    """Whether a page has red, green and blue of 16 bits plane by plane, stored as they are or by deflate: tifffile used
    to write a stack of three so. (Pillow reads their bytes for samples, or the upper eight bits.)
    """
    wanted = {_BITS: 16, _SAMPLES: 3, _PLANES: 2, _PHOTOMETRIC: 2, _FILL_ORDER: 1, _SAMPLE_FORMAT: 1}
    found = {tag: set(tags.get(tag, ())) for tag in wanted}
    told = all(numbers == {wanted[tag]} or (wanted[tag] == 1 and not numbers) for tag, numbers in found.items())
    return told and _one(tags, _COMPRESSION, 1) in _BY_TIFFFILE


def samples_text(data: bytes, place: int | None = None) -> str:
    """What a pixel of a TIFF file consists of, in words; `place` as in `tiff_refusal`."""
    tags = tags_of(data, place)
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
