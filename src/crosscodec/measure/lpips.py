"""LPIPS, the distance of two pictures in the features of a network that learned to see (Zhang et al., CVPR 2018).

    pixels ─► scale ─► trunk ─► features after 5 (alex) or 7 (squeeze) layers ─► unit length over channels ─┐
    other  ─► the same ─────────────────────────────────────────────────────────────────────────────────────┤
                                  sum over layers of the mean over pixels of  lin · (a - b)^2  ◄────────────┘

Version 0.1 in plain NumPy: no torch where a table is made. Weights are the authors', in an .npz with torchvision's
names: `features.<n>.weight` (OIHW) and `.bias`, `features.<n>.squeeze|expand1x1|expand3x3.…` for SqueezeNet, heads
`lin0`, `lin1`, … Numbers of different papers differ severalfold by network and version: name both beside a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from crosscodec.errors import CorruptData, UsageError
from crosscodec.measure.distortion import Pixels
from crosscodec.measure.weights import Arrays, read_weights, weights_path

FILES = {"alex": "lpips_alex_v0.1.npz", "squeeze": "lpips_squeeze_v0.1.npz"}
SMALLEST = 32  # pixels a side: below it a pooling window of a trunk finds nothing to look at
_SOURCE = (
    "it joins the heads of https://github.com/richzhang/PerceptualSimilarity (lpips/weights/v0.1) with torchvision's "
    "trunk; sha256 ccb9fdbd58d1… (alex), 47851d7d997d… (squeeze)"
)
MEAN = np.array([-0.030, -0.088, -0.188], np.float32)  # of RGB on the scale -1..1, the authors' "ScalingLayer"
SPREAD = np.array([0.458, 0.448, 0.450], np.float32)
EPSILON = 1e-10
_MOST_VALUES = 2**24  # of one matrix of windows: 64 MB

Floats = NDArray[np.float32]


class Conv(NamedTuple):
    """A convolution and its ReLU."""

    name: str
    stride: int
    padding: int


class Fire(NamedTuple):
    """SqueezeNet's module: 1 x 1 to few channels, then 1 x 1 and 3 x 3 side by side, a ReLU behind each."""

    name: str


class Pool(NamedTuple):
    """Maximum of 3 x 3 with stride 2; with `ceil` the last window may hang over the edge."""

    ceil: bool


class Tap(NamedTuple):
    """Here the features are looked at."""


Layer: TypeAlias = Conv | Fire | Pool | Tap

TRUNKS: dict[str, tuple[Layer, ...]] = {
    "alex": (
        *(Conv("0", 4, 2), Tap(), Pool(ceil=False)),
        *(Conv("3", 1, 2), Tap(), Pool(ceil=False)),
        *(Conv("6", 1, 1), Tap(), Conv("8", 1, 1), Tap(), Conv("10", 1, 1), Tap()),
    ),
    "squeeze": (
        *(Conv("0", 2, 0), Tap(), Pool(ceil=True)),
        *(Fire("3"), Fire("4"), Tap(), Pool(ceil=True)),
        *(Fire("6"), Fire("7"), Tap(), Pool(ceil=True)),
        *(Fire("9"), Tap(), Fire("10"), Tap(), Fire("11"), Tap(), Fire("12"), Tap()),
    ),
}


@dataclass(frozen=True, eq=False)
class Lpips:
    """A network with its weights; made by `load_lpips`. Features of one picture may be kept and compared with many."""

    network: str
    weights: Arrays

    def distance(self, reference: Pixels, restored: Pixels) -> float:
        """LPIPS of two pictures of one shape: 0 for equal ones, symmetric, up to about 1.

        Pictures as in `features`; UsageError for two shapes.
        """
        if reference.shape != restored.shape:
            raise UsageError(f"pictures of one shape are compared, not {reference.shape} and {restored.shape}")
        return self.between(self.features(reference), self.features(restored))

    def features(self, pixels: Pixels) -> tuple[Floats, ...]:
        """What the network sees: float32 (C, h, w) after each tapped layer, of unit length over the channels.

        `pixels`: uint8, or floats on the scale 0..1, (H, W), (H, W, 1) or (H, W, 3) of at least 32 x 32; gray is
        repeated. Floats are clipped to 0..1: the network was never shown anything else. UsageError otherwise.
        """
        seen, found = _input(pixels), []
        for layer in TRUNKS[self.network]:
            match layer:
                case Conv(name, stride, padding):
                    seen = self._conv(seen, name, stride, padding)
                case Fire(name):
                    few = self._conv(seen, f"{name}.squeeze", 1, 0)
                    sides = (self._conv(few, f"{name}.expand1x1", 1, 0), self._conv(few, f"{name}.expand3x3", 1, 1))
                    seen = np.concatenate(sides)
                case Pool(ceil):
                    seen = _pooled(seen, ceil)
                case Tap():
                    found.append(seen / (np.sqrt(np.sum(seen * seen, axis=0)) + np.float32(EPSILON)))
        return tuple(found)

    def between(self, first: Sequence[Floats], second: Sequence[Floats]) -> float:
        """The distance of two pictures' features, of one shape each (Zhang et al. 2018, equation 1)."""
        total = 0.0
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            squares = (one - other) ** 2
            by_channel = squares.reshape(len(squares), -1).mean(axis=1, dtype=np.float64)
            total += float(self.weights[f"lin{place}"].reshape(-1).astype(np.float64) @ by_channel)
        return total

    def _conv(self, seen: Floats, name: str, stride: int, padding: int) -> Floats:
        weight = self.weights[f"features.{name}.weight"].astype(np.float32, copy=False)
        made = _convolved(seen, weight, stride, padding)
        made += self.weights[f"features.{name}.bias"].astype(np.float32, copy=False)[:, None, None]
        return np.maximum(made, 0, out=made)


