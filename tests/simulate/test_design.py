"""The design of a dithered code: the rate that was asked, and the output that is then best."""

import math

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.simulate.design import (
    DitherDesign,
    cell_masses,
    gaussian_code_design,
    law_of,
    rate_of,
    step_for_rate,
)
from crosscodec.simulate.quantisers import CELLS
from crosscodec.theory import GaussianTransport, Normal

SAME = GaussianTransport(Normal(0, 1), Normal(0, 1))
ACROSS = GaussianTransport(Normal(0.2, 2), Normal(1, 1.5), 0.7)


def excess(design, problem, rate, perception=0.0, divergence="w2"):
    return rate - problem.rate(design.distortion, math.inf, perception, divergence).value


@pytest.mark.parametrize(
    ("quantiser", "rate", "most"),
    [
        *[("scalar", rate, 0.2547) for rate in (0.5, 0.75, 1, 2, 3, 4, 6)],
        ("scalar", 0.05, 0.05),
        ("trellis", 0.2, 0.12),
        ("trellis", 0.5, 0.047),
        *[("trellis", rate, 0.0332) for rate in (1, 2, 3, 4, 6)],
    ],
)
@pytest.mark.parametrize(
    ("problem", "perception", "divergence"),
    [(SAME, 0.0, "w2"), (ACROSS, 0.0, "w2"), (ACROSS, 0.3, "w2"), (ACROSS, 0.2, "kl"), (ACROSS, math.inf, "w2")],
)
def test_the_loss_is_known_before_a_symbol_is_coded(quantiser, rate, most, problem, perception, divergence):
    design = gaussian_code_design(problem, rate, math.inf, perception, divergence, quantiser)
    assert design.rate.bits == pytest.approx(rate, abs=1e-6)
    assert 0 < excess(design, problem, rate, perception, divergence) < most
    law = Normal(design.output_mean, design.output_std)
    away = problem.distortion(rate, math.inf, perception, divergence).plan
    moved = type(away)(*(np.asarray(x) for x in (0.2, 2.0, 0.7, 1.0, law.mean, law.std, 0.5)))
    assert moved.divergence(problem.target, divergence) <= perception + 1e-9


def test_scalar_loses_the_shape_of_a_cube_at_high_rate():
    found = gaussian_code_design(SAME, 6.0)
    assert excess(found, SAME, 6.0) == pytest.approx(0.5 * math.log2(2 * math.pi * math.e / 12), abs=1e-4)
    assert found.step == pytest.approx(math.sqrt(2 * math.pi * math.e) / 2**6, rel=1e-3)


@pytest.mark.parametrize("quantiser", ["scalar", "trellis"])
def test_masses_are_one_law_cut_in_cells(quantiser):
    step = step_for_rate(2.0, quantiser)
    masses = cell_masses(law_of(step, quantiser), step)
    assert masses.shape[0] == CELLS
    assert masses.sum() == pytest.approx(1, abs=1e-12)
    assert np.allclose(masses, masses[::-1, ::-1])
    # The dither makes every place of a reconstruction equally likely; those of the trellis, at low rates, not.
    assert masses.sum(axis=1) == pytest.approx(np.full(CELLS, 1 / CELLS), rel=1e-9 if quantiser == "scalar" else 1e-6)


def test_the_rate_is_an_entropy():
    masses = np.array([[0.25, 0.25], [0.5, 0.0]])
    assert rate_of(masses).bits == pytest.approx(0.5)
    assert rate_of(masses).spread == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"rate": 7.0}, "0.01 to 6 bits, not 7"),
        ({"rate": 0.0}, "0.01 to 6 bits"),
        ({"rate": 0.1, "quantiser": "trellis"}, "0.2 to 6 bits"),
        ({"rate": 1.0, "quantiser": "lattice"}, "must be one of scalar, trellis"),
        ({"rate": 1.0, "label_entropy": -3.0}, "classification limit"),
        ({"rate": 1.0, "divergence": "tv"}, "divergence"),
    ],
)
def test_mistakes_are_named(arguments, words):
    with pytest.raises(UsageError, match=words):
        gaussian_code_design(ACROSS, **arguments)


def test_a_design_needs_spread():
    with pytest.raises(UsageError, match="source_std of a dithered code must be finite and above 0, got 0"):
        DitherDesign(0.0, 0.0, 0.0, 1.0, 1.0, "scalar")
    with pytest.raises(UsageError, match="output_mean of a dithered code must be finite, got inf"):
        DitherDesign(0.0, 1.0, math.inf, 1.0, 1.0, "scalar")
    with pytest.raises(UsageError, match="scalar laws"):
        gaussian_code_design(GaussianTransport(Normal([0, 1], 1), Normal(0, 1)), 1.0)
