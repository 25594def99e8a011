"""Analysis and synthesis of the photo codec: a block DCT with a learned correction on either side.

    degraded (B,3,H,W) ──┬──────────── + ──► DCT 16x16 ──► shrink ──► + ──► coefficients (B,C,H/16,W/16)
                         └─► pyramid ──┘└─ deep features ─────────────┘
    restored ◄── + ◄──┬────────── inverse DCT ◄── coefficients ◄┐
                 └─ pyramid ◄┘◄─────────────────── level ◄──────┴── (B,C+1,H/16,W/16)

What lies between, the steps of each quality, is quality.py: both networks serve all qualities. The analysis takes the
noise off the picture and then codes the coefficients of what is left; the synthesis sees the decoded picture and mends
what quantisation did. Both pyramids work at reduced resolution, where a convolution is cheap and sees far. All linear
paths run in float32 whatever the precision of the networks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from crosscodec.learn.photo.blockdct import BlockDct
from crosscodec.learn.photo.settings import ModelSettings

UNIT = 0.1  # coefficients are measured in this unit inside the networks: about the noise of sigma 25/255
CONTRAST = 4.0  # centred pictures times this have a spread of about one


def start_at_zero(layer: nn.Conv2d) -> nn.Conv2d:
    """The same layer with all its weights zero: what it corrects starts uncorrected."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


class Residual(nn.Module):
    """``x + conv(relu(conv(x)))``, started as the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        start_at_zero(self.second)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the same shape."""
        result: Tensor = x + self.second(torch.relu(self.first(x)))
        return result


def residuals(channels: int, count: int) -> nn.Sequential:
    """A chain of residual blocks."""
    return nn.Sequential(*[Residual(channels) for _ in range(count)])


def descent(inputs: int, outputs: int, reach: int = 1) -> nn.Conv2d:
    """Space-to-depth and a convolution over ``reach`` x ``reach`` cells of 2 x 2, as one convolution with stride 2.

    ONNX Runtime computes it without leaving its blocked layout: 7 % of the analysis, 13 % of the synthesis.
    """
    return nn.Conv2d(inputs, outputs, 2 * reach, stride=2, padding=reach - 1)


class PyramidNet(nn.Module):
    """Centred pictures (B,3,H,W) to a residual picture of the same shape, and the deepest features (B,deep,H/8,W/8).

    1/2 ──► blocks ──────────── + ──► blocks ──► residual
             └─► 1/4 ──► blocks ─ + ──► blocks ─┘
                          └─► 1/8 ──► blocks ─┘
    """

    def __init__(self, widths: tuple[int, ...], blocks: tuple[int, ...], levels: bool = False) -> None:
        super().__init__()
        half, quarter, eighth = widths
        # What the quality, a number for each picture, adds to the features of each resolution.
        self.of_level = nn.ParameterList([torch.zeros(n, 1, 1) for n in widths] if levels else [])
        self.to_half = descent(3, half, 3)
        self.down_half = residuals(half, blocks[0])
        self.to_quarter = descent(half, quarter)
        self.down_quarter = residuals(quarter, blocks[1])
        self.to_eighth = descent(quarter, eighth)
        self.deep = residuals(eighth, blocks[2])
        self.from_eighth = nn.Sequential(nn.Conv2d(eighth, 4 * quarter, 1), nn.PixelShuffle(2))
        self.up_quarter = residuals(quarter, blocks[3])
        self.from_quarter = nn.Sequential(nn.Conv2d(quarter, 4 * half, 1), nn.PixelShuffle(2))
        self.up_half = residuals(half, blocks[4])
        self.last = nn.Sequential(start_at_zero(nn.Conv2d(half, 12, 3, padding=1)), nn.PixelShuffle(2))

    def forward(self, centred: Tensor, level: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Residual picture and deepest features, both float32, of pictures and their level (B,1,1,1)."""
        half = self.down_half(self._told(0, self.to_half(centred * CONTRAST), level))
        quarter = self.down_quarter(self._told(1, self.to_quarter(half), level))
        deep = self.deep(self._told(2, self.to_eighth(quarter), level))
        quarter = self.up_quarter(quarter + self.from_eighth(deep))
        half = self.up_half(half + self.from_quarter(quarter))
        return UNIT * self.last(half).float(), deep.float()

    def _told(self, scale: int, features: Tensor, level: Tensor | None) -> Tensor:
        return features if level is None else features + level * self.of_level[scale]


class Analysis(nn.Module):
    """Degraded pictures (B,3,H,W) in 0..1 to coefficients (B,C,H/16,W/16) of the picture without its noise."""

    def __init__(self, settings: ModelSettings, widths: tuple[int, ...], blocks: tuple[int, ...]) -> None:
        super().__init__()
        channels = settings.luma + 2 * settings.chroma
        self.dct = BlockDct(settings.luma, settings.chroma)
        self.net = PyramidNet(widths, blocks)
        self.shrink = nn.Parameter(torch.ones(channels, 1, 1))
        self.last = start_at_zero(descent(widths[2], channels))

    def forward(self, degraded: Tensor) -> Tensor:
        """Coefficients; a quality's gains make latents of them (quality.py)."""
        centred = degraded - 0.5
        residual, deep = self.net(centred)
        coefficients: Tensor = self.dct(centred + residual) * self.shrink + UNIT * self.last(deep).float()
        return coefficients


class Synthesis(nn.Module):
    """Coefficients and, in one channel more, the level of their quality (B,C+1,h,w) to restored pictures (B,3,16h,16w),
    about 0..1, unclipped.
    """

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.dct = BlockDct(settings.luma, settings.chroma)
        self.net = PyramidNet(settings.synthesis_widths, settings.synthesis_blocks, levels=True)

    def forward(self, coefficients: Tensor) -> Tensor:
        """Restored pictures."""
        centred = self.dct.inverse(coefficients[:, :-1])
        residual, _ = self.net(centred, coefficients[:, -1:, :1, :1])
        restored: Tensor = centred + residual + 0.5
        return restored


def lay_out_channels_last(network: nn.Module) -> None:
    """Store convolution kernels channels-last, which is 20 to 40 % faster on CPUs."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True)
class Spectrum:
    """Mean square of each DCT coefficient of clean pictures, shape (C,), picture values in 0..1."""

    power: Tensor


@torch.no_grad()
def start_from_spectrum(analysis: Analysis, spectrum: Spectrum, noise: float) -> None:
    """Set the linear path to the Wiener filter of that spectrum at noise standard deviation ``noise`` (picture
    units).
    """
    wiener = spectrum.power / (spectrum.power + noise**2)
    analysis.shrink.copy_(wiener.view_as(analysis.shrink))
