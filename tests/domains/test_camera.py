"""A camera without noise: curves that are inverses, one colour a photosite, and pictures that come back."""

import numpy as np
import pytest

from crosscodec.domains.camera import GAINS, PLAIN, SHARP, developed, light, measured, sites, srgb, through_jpeg

VALUES = np.linspace(0, 1, 257)


def smooth(height=40, width=36):
    rows, columns = np.mgrid[:height, :width] / 40
    return np.stack([0.2 + 0.5 * rows, 0.6 - 0.3 * columns, 0.3 + 0.2 * rows * columns], axis=2)


def test_light_and_srgb_are_inverses_and_known_values():
    np.testing.assert_allclose(srgb(light(VALUES)), VALUES, atol=1e-6)
    assert light(np.array([0.5]))[0] == pytest.approx(0.2140411)
    assert (np.diff(light(VALUES)) > 0).all()
    assert srgb(np.array([-1.0, 2.0])).tolist() == [0.0, pytest.approx(1.0)]


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 8)])
def test_every_photosite_measures_one_colour(height, width):
    colours = sites(height, width)
    assert (colours.sum(axis=0) == 1).all()
    assert colours[0, 0, 0]
    raw = measured(np.ones((height, width, 3)))
    for colour, gain in enumerate(GAINS):
        np.testing.assert_allclose(raw[colours[colour]], 1 / gain)


@pytest.mark.parametrize(("first", "pattern"), [((0, 0), "RGGB"), ((0, 1), "GRBG"), ((1, 0), "GBRG"), ((1, 1), "BGGR")])
def test_the_mosaic_begins_anywhere(first, pattern):
    colours = sites(4, 6, first)
    assert "".join("RGB"[int(np.argmax(colours[:, row, column]))] for row in (0, 1) for column in (0, 1)) == pattern
    picture = np.random.default_rng(0).random((14, 16, 3))
    down, right = first
    whole = developed(measured(picture))
    part = developed(measured(picture[down:, right:], first), first=first)
    np.testing.assert_allclose(part[3:-3, 3:-3], whole[down:, right:][3:-3, 3:-3])


@pytest.mark.parametrize("kernels", [PLAIN, SHARP])
def test_interpolation_weighs_to_one_and_returns_smooth_pictures(kernels):
    for kernel in kernels:
        assert np.sum(kernel) == pytest.approx(8)
    picture = smooth()
    found = developed(measured(picture), kernels)
    np.testing.assert_allclose(found[2:-2, 2:-2], picture[2:-2, 2:-2], atol=0.02)


def test_what_was_measured_is_kept():
    picture = np.random.default_rng(0).random((12, 14, 3))
    found, colours = developed(measured(picture)), sites(12, 14).transpose(1, 2, 0)
    np.testing.assert_allclose(found[colours], picture[colours])


def test_the_sharper_interpolation_loses_less_of_edges():
    picture = np.ones((40, 40, 3)) * 0.2
    picture[:, 19:] = 0.7
    plain, sharp = (np.square(developed(measured(picture), kernels) - picture).mean() for kernels in (PLAIN, SHARP))
    assert sharp < 0.8 * plain


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (3, 2)])
def test_the_smallest_pictures_have_neighbours_by_mirroring(shape):
    assert developed(measured(np.full((*shape, 3), 0.5))).shape == (*shape, 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_keeps_the_shape_and_loses_more_at_lower_quality(channels):
    pixels = np.rint(255 * smooth()[:, :, :channels]).astype(np.uint8)
    found = [through_jpeg(pixels, quality).astype(int) for quality in (20, 95)]
    assert {picture.shape for picture in found} == {pixels.shape}
    assert np.abs(found[1] - pixels).mean() < np.abs(found[0] - pixels).mean()
    if channels == 3:
        assert (through_jpeg(pixels, 95, halved=False) != found[1]).any()
