"""What Pillow opens, frame by frame, as pictures: bits, profile, EXIF data and orientation beside the pixels.

bytes ─► Frames ─► frame ─► load (twice for 16-bit colour) ─► upright, gray or RGB ─► Picture(pixels, notices)
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from crosscodec.errors import CorruptData
from crosscodec.images.codepoints import CodePoints, code_points
from crosscodec.images.colours import in_srgb
from crosscodec.images.deep import deep_mode, deep_samples, planar_samples
from crosscodec.images.exif import KeptExif, account_of_pages, is_adobe_rgb, kept_exif
from crosscodec.images.headers import Kind, jp2_profile, sample_bits
from crosscodec.images.picture import Picture, Pixels
from crosscodec.images.pixels import deep_pixels, pixels_of
from crosscodec.images.profiles import OF_OTHER_COLOURS, is_srgb, suits
from crosscodec.images.tiff import Tags, has_deep_planes, is_beside, tags_of

_EXIF_ORIENTATION, _SAMPLES, _ON_ITS_SIDE = 0x0112, 277, 5


class Frames:
    """The pages or frames of one file that Pillow reads, one at a time and going forward."""

    def __init__(
        self, data: bytes, kind: Kind, opener: Callable[[io.BytesIO], ImageFile], any_scale: bool, places: Sequence[int]
    ) -> None:
        self._data, self._kind, self._opener, self._any_scale, self._places = data, kind, opener, any_scale, places
        self._open: dict[str, ImageFile] = {}
        self.account = ""  # of the pages, in the first of them

    def close(self) -> None:
        """Let go of the file."""
        for image in self._open.values():
            image.close()

    def count(self) -> int:
        """How many there are."""
        image = self._at("upper")
        return len(self._places) or int(getattr(image, "n_frames", 1))

    def usual(self) -> Sequence[int]:
        """Those that are taken unless told otherwise: pages of their own, or the frame at which the file opens: the
        first but in some HEIC files.
        """
        opened = self._at("upper").tell()
        return [number for number in range(len(self._places)) if not is_beside(self._tags(number))] or [opened]

    def place(self, number: int) -> int | None:
        """Where the directory of a page is, in TIFF."""
        return self._places[number] if self._places else None

    def size(self, number: int) -> tuple[int, int]:
        """Width and height of a frame, which is not loaded for it."""
        return self._at("upper", number).size

    def picture(self, number: int, name: str) -> Picture:
        """The picture of a frame; `name` is for errors."""
        data, kind, image = self._data, self._kind, self._at("upper", number)
        bits = max(sample_bits(data, kind), _tiff_bits(image), _heic_bits(image, kind))
        profile, mode = _profile(image, data, kind), deep_mode(image)
        if number == 0:
            self.account = account_of_pages(image)
        if kind == "png":
            # Pillow's getexif loads a PNG, and what goes wrong with its pixels would pass for damaged EXIF.
            image.load()
        orientation = _orientation(image)
        planes = planar_samples(data, number) if kind == "tiff" and has_deep_planes(self._tags(number)) else None
        if planes is None:
            image.load()
        # Pillow turns TIFF files by itself while loading and then removes the tag.
        remaining, exif = _orientation(image), kept_exif(image, orientation >= _ON_ITS_SIDE)
        further = _left_out(image) + _unembedded(image, code_points(data, kind)) + _unread(exif)
        if planes is not None:
            found = deep_pixels(planes, image, self._any_scale)
        elif mode is None:
            shown, profile, turned = in_srgb(image, profile)
            further += turned
            found = pixels_of(shown, bits, name, self._any_scale)
        else:
            samples = deep_samples(mode, np.asarray(image), self._at("lower", number))
            found = deep_pixels(samples, image, self._any_scale)
        picture = _finished(replace(found, exif=exif.data), profile, orientation, remaining)
        return replace(picture, notices=further + picture.notices)

    def _tags(self, number: int) -> Tags:
        return tags_of(self._data, self._places[number])

    def _at(self, which: str, number: int | None = None) -> ImageFile:
        """The file, opened once for the upper bytes of samples and once for the lower; at a frame, or where it is."""
        image = self._open.get(which)
        if image is None:
            image = self._open[which] = self._opener(io.BytesIO(self._data))
        if number not in (None, image.tell()):
            image.seek(number)
        return image


def image_picture(image: Image.Image, any_scale: bool = False) -> Picture:
    """The picture in an image of Pillow, as `read_picture` has that of a file: turned, as gray or RGB, with its
    profile. What Pillow has cut to 8 bits stays so.

    `any_scale` as there. CorruptData: its file cannot be loaded. UnsupportedData: a mode that has no fixed scale.
    """
    name = "the image"
    try:
        image.load()
    except Exception as error:
        raise CorruptData(f"{name} cannot be loaded: {error}") from error
    whole = _tiff_bits(image) if isinstance(image, TiffImageFile) else 16
    shown, profile, turned = in_srgb(image, _profile(image))
    found = pixels_of(shown, whole if image.mode.startswith("I;16") else 8, name, any_scale)
    orientation = _orientation(image)
    exif = kept_exif(image, orientation >= _ON_ITS_SIDE)
    found = replace(found, exif=exif.data, notices=_unembedded(image) + _unread(exif) + turned + found.notices)
    return _finished(found, profile, orientation, orientation)


def _finished(found: Picture, profile: bytes, orientation: int, remaining: int) -> Picture:
    """The picture turned as what remains of its orientation asks, with its profile, and what to say of both."""
    profile, notices = _kept_profile(profile, found)
    if orientation != 1:
        notices = (f"turned as its EXIF orientation {orientation} asks", *notices)
    upright = _oriented(found.pixels, remaining).copy(order="C")
    return replace(found, pixels=upright, notices=notices + found.notices, profile=profile)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:
        # Damaged EXIF says nothing about the pixels; the picture is taken as it lies.
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _oriented(pixels: Pixels, orientation: int) -> Pixels:
    # EXIF 2.32, tag 0x0112: values 5 to 8 swap rows and columns first.
    turned: Pixels = np.swapaxes(pixels, 0, 1) if orientation >= _ON_ITS_SIDE else pixels
    flip_rows, flip_columns = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
    return turned[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


def _profile(image: Image.Image, data: bytes = b"", kind: Kind | None = None) -> bytes:
    """The colour profile of an image, or of a file that was opened; none where it is sRGB's."""
    profile = jp2_profile(data) if kind == "jp2" else image.info.get("icc_profile")
    return b"" if not isinstance(profile, bytes) or is_srgb(profile) else profile


