"""The three sources: law and label of what is coded, what each decoder owes, and the limits that theory knows.

    gaussian    N(0,1), label of correlation 0.7      fidelity · perception (law of X) · target (another normal law)
    vector      two correlated numbers                fidelity · perception (law of X) · target (another covariance)
    bernoulli   4 x 4 independent bits, noisy label   fidelity

A limit holds for every code whatever its length. A decoder that owes a law is held to the limit of the mean and the
covariance that its output has in fact: the normal law is extreme among all that share them, so that this limit is a
theorem for the learned output, however far it is from normal.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crosscodec.randomness import draw_normal
from crosscodec.simulate.sources import SOURCE_STREAM, draw_normals, draw_pairs
from crosscodec.theory import GaussianTransport, Normal, VectorGaussianTransport
from crosscodec.theory.bernoulli.asymptotic import bernoulli_asymptotic_rate
from crosscodec.theory.entropy import binary_entropy, convolve, inverse_binary_entropy
from crosscodec.toy.settings import ToySettings

Floats = NDArray[np.float64]

FIDELITY, PERCEPTION, TARGET = "fidelity", "perception", "target"
LABEL_CORRELATION = 0.7
BIT_PROBABILITY, LABEL_NOISE = 0.3, 0.1
SIDE = 4  # of a picture of bits
SOURCE_COV = ((1.0, 0.6), (0.6, 1.0))
TARGET_COV = ((1.5, -0.3), (-0.3, 0.5))


@dataclass(frozen=True)
class Limit:
    """A trade-off as two functions, inverse to each other: least distortion at a rate, least rate at a distortion."""

    distortion: Callable[[float], float]
    rate: Callable[[float], float]


@dataclass(frozen=True, eq=False)
class NormalLaw:
    """Mean (d,) and covariance (d,d) of a block."""

    mean: Floats
    cov: Floats

    @property
    def root(self) -> Floats:
        """The factor L with cov = L L'."""
        return np.linalg.cholesky(self.cov).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Blocks (N,d) of the source, and labels of the same shape; None where the source has none."""

    blocks: Floats
    labels: Floats | None


class ToySource(Protocol):
    """What training and measuring ask of a source. ``symbols`` is how many of them a block of ``width`` numbers is."""

    @property
    def width(self) -> int:
        """Numbers in a block, d."""

    @property
    def symbols(self) -> int:
        """Symbols in a block: what rates and distortions are counted by."""

    @property
    def owed(self) -> dict[str, NormalLaw | None]:
        """The law that each decoder owes, by its name; None where it owes none."""

    def draw(self, seed: int, blocks: int) -> Drawn:
        """Independent blocks and labels, functions of the seed alone."""

    def limit(self, decoder: str) -> Limit:
        """What is possible for the law that a decoder owes."""

    def limit_of(self, decoder: str, output: Floats) -> Limit:
        """What is possible for outputs (N,d) as they are; the same as `limit` where no law is owed."""


@dataclass(frozen=True, eq=False)
class GaussianToy:
    """N(0,1) in blocks, with a jointly normal label of each number. Section 3 of the theory page.

    With ``dithered`` decoders can owe a law: a codebook has no randomness from which to make one.
    """

    block: int
    target: Normal
    dithered: bool = True

    @property
    def width(self) -> int:
        """Numbers in a block."""
        return self.block

    @property
    def symbols(self) -> int:
        """Each number is a symbol."""
        return self.block

    @property
    def owed(self) -> dict[str, NormalLaw | None]:
        """Independent numbers of the source's law, and of the target's."""
        if not self.dithered:
            return {FIDELITY: None}
        one = np.ones(self.block)
        mean, std = float(np.asarray(self.target.mean)), float(np.asarray(self.target.std))
        return {
            FIDELITY: None,
            PERCEPTION: NormalLaw(0 * one, np.diag(one)),
            TARGET: NormalLaw(mean * one, np.diag(std * std * one)),
        }

    def problem(self, target: Normal) -> GaussianTransport:
        """The trade-off from the source to this law."""
        return GaussianTransport(Normal(0.0, 1.0), target, LABEL_CORRELATION)

    def draw(self, seed: int, blocks: int) -> Drawn:
        """Numbers and labels of `crosscodec simulate gaussian`, in blocks."""
        drawn = draw_normals(self.problem(Normal(0.0, 1.0)), seed, blocks * self.block)
        return Drawn(drawn.source.reshape(blocks, -1), drawn.label.reshape(blocks, -1))

    def limit(self, decoder: str) -> Limit:
        """`D(R)` of section 3: without a perception limit, or with the exact law."""
        if decoder == FIDELITY:
            return self._limit(Normal(0.0, 1.0), math.inf)
        return self._limit(self.target if decoder == TARGET else Normal(0.0, 1.0), 0.0)

    def limit_of(self, decoder: str, output: Floats) -> Limit:
        """`D(R)` for the mean and the standard deviation of these numbers.

        cov(X,Y) <= std(X) std(Y) rho_R for normal X and any Y, since I(X;Y) is at least that of a normal pair.
        """
        if decoder == FIDELITY:
            return self.limit(decoder)
        return self._limit(Normal(float(output.mean()), float(output.std())), 0.0)

    def _limit(self, target: Normal, perception: float) -> Limit:
        problem = self.problem(target)

        def rate(distortion: float) -> float:
            found = problem.rate(distortion, perception=perception)
            return float(found.value) if found.feasible else math.inf

        return Limit(lambda r: float(problem.distortion(r, perception=perception).value), rate)


@dataclass(frozen=True, eq=False)
class VectorToy:
    """Pairs of correlated numbers, one symbol each pair. Section 4 of the theory page."""

    width: int = 2
    symbols: int = 1

    @cached_property
    def source(self) -> NormalLaw:
        """The law of X."""
        return NormalLaw(np.zeros(2), np.array(SOURCE_COV))

    @property
    def owed(self) -> dict[str, NormalLaw | None]:
        """The source's own law, and another covariance."""
        return {FIDELITY: None, PERCEPTION: self.source, TARGET: NormalLaw(np.zeros(2), np.array(TARGET_COV))}

    def draw(self, seed: int, blocks: int) -> Drawn:
        """Vectors; they have no label."""
        return Drawn(draw_normal(seed, SOURCE_STREAM, 0, (blocks, 2)) @ self.source.root.T, None)

    def limit(self, decoder: str) -> Limit:
        """Reverse water-filling without a law, transport directions with one."""
        law = self.owed[decoder]
        return (
            reverse_water_filling(np.linalg.eigvalsh(self.source.cov).astype(np.float64))
            if law is None
            else self._limit(law)
        )

    def limit_of(self, decoder: str, output: Floats) -> Limit:
        """The limit for the mean and the covariance of these vectors: I(X;Y) is at least that of a normal pair."""
        if decoder == FIDELITY:
            return self.limit(decoder)
        return self._limit(NormalLaw(output.mean(axis=0), np.cov(output.T, bias=True)))

    def _limit(self, law: NormalLaw) -> Limit:
        problem = VectorGaussianTransport(self.source.mean, self.source.cov, law.mean, law.cov)

        def rate(distortion: float) -> float:
            found = problem.rate(distortion)
            return float(found.value) if found.feasible else math.inf

        return Limit(lambda r: float(problem.distortion(r).value), rate)


