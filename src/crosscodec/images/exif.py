"""What EXIF data (CIPA DC-008) say of a photo beside its pixels: when, where and with what it was taken.

Only tags that still hold of a restored picture are kept. Left out are what is said of the pixels of the file that was
read (size, orientation, colour space), its thumbnail, and the maker's notes, which no other tool reads and which are
most of the bytes. The description of a TIFF file that has nothing else of a photo is the account that a microscope's
program gives of its pages, and believes of whatever it is found in: it is kept of whole stacks alone (`with_account`).
Of the resolution what somebody measured is kept: a scan's, a microscope's, not the 72 or 96 that say nothing.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

# Image: description, maker, model, date, artist, copyright.
_IMAGE = frozenset((270, 271, 272, 306, 315, 33432))
# Photo: exposure and its program, aperture, speed, dates with zone and fractions, flash, focal lengths, the lens.
_PHOTO = frozenset((
    33434, 33437, 34850, 34855, 36867, 36868, 36880, 36881, 36882, 37377, 37378, 37380, 37383, 37385, 37386, 37520,
    37521, 37522, 41986, 41987, 41989, 42034, 42035, 42036,
))  # fmt: skip
_DESCRIPTION, _PHOTO_TAGS, _PLACE_TAGS, _INTEROPERABILITY = 270, 0x8769, 0x8825, 0xA005
_DIRECTORIES = {_PHOTO_TAGS: _PHOTO, _PLACE_TAGS: None}  # of the place all is kept
_ACROSS, _DOWN, _UNIT = _RESOLUTION = 282, 283, 296
_NO_UNIT, _INCH, _CENTIMETRE = 1, 2, 3
_UNMEASURED = {_NO_UNIT: (1,), _INCH: (1, 72, 96)}  # what programs write who do not know
# How the accounts of pages begin that ImageJ and OME-TIFF have.
_ACCOUNTS = ("ImageJ=", "<?xml", "<OME")
_EMPTY = 14  # bytes of a TIFF file whose directory has no entry
EXIF_PREFIX = b"Exif\0\0"  # of EXIF data in JPEG; what follows is a TIFF file


class _Text(str):
    """Text of EXIF data as Pillow reads it, one character for each byte, so that UTF-8 stays what it was."""

    def encode(self, encoding: str = "latin-1", errors: str = "strict") -> bytes:
        """The bytes that were read. Pillow asks for ASCII, of which names and © would come as question marks."""
        try:
            return super().encode("latin-1")
        except UnicodeEncodeError:  # not read from a file, but set on an image of Pillow
            return super().encode("utf-8")


class KeptExif(NamedTuple):
    """EXIF data to keep, as a TIFF file, and whether there were some of which no tag can be read."""

    data: bytes
    damaged: bool = False


def kept_exif(image: Image.Image, on_its_side: bool = False) -> KeptExif:
    """The EXIF data to keep of an image that was loaded; empty when there are none, or damaged ones. `on_its_side`:
    rows become columns when it is turned as it asks.
    """
    try:
        given, kept = image.getexif(), Image.Exif()
        below = {directory: _chosen(given.get_ifd(directory), wanted) for directory, wanted in _DIRECTORIES.items()}
        is_photo = below[_PHOTO_TAGS] or not isinstance(image, TiffImageFile)
        kept.update(_chosen(given, _IMAGE if is_photo else _IMAGE - {_DESCRIPTION}))
        kept.update(_resolution(image, given, on_its_side))
        for directory, tags in below.items():
            if tags:  # an empty directory would be written
                kept.get_ifd(directory).update(tags)
        if kept or any(below.values()):
            return KeptExif(_bytes(kept))
        return KeptExif(b"", damaged=not given and _given_bytes(image) not in (0, _EMPTY))
    except Exception:
        # Whatever Pillow raises of damaged data: they say nothing about the pixels.
        return KeptExif(b"", damaged=True)


def _resolution(image: Image.Image, given: Image.Exif, on_its_side: bool) -> dict[int, Any]:
    """How many pixels there are to a unit across and down, as tags; none where nobody measured it."""
    if isinstance(image, TiffImageFile):  # a microscope's unit is in its account of the pages
        found, unit = (given.get(_ACROSS), given.get(_DOWN)), given.get(_UNIT, _INCH)
    else:
        found, unit = image.info.get("dpi", (None, None)), _INCH
    across, down = (_measured(side) for side in found)
    if not across or not down or unit not in (_NO_UNIT, _INCH, _CENTIMETRE):
        return {}
    if across == down and across in _UNMEASURED.get(unit, ()):
        return {}
    sides = (down, across) if on_its_side else (across, down)
    return dict(zip(_RESOLUTION, (*sides, unit), strict=True))


def _measured(side: Any) -> Fraction | None:
    """A resolution as a fraction: that of PNG is in whole pixels a metre, where 300 an inch become 299.9994."""
    if side is None or not math.isfinite(side) or not 0 < side < 1e6:
        return None
    near = Fraction(round(float(side)))
    return near if abs(float(side) - near) < 0.02 and near else Fraction(float(side)).limit_denominator(10**6)


def inches(exif: bytes) -> tuple[float, float] | None:
    """Pixels an inch across and down, for kinds of files that tell it outside of their EXIF data; None where these do
    not, or cannot be read.
    """
    try:
        told = exif_to_write(exif)
        scale = {_INCH: 1.0, _CENTIMETRE: 2.54}[told[_UNIT]]
        return scale * float(told[_ACROSS]), scale * float(told[_DOWN])
    except Exception:
        return None  # Pillow lets many exceptions out of data that are none


def account_of_pages(image: Image.Image) -> str:
    """What a microscope's program says of the pages of a TIFF file in its first page; empty for other text."""
    text = image.tag_v2.get(_DESCRIPTION, "") if isinstance(image, TiffImageFile) else ""
    return text if isinstance(text, str) and text.startswith(_ACCOUNTS) else ""


