"""The dithered code of a Gaussian trade-off: which step gives the rate, and which output law is then best.

    rate ─► step (one root) ─► law of z + error ─► correlation of X and T(V) ─► output law, as theory has it there

Theory's own plan is made for its correlation at that rate. A code of finite complexity has less, and the output nearest
to what it has, inside the perception ball, is again theory's answer, at the rate of the smaller correlation.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crosscodec.errors import UsageError
from crosscodec.simulate.noisylaw import Floats, NoisyNormal, NormalMap
from crosscodec.simulate.quantisers import CELLS, Quantiser, ScalarQuantiser
from crosscodec.simulate.trellis import TrellisQuantiser
from crosscodec.theory import GaussianTransport
from crosscodec.theory.gaussian.plan import gaussian_rate
from crosscodec.theory.roots import bracketed_root

QUANTISERS: dict[str, Quantiser] = {"scalar": ScalarQuantiser(), "trellis": TrellisQuantiser()}
# Rates in bits. The trellis is coded without memory, which costs more the more its error prevails: below 0.15 bit it
# cannot go at all. Above 6 bits tables become long and the coder slow.
RATES = {"scalar": (0.01, 6.0), "trellis": (0.2, 6.0)}


@dataclass(frozen=True)
class DitherDesign:
    """Laws and step of a code: means, standard deviations > 0, step in standard deviations of the source."""

    source_mean: float
    source_std: float
    output_mean: float
    output_std: float
    step: float
    quantiser: str

    def __post_init__(self) -> None:
        for name in ("source_mean", "output_mean", "source_std", "output_std", "step"):
            value = getattr(self, name)
            positive = not name.endswith("mean")
            if not math.isfinite(value) or (positive and value <= 0):
                wanted = "finite and above 0" if positive else "finite"
                raise UsageError(f"{name} of a dithered code must be {wanted}, got {value:.6g}")
        if self.quantiser not in QUANTISERS:
            raise UsageError(f"the quantiser must be one of {', '.join(QUANTISERS)}, not {self.quantiser!r}")

    @cached_property
    def law(self) -> NoisyNormal:
        """Law of what the decoder reads, in standard deviations of the source."""
        return law_of(self.step, self.quantiser)

    @cached_property
    def normal_map(self) -> NormalMap:
        """T, and the correlation of source and output."""
        return self.law.normal_map()

    @property
    def distortion(self) -> float:
        """E (X - Y)^2, computed from the law."""
        s, t = self.source_std, self.output_std
        return (self.source_mean - self.output_mean) ** 2 + s * s + t * t - 2 * s * t * self.normal_map.correlation

    @cached_property
    def rate(self) -> "TableRate":
        """Bits a symbol, computed from the law."""
        return rate_of(cell_masses(self.law, self.step))


@dataclass(frozen=True)
class TableRate:
    """Mean bits of a symbol, and the standard deviation of one symbol's bits."""

    bits: float
    spread: float


def gaussian_code_design(
    problem: GaussianTransport,
    rate: float,
    label_entropy: float = math.inf,
    perception: float = 0.0,
    divergence: str = "w2",
    quantiser: str = "scalar",
) -> DitherDesign:
    """The design that spends `rate` bits a symbol on the trade-off of section 3.

    The output is normal, with the perception limit kept exactly. Arguments are those of `GaussianTransport.distortion`,
    all scalar. Raises UsageError for limits that cannot be met, laws of no spread, and rates outside `RATES`.
    """
    if quantiser not in QUANTISERS:
        raise UsageError(f"the quantiser must be one of {', '.join(QUANTISERS)}, not {quantiser!r}")
    lowest, highest = RATES[quantiser]
    if not lowest <= rate <= highest:
        raise UsageError(f"a {quantiser} code has a rate of {lowest:g} to {highest:g} bits, not {rate:g}")
    possible = problem.distortion(rate, label_entropy, perception, divergence)
    if not isinstance(possible.value, float):
        raise UsageError("a code belongs to one point: give scalar laws and limits")
    if not possible.feasible:
        raise UsageError(f"no code meets these limits: {possible.reason}")
    step = step_for_rate(rate, quantiser)
    correlation = np.asarray(law_of(step, quantiser).normal_map().correlation)
    best = problem.distortion(gaussian_rate(correlation), math.inf, perception, divergence).plan
    source = (float(best.source_mean), float(best.source_std))
    return DitherDesign(*source, float(best.mean), float(best.std), step, quantiser)


def law_of(step: float, quantiser: str) -> NoisyNormal:
    """The law of a standard normal and the error of a quantiser of this step."""
    error = QUANTISERS[quantiser]
    return NoisyNormal(error.edges * step, error.masses)


def cell_masses(law: NoisyNormal, step: float) -> Floats:
    """P(integer k, cell of w), shape (CELLS, 2 K), columns k = -K … K-1.

    Differences of the law at 64 places a step; the positive half mirrors the negative one, w to 1 - w.
    """
    steps = math.ceil(law.reach / step)
    ends = law.below(np.arange(CELLS * steps + 1, dtype=np.float64) * (-step / CELLS))
    below = -np.diff(ends).reshape(steps, CELLS)  # [a, b]: the b-th cell under step -a
    return np.concatenate([below[::-1, ::-1], below]).T


def rate_of(masses: Floats) -> TableRate:
    """What the integers cost given their cells, by tables that are their laws: H(k | cell).

    Equal to the information between source and reconstruction but for the width of the cells (Zamir & Feder 1992).
    """
    shares = masses / masses.sum(axis=1, keepdims=True)
    bits = -np.log2(np.maximum(shares, np.finfo(np.float64).tiny))
    mean = float((masses * bits).sum() / masses.sum())
    return TableRate(mean, math.sqrt(max(float((masses * (bits - mean) ** 2).sum() / masses.sum()), 0.0)))


def step_for_rate(rate: float, quantiser: str) -> float:
    """The step at which the tables give `rate` bits: a root in the logarithm, where the rate is nearly a line."""

    def excess(exponents: Floats) -> Floats:
        steps = (2.0**exponents).tolist()
        return np.array([rate_of(cell_masses(law_of(step, quantiser), step)).bits - rate for step in steps])

    low, high = np.array([1.0 - rate, 10.0 - rate])
    return float(2.0 ** bracketed_root(excess, low, high, width=1e-9))
