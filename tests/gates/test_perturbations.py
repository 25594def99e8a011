"""Floating point cannot touch what is read: other rounding of the processor, and networks that differ in last bits."""

import ctypes
import ctypes.util
import platform

import numpy as np
import pytest

from crosscodec.bitstream.coder import encode_symbols
from crosscodec.codec import encode_pixels, load_package
from crosscodec.codec.encoding import encode_coefficients, picture_latents
from crosscodec.codec.opening import open_coded

# Values of fesetround on x86-64: to nearest, down, up, towards zero.
MODES = {"nearest": 0x000, "down": 0x400, "up": 0x800, "zero": 0xC00}


@pytest.fixture(scope="module")
def photo():
    return load_package("photo-denoise")


@pytest.fixture
def rounding():
    """Sets the rounding mode of this thread; to nearest again afterwards."""
    name = ctypes.util.find_library("m")
    if platform.machine() not in ("x86_64", "AMD64") or name is None:
        pytest.skip("the modes' numbers are those of x86-64")
    library = ctypes.CDLL(name)
    yield lambda mode: library.fesetround(MODES[mode])
    library.fesetround(MODES["nearest"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("quality", [10, 90])
def test_symbols_and_payload_under_every_rounding_mode(photo, smooth_picture, rounding, mode, quality):
    encoded = encode_pixels(smooth_picture(160, 240), photo, quality=quality)
    expected = open_coded(encoded.data, photo)
    assert rounding(mode) == 0
    found = open_coded(encoded.data, photo)
    payload = encode_symbols(found.numbers, photo.entropy_at(quality), found.grids)
    third = float(np.float32(1) / np.float32(3))
    rounding("nearest")
    assert np.array_equal(found.symbols, expected.symbols)
    assert payload == expected.coded.payload
    assert (third < 1 / 3) == (mode in ("down", "zero")), "the mode was in force"


def test_coefficients_that_differ_in_last_bits_give_files_that_are_read_exactly(photo, smooth_picture):
    """Another machine's encoder may round a symbol otherwise: its file then holds that symbol, and is read as such."""
    picture = smooth_picture(160, 240)
    coefficients, level = picture_latents(picture, photo), photo.qualities.at(70)
    draw = np.random.default_rng(0)
    differing = 0
    for scale in (1e-7, 1e-4, 1e-2):
        moved = (coefficients * (1 + scale * draw.standard_normal(coefficients.shape))).astype(np.float32)
        encoded = encode_coefficients([moved], (picture.shape,), photo, level)
        written = level.symbols(moved)
        read = open_coded(encoded.data, photo).symbols
        assert np.array_equal(read, written.reshape(len(read), -1))
        differing += int((written != level.symbols(coefficients)).sum())
    assert differing, "perturbed so much that some symbols differ"