def with_account(exif: bytes, account: str) -> bytes:
    """EXIF data with a program's account of the pages, as the description."""
    loaded = exif_to_write(exif) if exif else Image.Exif()
    loaded[_DESCRIPTION] = _Text(account)
    return _bytes(loaded)


def without_account(exif: bytes) -> bytes:
    """EXIF data without a program's account of pages, for pictures that are not all of them; as they are where they
    cannot be read, which whoever writes them says.
    """
    if not any(text.encode() in exif for text in _ACCOUNTS):
        return exif
    try:
        loaded = exif_to_write(exif)
        if str(loaded.get(_DESCRIPTION, "")).startswith(_ACCOUNTS):
            del loaded[_DESCRIPTION]
        return _bytes(loaded) if loaded else b""
    except Exception:
        return exif  # Pillow lets many exceptions out of data that are none


def common_exif(several: Sequence[bytes]) -> bytes:
    """What the EXIF data of the pages of one file say alike, pages without any left out: their dates may differ."""
    there = sorted(set(several) - {b""})
    if len(there) < 2:
        return there[0] if there else b""
    first, *others = map(exif_to_write, there)
    common = Image.Exif()
    common.update(_alike({tag: value for tag, value in first.items() if tag not in _DIRECTORIES}, others))
    below = {place: _alike(first.get_ifd(place), [other.get_ifd(place) for other in others]) for place in _DIRECTORIES}
    for place, tags in below.items():
        if tags:
            common.get_ifd(place).update(tags)
    return _bytes(common) if common or any(below.values()) else b""


def _alike(tags: Mapping[int, Any], others: Sequence[Mapping[int, Any]]) -> dict[int, Any]:
    return {tag: value for tag, value in tags.items() if all(other.get(tag) == value for other in others)}


def _bytes(exif: Image.Exif) -> bytes:
    return exif.tobytes().removeprefix(EXIF_PREFIX)


def _given_bytes(image: Image.Image) -> int:
    """How many bytes of EXIF data a file has. Pillow takes those that it cannot read for none."""
    given = image.info.get("exif", b"")
    return len(given.removeprefix(EXIF_PREFIX)) if isinstance(given, bytes) else 0


def is_adobe_rgb(image: Image.Image) -> bool:
    """Whether EXIF data say that colours are those of Adobe RGB, as cameras do that embed no profile (DCF 2.0: R03)."""
    try:
        return bool(image.getexif().get_ifd(_INTEROPERABILITY).get(1) == "R03")
    except Exception:
        return False  # damaged, or without photo tags


def exif_to_write(exif: bytes) -> Image.Exif:
    """EXIF data for a kind of file into which Pillow writes them anew, tag for tag: TIFF."""
    loaded = Image.Exif()
    loaded.load(EXIF_PREFIX + exif)
    # A directory that is asked for where there is none would be written, empty.
    for tags in (*(loaded.get_ifd(directory) for directory in _DIRECTORIES if directory in loaded), loaded):
        tags.update(_chosen(tags))
    return loaded


def _chosen(given: Mapping[int, Any], wanted: frozenset[int] | None = None) -> dict[int, Any]:
    """The tags that are wanted, or all, with their values."""
    chosen = {tag: value for tag, value in given.items() if wanted is None or tag in wanted}
    return {tag: _Text(value) if isinstance(value, str) else value for tag, value in chosen.items()}
