"""The photo codec as one trainable module: analysis, synthesis and the density between them."""

import torch
from torch import Tensor, nn

from crosscodec.learn.photo.density import ContextDensity
from crosscodec.learn.photo.networks import Analysis, Spectrum, Synthesis, start_from_spectrum
from crosscodec.learn.photo.settings import ModelSettings


class PhotoCodec(nn.Module):
    """degraded ─► analysis ─► latents ─► (density: bits) ─► symbols ─► synthesis ─► restored."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.analysis = Analysis(settings)
        self.synthesis = Synthesis(settings)
        self.density = ContextDensity(settings.luma, settings.chroma, settings.reach, settings.contexts)

    def lay_out_channels_last(self) -> None:
        """Store convolution kernels channels-last, which is 20 to 40 % faster on CPUs."""
        for parameter in self.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def start_from_pictures(self, degraded: Tensor, clean: Tensor, noise: float) -> None:
        """Fit the linear path and the tables to a first batch (B,3,H,W): a Wiener-filtered DCT codec around the
        denoiser.
        """
        power = self.analysis.dct(clean - 0.5).square().mean(dim=(0, 2, 3))
        start_from_spectrum(self.analysis, Spectrum(power), noise)
        self.density.start_from(self.analysis(degraded))
