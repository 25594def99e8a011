import io

import numpy as np
import pytest
from picturefiles import DEEP, GRAY, RGB, same, saved, tiff
from PIL import Image

from crosscodec.errors import CorruptData, UnsupportedData, UsageError
from crosscodec.images.given import given_picture, path_given
from crosscodec.images.reading import read_picture


def test_every_way_to_give_a_picture(tmp_path):
    (tmp_path / "a.png").write_bytes(saved(RGB))
    for given in (
        RGB,
        Image.fromarray(RGB),
        saved(RGB),
        bytearray(saved(RGB)),
        tmp_path / "a.png",
        f"{tmp_path}/a.png",
    ):
        assert same(given_picture(given), RGB)
    assert same(given_picture(GRAY[..., np.newaxis]), GRAY)


def test_numbers_of_an_array():
    for dtype in (np.float16, np.float64):
        picture = given_picture(np.array([[0.25, 1.5]], dtype))
        assert (picture.pixels.dtype, picture.pixels.tolist(), picture.bits) == (np.float32, [[0.25, 1.5]], 0)
    assert given_picture(DEEP, any_scale=True).bits == 16
    np.testing.assert_array_equal(given_picture(DEEP, any_scale=True).samples(), DEEP)
    counts = np.array([[-5, 100_000]])
    np.testing.assert_array_equal(given_picture(counts, any_scale=True).samples(), counts)


def test_images_of_pillow_as_their_modes_say():
    assert given_picture(Image.fromarray(RGB).quantize(16)).notices == ("palette turned into RGB",)
    np.testing.assert_array_equal(given_picture(Image.fromarray(DEEP)).samples(), DEEP)
    with pytest.raises(UnsupportedData, match="the image has mode 'F'"):
        given_picture(Image.fromarray(RGB[..., 0].astype(np.float32)))


def test_an_image_of_a_file_has_the_bits_of_that_file():
    # Two samples of 12 bits in three bytes.
    data = tiff({258: (3, 12), 262: (3, 1), 277: (3, 1)}, b"\xff\xf0\x01" * 3, width=2, height=3)
    picture = given_picture(Image.open(io.BytesIO(data)))
    assert picture.bits == read_picture(data).bits == 12
    assert np.array_equal(picture.samples(), [[4095, 1]] * 3)


def test_what_is_no_picture(tmp_path):
    (tmp_path / "cut.png").write_bytes(saved(RGB)[:-30])
    with pytest.raises(CorruptData, match="the image cannot be loaded"):
        given_picture(Image.open(tmp_path / "cut.png"))
    with pytest.raises(UsageError, match="the bytes of a file or the path of a file, not NoneType"):
        given_picture(None)
    with pytest.raises(UsageError, match="a package has a name or the path of a file, not int"):
        path_given(3, "a package has a name")
