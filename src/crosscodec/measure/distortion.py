"""How far a restored picture is from a reference: mean squared error, PSNR and SSIM.

All on one scale: uint8 counts as x/255 and floats count as they are, so that 0.0334 of one table and of another mean
the same.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from crosscodec.errors import UsageError

Pixels = NDArray[np.uint8] | NDArray[np.float32] | NDArray[np.float64]

_SSIM_WINDOW = 11


def mse(reference: Pixels, restored: Pixels) -> float:
    """Mean squared error over all samples, on the scale 0..1 for uint8 and for floats.

    E(X - Y)^2. Both uint8, or both floats on the scale 0..1 (unclipped allowed), of one shape, otherwise UsageError.
    Multiply by 255^2 for squared steps of uint8. Sums are exact for uint8 and float64 otherwise.
    """
    _require_pair(reference, restored)
    if reference.dtype == np.uint8:
        # int32: the squares of one picture are at most 65,025, their sum is taken in int64.
        steps = reference.astype(np.int32) - restored.astype(np.int32)
        return int(np.sum(steps * steps, dtype=np.int64)) / (255.0 * 255.0 * steps.size)
    difference = reference.astype(np.float64) - restored.astype(np.float64)
    return float(np.mean(difference * difference))


def psnr(reference: Pixels, restored: Pixels) -> float:
    """Peak signal-to-noise ratio in dB over all samples of one picture.

    -10 log10(mse): the peak is 255 for uint8 and 1.0 for floats. Infinite for equal pictures. Average it over pictures,
    as the literature does, not over samples. Errors as in `mse`.
    """
    error = mse(reference, restored)
    return math.inf if error == 0.0 else -10.0 * math.log10(error)


def ssim(reference: Pixels, restored: Pixels) -> float:
    """Structural similarity of two gray (H, W) or (H, W, 1|3) pictures; for RGB the mean of the three channels.

    Wang et al. 2004: Gaussian window of 11 × 11 with sigma 1.5, population covariances, K1 = 0.01, K2 = 0.03, peak as
    in `psnr`. Needs at least 11 × 11 pixels, otherwise UsageError; other errors as in `mse`.
    """
    _require_pair(reference, restored)
    if reference.ndim not in (2, 3) or min(reference.shape[:2]) < _SSIM_WINDOW:
        raise UsageError(
            f"SSIM needs (H, W) or (H, W, C) of at least {_SSIM_WINDOW} x {_SSIM_WINDOW} pixels, not {reference.shape}"
        )
    similarity: Callable[..., float] = structural_similarity
    return float(
        similarity(
            reference,
            restored,
            data_range=255.0 if reference.dtype == np.uint8 else 1.0,
            channel_axis=None if reference.ndim == 2 else -1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def _require_pair(reference: Pixels, restored: Pixels) -> None:
    if reference.shape != restored.shape or reference.size == 0:
        raise UsageError(f"pictures of one shape are compared, not {reference.shape} and {restored.shape}")
    kinds = {"float" if pixels.dtype.kind == "f" else str(pixels.dtype) for pixels in (reference, restored)}
    if kinds not in ({"uint8"}, {"float"}):
        raise UsageError(
            f"two uint8 or two float (0..1) pictures are compared, not {reference.dtype} and {restored.dtype}"
        )
