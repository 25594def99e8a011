"""The objective of a further decoder for files that are written already: rate is no part of it.

    lambda_distortion |X - Y|^2  +  lambda_features LPIPS(X, Y)  +  lambda_perception W1(p_X, p_Y)

X is the clean picture and Y the restored one. The squared error alone gives the fidelity decoder, whose texture is the
mean of all textures that the symbols allow. W1 between the laws of clean and restored crops is the perception measure
of the theory, here by a critic of patches (learn/critics.py); LPIPS between pairs keeps the texture where it belongs.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from crosscodec.learn.decoder.features import FeatureDistance
from crosscodec.learn.decoder.settings import ObjectiveSettings


@dataclass(frozen=True)
class Losses:
    """Scalars of one batch: the total that is minimised and its parts."""

    total: Tensor
    squared_error: Tensor  # mean over pixels and channels, in units of (1/255)^2
    features: Tensor  # LPIPS
    wasserstein: Tensor  # minus the critic's mean over restored crops: the part that the decoder can move

    def numbers(self) -> dict[str, float]:
        """The parts as plain rounded numbers for the log."""
        return {
            "loss": round(self.total.item(), 5),
            "squared_error": round(self.squared_error.item(), 3),
            "features": round(self.features.item(), 5),
            "wasserstein": round(self.wasserstein.item(), 5),
        }


class PatchCritic(nn.Module):
    """One number a picture (B,3,H,W): the mean over patches of about 50 pixels. Without normalisation, because the
    penalty holds the slope of each picture by itself.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(12, width, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4 * width, 1, 3, padding=1),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Values (B,)."""
        values: Tensor = self.net(pictures - 0.5).float().mean(dim=(1, 2, 3))
        return values


def decoder_losses(
    restored: Tensor, clean: Tensor, weights: ObjectiveSettings, features: FeatureDistance | None, critic: nn.Module
) -> Losses:
    """Losses of restored pictures (B,3,H,W) in 0..1 beside their clean ones; ``features`` None: its weight is zero."""
    zero = restored.new_zeros(())
    error = (restored - clean).square().mean() * 255.0**2
    distance = zero if features is None else features(restored, clean)
    wasserstein = -critic(restored).mean() if weights.lambda_perception else zero
    total = weights.lambda_distortion * error + weights.lambda_features * distance
    return Losses(total + weights.lambda_perception * wasserstein, error, distance, wasserstein)
