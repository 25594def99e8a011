"""Frames that Pillow opens, one after the other."""

import io

import numpy as np
import pytest
import tifffile
from picturefiles import RGB, saved, taken
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from crosscodec.errors import CorruptData
from crosscodec.images.frames import Frames, image_picture
from crosscodec.images.tiff import directories


def frames_of(data):
    return Frames(data, "tiff", TiffImageFile, True, directories(data))


def test_each_frame_is_found_and_loaded_once():
    pages = np.random.default_rng(0).integers(0, 65536, (3, 8, 9, 3)).astype(np.uint16)
    sink = io.BytesIO()
    tifffile.imwrite(sink, pages, photometric="rgb", compression="zlib")
    frames = frames_of(sink.getvalue())
    assert (frames.count(), frames.usual()) == (3, [0, 1, 2])
    for number in (0, 2):  # all sixteen bits, which take a second pass through the file
        assert frames.size(number) == (9, 8)
        np.testing.assert_array_equal(frames.picture(number, "file").samples(), pages[number])
    frames.close()


def test_the_account_is_that_of_the_first_page():
    sink = io.BytesIO()
    tifffile.imwrite(sink, np.zeros((2, 8, 9), np.uint8), imagej=True)
    frames = frames_of(sink.getvalue())
    assert frames.account == ""
    frames.picture(0, "file")
    assert frames.account.startswith("ImageJ=")
    frames.close()


def test_an_image_of_pillow_is_turned_and_keeps_what_its_file_says():
    image = Image.open(io.BytesIO(saved(RGB, exif=taken().tobytes())))
    picture = image_picture(image)
    assert picture.notices == ("turned as its EXIF orientation 6 asks",)
    assert picture.pixels.shape == (9, 6, 3)
    assert b"Camera 1" in picture.exif
    cut = Image.open(io.BytesIO(saved(RGB)[:90]))
    with pytest.raises(CorruptData, match="the image cannot be loaded"):
        image_picture(cut)
