"""A picture of any size to a picture of a given size: the largest centred part of the right shape, then Lanczos."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from crosscodec.errors import UsageError

Pixels = NDArray[np.uint8] | NDArray[np.float32]


def fit(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The largest centred part of the aspect ratio of `size` = (height, width), resized to it: Pillow's `ImageOps.fit`.

    `pixels` is uint8 or float32, (H, W) or (H, W, 3), and keeps type and channels; uint8 is rounded and clipped by
    Pillow, float32 is not. A picture that has the size comes back as it is. UsageError for a size below 1 x 1.
    """
    height, width = size
    if min(size) < 1:
        raise UsageError(f"size {height} x {width} is not possible: height and width are 1 or more")
    if pixels.shape[:2] == (height, width):
        return pixels
    if pixels.dtype == np.uint8:
        return _lanczos(pixels, size).astype(np.uint8, copy=False)
    # Pillow's float pictures have one channel.
    planes = [pixels] if pixels.ndim == 2 else list(np.moveaxis(pixels, 2, 0))
    fitted = np.stack([_lanczos(plane, size) for plane in planes], axis=2).astype(np.float32, copy=False)
    return fitted[..., 0] if pixels.ndim == 2 else fitted


def _lanczos(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(ImageOps.fit(picture, (size[1], size[0]), Image.Resampling.LANCZOS))