def reverse_water_filling(variances: Floats) -> Limit:
    """`D(R)` of a normal vector with these variances along its axes, and its inverse; bits and squared length.

    Cover & Thomas, Theorem 10.3.3: each axis keeps min(water, variance), the others cost nothing.
    """
    falling = np.sort(variances)[::-1]

    def distortion(rate: float) -> float:
        # With k axes above the water, log2 water = mean log2 of the k largest - 2 rate / k.
        waters = [2 ** (np.log2(falling[:k]).mean() - 2 * rate / k) for k in range(1, falling.size + 1)]
        above = max(k for k, water in enumerate(waters, 1) if water <= falling[k - 1])
        return float(above * waters[above - 1] + falling[above:].sum())

    def rate(distortion_: float) -> float:
        low, high = 0.0, 64.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if distortion(middle) > distortion_ else (low, middle)
        return high

    return Limit(distortion, rate)


@dataclass(frozen=True, eq=False)
class BernoulliToy:
    """Pictures of 4 x 4 independent bits; the label of a pixel is its bit, flipped now and then. Section 5."""

    width: int = SIDE * SIDE
    symbols: int = SIDE * SIDE

    @property
    def owed(self) -> dict[str, NormalLaw | None]:
        """Fidelity alone."""
        return {FIDELITY: None}

    def draw(self, seed: int, blocks: int) -> Drawn:
        """Bits and labels of `crosscodec simulate`, in pictures."""
        a, n = BIT_PROBABILITY, LABEL_NOISE
        joint = np.array([[(1 - a) * (1 - n), a * n], [(1 - a) * n, a * (1 - n)]])
        drawn = draw_pairs(joint, seed, blocks * self.width)
        shaped = [part.reshape(blocks, -1).astype(np.float64) for part in (drawn.source, drawn.label)]
        return Drawn(*shaped)

    def limit(self, decoder: str) -> Limit:
        """`R(D) = [h(a) - h(D)]+`, a pixel."""
        return Limit(
            lambda r: float(inverse_binary_entropy(max(float(binary_entropy(BIT_PROBABILITY)) - r, 0.0))),
            lambda d: float(bernoulli_asymptotic_rate(BIT_PROBABILITY, d).value),
        )

    def limit_of(self, decoder: str, output: Floats) -> Limit:
        """The same."""
        return self.limit(decoder)


def least_label_entropy(source: ToySource, rate: float) -> float:
    """The least entropy of a symbol's label at a rate, in bits: sections 3 and 5 (Mrs. Gerber's lemma)."""
    if isinstance(source, GaussianToy):
        return float(source.problem(Normal(0.0, 1.0)).least_label_entropy(rate))
    return float(binary_entropy(convolve(source.limit(FIDELITY).distortion(rate), LABEL_NOISE)))


def source_of(settings: ToySettings) -> ToySource:
    """The source that settings name."""
    if settings.source == "gaussian":
        target = Normal(settings.target_mean, settings.target_std)
        return GaussianToy(settings.block, target, not settings.codebook)
    return VectorToy() if settings.source == "vector" else BernoulliToy()
