"""A picture on its two scales."""

import numpy as np
from picturefiles import GRAY

from crosscodec.images.picture import Picture, flat_gray, from_whole, to_uint8


def test_both_views_of_a_picture() -> None:
    assert np.array_equal(Picture(GRAY).as_uint8(), GRAY)
    assert np.array_equal(to_uint8(Picture(GRAY).as_float()), GRAY)
    floats = Picture(np.array([[-1.0, 0.5, 2.0]], np.float32))
    assert floats.as_uint8().tolist() == [[0, 128, 255]]
    assert floats.as_float().tolist() == [[-1.0, 0.5, 2.0]]


def test_samples_of_eight_bits_are_the_pixels():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert Picture(pixels).samples() is pixels


def test_all_sixteen_bit_levels_read_back() -> None:
    levels = np.arange(65536)
    floats = from_whole(levels, 65535)
    assert floats.dtype == np.float32
    assert np.array_equal(np.rint(floats.astype(np.float64) * 65535), levels)
    assert from_whole(np.array([4095]), 4095)[0] == 1.0


def test_gray_pictures_lose_their_third_axis_and_others_none():
    gray = np.arange(6, dtype=np.float32).reshape(2, 3, 1)
    assert np.array_equal(flat_gray(gray), [[0, 1, 2], [3, 4, 5]])
    colour, flat = np.zeros((2, 3, 3), np.uint8), np.zeros((2, 1), np.uint8)
    assert flat_gray(colour) is colour
    assert flat_gray(flat) is flat  # one column, not one channel
