"""Whether law and curvature of a ball's least mean are the derivatives of its height."""

import numpy as np
import pytest


def assert_derivatives(at, g):
    """`at` gives the least mean at potentials like g (6,)."""
    steps = 1e-5 * np.eye(6)
    slopes = [(at(g + step).height - at(g - step).height) / 2e-5 for step in steps]
    bends = [(at(g - step).law - at(g + step).law) / 2e-5 for step in steps]
    assert at(g).law == pytest.approx(slopes, abs=1e-8)
    assert at(g).curvature == pytest.approx(np.array(bends), abs=1e-7)
