"""Decoders as one network: a single one, or two mixed, each with the noise that it draws for itself.

    values (B,C,h,w) ─┬─ + noise of fidelity ───► decoder-fidelity ──── x (1 - b) ─┐
                      └─ + noise of perception ─► decoder-perception ─ x b ────────┴─► + ─► planes, unrounded

For squared error and the Wasserstein-2 distance the straight line between the best decoder and the best of perfect
realism is optimal (Freirich, Michaeli & Meir 2021, "A theory of the distortion-perception tradeoff in Wasserstein
space"; Yan, Wen & Liu 2022, "Optimally controllable perceptual lossy compression"): one file serves every balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Self

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.mirrored import Network
from crosscodec.codec.package import Package
from crosscodec.errors import UsageError
from crosscodec.randomness import draw_normal

ENDS = ("fidelity", "perception")  # the decoders at balance 0 and 1


@dataclass(frozen=True)
class Voice:
    """One decoder in a blend: its network, its weight, and how many normal numbers it draws a picture."""

    name: str
    graph: Network
    weight: float
    noise: int

    def __call__(self, values: NDArray[np.float32], pictures: Sequence[int], seed: int) -> NDArray[np.float32]:
        """The weighted planes (B,P,H,W) of values (B,C,h,w), which belong to these pictures of a file."""
        planes = self.graph(self._with_noise(values, pictures, seed) if self.noise else values)
        return planes if self.weight == 1 else planes * np.float32(self.weight)

    def _with_noise(self, values: NDArray[np.float32], pictures: Sequence[int], seed: int) -> NDArray[np.float32]:
        drawn = [draw_normal(seed, f"decoder/{self.name}", i, (self.noise, 1, 1)) for i in pictures]
        return np.concatenate([values, np.array(drawn, np.float32)], axis=1)


@dataclass(frozen=True)
class Blend:
    """Decoders whose planes are added up; called like one. ``seed`` is that of their private noise."""

    name: str
    voices: tuple[Voice, ...]
    seed: int

    @classmethod
    def of(cls, package: Package, decoder: str, balance: float | None, seed: int) -> Self:
        """The decoder of that name, or with a balance b the sum (1 - b) fidelity + b perception.

        Raises UsageError as `require_blend`.
        """
        require_blend(package, decoder, balance)
        noise = package.card.noise
        if balance is None:
            return cls(decoder, (Voice(decoder, package.decoder(decoder), 1.0, noise.get(decoder, 0)),), seed)
        weights = zip(ENDS, (1.0 - balance, balance), strict=True)
        voices = tuple(Voice(end, package.decoder(end), w, noise.get(end, 0)) for end, w in weights if w > 0)
        return cls(f"balance {balance:g}", voices, seed)

    def __call__(self, values: NDArray[np.float32], pictures: Sequence[int] = ()) -> NDArray[np.float32]:
        """Planes (B,P,H,W), unrounded, of values (B,C,h,w); ``pictures`` are the places in the file that choose the
        noise.
        """
        planes = self.voices[0](values, pictures, self.seed)
        for voice in self.voices[1:]:
            planes = planes + voice(values, pictures, self.seed)
        return planes


def require_blend(package: Package, decoder: str, balance: float | None) -> None:
    """Raise UsageError for a decoder that the package lacks or a balance outside 0 … 1; no network is started."""
    if balance is None:
        package.require_decoder(decoder)
        return
    if not (isinstance(balance, Real) and 0 <= balance <= 1):
        raise UsageError(f"a balance is a number between 0 (fidelity) and 1 (perception), not {balance!r}")
    if decoder != ENDS[0]:
        raise UsageError(f"a balance mixes {' and '.join(ENDS)}; do not ask for decoder {decoder} as well")
    if not set(ENDS) <= set(package.decoders):
        raise UsageError(
            f"a balance mixes {' and '.join(ENDS)}; package {package.name} has: {', '.join(package.decoders)}"
        )
