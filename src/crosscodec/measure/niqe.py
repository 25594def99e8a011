"""NIQE: how far a picture's local statistics are from those of undistorted photographs, without a reference.

    luma ─► two scales ─► (x - mean) / (deviation + 1) ─► blocks of 96 ─► 18 numbers a scale ─► mean, covariance
                                                    pristine mean, covariance ─► distance of two Gaussians ◄─┘

Mittal, Soundararajan and Bovik, "Making a completely blind image quality analyzer", IEEE SPL 2013, as the authors'
release computes it (blocks without overlap, all of the blocks counted). Differences of ours: float pictures are not
rounded to 256 levels of luma; and a picture of fewer than two blocks is refused where theirs gives a number of a
covariance that it could not have. MATLAB's built-in `niqe` has another pristine model, other ports take the studio
range of luma or resize without the low-pass: numbers compare within one implementation only. Lower is better; natural
photographs lie at 2 to 5. It is blind: a decoder that invents texture may well pass the original.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate
from scipy.special import gammaln

from crosscodec.errors import CorruptData, UsageError
from crosscodec.measure.distortion import Pixels
from crosscodec.measure.weights import read_weights, weights_path

FILE = "niqe_pris_params.npz"
BLOCK = 96  # pixels a side at the first scale
_SOURCE = (
    "it holds the pristine model of the authors' release (https://github.com/utlive/niqe) and their window; "
    "sha256 2a7c182a68c9…"
)
_FEATURES = 18  # of a block and scale: 2 of the values, 4 of each of their products with four neighbours
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))  # rows and columns that MATLAB's circshift moves by
_LUMA = np.array([0.2989, 0.5870, 0.1140])  # rgb2gray's digits
# MATLAB's imresize to a half: the cubic of Keys (a = -1/2), stretched to twice its width as a low-pass.
_HALVING = np.array(
    [-0.01171875, -0.03515625, 0.11328125, 0.43359375, 0.43359375, 0.11328125, -0.03515625, -0.01171875]
)

Array = NDArray[np.float64]

_SHAPES: Array = np.arange(200, 10_001) / 1000.0


def _ratio_of_moments(shapes: Array) -> Array:
    """E|x|^2 / E x^2 of a generalised Gaussian of each shape: Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a))."""
    ratios: Array = np.exp(2 * gammaln(2 / shapes) - gammaln(1 / shapes) - gammaln(3 / shapes))
    return ratios


_RATIOS = _ratio_of_moments(_SHAPES)


@dataclass(frozen=True, eq=False)
class Niqe:
    """The pristine model: `mean` (36,) and `covariance` (36, 36) of features, and the `window` of the local mean."""

    mean: Array
    covariance: Array
    window: Array

    def measure(self, pixels: Pixels) -> float:
        """NIQE of one picture: 0 for statistics exactly as in the pristine model, more for each departure.

        Mittal et al. 2013, equation 10: sqrt(d' ((A + B)/2)^+ d). `pixels`: uint8, or floats on the scale 0..1, (H, W),
        (H, W, 1) or (H, W, 3), of two blocks of 96 x 96 at least. UsageError otherwise, and for a picture without any
        variation in all blocks but one.
        """
        features = self.features(pixels)
        whole = features[np.isfinite(features).all(axis=1)]
        if len(whole) < 2:
            raise UsageError("NIQE needs two blocks of 96 x 96 pixels that are not all of one value")
        # As the release has it: a block's missing number is left out of the mean, the block out of the covariance.
        shift = self.mean - np.nanmean(features, axis=0)
        joint = (self.covariance + np.cov(whole, rowvar=False)) / 2
        # The tolerance of MATLAB's pinv; NumPy's own is several times smaller.
        inverse = np.linalg.pinv(joint, rcond=len(joint) * np.finfo(np.float64).eps, hermitian=True)
        return math.sqrt(max(0.0, float(shift @ inverse @ shift)))

    def features(self, pixels: Pixels) -> Array:
        """The 36 numbers of each block, (blocks, 36), row by row of blocks; not a number where a block is flat."""
        luma = _luma(pixels)
        rows, columns = (side // BLOCK for side in luma.shape)
        if rows * columns < 2:
            raise UsageError(
                f"NIQE needs two blocks of {BLOCK} x {BLOCK} pixels, and {luma.shape} holds {rows * columns}"
            )
        luma, scales = luma[: rows * BLOCK, : columns * BLOCK], []
        for side in (BLOCK, BLOCK // 2):
            normal = self._normalised(luma)
            blocks = normal.reshape(rows, side, columns, side).transpose(0, 2, 1, 3).reshape(-1, side, side)
            scales.append([_block_features(block) for block in blocks])
            luma = _halved(_halved(luma).T).T
        return np.concatenate([np.array(found, np.float64) for found in scales], axis=1)

    def _normalised(self, luma: Array) -> Array:
        """Mean-subtracted, contrast-normalised coefficients (Mittal et al. 2013, equations 1 to 3)."""
        mean = correlate(luma, self.window, mode="nearest")
        deviation = np.sqrt(np.abs(correlate(luma * luma, self.window, mode="nearest") - mean * mean))
        normal: Array = (luma - mean) / (deviation + 1)
        return normal


def load_niqe(path: str | Path | None = None, data: str | Path | None = None) -> Niqe:
    """The pristine model in an .npz file: `path`, or that in the folder `data` (as in `weights.weights_path`).

    InputMissing when there is none, CorruptData when it holds other arrays.
    """
    file = weights_path(FILE, data) if path is None else Path(path)
    arrays = {name: of.astype(np.float64) for name, of in read_weights(file, _SOURCE).items()}
    wanted = {"mu_pris_param": (1, 36), "cov_pris_param": (36, 36), "gaussian_window": (7, 7)}
    if {name: of.shape for name, of in arrays.items()} != wanted:
        raise CorruptData(f"{file} is no model of NIQE: it needs arrays {wanted}")
    return Niqe(arrays["mu_pris_param"].reshape(-1), arrays["cov_pris_param"], arrays["gaussian_window"])


def _luma(pixels: Pixels) -> Array:
    """(H, W) on the scale 0..255."""
    if pixels.ndim not in (2, 3) or pixels.shape[2:] not in ((), (1,), (3,)):
        raise UsageError(f"NIQE takes pictures (H, W) or (H, W, 1|3), not {pixels.shape}")
    if pixels.dtype != np.uint8 and pixels.dtype.kind != "f":
        raise UsageError(f"NIQE takes uint8 pictures, or floats on the scale 0..1, not {pixels.dtype}")
    values = pixels.astype(np.float64) * (1.0 if pixels.dtype == np.uint8 else 255.0)
    if values.ndim == 2:
        return values
    if values.shape[2] == 1:
        return values[..., 0]
    luma: Array = values @ _LUMA
    return np.floor(luma + 0.5) if pixels.dtype == np.uint8 else luma


def _block_features(block: Array) -> list[float]:
    shape, left, right = _asymmetric(block)
    found = [shape, (left + right) / 2]
    for shift in _NEIGHBOURS:
        shape, left, right = _asymmetric(block * np.roll(block, shift, (0, 1)))
        centre = (right - left) * math.exp(math.lgamma(2 / shape) - math.lgamma(1 / shape))
        found += [shape, centre, left, right]
    return found


def _asymmetric(values: Array) -> tuple[float, float, float]:
    """Shape, left and right scale of an asymmetric generalised Gaussian, by moments (Lasmar et al. 2009).

    The scales are not a number where no value lies on a side.
    """
    left, right = _deviation(values[values < 0]), _deviation(values[values > 0])
    second = float(np.mean(values * values))
    ratio = float(np.mean(np.abs(values))) ** 2 / second if second > 0 else math.nan
    skew = left / right if right > 0 else math.nan
    wanted = ratio * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    # Of a flat block the release takes the first shape, and so does this: nothing is nearer than anything else.
    shape = float(_SHAPES[np.argmin((_RATIOS - wanted) ** 2)])
    scale = math.exp((math.lgamma(1 / shape) - math.lgamma(3 / shape)) / 2)
    return shape, left * scale, right * scale


def _deviation(values: Array) -> float:
    return math.sqrt(float(np.mean(values * values))) if values.size else math.nan


def _halved(luma: Array) -> Array:
    """Half the rows, low-passed as MATLAB's imresize does it, mirrored at the edges."""
    padded = np.pad(luma, ((3, 3), (0, 0)), mode="symmetric")
    rows = len(luma) // 2
    halved: Array = np.zeros((rows, luma.shape[1]))
    for tap, weight in enumerate(_HALVING):
        halved += weight * padded[tap : tap + 2 * rows : 2]
    return halved
