"""TIFF files that are written, as Pillow and tifffile read them."""

import io

import numpy as np
import pytest
import tifffile
from picturefiles import RGB, saved, taken, wide_profile
from PIL import Image

from crosscodec.errors import UnsupportedData
from crosscodec.images import tiffwriting
from crosscodec.images.reading import read_picture, read_stack
from crosscodec.images.tiffwriting import tiff_file

SHAPES = [(1, 1), (70, 1), (1, 900, 3), (300, 517), (300, 517, 3)]


def samples(shape, dtype, count=3):
    rng = np.random.default_rng(len(shape))
    if dtype == np.float32:
        return [rng.normal(0, 1000, shape).astype(dtype) for _ in range(count)]
    return [rng.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype) for _ in range(count)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_pages_are_read_as_they_were(shape, dtype):
    exif = read_picture(saved(RGB, exif=taken().tobytes())).exif
    profile = wide_profile(b"RGB " if len(shape) == 3 else b"GRAY")
    pages = samples(shape, dtype)
    data = tiff_file(pages, profile, exif)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert len(file.pages) == 3
        for found, page in zip(file.pages, pages, strict=True):
            np.testing.assert_array_equal(found.asarray(), page)
            assert found.iccprofile == profile
    if dtype == np.float32 and len(shape) == 3:
        return  # Pillow does not read it
    stack = read_stack(data, any_scale=True)
    assert stack.told() == ()
    for picture, page in zip(stack.pictures, pages, strict=True):
        np.testing.assert_array_equal(picture.samples(), page)
        assert (picture.exif, picture.profile) == (exif, profile)


def test_pages_may_differ():
    pages = [RGB, RGB[:4, :5, 0], RGB[..., 1].astype(np.uint16) * 257]
    found = read_stack(tiff_file(pages), any_scale=True).pictures
    for picture, page in zip(found, pages, strict=True):
        np.testing.assert_array_equal(picture.samples(), page)


def test_smooth_pages_are_stored_in_fewer_bytes_than_without_differences():
    ramp = np.add.outer(np.arange(256) * 3, np.arange(256) * 7).astype(np.uint16)
    sink = io.BytesIO()
    Image.fromarray(ramp).save(sink, "TIFF", compression="tiff_adobe_deflate")
    assert len(tiff_file([ramp])) < len(sink.getvalue()) / 4


def test_more_than_the_places_in_a_file_hold(monkeypatch):
    monkeypatch.setattr(tiffwriting, "_LARGEST", 5000)
    with pytest.raises(UnsupportedData, match="3 pages have more than 4 GB"):
        tiff_file(samples((60, 50), np.uint8))
