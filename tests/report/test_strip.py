"""The strip: the same detail of every version, untouched."""

import io

import numpy as np
import pytest
from PIL import Image

from crosscodec.errors import InputMissing, UsageError
from crosscodec.report.strip import photo_strip

FOLDERS = ("degraded", "jpeg2000", "restored", "clean")


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_every_version_is_cut_at_the_same_place(run):
    strip = pixels(photo_strip(run, side=10, corner=(3, 7)))
    for position, folder in enumerate(FOLDERS):
        whole = np.asarray(Image.open(run / folder / "0000-_b_cat_b_.png"))
        left = position * (10 + 12)
        assert np.array_equal(strip[:10, left : left + 10], whole[3:13, 7:17])


def test_zoom_repeats_pixels(run):
    once = pixels(photo_strip(run, side=8))[:8, :8]
    twice = pixels(photo_strip(run, side=8, zoom=2))[:16, :16]
    assert np.array_equal(twice, once.repeat(2, 0).repeat(2, 1))


def test_captions_stand_below(run):
    strip = pixels(photo_strip(run, side=20, zoom=8))
    assert strip.shape[0] > 160
    assert (strip[160:] < 128).any()
    assert (strip[160:] == 255).any()


def test_what_cannot_be_cut(run):
    with pytest.raises(UsageError, match="not inside 20 x 30"):
        photo_strip(run, side=21)
    with pytest.raises(UsageError, match="not inside"):
        photo_strip(run, side=10, corner=(15, 0))
    with pytest.raises(InputMissing, match="not 1"):
        photo_strip(run, 1)
