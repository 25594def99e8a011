"""Simulate a one-shot plan: its code in two processes, and rate, distortion, output law and label entropy measured.

plan ─► SharedSeedCode ─► two processes ─► (u, s, x, y) of every symbol ─► averages ─► rows
  └──► what each average should be, and its standard error
"""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from crosscodec.simulate.children import Exchange, exchange
from crosscodec.simulate.codes import Samples, empty_file
from crosscodec.simulate.keeping import keep_files
from crosscodec.simulate.maps import SharedSeedCode, as_mixture
from crosscodec.simulate.rows import TRUSTED, Report, Row, plan_row
from crosscodec.simulate.sources import LabelledSamples, draw_pairs
from crosscodec.simulate.strata import mean_variance
from crosscodec.theory.arguments import Array
from crosscodec.theory.bernoulli.plan import BinaryMixture
from crosscodec.theory.entropy import conditional_entropy
from crosscodec.theory.finite.problem import MapMixture, map_outputs

RATE_ALLOWANCE = 1e-3  # of the rate: what integer tables and the range coder may add
END_ALLOWANCE = 64  # bits: what the end of a payload may add


@dataclass(frozen=True, eq=False)
class Observed:
    """What happened at every symbol: number of the map, label, source, output, (n,) each; and the file."""

    drawn: NDArray[np.intp]
    samples: LabelledSamples
    output: Samples
    passed: Exchange

    @property
    def count(self) -> int:
        """Number of symbols n."""
        return self.output.size


def simulate_maps(
    plan: BinaryMixture | MapMixture, symbols: int, seed: int, title: str = "", keep: Path | None = None
) -> Report:
    """Code `symbols` samples of a plan's source by its `SharedSeedCode`, in two processes, and compare.

    Section 1 of the theory page. ``keep``: a folder for all files. Raises UsageError for an infeasible plan.
    """
    mixture = as_mixture(plan)
    code = SharedSeedCode(mixture, seed)
    samples = draw_pairs(mixture.problem.joint, seed, symbols)
    with tempfile.TemporaryDirectory(prefix="crosscodec-simulate-") as scratch:
        passed = exchange(empty_file(code), samples.source, keep or Path(scratch))
    seen = Observed(code.draw_maps(symbols), samples, passed.output, passed)
    book = MapMixture(mixture.problem, code.book.maps, code.book.weights / code.book.weights.sum())
    report = Report(title, (*_rows(mixture, book, seen),), _facts(book, seen))
    keep_files(keep, samples, report)
    return report


def _rows(plan: MapMixture, book: MapMixture, seen: Observed) -> list[Row]:
    """The rows; ``plan`` says what theory promises, ``book`` numbers the maps as the code does."""
    expected, problem, count = Expectation(book, seen.count), plan.problem, seen.count
    allowance = RATE_ALLOWANCE * plan.rate + END_ALLOWANCE / count
    rate_error = expected.error(_map_bits(book)[:, np.newaxis])
    rows = [plan_row("rate H(Y|U) [bit]", plan.rate, seen.passed.payload_bits / count, rate_error, True, allowance)]
    costs = problem.cost[np.arange(problem.inputs), book.maps]
    measured = float(problem.cost[seen.samples.source, seen.output].mean())
    rows.append(plan_row("distortion", plan.distortion, measured, expected.error(costs[:, np.newaxis]), True))
    laws = np.bincount(seen.output, minlength=problem.outputs) / count
    for y in range(1 if problem.outputs == 2 else 0, problem.outputs):
        error = expected.error((book.maps == y).astype(np.float64)[:, np.newaxis])
        rows.append(plan_row(f"P(Y={y})", float(plan.output[y]), float(laws[y]), error))
    return rows + (_label_rows(plan, book, seen, expected) if problem.joint.shape[0] > 1 else [])


