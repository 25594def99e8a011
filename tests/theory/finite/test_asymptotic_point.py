"""Asymptotic points: active limits, reasons, honesty about certificates."""

import numpy as np
import pytest

from crosscodec.theory import FiniteTransport

from .test_program import random_problem


def transport(target=True):
    problem = random_problem(2, 2, 4, 3)
    return FiniteTransport(problem.joint, problem.target if target else None, problem.cost)


def test_active_limits():
    finite, options = transport(), {"setting": "asymptotic"}
    assert finite.distortion(0.2, **options).binding == "rate"
    assert finite.distortion(9.0, **options).binding == "transport"
    assert finite.distortion(0.2, perception=0.05, **options).binding == "perception"
    assert transport(False).distortion(9.0, **options).binding == "none"
    assert finite.rate(9.0, **options).binding == "none"
    assert finite.rate(finite.distortion(0.2, **options).value, **options).binding == "distortion"


def test_reasons_give_the_least_possible():
    finite = transport()
    least = finite.distortion(9.0, setting="asymptotic").value
    tight = finite.rate(least - 0.01, setting="asymptotic")
    assert not tight.feasible
    assert f"below the least possible {least:.6g}" in tight.reason
    loose = finite.distortion(9.0, perception=0.1, setting="asymptotic").value
    tight = finite.rate(loose - 0.01, perception=0.1, setting="asymptotic")
    assert f"below the least possible {loose:.4g}" in tight.reason or not tight.feasible


def test_curve_is_convex_and_perception_only_helps():
    finite = transport()
    rates = np.linspace(0, 1.5, 16)
    exact = finite.distortion(rates, setting="asymptotic").value
    assert (np.diff(exact) <= 1e-10).all()
    assert (np.diff(exact, 2) >= -1e-7).all()
    eased = finite.distortion(0.3, perception=np.array([0.0, 0.05, 0.1, np.inf]), setting="asymptotic").value
    assert (np.diff(eased) <= 1e-7).all()
    assert eased[0] == pytest.approx(finite.distortion(0.3, setting="asymptotic").value)
