"""What EXIF data (CIPA DC-008) say of a photo beside its pixels: when, where and with what it was taken.

Only tags that still hold of a restored picture are kept. Left out are what is said of the pixels of the file that was
read (size, orientation, colour space), its thumbnail, and the maker's notes, which no other tool reads and which are
most of the bytes.
"""

from PIL import Image

# Image: description, maker, model, date, artist, copyright.
_IMAGE = frozenset((270, 271, 272, 306, 315, 33432))
# Photo: exposure and its program, aperture, speed, dates with zone and fractions, flash, focal lengths, the lens.
_PHOTO = frozenset((
    33434, 33437, 34850, 34855, 36867, 36868, 36880, 36881, 36882, 37377, 37378, 37380, 37383, 37385, 37386, 37520,
    37521, 37522, 41986, 41987, 41989, 42034, 42035, 42036,
))  # fmt: skip
_PHOTO_TAGS, _PLACE_TAGS = 0x8769, 0x8825
EXIF_PREFIX = b"Exif\0\0"  # of EXIF data in JPEG; what follows is a TIFF file


def kept_exif(image: Image.Image) -> bytes:
    """The EXIF data to keep of an image that was loaded, as a TIFF file; empty when there are none, or damaged ones."""
    try:
        given, kept = image.getexif(), Image.Exif()
        kept.update({tag: value for tag, value in given.items() if tag in _IMAGE})
        photo, place = kept.get_ifd(_PHOTO_TAGS), kept.get_ifd(_PLACE_TAGS)
        photo.update({tag: value for tag, value in given.get_ifd(_PHOTO_TAGS).items() if tag in _PHOTO})
        place.update(given.get_ifd(_PLACE_TAGS))
        return kept.tobytes().removeprefix(EXIF_PREFIX) if kept or photo or place else b""
    except Exception:
        # Whatever Pillow raises of damaged data: they say nothing about the pixels.
        return b""
