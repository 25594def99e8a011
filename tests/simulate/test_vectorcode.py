"""Codes of vectors: directions apart, one file."""

import numpy as np
import pytest

from crosscodec.errors import CorruptData, UsageError
from crosscodec.randomness import draw_normal
from crosscodec.simulate.codes import decode_file, empty_file
from crosscodec.simulate.container import VECTOR, SimulatedFile
from crosscodec.simulate.vectorcode import VectorCode, parts_of, root
from crosscodec.theory import VectorGaussianTransport

SOURCE = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 0.3]])
TARGET = np.array([[1.0, 0.0, 0.3], [0.0, 2.0, 0.1], [0.3, 0.1, 0.8]])
PROBLEM = VectorGaussianTransport([0, 1, 2], SOURCE, [1, 0, 0], TARGET)


def code_at(rate, problem=PROBLEM, quantiser="scalar"):
    return VectorCode.of(problem, problem.distortion(rate).plan, 3, quantiser)


def test_analysis_whitens_and_synthesis_colours():
    code = code_at(3.0)
    assert np.allclose(code.analysis @ SOURCE @ code.analysis.T, np.eye(3))
    assert np.allclose(code.synthesis @ code.synthesis.T, TARGET)
    plan = PROBLEM.distortion(3.0).plan
    across = np.linalg.inv(code.analysis) @ np.diag(plan.correlations) @ code.synthesis.T
    assert np.allclose(across, plan.cross_cov)


@pytest.mark.parametrize("rate", [0.0, 0.3, 2.0, 5.0])
def test_rates_of_the_directions_sum_to_the_rate(rate):
    code = code_at(rate)
    assert code.rate == pytest.approx(rate, abs=0.02)
    assert len(code.codes) <= 3


def test_vectors_read_back_by_the_file_alone():
    code, source = code_at(9.0), draw_normal(1, "x", 0, (5000, 3)) @ root(SOURCE) + [0, 1, 2]
    output = decode_file(code.encode(source))
    transport = (source - [0, 1, 2]) @ code.analysis.T @ code.synthesis.T + [1, 0, 0]
    assert output.shape == (5000, 3)
    assert ((output - transport) ** 2).mean() < 0.1 * ((output - output.mean(axis=0)) ** 2).mean()


def test_a_degenerate_source_has_idle_directions():
    problem = VectorGaussianTransport([0, 0], [[1, 1], [1, 1]], [0, 0], np.eye(2))
    code = code_at(2.0, problem)
    assert len(code.codes) == 1
    output = decode_file(code.encode(draw_normal(1, "x", 0, (20_000, 1)) @ np.ones((1, 2))))
    assert np.abs(np.cov(output.T) - np.eye(2)).max() < 0.05


def test_shapes_and_rates_that_cannot_be():
    with pytest.raises(UsageError, match=r"shape \(n, 3\)"):
        code_at(1.0).encode(np.zeros((4, 2)))
    with pytest.raises(UsageError, match="a direction needs"):
        code_at(40.0)


def test_heads_that_do_not_fit_are_refused():
    file = SimulatedFile.from_bytes(code_at(3.0).encode(np.zeros((10, 3))))
    assert [part.symbols for part in parts_of(file)] == [10] * len(code_at(3.0).codes)
    for head, symbols, payload in (
        (file.head, 11, file.payload),
        (file.head, 10, file.payload + b"x"),
        (file.head + b"\0", 10, file.payload),
        (file.head[:9] + b"\xff" * 8 + file.head[17:], 10, file.payload),
        (file.head[:20], 10, file.payload),
    ):
        with pytest.raises(CorruptData):
            decode_file(SimulatedFile(VECTOR, head, symbols, 0, payload).to_bytes())


def test_the_empty_file_is_the_code():
    again = VectorCode.from_file(SimulatedFile.from_bytes(empty_file(code_at(3.0))))
    assert np.array_equal(again.synthesis, code_at(3.0).synthesis)
