from dataclasses import replace

import numpy as np
import pytest

from crosscodec.codec.card import PackageCard
from crosscodec.codec.pictures import BlockPlanes, batch_planes, cropped_picture, picture_planes, to_bytes
from crosscodec.errors import UnsupportedData, UsageError

BOTH = PackageCard("toy", "task", "noise:25", ("none",), ("gray", "rgb"), 4, 0, ("fidelity",), "MIT")
GRAY = replace(BOTH, channels=("gray",), planes=1, size=(2, 3))
RGB = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)


def test_rgb_becomes_planes_on_the_scale_of_one():
    planes = picture_planes(RGB, BOTH)
    assert planes.shape == (1, 3, 2, 3)
    assert planes.dtype == np.float32
    np.testing.assert_array_equal(planes[0, 1], RGB[..., 1].astype(np.float32) / np.float32(255))


def test_gray_is_repeated_where_the_package_has_three_planes():
    planes = picture_planes(RGB[..., 0], BOTH)
    for plane in planes[0]:
        np.testing.assert_array_equal(plane, RGB[..., 0].astype(np.float32) / np.float32(255))
    assert picture_planes(RGB[..., 0], GRAY).shape == (1, 1, 2, 3)


def test_floats_pass_as_they_are():
    noisy = np.float32([[-0.5, 1.5, 0.25]] * 2)
    np.testing.assert_array_equal(picture_planes(noisy, GRAY)[0, 0], noisy)


def test_rgb_into_one_plane_needs_force_and_becomes_luma():
    with pytest.raises(UnsupportedData, match="made for gray pictures, not rgb"):
        picture_planes(RGB, GRAY)
    red = np.zeros((2, 3, 3), np.uint8)
    red[..., 0] = 255
    np.testing.assert_allclose(picture_planes(red, GRAY, force=True), np.full((1, 1, 2, 3), 0.299), rtol=1e-6)
    np.testing.assert_allclose(picture_planes(red * 0 + 255, GRAY, force=True), np.ones((1, 1, 2, 3)), rtol=1e-6)


def test_another_size_is_refused_even_by_force():
    with pytest.raises(UnsupportedData, match=r"takes pictures of 2 x 3 pixels \(height x width\), not 3 x 2"):
        picture_planes(RGB[..., 0].T, GRAY, force=True)


def test_a_batch_is_its_pictures():
    images = np.random.default_rng(0).integers(0, 256, (5, 2, 3, 3)).astype(np.uint8)
    np.testing.assert_array_equal(batch_planes(images, BOTH), np.concatenate([picture_planes(i, BOTH) for i in images]))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((5, 2, 3), np.uint8), r"\(N,H,W,1\) or \(N,H,W,3\)"),
        (np.zeros((5, 2, 3, 2), np.uint8), r"this one is \(5, 2, 3, 2\)"),
        (np.zeros((0, 2, 3, 1), np.uint8), "none of it empty"),
        (np.zeros((5, 2, 3, 1)), "this one is float64"),
        (np.full((5, 2, 3, 1), np.inf, np.float32), "infinite"),
        (np.full((5, 2, 3, 1), 255, np.float32), "floats from 255 to 255; floats are on the scale 0..1: divide"),
    ],
)
def test_wrong_batches_are_named(images, message):
    with pytest.raises(UsageError, match=message):
        batch_planes(images, GRAY)


def test_padding_mirrors_to_whole_blocks():
    planes = BlockPlanes.of(np.arange(6, dtype=np.float32).reshape(2, 3), replace(GRAY, block=4))
    assert planes.shape == (1, 4, 4)
    padded = planes[:, 0:4, 0:4]
    assert padded[0].tolist() == [[0, 1, 2, 2], [3, 4, 5, 5], [3, 4, 5, 5], [0, 1, 2, 2]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40, 3), (5, 7, 3), (16, 33), (33, 16, 3)])
@pytest.mark.parametrize("card", [BOTH, replace(GRAY, size=None)])
def test_every_window_is_that_of_the_padded_picture(shape, card):
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    card = replace(card, block=16)
    planes = BlockPlanes.of(picture, card, force=True)
    whole = picture_planes(picture, card, force=True)[0]
    expected = np.pad(whole, [(0, 0), *((0, -side % 16) for side in whole.shape[1:])], mode="symmetric")
    assert planes.shape == expected.shape
    for top in range(0, expected.shape[1], 8):
        for left in range(0, expected.shape[2], 8):
            window = np.s_[:, top : top + 8, left : left + 8]
            np.testing.assert_array_equal(planes[window], expected[window])
            assert planes[window].dtype == np.float32


def test_planes_of_a_picture_outside_the_card_are_refused_at_once():
    with pytest.raises(UnsupportedData, match="made for gray"):
        BlockPlanes.of(RGB, GRAY)


def test_bytes_are_clipped_and_rounded():
    values = np.array([-1, 0.4 / 255, 0.6 / 255, 1, 7], np.float32)
    assert to_bytes(values).tolist() == [0, 0, 1, 255, 255]


def test_decoded_planes_become_the_picture():
    planes = np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4)
    np.testing.assert_array_equal(cropped_picture(planes, 2, 3, 3), planes[:, :2, :3].transpose(1, 2, 0))
    np.testing.assert_array_equal(cropped_picture(planes, 2, 3, 1), planes[1, :2, :3])  # the mean of three
    np.testing.assert_array_equal(cropped_picture(planes[:1], 4, 4, 1), planes[0])
