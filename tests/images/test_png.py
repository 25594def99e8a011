import io
import zlib

import numpy as np
import pytest
from PIL import Image

from crosscodec.images.png import deep_png
from crosscodec.images.reading import read_picture


@pytest.mark.parametrize("height", [1, 2, 255, 256, 257, 600])
def test_every_band_reads_back(height):
    samples = np.random.default_rng(height).integers(0, 65536, (height, 5, 3)).astype(np.uint16)
    data = deep_png(samples)
    np.testing.assert_array_equal(read_picture(data, any_scale=True).samples(), samples)
    with Image.open(io.BytesIO(data)) as image:  # Pillow checks what the chunks of its own say, and reads upper bytes
        np.testing.assert_array_equal(np.asarray(image), samples >> 8)


def test_smooth_pictures_become_small():
    rows = np.add.outer(np.arange(200) * 90, np.arange(300) * 50).astype(np.uint16)
    samples = np.stack([rows, rows + 7, rows + 99], axis=2)
    assert len(deep_png(samples)) < len(zlib.compress(samples.astype(">u2").tobytes())) * 0.4
