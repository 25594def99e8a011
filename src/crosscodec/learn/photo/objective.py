"""The training objective of a plain cross-domain codec: ``bits + lambda * squared error to the clean picture``."""

from dataclasses import dataclass

from torch import Tensor

from crosscodec.learn.photo.model import PhotoCodec


@dataclass(frozen=True)
class Losses:
    """Scalars of one batch: the total that is minimised and its parts."""

    total: Tensor
    bits_per_pixel: Tensor
    squared_error: Tensor  # mean over pixels and channels, in units of (1/255)^2

    def numbers(self) -> dict[str, float]:
        """The parts as plain rounded numbers for the log."""
        return {
            "loss": round(self.total.item(), 5),
            "bpp": round(self.bits_per_pixel.item(), 5),
            "squared_error": round(self.squared_error.item(), 3),
        }


def round_through(latents: Tensor) -> Tensor:
    """Rounded latents whose gradient is that of the identity (straight-through estimator)."""
    return latents + (latents.round() - latents).detach()


def denoising_losses(model: PhotoCodec, degraded: Tensor, clean: Tensor, lambda_distortion: float) -> Losses:
    """Losses of the analysis pyramid as a plain denoiser, before there is anything to code: no rate."""
    residual, _ = model.analysis.net(degraded - 0.5)
    error = (degraded + residual - clean).square().mean() * 255.0**2
    return Losses(lambda_distortion * error, error.new_zeros(()), error)


def codec_losses(model: PhotoCodec, degraded: Tensor, clean: Tensor, lambda_distortion: float) -> Losses:
    """Losses of one batch of pictures (B,3,H,W) in 0..1: rate and error of rounded symbols, as the file will hold
    them.
    """
    latents = model.analysis(degraded)
    restored = model.synthesis(round_through(latents))
    pixels = degraded.shape[0] * degraded.shape[2] * degraded.shape[3]
    rate = model.density(latents).sum() / pixels
    error = (restored - clean).square().mean() * 255.0**2
    return Losses(rate + lambda_distortion * error, rate, error)
