"""Samples of a source and its label, functions of the seed alone.

    uniform of the seed ─► (s, x) by the joint law              normals of the seed ─► x, and s correlated with it

Streams of their own: independent of the maps and the dither that a code draws from the same seed.
"""

from dataclasses import dataclass

import numpy as np

from crosscodec.randomness import draw_normal, draw_uniform
from crosscodec.simulate.codes import Samples
from crosscodec.theory import GaussianTransport
from crosscodec.theory.arguments import Array

SOURCE_STREAM = "simulate/source"
LABEL_STREAM = "simulate/label"


@dataclass(frozen=True, eq=False)
class LabelledSamples:
    """Labels and source symbols, (n,) each."""

    label: Samples
    source: Samples


def draw_pairs(joint: Array, seed: int, count: int) -> LabelledSamples:
    """Independent pairs of the law P(s, x), shape (|S|, |X|); int32."""
    ends = np.cumsum(joint.ravel())
    uniform = draw_uniform(seed, SOURCE_STREAM, 0, count) * ends[-1]
    pairs = np.searchsorted(ends[:-1], uniform, side="right")
    label, source = np.divmod(pairs, joint.shape[1])
    return LabelledSamples(label.astype(np.int32), source.astype(np.int32))


def draw_normals(problem: GaussianTransport, seed: int, count: int) -> LabelledSamples:
    """Independent pairs of jointly normal source and label; float64. The label's mean is 0."""
    r, spread = float(np.asarray(problem.label_correlation)), float(np.asarray(problem.label_std))
    source = draw_normal(seed, SOURCE_STREAM, 0, count)
    noise = draw_normal(seed, LABEL_STREAM, 0, count)
    label = spread * (r * source + np.sqrt(max(1 - r * r, 0.0)) * noise)
    return LabelledSamples(label, np.asarray(problem.source.mean) + np.asarray(problem.source.std) * source)
