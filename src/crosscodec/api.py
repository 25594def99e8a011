"""The library in three lines: pictures in, small files, clean pictures out.

    picture (array or file) ─► encode ─► Encoded.data (bytes) ─► decode ─► Restored.pixels (array)
                          └──────────────── restore ─────────────────────┘

    restored = crosscodec.restore("noisy.png").pixels

    pages of a file, list or array of pictures ─► encode_stack ─► Encoded.data ─► decode_stack ─► [Restored, ...]

What stands here is found as crosscodec.encode, crosscodec.decode and so on; `crosscodec.codec` has the rest (arrays of
small pictures, packages). A conversion that the input policy notes (docs/pictures.md) is a PictureWarning.
"""

import warnings
from collections.abc import Sequence
from os import PathLike

from crosscodec.codec.blend import require_blend
from crosscodec.codec.decoding import Restored, decode_bytes, decode_many
from crosscodec.codec.encoding import Encoded
from crosscodec.codec.package import AUTO, Package, load_package
from crosscodec.codec.ratecontrol import RateChoice, encode_at
from crosscodec.codec.scaling import Keep, RangeChoice, Scaled, parse_range, scaled
from crosscodec.errors import UsageError
from crosscodec.files import read_bytes
from crosscodec.images.given import AnyBytes, AnyPicture, AnyStack, given_picture, given_stack, path_given
from crosscodec.images.stack import USUAL_PAGES, PageChoice, Stack

__all__ = [
    "Encoded",
    "PictureWarning",
    "Restored",
    "decode",
    "decode_stack",
    "encode",
    "encode_stack",
    "restore",
    "restore_stack",
]

DEFAULT_PACKAGE = "photo-denoise"

AnyPackage = Package | str | PathLike[str]
AnyRange = str | tuple[float, float] | None


class PictureWarning(UserWarning):
    """A picture file was converted on the way in, for instance transparency laid over white."""


def encode(
    picture: AnyPicture,
    package: AnyPackage = DEFAULT_PACKAGE,
    *,
    quality: int | None = None,
    target_bpp: float | None = None,
    target_bytes: int | None = None,
    encoder: str = AUTO,
    sample_range: AnyRange = None,
    keep_profile: bool = True,
    keep_exif: bool = True,
    force: bool = False,
    seed: int = 0,
) -> Encoded:
    """Encode one picture; `.data` are the bytes of the coded file (.xcd), `.bits_per_pixel` is what they cost.

    `picture` is the path of a picture file, or the bytes of one; an image of Pillow; or an array (H, W), (H, W, 1) or
    (H, W, 3) of uint8, or of floats on the scale 0..1 which noise may leave. `package` is a name that `crosscodec
    models` lists, the path of an .xcm file, or a loaded Package. `seed` is that of a package that dithers.

    A package of several qualities takes one of `quality` (0 … 100), `target_bpp` and `target_bytes`: of a target, the
    highest quality is taken whose whole file keeps to it; `.quality` says which. A package may have encoders
    for several kinds of noise: "auto" takes the one that suits the picture, `.encoders` says which. `encoder="best"`
    takes longer for a better file, where a package has it; decoding is the same. "best-x4" is the mean of four mirrored
    passes.

    `sample_range` is for pictures on another scale, of more than 8 bits or any numbers: (low, high) says which samples
    are black and white, "full" takes all that so many bits hold, "auto" those of the picture. Arrays may then be of any
    type of numbers. The decoder gives such samples back. `keep_profile` and `keep_exif`: the colour profile and the
    EXIF data of a picture file go into the coded file, and come back as `Restored.profile` and `.exif`.

    Raises UsageError (no picture, no such quality or encoder, a target that no quality keeps to), UnsupportedData
    (outside the package's card, unless `force`), PackageUnavailable, and what `images.reading.read_picture` raises.
    """
    choice = RateChoice(quality, target_bpp, target_bytes)
    read = Stack((given_picture(picture, sample_range is not None),))
    found = _scaled(picture, read, sample_range, Keep(keep_profile, keep_exif))
    return encode_at(found.pixels, _package(package), choice, force, seed, encoder, found.appearance)


def decode(
    coded: AnyBytes | str | PathLike[str],
    package: AnyPackage | None = None,
    *,
    decoder: str = "fidelity",
    balance: float | None = None,
    seed: int | None = None,
) -> Restored:
    """Decode a coded file that holds one picture, from its bytes or its path; `.pixels` is uint8 (H, W) or (H, W, 3),
    `.samples` the same, or of a file with a sample range samples on that range: uint8, uint16 or float32.

    The file names its package, which must be installed or given. `balance` between 0 and 1 mixes the decoders fidelity
    and perception where a package has both; `seed` draws another sample of a decoder that draws. A `decoder` named
    "fidelity-x4" is the mean of four mirrored passes of fidelity. Raises CorruptData, UnsupportedData,
    PackageUnavailable, InputMissing, and UsageError (no such decoder, or several pictures, for which see
    `decode_stack`).
    """
    return decode_bytes(_coded_bytes(coded), None if package is None else _package(package), decoder, balance, seed)


