"""Degradations: what happened to a clean picture before it reached the encoder.

    Degradation ─┬─ GaussianNoise         noise:25        noise:25,clip
                 ├─ PoissonGaussianNoise  poisson:30      poisson:30,5
                 ├─ CameraNoise           camera:300      camera:300,90
                 ├─ Downsample            down:2          down:2,alias
                 ├─ SquareMask            mask:16         mask:16,0.5
                 ├─ Blur                  blur:1.5
                 └─ Chain                 noise:25+down:2 (left first)     none

Each is a frozen record whose `apply` is a pure function of (clean, seed, stream, index), and whose `describe` gives the
text that `parse_degradation` reads back. Pictures are float32 (H, W, C) on the scale 0..1 and keep their size; nothing
is clipped unless asked, so that the noise of a result has the law that its name says; a camera gives bytes.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from crosscodec.domains import camera
from crosscodec.domains.poisson import poisson_quantile
from crosscodec.domains.resize import downsample, upsample
from crosscodec.errors import UsageError
from crosscodec.randomness import draw_integers, draw_normal, draw_uniform

Pictures = NDArray[np.float32]


class Degradation(Protocol):
    """Anything that turns a clean picture into a degraded one of the same size, repeatably."""

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """The degraded picture: float32 (H, W, C), a function of the arguments alone."""
        ...

    def describe(self) -> str:
        """The text that `parse_degradation` turns back into this degradation, where it is one of the above."""
        ...


@dataclass(frozen=True)
class GaussianNoise:
    """Additive white Gaussian noise; `sigma` counts in steps of 1/255, so that 25 is the usual sigma = 25."""

    sigma: float
    clip: bool = False

    def __post_init__(self) -> None:
        _require(0 <= self.sigma <= 2550, "noise", f"sigma {self.sigma}", "0 .. 2550 (in 1/255)")

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """Add sigma/255 · N(0, 1), unclipped unless `clip`; float32 (H, W, C)."""
        _require_picture(clean)
        noisy = clean + (self.sigma / 255.0) * draw_normal(seed, stream, index, clean.shape)
        return (np.clip(noisy, 0.0, 1.0) if self.clip else noisy).astype(np.float32)

    def describe(self) -> str:
        """For example "noise:25" or "noise:25,clip"."""
        return f"noise:{_number(self.sigma)}" + (",clip" if self.clip else "")


@dataclass(frozen=True)
class PoissonGaussianNoise:
    """Photon noise with `peak` photons at white, and read-out noise of `sigma` in steps of 1/255."""

    peak: float
    sigma: float = 0.0

    def __post_init__(self) -> None:
        _require(0 < self.peak <= 1e6, "poisson", f"peak {self.peak}", "above 0, at most 1e6 photons")
        _require(0 <= self.sigma <= 2550, "poisson", f"sigma {self.sigma}", "0 .. 2550 (in 1/255)")

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """Poisson(peak · clean) / peak + sigma/255 · N(0, 1), unclipped; float32 (H, W, C). Values below 0 count as no
        light.
        """
        _require_picture(clean)
        mean = self.peak * np.maximum(clean.astype(np.float64), 0.0)
        noisy = poisson_quantile(draw_uniform(seed, f"{stream}/photons", index, clean.shape), mean) / self.peak
        if self.sigma > 0:
            noisy += (self.sigma / 255.0) * draw_normal(seed, f"{stream}/readout", index, clean.shape)
        return noisy.astype(np.float32)

    def describe(self) -> str:
        """For example "poisson:30" or "poisson:30,5"."""
        return f"poisson:{_number(self.peak)}" + (f",{_number(self.sigma)}" if self.sigma else "")


@dataclass(frozen=True)
class CameraNoise:
    """A photo by a colour camera whose photosites count ``electrons`` at white, stored as JPEG of ``quality``, or as
    bytes (None). Fewer electrons: less light, more noise. The camera is drawn in domains/camera.py; where its mosaic
    begins is drawn for each picture, and one for gray pictures has no mosaic.
    """

    electrons: float
    quality: int | None = None

    def __post_init__(self) -> None:
        _require(0 < self.electrons <= 1e6, "camera", f"{self.electrons} electrons", "above 0, at most 1e6 electrons")
        right = self.quality is None or (1 <= self.quality <= 100 and self.quality == int(self.quality))
        _require(right, "camera", f"JPEG quality {self.quality}", "1 .. 100, whole")

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """The photo: float32 (H, W, C), multiples of 1/255."""
        _require_picture(clean)
        _require(clean.shape[2] in (1, 3), "camera", f"a picture of {clean.shape[2]} channels", "1 or 3 channels")
        light = camera.light(clean.astype(np.float64))
        row, column = draw_integers(seed, f"{stream}/mosaic", index, (2,), 0, 2).tolist()
        raw = camera.measured(light, (row, column)) if clean.shape[2] == 3 else light[:, :, 0]
        uniform = draw_uniform(seed, f"{stream}/photons", index, raw.shape)
        counts = poisson_quantile(uniform, self.electrons * np.maximum(raw, 0.0))
        counts += camera.READ_OUT * draw_normal(seed, f"{stream}/readout", index, raw.shape)
        raw = counts / self.electrons
        picture = camera.developed(raw, first=(row, column)) if clean.shape[2] == 3 else raw[:, :, None]
        seen = camera.srgb(picture)
        pixels = np.floor(255.0 * seen + 0.5).astype(np.uint8)
        if self.quality is not None:
            pixels = camera.through_jpeg(pixels, int(self.quality))
        return (pixels / np.float32(255.0)).astype(np.float32)

    def describe(self) -> str:
        """For example "camera:300" or "camera:300,90"."""
        return f"camera:{_number(self.electrons)}" + (f",{self.quality}" if self.quality is not None else "")


@dataclass(frozen=True)
class Downsample:
    """Loss of resolution: bicubic reduction by an integer factor and bicubic return to the first size (28 → 7 → 28).

    With `antialias` as Pillow does it, without it as torch's `interpolate`: the papers' MNIST case, down:4,alias.
    """

    factor: int
    antialias: bool = True

    def __post_init__(self) -> None:
        _require(
            1 <= self.factor <= 64 and self.factor == int(self.factor),
            "down",
            f"factor {self.factor}",
            "1 .. 64, whole",
        )

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """The picture that is left at 1/factor of the resolution, on the grid of `clean`; float32 (H, W, C). Draws
        nothing.
        """
        _require_picture(clean)
        height, width = clean.shape[:2]
        small = downsample(clean.astype(np.float64), self.factor, self.antialias)
        return upsample(small, height, width, self.antialias).astype(np.float32)

    def describe(self) -> str:
        """For example "down:4" or "down:4,alias"."""
        return f"down:{self.factor}" + ("" if self.antialias else ",alias")


@dataclass(frozen=True)
class SquareMask:
    """A square of side `size` painted over with `value` (scale 0..1), placed uniformly at random inside the picture."""

    size: int
    value: float = 0.0

    def __post_init__(self) -> None:
        _require(self.size >= 1 and self.size == int(self.size), "mask", f"size {self.size}", "1 pixel or more, whole")
        _require(0 <= self.value <= 1, "mask", f"value {self.value}", "0 .. 1")

    def corner(self, height: int, width: int, seed: int, stream: str, index: int) -> tuple[int, int]:
        """Row and column of the upper left corner; UsageError when the square does not fit into height × width."""
        if self.size > min(height, width):
            raise UsageError(
                f"mask: a square of side {self.size} does not fit into a picture of {height} x {width} pixels"
            )
        top = draw_integers(seed, f"{stream}/top", index, (), 0, height - self.size + 1)
        left = draw_integers(seed, f"{stream}/left", index, (), 0, width - self.size + 1)
        return int(top), int(left)

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """The masked picture, float32 (H, W, C)."""
        _require_picture(clean)
        top, left = self.corner(clean.shape[0], clean.shape[1], seed, stream, index)
        masked = clean.astype(np.float32)
        masked[top : top + self.size, left : left + self.size] = self.value
        return masked

    def describe(self) -> str:
        """For example "mask:16" or "mask:16,0.5"."""
        return f"mask:{self.size}" + (f",{_number(self.value)}" if self.value else "")


@dataclass(frozen=True)
class Blur:
    """Convolution with a Gaussian of standard deviation `sigma` pixels, the picture mirrored at its borders."""

    sigma: float

    def __post_init__(self) -> None:
        _require(0 <= self.sigma <= 100, "blur", f"sigma {self.sigma}", "0 .. 100 pixels")

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """The blurred picture, float32 (H, W, C). Draws nothing."""
        _require_picture(clean)
        blurred: NDArray[np.float64] = gaussian_filter(
            clean.astype(np.float64), (self.sigma, self.sigma, 0.0), mode="reflect"
        )
        return blurred.astype(np.float32)

    def describe(self) -> str:
        """For example "blur:1.5"."""
        return f"blur:{_number(self.sigma)}"


@dataclass(frozen=True)
class Chain:
    """Several degradations, the first one first; an empty chain leaves the picture as it is."""

    steps: tuple[Degradation, ...] = ()

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """Apply every step to the result of the one before; float32 (H, W, C). Step k draws from the stream
        "<stream>/<k>".
        """
        _require_picture(clean)
        degraded = clean.astype(np.float32)
        for position, step in enumerate(self.steps):
            degraded = step.apply(degraded, seed, f"{stream}/{position}", index)
        return degraded

    def describe(self) -> str:
        """The steps joined by "+", or "none"."""
        return "+".join(step.describe() for step in self.steps) or "none"


def parse_degradation(text: str) -> Degradation:
    """The degradation that a text such as "noise:25+down:2+mask:16" names.

    Grammar: steps joined by "+"; a step is kind:number or kind:number,option as drawn at the head of this file; "none"
    is no step. One step comes back as itself, several as a Chain. UsageError that lists the kinds when the text cannot
    be read.
    """
    if text.strip() == "none":
        return Chain()
    steps = tuple(_parse_step(part.strip()) for part in text.split("+"))
    return steps[0] if len(steps) == 1 else Chain(steps)


def _parse_step(text: str) -> Degradation:
    kind, _, rest = text.partition(":")
    value, _, option = (part.strip() for part in rest.partition(","))
    match kind, option:
        case "noise", "" | "clip":
            return GaussianNoise(_float(value, text), clip=option == "clip")
        case "poisson", _:
            return PoissonGaussianNoise(_float(value, text), _float(option or "0", text))
        case "camera", _:
            return CameraNoise(_float(value, text), _int(option, text) if option else None)
        case "down", "" | "alias":
            return Downsample(_int(value, text), antialias=option != "alias")
        case "mask", _:
            return SquareMask(_int(value, text), _float(option or "0", text))
        case "blur", "":
            return Blur(_float(value, text))
    raise UsageError(f"degradation {text!r} is not known; {_GRAMMAR}")


_GRAMMAR = (
    "join with '+': noise:SIGMA[,clip] (in 1/255), poisson:PEAK[,SIGMA], camera:ELECTRONS[,JPEG], "
    "down:FACTOR[,alias], mask:SIZE[,VALUE], blur:SIGMA, or none; for example noise:25+down:2"
)


def _float(value: str, text: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"degradation {text!r}: {value!r} is not a number; {_GRAMMAR}") from None


def _int(value: str, text: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise UsageError(f"degradation {text!r}: {value!r} is not a whole number; {_GRAMMAR}") from None


def _number(value: float) -> str:
    # repr gives the shortest text that reads back exactly; whole numbers without the ".0".
    return str(int(value)) if value == int(value) else repr(float(value))


def _require(right: bool, kind: str, wrong: str, allowed: str) -> None:
    if not right:
        raise UsageError(f"{kind}: {wrong} is outside {allowed}")


def _require_picture(clean: Pictures) -> None:
    if clean.ndim != 3 or clean.dtype != np.float32:
        raise UsageError(f"a clean picture is float32 (H, W, C) on the scale 0..1, not {clean.dtype} {clean.shape}")
