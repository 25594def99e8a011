import numpy as np
import pytest

from crosscodec.codec.mirrored import ACROSS, DOWN, Mirrored, passes_of

# A block transform of 2 x 2 pixels: mean, slope across, slope down, twist.
BASIS = np.array([[[1, 1], [1, 1]], [[1, -1], [1, -1]], [[1, 1], [-1, -1]], [[1, -1], [-1, 1]]], np.float32) / 2
PARITIES = np.array([0, ACROSS, DOWN, ACROSS + DOWN])


def analyse(pictures):
    blocks = pictures[:, 0].reshape(len(pictures), pictures.shape[2] // 2, 2, pictures.shape[3] // 2, 2)
    return np.einsum("nikjl,ckl->ncij", blocks, BASIS).astype(np.float32)


def synthesise(values):
    blocks = np.einsum("ncij,ckl->nikjl", values[:, :4], BASIS)
    n, rows, _, columns, _ = blocks.shape
    return blocks.reshape(n, 1, 2 * rows, 2 * columns).astype(np.float32)


@pytest.fixture
def pictures():
    return np.random.default_rng(0).normal(size=(2, 1, 6, 8)).astype(np.float32)


@pytest.mark.parametrize("passes", [1, 2, 4])
def test_what_treats_mirrored_pictures_alike_stays_as_it_is(pictures, passes):
    values = analyse(pictures)
    encoder = Mirrored(analyse, PARITIES, passes, encodes=True)
    decoder = Mirrored(synthesise, PARITIES, passes, encodes=False)
    np.testing.assert_allclose(encoder(pictures), values, atol=1e-6)
    np.testing.assert_allclose(decoder(values), pictures, atol=1e-6)


def test_planes_behind_the_coefficients_have_no_sign(pictures):
    def told(values):
        return synthesise(values) + values[:, 4:5, :1, :1]

    values = np.concatenate([analyse(pictures), np.full((2, 1, 3, 4), 0.5, np.float32)], axis=1)
    np.testing.assert_allclose(Mirrored(told, PARITIES, 4, encodes=False)(values), told(values), atol=1e-6)


def test_what_does_not_is_averaged_over_its_mirrored_selves(pictures):
    """An error that leans to one side is gone in the mean; every pass is asked once."""
    asked = []

    def leaning(pictures):
        asked.append(pictures)
        drift = np.zeros_like(analyse(pictures))
        drift[:, 1, :, 0] = 1.0  # a slope at the left edge
        return analyse(pictures) + drift

    found = Mirrored(leaning, PARITIES, 2, encodes=True)(pictures) - analyse(pictures)
    np.testing.assert_allclose(found[:, 1, :, 0], 0.5, atol=1e-6)
    np.testing.assert_allclose(found[:, 1, :, -1], -0.5, atol=1e-6)
    assert len(asked) == 2
    np.testing.assert_array_equal(asked[1], pictures[:, :, :, ::-1])
    asked.clear()
    Mirrored(leaning, PARITIES, 4, encodes=True)(pictures)
    np.testing.assert_array_equal(asked[2], pictures[:, :, ::-1])
    np.testing.assert_array_equal(asked[3], pictures[:, :, ::-1, ::-1])


def test_names():
    assert passes_of("best") == ("best", 1)
    assert passes_of("best-x4") == ("best", 4)
    assert passes_of("fidelity-x2") == ("fidelity", 2)
    assert passes_of("best-x8") == ("best-x8", 1)
    assert passes_of("-x4") == ("-x4", 1)