def _kept_profile(profile: bytes, found: Picture) -> tuple[bytes, tuple[str, ...]]:
    """The profile if it speaks of the pixels that were made of the file: of colours that were converted it does not."""
    if not profile or suits(profile, 1 if found.pixels.ndim == 2 else 3):
        return profile, ()
    return b"", (OF_OTHER_COLOURS,)


def _unembedded(image: Image.Image, points: CodePoints | None = None) -> tuple[str, ...]:
    """A notice for colours that EXIF data or code points name and no profile tells: nothing that is decoded would say
    so.
    """
    if image.info.get("icc_profile"):
        return ()
    told = "Adobe RGB by its EXIF data, without a colour profile: pixel values kept, and taken for sRGB"
    named = () if points is None or points.usual else (points.notice(),)
    return (told, *named) if is_adobe_rgb(image) else named


def _unread(exif: KeptExif) -> tuple[str, ...]:
    return ("damaged EXIF data dropped",) if exif.damaged else ()


def _heic_bits(image: ImageFile, kind: Kind) -> int:
    return int(image.info["bit_depth"]) if kind == "heic" else 1


def _left_out(image: ImageFile) -> tuple[str, ...]:
    """A notice when Pillow took fewer samples of a pixel than a TIFF file has: those whose meaning no tag tells."""
    samples, used = image.tag_v2.get(_SAMPLES, 1) if isinstance(image, TiffImageFile) else 1, len(image.getbands())
    if samples <= used:
        return ()
    return (
        f"the first channel of {samples} is used" if used == 1 else f"the first {used} channels of {samples} are used",
    )


def _tiff_bits(image: Image.Image) -> int:
    return int(max(image.tag_v2.get(258, (1,)))) if isinstance(image, TiffImageFile) else 1
