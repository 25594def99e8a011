"""LPIPS as a loss: the layers of measure/lpips.py in torch, with a gradient.

Same weights, same numbers; pictures are not clipped, because a clipped value has no way back.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from crosscodec.measure.lpips import EPSILON, MEAN, SPREAD, TRUNKS, Conv, Fire, Lpips, Pool, Tap


class FeatureDistance(nn.Module):
    """Mean LPIPS of pictures (B,3,H,W) in 0..1; nothing in it is trained."""

    mean: Tensor
    spread: Tensor

    def __init__(self, lpips: Lpips) -> None:
        super().__init__()
        self.layers = TRUNKS[lpips.network]
        self.register_buffer("mean", torch.from_numpy(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.from_numpy(SPREAD).view(1, 3, 1, 1), persistent=False)
        for name, array in lpips.weights.items():
            self.register_buffer(_key(name), torch.from_numpy(array).float(), persistent=False)

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        """LPIPS averaged over the batch, differentiable in the restored pictures."""
        with torch.no_grad():
            wanted = self.features(clean)
        total = restored.new_zeros(())
        for place, (one, other) in enumerate(zip(self.features(restored), wanted, strict=True)):
            by_channel = (one - other).square().mean(dim=(0, 2, 3))
            total = total + self._weight(f"lin{place}").flatten() @ by_channel
        return total

    def features(self, pictures: Tensor) -> list[Tensor]:
        """What the network sees after each tapped layer, of unit length over the channels, float32."""
        seen, found = (2 * pictures - 1 - self.mean) / self.spread, []
        for layer in self.layers:
            match layer:
                case Conv(name, stride, padding):
                    seen = self._conv(seen, name, stride, padding)
                case Fire(name):
                    few = self._conv(seen, f"{name}.squeeze", 1, 0)
                    sides = (self._conv(few, f"{name}.expand1x1", 1, 0), self._conv(few, f"{name}.expand3x3", 1, 1))
                    seen = torch.cat(sides, 1)
                case Pool(ceil):
                    seen = functional.max_pool2d(seen, 3, 2, ceil_mode=ceil)
                case Tap():
                    # The root of a zero has an infinite slope: dark, flat cells have no features at all.
                    length = seen.float().square().sum(dim=1, keepdim=True).clamp_min(EPSILON**2).sqrt()
                    found.append(seen.float() / (length + EPSILON))
        return found

    def _conv(self, seen: Tensor, name: str, stride: int, padding: int) -> Tensor:
        weight, bias = self._weight(f"features.{name}.weight"), self._weight(f"features.{name}.bias")
        return torch.relu(functional.conv2d(seen, weight, bias, stride, padding))

    def _weight(self, name: str) -> Tensor:
        weight = getattr(self, _key(name))
        assert isinstance(weight, Tensor), "registered as a buffer"
        return weight


def _key(name: str) -> str:
    return name.replace(".", "_")