def _label_rows(plan: MapMixture, book: MapMixture, seen: Observed, expected: "Expectation") -> list[Row]:
    """Label entropies, plug-in: of the counts as if they were the law."""
    labels, outputs, maps = plan.problem.joint.shape[0], plan.problem.outputs, book.maps.shape[0]
    cell = (seen.samples.label.astype(np.int64) * maps + seen.drawn) * outputs + seen.output
    counts = np.bincount(cell, minlength=labels * maps * outputs).reshape(labels, maps, outputs) / seen.count
    known, blind = conditional_entropy(counts.reshape(labels, -1)), conditional_entropy(counts.sum(axis=1))
    known_error = expected.error(_label_bits(book)) + _curvature((labels - 1) * maps * outputs, seen.count)
    blind_error = expected.error(_blind_label_bits(book)) + _curvature((labels - 1) * outputs, seen.count)
    return [
        plan_row("label entropy H(S|Y,U) [bit]", plan.label_entropy, known, known_error),
        plan_row("label entropy H(S|Y) [bit]", plan.label_entropy_without_randomness, blind, blind_error),
    ]


def _curvature(freedom: int, count: int) -> float:
    """A third of how far the curvature of the entropy takes a plug-in estimate, with probability 0.9973.

    chi-square of so many degrees of freedom over 2 n ln 2: what is left where the first order vanishes, as at H = 1.
    """
    return float(chdtri(freedom, 0.0027)) / (2 * count * math.log(2)) / TRUSTED


@dataclass(frozen=True, eq=False)
class Expectation:
    """Averages over `count` symbols of a code whose maps are drawn by stratified words: their standard errors."""

    book: MapMixture
    count: int

    def error(self, values: Array) -> float:
        """Standard error of the average of a function of map, label and input, (k, |S| or 1, |X|)."""
        joint = self.book.problem.joint
        spread = np.broadcast_to(values, (values.shape[0], *joint.shape))
        means = (spread * joint).sum(axis=(1, 2))
        within = self.book.weights @ ((spread - means[:, np.newaxis, np.newaxis]) ** 2 * joint).sum(axis=(1, 2))
        return float(np.sqrt(mean_variance(self.book.weights, means, float(within), self.count)))


def _map_bits(book: MapMixture) -> Array:
    """-log2 P(f(X) = f(x)) of each map and input, (k, |X|)."""
    return np.take_along_axis(_bits(map_outputs(book.problem, book.maps)), book.maps, axis=1)


def _label_bits(book: MapMixture) -> Array:
    """-log2 P(s | f(x)) of each map, label and input, (k, |S|, |X|)."""
    hits = (book.maps[:, :, np.newaxis] == np.arange(book.problem.outputs)).astype(np.float64)
    table = np.einsum("sx,kxy->ksy", book.problem.joint, hits)
    places = np.broadcast_to(book.maps[:, np.newaxis, :], (len(book.maps), *book.problem.joint.shape))
    return np.take_along_axis(_bits(_shares(table, axis=1)), places, axis=2)


def _blind_label_bits(book: MapMixture) -> Array:
    """-log2 P(s | y) at y = f(x), of each map, label and input, (k, |S|, |X|)."""
    posterior = _bits(_shares(book.problem.joint @ book.channel, axis=0))
    return np.asarray(posterior[:, book.maps].transpose(1, 0, 2))


def _shares(table: Array, axis: int) -> Array:
    mass = table.sum(axis=axis, keepdims=True)
    return np.asarray(table / np.where(mass > 0, mass, 1.0))


def _bits(probability: Array) -> Array:
    # What has probability 0 is never met, and its bits are multiplied by 0.
    return np.asarray(-np.log2(np.where(probability > 0, probability, 1.0)))


def _facts(book: MapMixture, seen: Observed) -> dict[str, float]:
    ideal = float(_map_bits(book)[seen.drawn, seen.samples.source].sum())
    return file_facts(seen.passed, seen.count) | {
        "ideal_bits_per_symbol": ideal / seen.count,
        "coder_overhead": seen.passed.payload_bits / ideal - 1 if ideal else 0.0,
    }


def file_facts(passed: Exchange, count: int) -> dict[str, float]:
    """Size of the file, bits a symbol of the whole of it, and seconds of both processes."""
    return {
        "symbols": count,
        "file_bytes": len(passed.data),
        "file_bits_per_symbol": 8 * len(passed.data) / count,
        "payload_bits_per_symbol": passed.payload_bits / count,
        "encode_seconds": passed.encode_seconds,
        "decode_seconds": passed.decode_seconds,
    }
