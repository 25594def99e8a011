"""What Pillow loaded, as gray or RGB pixels: every conversion leaves a notice (docs/pictures.md)."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from crosscodec.errors import UnsupportedData
from crosscodec.images.arrays import narrow_range
from crosscodec.images.picture import Picture, from_whole

_Whole = TypeVar("_Whole", np.uint8, np.uint16)
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0


def pixels_of(image: Image.Image, bits: int, name: str, any_scale: bool) -> Picture:
    """The pixels of a loaded picture, whose samples had so many bits in the file. `any_scale`: as `read_picture`.

    UnsupportedData, with the name of the file, for modes that have no fixed scale.
    """
    if image.mode.startswith("I;16"):
        return _from_deep_gray(image, bits, any_scale)
    if any_scale and image.mode == "F":
        return _from_floats(image, name)
    pixels, converted = _to_eight_bits(image, name)
    return Picture(pixels, _reduced(image, bits) + converted, 8)


def deep_pixels(samples: NDArray[np.uint16], image: Image.Image, any_scale: bool) -> Picture:
    """The pixels of 16-bit samples (H, W, C), gray and alpha, RGB, or RGB and alpha, of a picture that `image` tells
    the key colour of.
    """
    alpha = samples.shape[2] in (2, 4)
    colour, key = samples[..., :-1] if alpha else samples, image.info.get("transparency")
    notices = _kept(colour, 16, "colour", any_scale)
    if not alpha and isinstance(key, tuple):
        opaque = (samples != np.array(key)).any(axis=2, keepdims=True)
        samples, alpha = np.concatenate([samples, np.where(opaque, np.uint16(65535), np.uint16(0))], axis=2), True
    if alpha:
        colour, laid = _over_white(samples)
        notices += laid
    return Picture(from_whole(colour, 65535), notices, 16)


def _from_floats(image: Image.Image, name: str) -> Picture:
    """Floats on whatever scale they have."""
    floats = np.asarray(image)
    if not np.isfinite([floats.min(), floats.max()]).all():
        raise UnsupportedData(f"{name} holds NaN or infinity; every sample of a picture is a finite number")
    return Picture(floats, (), 0)


def _to_eight_bits(image: Image.Image, name: str) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    mode = image.mode
    if image.has_transparency_data or mode in ("La", "RGBa", "PA"):
        gray = mode in ("1", "L", "LA", "La")
        return _over_white(np.asarray(image.convert("LA" if gray else "RGBA")))
    match mode:
        case "L" | "RGB":
            return np.asarray(image), ()
        case "1":
            return np.asarray(image.convert("L")), ("1-bit picture taken as black and white gray",)
        case "P":
            return np.asarray(image.convert("RGB")), ("palette turned into RGB",)
        case "CMYK":
            return np.asarray(image.convert("RGB")), ("CMYK turned into RGB without its colour profile",)
        case "YCbCr":
            return np.asarray(image.convert("RGB")), ("YCbCr turned into RGB",)
    advice = "tell it with --range, or save" if mode == "F" else "save"
    raise UnsupportedData(f"{name} has mode {mode!r}, which has no fixed scale: {advice} 8-bit or 16-bit gray")


def _reduced(image: Image.Image, bits: int) -> tuple[str, ...]:
    """The notices for samples of more than 8 bits of which Pillow kept the upper 8."""
    if bits <= 8:
        return ()
    reduced = f"{bits}-bit colour reduced to 8 bits"
    colours = [image.getchannel(band) for band in image.getbands() if band not in "Aa"]
    most = max(int(np.asarray(colour).max()) for colour in colours)
    # Samples of 9 to 15 bits were scaled by whoever knew how many they have; 16 bits may hold those of fewer.
    if bits < 16 or not 0 < most < 32:
        return (reduced,)
    bound, used = 256 * (most + 1), 8 + most.bit_length()
    scale = f"if these are {used}-bit samples, multiply them by {2 ** (16 - used)}"
    return (reduced, f"the largest sample is below {bound} of 65535: {scale}")


def _from_deep_gray(image: Image.Image, bits: int, any_scale: bool) -> Picture:
    samples = np.asarray(image)
    if bits < 16 and not isinstance(image, TiffImageFile):
        samples = samples >> (16 - bits)  # the readers of JPEG 2000 and HEIC move them up, so that white is not 65535
    gray = from_whole(samples, 2**bits - 1)
    # Pillow inverts TIFF files whose 0 is white at 8 bits, and forgets to at 16.
    turned = isinstance(image, TiffImageFile) and image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    if turned:
        gray = np.float32(1) - gray
    keyed = ("transparent gray level ignored",) if "transparency" in image.info else ()
    return Picture(gray, _kept(samples, bits, "gray", any_scale, turned) + keyed, bits)


def _kept(samples: NDArray[np.generic], bits: int, what: str, any_scale: bool, turned: bool = False) -> tuple[str, ...]:
    """The notices for samples of more than 8 bits that are kept: nothing to say where a range was told."""
    if any_scale:
        return ()
    told = f"{bits}-bit {what} kept as float32; what is decoded has 8 bits, or with --range full as many"
    return (told, *narrow_range(samples, bits, turned))


def _over_white(layers: NDArray[_Whole]) -> tuple[NDArray[_Whole], tuple[str, ...]]:
    """Gray or colour whose last layer is alpha, laid over white."""
    white = np.iinfo(layers.dtype).max
    colour = layers[..., 0] if layers.shape[2] == 2 else layers[..., :3]
    alpha = layers[..., -1] if layers.shape[2] == 2 else layers[..., 3:]
    if alpha.min() == white:
        return colour, ("opaque alpha channel dropped",)
    opacity = alpha.astype(np.float32) / np.float32(white)
    laid = np.rint(colour * opacity + white * (1 - opacity)).astype(layers.dtype)
    return laid, ("transparency laid over white",)