def restore(
    picture: AnyPicture,
    package: AnyPackage = DEFAULT_PACKAGE,
    *,
    quality: int | None = None,
    target_bpp: float | None = None,
    target_bytes: int | None = None,
    encoder: str = AUTO,
    decoder: str = "fidelity",
    balance: float | None = None,
    sample_range: AnyRange = None,
    keep_profile: bool = True,
    keep_exif: bool = True,
    force: bool = False,
    seed: int = 0,
) -> Restored:
    """Encode and decode in one step, through the bytes of a coded file; arguments and errors are those of both."""
    loaded, choice = _package(package), RateChoice(quality, target_bpp, target_bytes)
    require_blend(loaded, decoder, balance)  # encoding may take minutes
    read = Stack((given_picture(picture, sample_range is not None),))
    found = _scaled(picture, read, sample_range, Keep(keep_profile, keep_exif))
    encoded = encode_at(found.pixels, loaded, choice, force, seed, encoder, found.appearance)
    return decode_bytes(encoded.data, loaded, decoder, balance)


def encode_stack(
    stack: AnyStack,
    package: AnyPackage = DEFAULT_PACKAGE,
    *,
    pages: Sequence[int] | None = None,
    quality: int | None = None,
    target_bpp: float | None = None,
    target_bytes: int | None = None,
    encoder: str = AUTO,
    sample_range: AnyRange = None,
    keep_profile: bool = True,
    keep_exif: bool = True,
    force: bool = False,
    seed: int = 0,
) -> Encoded:
    """Encode several pictures into one coded file, with one header, quality, sample range and colour profile.

    `stack` is the path or the bytes of a file of several pages or frames; an array (N, H, W) or (N, H, W, 3); or a list
    of pictures, each as `encode` takes it, of any sizes. `pages` are the numbers of those to take, from 0; without it
    all of them, and of an animated file the first frame. A target is for the whole file. Of a microscope's TIFF what
    ImageJ or OME say of its pages is kept with the EXIF data, where all are taken and come back as such samples. Other
    arguments and errors are those of `encode`; UsageError besides for a page that is not there.
    """
    choice = RateChoice(quality, target_bpp, target_bytes)
    read = given_stack(stack, sample_range is not None, _pages(pages))
    found = _scaled(stack, read, sample_range, Keep(keep_profile, keep_exif))
    return encode_at(found.pixels, _package(package), choice, force, seed, encoder, found.appearance)


def decode_stack(
    coded: AnyBytes | str | PathLike[str],
    package: AnyPackage | None = None,
    *,
    pages: Sequence[int] | None = None,
    decoder: str = "fidelity",
    balance: float | None = None,
    seed: int | None = None,
) -> list[Restored]:
    """Decode the pictures of a coded file, however many, or those whose numbers, from 0, are in `pages`; in the order
    of the file.

    Other arguments and errors are those of `decode`; UsageError besides for a picture that is not there.
    """
    data = _coded_bytes(coded)
    chosen = None if pages is None else _pages(pages).numbers
    return decode_many(data, None if package is None else _package(package), decoder, balance, seed, chosen)


def restore_stack(
    stack: AnyStack,
    package: AnyPackage = DEFAULT_PACKAGE,
    *,
    pages: Sequence[int] | None = None,
    quality: int | None = None,
    target_bpp: float | None = None,
    target_bytes: int | None = None,
    encoder: str = AUTO,
    decoder: str = "fidelity",
    balance: float | None = None,
    sample_range: AnyRange = None,
    keep_profile: bool = True,
    keep_exif: bool = True,
    force: bool = False,
    seed: int = 0,
) -> list[Restored]:
    """Encode and decode several pictures in one step, through the bytes of one coded file; arguments and errors are
    those of `encode_stack` and `decode_stack`.
    """
    loaded, choice = _package(package), RateChoice(quality, target_bpp, target_bytes)
    require_blend(loaded, decoder, balance)
    read = given_stack(stack, sample_range is not None, _pages(pages))
    found = _scaled(stack, read, sample_range, Keep(keep_profile, keep_exif))
    encoded = encode_at(found.pixels, loaded, choice, force, seed, encoder, found.appearance)
    return decode_many(encoded.data, loaded, decoder, balance)


def _coded_bytes(coded: AnyBytes | str | PathLike[str]) -> bytes:
    return bytes(coded) if isinstance(coded, AnyBytes) else read_bytes(path_given(coded, "a coded file is bytes"))


def _pages(numbers: Sequence[int] | None) -> PageChoice:
    return USUAL_PAGES if numbers is None else PageChoice.numbered(numbers)


def _scaled(given: object, read: Stack, sample_range: AnyRange, keep: Keep) -> Scaled:
    found = scaled(read.pictures, _range(sample_range), keep)
    name = given if isinstance(given, str | PathLike) else "picture"
    for notice in (*read.told(), *found.notices):
        warnings.warn(f"{name}: {notice}", PictureWarning, stacklevel=3)
    return found


def _range(wish: AnyRange) -> RangeChoice | None:
    if wish is None or isinstance(wish, str):
        return None if wish is None else parse_range(wish)
    try:
        low, high = wish
        return RangeChoice("", (float(low), float(high)))
    except (TypeError, ValueError):
        raise UsageError(f'a range of samples is "full", "auto", or two numbers (low, high); not {wish!r}') from None


def _package(package: AnyPackage) -> Package:
    if isinstance(package, Package):
        return package
    return load_package(package if isinstance(package, str) else path_given(package, "a package is a Package, a name"))