def load_lpips(path: str | Path | None = None, network: str = "alex", data: str | Path | None = None) -> Lpips:
    """LPIPS v0.1 with the weights of an .npz file: `path`, or that of `network` ("alex", "squeeze") in `data`.

    `data` as in `weights.weights_path`. Convention here: train with squeeze, evaluate with alex. Raises UsageError for
    another network, InputMissing when there is no file, CorruptData when it holds other arrays.
    """
    if network not in FILES:
        raise UsageError(f"LPIPS has the networks {', '.join(FILES)} here, not {network!r}")
    file = weights_path(FILES[network], data) if path is None else Path(path)
    weights = read_weights(file, _SOURCE)
    _require_layout(file, network, weights)
    return Lpips(network, weights)


def _require_layout(file: Path, network: str, weights: Arrays) -> None:
    taps = sum(isinstance(layer, Tap) for layer in TRUNKS[network])
    names = {f"lin{place}" for place in range(taps)}
    for layer in TRUNKS[network]:
        if isinstance(layer, Conv):
            names |= {f"features.{layer.name}.{kind}" for kind in ("weight", "bias")}
        elif isinstance(layer, Fire):
            parts = ("squeeze", "expand1x1", "expand3x3")
            names |= {f"features.{layer.name}.{part}.{kind}" for part in parts for kind in ("weight", "bias")}
    if weights.keys() != names:
        odd = sorted(weights.keys() ^ names)
        raise CorruptData(f"{file} holds no weights of LPIPS {network}: {', '.join(odd[:4])} missing or foreign")


def _input(pixels: Pixels) -> Floats:
    """(3, H, W) as the trunks take it."""
    if pixels.ndim not in (2, 3) or pixels.shape[2:] not in ((), (1,), (3,)) or min(pixels.shape[:2]) < SMALLEST:
        raise UsageError(
            f"LPIPS needs (H, W) or (H, W, 1|3) of at least {SMALLEST} x {SMALLEST} pixels, not {pixels.shape}"
        )
    if pixels.dtype != np.uint8 and pixels.dtype.kind != "f":
        raise UsageError(f"LPIPS takes uint8 pictures, or floats on the scale 0..1, not {pixels.dtype}")
    planes = pixels[..., None] if pixels.ndim == 2 else pixels
    scaled = planes / np.float32(255) if pixels.dtype == np.uint8 else np.clip(planes, 0, 1)
    centred = (2 * scaled.astype(np.float32) - 1 - MEAN) / SPREAD  # gray becomes three planes here
    return np.ascontiguousarray(centred.transpose(2, 0, 1), np.float32)


def _convolved(seen: Floats, weight: Floats, stride: int, padding: int) -> Floats:
    """Convolution (C, H, W) -> (O, h, w) as a product of matrices, some rows at a time."""
    channels, size = weight.shape[0], weight.shape[-1]
    if size == 1 and stride == 1:
        flat = weight.reshape(channels, -1) @ seen.reshape(len(seen), -1)
        return flat.reshape(channels, *seen.shape[1:])
    padded = np.pad(seen, ((0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    height, width = windows.shape[1:3]
    made = np.empty((channels, height, width), np.float32)
    rows = max(1, _MOST_VALUES // (width * size * size * len(seen)))
    for top in range(0, height, rows):
        part = windows[:, top : top + rows].transpose(0, 3, 4, 1, 2)
        columns = part.reshape(len(seen) * size * size, -1)
        made[:, top : top + rows] = (weight.reshape(channels, -1) @ columns).reshape(channels, -1, width)
    return made


def _pooled(seen: Floats, ceil: bool) -> Floats:
    """Maximum of 3 x 3, stride 2; `ceil` as in torch: a window that begins inside counts, however little it sees."""
    if ceil:
        # Odd sides end with a whole window, even ones lack one row or column.
        edges = [(0, 1 - side % 2) for side in seen.shape[1:]]
        seen = np.pad(seen, ((0, 0), *edges), constant_values=-np.inf)
    return _of_three(_of_three(seen, 1), 2)


def _of_three(seen: Floats, axis: int) -> Floats:
    """Maximum of each three neighbours along an axis, stride 2."""
    count = (seen.shape[axis] - 1) // 2
    along = [np.take(seen, range(start, start + 2 * count, 2), axis) for start in range(3)]
    return np.maximum(np.maximum(along[0], along[1]), along[2])
