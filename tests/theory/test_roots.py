"""The vectorised bracketing root finder against scipy's scalar one."""

import numpy as np
from scipy.optimize import brentq

from crosscodec.theory.roots import bracketed_root


def cubic(x, a):
    return (x - a) ** 3 + 0.1 * (x - a)


def test_agrees_with_brent():
    a = np.random.default_rng(0).uniform(-1, 1, 500)
    ours = bracketed_root(cubic, np.full(500, -3.0), np.full(500, 2.0), a)
    truth = [brentq(cubic, -3, 2, args=(value,), xtol=1e-15) for value in a]
    assert np.abs(ours - truth).max() < 1e-14


def test_steep_and_flat_functions_converge():
    def steep(x, a):
        return np.exp(40 * x) - np.exp(40 * a)

    a = np.linspace(-0.9, 0.9, 50)
    assert np.abs(bracketed_root(steep, -np.ones(50), np.ones(50), a) - a).max() < 1e-13


def test_roots_at_ends_and_absent_roots_give_the_nearer_end():
    low, high = np.zeros(3), np.ones(3)
    offsets = np.array([0.0, 1.0, 2.0])
    assert bracketed_root(lambda x, c: x - c, low, high, offsets).tolist() == [0.0, 1.0, 1.0]


def test_shapes_are_kept():
    target = np.full((2, 3), 0.25)
    found = bracketed_root(lambda x, c: x * x - c, np.zeros((2, 3)), np.ones((2, 3)), target)
    assert found.shape == (2, 3)
    assert np.allclose(found, 0.5)


def test_more_elements_than_a_block():
    target = np.linspace(0.1, 0.9, 40_000).reshape(200, 200)
    found = bracketed_root(lambda x, c: x**3 - c, np.zeros(()), np.ones((200, 1)), target)
    assert np.abs(found - np.cbrt(target)).max() < 1e-14
