"""Simulate a vector Gaussian trade-off: a dithered code for each direction, measured against the bound of the vector.

rate ─► plan: correlations of the directions ─► VectorCode ─► two processes ─► (x, y) of every vector ─► rows
"""

import math
import tempfile
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from crosscodec.errors import UsageError
from crosscodec.randomness import draw_normal
from crosscodec.simulate.children import Exchange, exchange
from crosscodec.simulate.codes import empty_file
from crosscodec.simulate.discrete import END_ALLOWANCE, RATE_ALLOWANCE, file_facts
from crosscodec.simulate.gaussian import COARSE_RATE, MOST_EXCESS
from crosscodec.simulate.keeping import keep_files
from crosscodec.simulate.noisylaw import Floats
from crosscodec.simulate.rows import TRUSTED, Report, Row, bound_row, limit_row, plan_row
from crosscodec.simulate.sources import SOURCE_STREAM, LabelledSamples
from crosscodec.simulate.vectorcode import VectorCode, root
from crosscodec.theory import VectorGaussianTransport


def simulate_vector(
    problem: VectorGaussianTransport,
    rate: float,
    symbols: int,
    seed: int,
    quantiser: str = "scalar",
    title: str = "",
    keep: Path | None = None,
) -> Report:
    """Code `symbols` vectors at `rate` bits each, in two processes, and compare.

    Section 4 of the theory page. ``keep``: a folder for all files. Raises UsageError for rates that are not finite.
    """
    if not 0 <= rate < math.inf:
        raise UsageError(f"a code of vectors has a finite rate, not {rate}")
    code = VectorCode.of(problem, problem.distortion(rate).plan, seed, quantiser)
    dimension = code.source_mean.size
    normal = draw_normal(seed, SOURCE_STREAM, 0, (symbols, dimension))
    source = code.source_mean + normal @ root(np.asarray(problem.source_cov))
    with tempfile.TemporaryDirectory(prefix="crosscodec-simulate-") as scratch:
        passed = exchange(empty_file(code), source, keep or Path(scratch))
    rows = [*_rate_rows(problem, code, source, passed), *_law_rows(problem, passed.output)]
    report = Report(title, tuple(rows), file_facts(passed, symbols))
    keep_files(keep, LabelledSamples(np.empty(0), source), report)
    return report


def _rate_rows(problem: VectorGaussianTransport, code: VectorCode, source: Floats, passed: Exchange) -> list[Row]:
    count = len(source)
    spent = passed.payload_bits / count
    squared = ((source - passed.output) ** 2).sum(axis=1)
    measured, error = float(squared.mean()), float(squared.std() / math.sqrt(count))
    spread = math.sqrt(sum(part.design.rate.spread**2 for part in code.codes) / count)
    allowance = sum(RATE_ALLOWANCE * max(part.design.rate.bits, COARSE_RATE) for part in code.codes)
    slope = float(problem.rate(max(measured - error, 0.0)).value - problem.rate(measured + error).value) / 2
    excess, excess_error = spent - float(problem.rate(measured).value), math.hypot(slope, spread)
    most = MOST_EXCESS * len(code.codes) + TRUSTED * excess_error
    room = allowance + END_ALLOWANCE * len(code.codes) / count
    return [
        plan_row("rate [bit]", code.rate, spent, spread, allowance=room),
        bound_row(
            "distortion, against the bound at this rate", float(problem.distortion(spent).value), measured, error
        ),
        bound_row("excess rate at this distortion [bit]", 0.0, excess, excess_error, most),
    ]


def _law_rows(problem: VectorGaussianTransport, output: Floats) -> list[Row]:
    """Means and covariances of the output against the target's, the worst of each, in standard errors."""
    count, target, mean = len(output), np.asarray(problem.target_cov), np.asarray(problem.target_mean)
    variances = np.diag(target)
    errors = np.sqrt((np.outer(variances, variances) + target**2) / count)
    means = _worst(output.mean(axis=0) - mean, np.sqrt(variances / count))
    found = _worst(np.cov(output.T, bias=True).reshape(target.shape) - target, errors)
    limits = [_worst_expected(variances.size), _worst_expected(variances.size * (variances.size + 1) // 2)]
    return [
        limit_row("output mean, worst [standard errors]", 0.0, means, limits[0] / TRUSTED),
        limit_row("output covariance, worst [standard errors]", 0.0, found, limits[1] / TRUSTED),
    ]


def _worst(differences: Floats, errors: Floats) -> float:
    return float(np.max(np.abs(differences) / np.maximum(errors, 1e-9)))


def _worst_expected(entries: int) -> float:
    """What the largest of so many normal numbers exceeds with probability 0.0027 at most (Bonferroni)."""
    return float(-ndtri(0.0027 / 2 / entries))
