"""What EXIF data (CIPA DC-008) say of a photo beside its pixels: when, where and with what it was taken.

Only tags that still hold of a restored picture are kept. Left out are what is said of the pixels of the file that was
read (size, orientation, colour space), its thumbnail, and the maker's notes, which no other tool reads and which are
most of the bytes. So is the description of a TIFF file that has nothing else of a photo: microscopes' programs write
there what the pages of that file are, and believe it of the one page that is made of it.
"""

from collections.abc import Mapping
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


def kept_exif(image: Image.Image) -> KeptExif:
    """The EXIF data to keep of an image that was loaded; empty when there are none, or damaged ones."""
    try:
        given, kept = image.getexif(), Image.Exif()
        below = {directory: _chosen(given.get_ifd(directory), wanted) for directory, wanted in _DIRECTORIES.items()}
        is_photo = below[_PHOTO_TAGS] or not isinstance(image, TiffImageFile)
        kept.update(_chosen(given, _IMAGE if is_photo else _IMAGE - {_DESCRIPTION}))
        for directory, tags in below.items():
            if tags:  # an empty directory would be written
                kept.get_ifd(directory).update(tags)
        if kept or any(below.values()):
            return KeptExif(kept.tobytes().removeprefix(EXIF_PREFIX))
        return KeptExif(b"", damaged=not given and _given_bytes(image) not in (0, _EMPTY))
    except Exception:
        # Whatever Pillow raises of damaged data: they say nothing about the pixels.
        return KeptExif(b"", damaged=True)


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
    for tags in (*map(loaded.get_ifd, _DIRECTORIES), loaded):
        tags.update(_chosen(tags))
    return loaded


def _chosen(given: Mapping[int, Any], wanted: frozenset[int] | None = None) -> dict[int, Any]:
    """The tags that are wanted, or all, with their values."""
    chosen = {tag: value for tag, value in given.items() if wanted is None or tag in wanted}
    return {tag: _Text(value) if isinstance(value, str) else value for tag, value in chosen.items()}
