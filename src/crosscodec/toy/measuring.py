"""What a toy codec's files cost and what came out of them, beside the limits that no code passes.

    blocks, labels, outputs ─┐
    bits of the payload ─────┴─► ToyPoint of a decoder ─► rows: theory, measured, standard error, verdict

Every number is a mean over independent symbols, and its standard error comes from the means of a hundred parts. A point
below its limit by more than three of them `beats the bound`: a fault in theory, in the code or in the measuring.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from crosscodec.simulate.rows import OK, Row, bound_row
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.gaussian.plan import normal_entropy
from crosscodec.toy.sources import Drawn, Floats, NormalLaw, ToySource, least_label_entropy

PARTS = 100  # that standard errors are taken from
_STEP = 1e-4  # of a numerical slope, relative


@dataclass(frozen=True, eq=False)
class Spent:
    """Bits a symbol: the model's estimate, payload, whole file; and the estimate of each of the `PARTS` parts."""

    model: float
    payload: float
    file: float
    parts: Floats

    @property
    def error(self) -> float:
        """Standard error of the rate."""
        return standard_error(self.parts)


@dataclass(frozen=True, eq=False)
class ToyPoint:
    """One decoder of a toy run, all numbers a symbol: three rates, distortion, and what theory has at that payload.

    `bound` is the least distortion at that rate of any output with the mean and covariance found, `gap_bits` what is
    spent beyond the least rate for that distortion, `gap_db` the distortion over the bound. `bound_owed` is the bound
    for the law owed, exactly, and `law_distance` the squared Wasserstein distance of the outputs to it along its axes,
    None where no law is owed. `label_entropy` is an upper estimate of the entropy of the label given the output, None
    where the source has no label.
    """

    decoder: str
    symbols: int
    bits_model: float
    bits_payload: float
    bits_file: float
    bits_error: float
    distortion: float
    distortion_error: float
    bound: float
    bound_owed: float
    gap_bits: float
    gap_error: float
    law_distance: float | None
    label_entropy: float | None
    label_error: float | None
    label_bound: float | None
    rows: tuple[Row, ...]

    @property
    def gap_db(self) -> float:
        """Distortion over the bound, in decibels."""
        return 10 * math.log10(self.distortion / self.bound)

    @property
    def complaints(self) -> tuple[str, ...]:
        """A sentence for each row that is on the wrong side of a bound."""
        return tuple(f"{self.decoder}: {row.sentence}" for row in self.rows if row.verdict != OK)


def measure_point(source: ToySource, decoder: str, drawn: Drawn, output: Floats, spent: Spent) -> ToyPoint:
    """The point of a decoder whose outputs (N,d) belong to the blocks drawn."""
    each = _distortions(source, drawn.blocks, output)
    parts = part_means(each)
    distortion = float(each.mean())
    limit, rate = source.limit_of(decoder, output), spent.payload
    bound, gap = limit.distortion(rate), rate - limit.rate(distortion)
    # Errors of rate and distortion are taken together: both come from the same symbols.
    above_error = standard_error(parts - _slope(limit.distortion, rate) * spent.parts)
    gap_error = standard_error(spent.parts - _slope(limit.rate, distortion) * parts)
    rows = [
        bound_row("distortion, against the bound at this rate", bound, distortion, above_error),
        bound_row("excess rate at this distortion [bit]", 0.0, gap, gap_error),
    ]
    label = _label(source, drawn, output, rate)
    law = source.owed[decoder]
    return ToyPoint(
        decoder,
        each.size * source.symbols,
        spent.model,
        rate,
        spent.file,
        spent.error,
        distortion,
        standard_error(parts),
        bound,
        source.limit(decoder).distortion(rate),
        gap,
        gap_error,
        None if law is None else law_distance(output, law),
        None if label is None else label.measured,
        None if label is None else label.standard_error,
        None if label is None else label.theory,
        tuple(rows if label is None else [*rows, label]),
    )


def part_means(each: Floats) -> Floats:
    """Means of `PARTS` parts of equal length, the rest left out."""
    length = each.size // PARTS
    return np.asarray(each[: length * PARTS].reshape(PARTS, length).mean(axis=1))


def standard_error(parts: Floats) -> float:
    """Of the mean of independent parts."""
    return float(parts.std(ddof=1) / math.sqrt(parts.size))


def law_distance(output: Floats, law: NormalLaw) -> float:
    """Squared W2 of outputs (N,d) to a normal law along its principal axes, a number of the block.

    In one dimension the distance pairs sorted numbers with quantiles; over the axes of a vector it is a lower bound.
    """
    variances, axes = np.linalg.eigh(law.cov)
    found = np.sort((output - law.mean) @ axes, axis=0)
    quantiles = ndtri((np.arange(len(output)) + 0.5) / len(output))[:, np.newaxis] * np.sqrt(variances)
    return float(np.square(found - quantiles).mean())


def _distortions(source: ToySource, blocks: Floats, output: Floats) -> Floats:
    """Squared error of each block a symbol, (N,); of bits the share of wrong ones."""
    return np.asarray(np.square(blocks - output).sum(axis=1) / source.symbols)


def _slope(function: Callable[[float], float], at: float) -> float:
    """The derivative of one side of a `Limit`, by differences."""
    step = _STEP * max(at, 1e-3)
    before = max(at - step, 0.0)
    rise = function(at + step) - function(before)
    # Where no rate is enough there is no slope either; such a point is beyond the bound whatever its error.
    return rise / (at + step - before) if math.isfinite(rise) else 0.0


def _label(source: ToySource, drawn: Drawn, output: Floats, rate: float) -> Row | None:
    """An upper estimate of the label's entropy given the output, a symbol, beside the least that this rate allows."""
    if drawn.labels is None:
        return None
    least, labels, guesses = least_label_entropy(source, rate), drawn.labels.ravel(), output.ravel()
    if set(np.unique(labels)) <= {0.0, 1.0}:
        bits = _plug_in_bits(labels, guesses)
        measured, error = float(bits.mean()), standard_error(part_means(bits))
    else:
        # h(S|Y) is at most that of a normal law with the same correlation.
        correlation = float(np.corrcoef(labels, guesses)[0, 1])
        measured = float(normal_entropy(labels.std() * np.sqrt(1 - correlation**2)))
        error = LOG2_E / math.sqrt(2 * labels.size)
    return bound_row("label entropy given the output, at most [bit]", least, measured, error)


def _plug_in_bits(labels: Floats, guesses: Floats) -> Floats:
    """-log2 P(s|y) of each pair of bits, P from the counts of all of them."""
    counts = np.bincount((2 * guesses + labels).astype(np.int64), minlength=4).reshape(2, 2).astype(np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.asarray(-np.log2(shares[guesses.astype(np.int64), labels.astype(np.int64)]))
