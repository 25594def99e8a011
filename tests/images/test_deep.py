"""All 16 bits of colour, of every layout of TIFF and PNG that Pillow reads: tifffile is the oracle."""

import io

import numpy as np
import pytest
import tifffile
from picturefiles import GRAY, RGB, deep_png, saved
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from crosscodec.images.deep import deep_mode, deep_samples

COLOURS = np.random.default_rng(3).integers(0, 65536, (70, 50, 4)).astype(np.uint16)


def samples_of(opener, data):
    with opener(io.BytesIO(data)) as image:
        mode = deep_mode(image)
        image.load()
        return deep_samples(mode, np.asarray(image), opener(io.BytesIO(data)))


@pytest.mark.parametrize("tile", [None, (32, 32)])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("compression", "predictor"), [(None, False), ("zlib", False), ("zlib", True)])
@pytest.mark.parametrize("extra", [None, "unspecified", "unassalpha"])
def test_tiff(extra, compression, predictor, order, tile):
    wanted = COLOURS if extra else COLOURS[..., :3]
    sink = io.BytesIO()
    tifffile.imwrite(
        sink, wanted, photometric="rgb", extrasamples=[extra] if extra else None, compression=compression,
        predictor=predictor, byteorder=order, tile=tile, rowsperstrip=None if tile else 7,
    )  # fmt: skip
    found = samples_of(TiffImageFile, sink.getvalue())
    np.testing.assert_array_equal(found, wanted[..., :3] if extra == "unspecified" else wanted)


@pytest.mark.parametrize(("colour", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_png(colour, channels):
    wanted = COLOURS[..., :channels]
    np.testing.assert_array_equal(samples_of(PngImageFile, deep_png(wanted, colour)), wanted)


def test_other_pictures_are_left_to_pillow():
    planes, premultiplied = io.BytesIO(), io.BytesIO()
    tifffile.imwrite(planes, COLOURS[..., :3].transpose(2, 0, 1), photometric="rgb", planarconfig="separate",
                     compression="zlib")  # fmt: skip
    tifffile.imwrite(premultiplied, COLOURS, photometric="rgb", extrasamples=["assocalpha"])
    for data in (planes.getvalue(), premultiplied.getvalue(), saved(RGB, "TIFF"), saved(GRAY, "TIFF")):
        assert deep_mode(TiffImageFile(io.BytesIO(data))) is None
    for data in (saved(RGB), saved(GRAY.astype(np.uint16))):
        assert deep_mode(PngImageFile(io.BytesIO(data))) is None
