"""Simulate a Gaussian trade-off: its dithered code in two processes, measured against what is possible at its rate.

    rate ─► design ─► DitherCode ─► two processes ─► (s, x, y) of every symbol ─► distortion at measured rate ─► rows

The theory is asymptotic, so a code may not reach it: the row of the excess rate says how many bits it spends beyond
the least that its own distortion needs.
"""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from crosscodec.simulate.children import Exchange, exchange
from crosscodec.simulate.codes import empty_file
from crosscodec.simulate.design import DitherDesign, gaussian_code_design
from crosscodec.simulate.discrete import END_ALLOWANCE, RATE_ALLOWANCE, file_facts
from crosscodec.simulate.dithered import DitherCode
from crosscodec.simulate.keeping import keep_files
from crosscodec.simulate.noisylaw import Floats
from crosscodec.simulate.rows import TRUSTED, Report, Row, bound_row, limit_row, plan_row
from crosscodec.simulate.sources import LabelledSamples, draw_normals
from crosscodec.theory import GaussianTransport
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.gaussian.plan import normal_divergence, normal_entropy

SCALAR_LOSS = 0.5 * math.log2(2 * math.pi * math.e / 12)  # 0.2546 bit, what a scalar quantiser loses at most
MOST_EXCESS = 0.26  # the gate; the rest is room for the noise of a million symbols, and fewer need more
TRUSTED_RATE = 0.5  # bits; the gate of the excess begins here
COARSE_RATE = 0.25  # bits; below, the coder's loss is counted as at this rate
# Kolmogorov's statistic times sqrt(n) exceeds this with probability 0.0027, as a normal number 3 standard errors.
_KOLMOGOROV = 1.82


def simulate_gaussian(
    problem: GaussianTransport,
    rate: float,
    symbols: int,
    seed: int,
    label_entropy: float = math.inf,
    perception: float = 0.0,
    divergence: str = "w2",
    quantiser: str = "scalar",
    title: str = "",
    keep: Path | None = None,
) -> Report:
    """Code `symbols` samples of the source at `rate` bits each, in two processes, and compare.

    Section 3 of the theory page. ``keep``: a folder for all files. Raises UsageError as `gaussian_code_design` does.
    """
    design = gaussian_code_design(problem, rate, label_entropy, perception, divergence, quantiser)
    samples = draw_normals(problem, seed, symbols)
    with tempfile.TemporaryDirectory(prefix="crosscodec-simulate-") as scratch:
        passed = exchange(empty_file(DitherCode.of(design, seed)), samples.source, keep or Path(scratch))
    possible = Possible(problem, perception, divergence)
    rows = [*_rate_rows(possible, design, rate, samples, passed), *_law_rows(design, passed.output)]
    rows += [*_perception_rows(possible, passed.output), *_label_rows(possible, samples, passed, label_entropy)]
    report = Report(title, tuple(rows), file_facts(passed, symbols) | {"step": design.step * design.source_std})
    keep_files(keep, samples, report)
    return report


@dataclass(frozen=True, eq=False)
class Possible:
    """What theory allows under one perception limit."""

    problem: GaussianTransport
    perception: float
    divergence: str

    def distortion(self, rate: float) -> float:
        """The least distortion at this rate."""
        return float(self.problem.distortion(rate, math.inf, self.perception, self.divergence).value)

    def rate(self, distortion: float) -> float:
        """The least rate at this distortion."""
        return float(self.problem.rate(distortion, math.inf, self.perception, self.divergence).value)


def _rate_rows(
    possible: Possible, design: DitherDesign, asked: float, samples: LabelledSamples, passed: Exchange
) -> list[Row]:
    count, spent = passed.output.size, passed.payload_bits / passed.output.size
    squared = (samples.source - passed.output) ** 2
    measured, error = float(squared.mean()), float(squared.std() / math.sqrt(count))
    allowance = RATE_ALLOWANCE * max(asked, COARSE_RATE) + END_ALLOWANCE / count
    rate_error = design.rate.spread / math.sqrt(count)
    slope = (possible.rate(max(measured - error, 0.0)) - possible.rate(measured + error)) / 2
    excess_error = math.hypot(slope, rate_error)
    most = max(MOST_EXCESS, SCALAR_LOSS + TRUSTED * excess_error) if asked >= TRUSTED_RATE else math.inf
    return [
        plan_row("rate [bit]", asked, spent, rate_error, allowance=allowance),
        bound_row("distortion, against the bound at this rate", possible.distortion(spent), measured, error),
        plan_row("distortion, against the code's law", design.distortion, measured, error),
        bound_row("excess rate at this distortion [bit]", 0.0, spent - possible.rate(measured), excess_error, most),
    ]


def _law_rows(design: DitherDesign, output: Floats) -> list[Row]:
    """Is the output normal, with the mean and the standard deviation that the code promises?"""
    count, mean, std = output.size, design.output_mean, design.output_std
    levels = ndtr((np.sort(output) - mean) / std)
    distance = float(np.abs(levels - (np.arange(count) + 0.5) / count).max()) + 0.5 / count
    return [
        plan_row("output mean", mean, float(output.mean()), std / math.sqrt(count)),
        plan_row("output standard deviation", std, float(output.std()), std / math.sqrt(2 * count)),
        limit_row("output law, Kolmogorov's distance", 0.0, distance, _KOLMOGOROV / TRUSTED / math.sqrt(count)),
    ]


def _perception_rows(possible: Possible, output: Floats) -> list[Row]:
    """The divergence of the normal law with the measured mean and standard deviation; none where the law is exact."""
    if not 0 < possible.perception < math.inf:
        return []
    count, target = output.size, possible.problem.target
    m, s, m0, s0 = (
        float(output.mean()),
        float(output.std()),
        float(np.asarray(target.mean)),
        float(np.asarray(target.std)),
    )
    if possible.divergence == "w2":
        found, by_mean, by_std = (m - m0) ** 2 + (s - s0) ** 2, 2 * (m - m0), 2 * (s - s0)
    else:
        found = float(normal_divergence(*map(np.asarray, (m, s, m0, s0))))
        by_mean, by_std = LOG2_E * (m - m0) / s0**2, LOG2_E * (s / s0**2 - 1 / s)
    error = math.hypot(by_mean * s, by_std * s / math.sqrt(2)) / math.sqrt(count)
    return [limit_row(f"perception ({possible.divergence})", possible.perception, found, error)]


def _label_rows(possible: Possible, samples: LabelledSamples, passed: Exchange, limit: float) -> list[Row]:
    """h(S|Y) is at most that of a normal law with the same correlation, which is what is measured."""
    if not np.asarray(possible.problem.label_correlation).any():
        return []
    count = passed.output.size
    correlation = float(np.corrcoef(samples.label, passed.output)[0, 1])
    measured = float(normal_entropy(samples.label.std() * np.sqrt(1 - correlation**2)))
    least = float(possible.problem.least_label_entropy(passed.payload_bits / count))
    error = LOG2_E / math.sqrt(2 * count)
    return [bound_row("label entropy h(S|Y), at most [bit]", least, measured, error, limit + TRUSTED * error)]
