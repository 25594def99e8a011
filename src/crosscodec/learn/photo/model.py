"""The photo codec as one trainable module: analyses, synthesis, and what is between them at each quality.

A second, larger analysis writes the same files as the first: gains, densities and synthesis are trained on the symbols
of both, and whoever encodes chooses between time and quality.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from crosscodec.codec.package import DEFAULT_ENCODER
from crosscodec.codec.qualities import place_of
from crosscodec.learn.photo.density import ContextDensity
from crosscodec.learn.photo.networks import (
    Analysis,
    Spectrum,
    Synthesis,
    lay_out_channels_last,
    start_from_spectrum,
)
from crosscodec.learn.photo.quality import Gains
from crosscodec.learn.photo.settings import ModelSettings, ObjectiveSettings

BEST_ENCODER = "best"


class PhotoCodec(nn.Module):
    """degraded ─► an analysis ─► gains ─► latents ─► (density: bits) ─► symbols ─► gains ─► synthesis ─► restored."""

    def __init__(self, settings: ModelSettings, objective: ObjectiveSettings) -> None:
        super().__init__()
        self.settings, self.objective = settings, objective
        self.analysis = Analysis(settings, settings.analysis_widths, settings.analysis_blocks)
        larger = settings.best_widths
        self.best = Analysis(settings, larger, settings.best_blocks) if larger else None
        self.synthesis = Synthesis(settings)
        self.gains = Gains(settings, objective)
        densities = [
            ContextDensity(
                settings.luma, settings.chroma, settings.reach, settings.contexts, settings.predicted_channels
            )
            for _ in objective.anchors
        ]
        self.densities = nn.ModuleList(densities)

    @property
    def analyses(self) -> dict[str, Analysis]:
        """The analyses by the names that their encoders have in the package."""
        first = {DEFAULT_ENCODER: self.analysis}
        return first if self.best is None else first | {BEST_ENCODER: self.best}

    def coefficients(self, degraded: Tensor) -> Tensor:
        """Coefficients (A*B,C,h,w) of pictures (B,3,H,W): what each of the A analyses makes of them, one after the
        other.
        """
        return torch.cat([analysis(degraded) for analysis in self.analyses.values()])

    def density(self, quality: int) -> ContextDensity:
        """The density that serves a quality: that of the nearest anchor."""
        found = self.densities[place_of(quality, self.gains.anchors).nearest]
        assert isinstance(found, ContextDensity), "the list holds nothing else"
        return found

    def restore(self, symbols: Tensor, quality: int) -> Tensor:
        """Restored pictures (B,3,16h,16w) of symbols (B,C,h,w) of a quality."""
        restored: Tensor = self.synthesis(self.gains.dequantised(symbols, quality))
        return restored

    def lay_out_channels_last(self) -> None:
        """Store convolution kernels channels-last."""
        lay_out_channels_last(self)

    @torch.no_grad()
    def start_from_pictures(self, fresh: Sequence[Analysis], degraded: Tensor, clean: Tensor, noise: float) -> None:
        """Fit the linear path of ``fresh`` analyses and the tables to a first batch (B,3,H,W): a Wiener-filtered DCT
        codec around each denoiser.
        """
        power = self.analysis.dct(clean - 0.5).square().mean(dim=(0, 2, 3))
        for analysis in fresh:
            start_from_spectrum(analysis, Spectrum(power), noise)
        self.start_tables(degraded)

    @torch.no_grad()
    def start_tables(self, degraded: Tensor) -> None:
        """Fit the tables of every anchor to a first batch (B,3,H,W)."""
        coefficients = self.coefficients(degraded)
        for anchor in self.gains.anchors:
            self.density(anchor).start_from(self.gains.latents(coefficients, anchor))
