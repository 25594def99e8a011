"""What is done with one input, without the command around it."""

import io

import numpy as np
import pytest
import tifffile

from crosscodec.bitstream.container import read_header
from crosscodec.cli.batch import Task
from crosscodec.cli.transcoding import (
    decoded_product,
    encoded_product,
    how_to_encode,
    packed_product,
    restored_product,
)
from crosscodec.codec.ratecontrol import DEFAULT
from crosscodec.codec.scaling import KEEP_ALL
from crosscodec.errors import UnsupportedData, UsageError


@pytest.fixture
def how(toy_package, monkeypatch):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))

    def choose(pages=None, samples=None):
        return how_to_encode("toy", DEFAULT, False, 0, "default", pages, samples, KEEP_ALL)

    return choose


@pytest.fixture
def stack(tmp_path, smooth_picture):
    path = tmp_path / "in" / "stack.tif"
    path.parent.mkdir()
    tifffile.imwrite(path, np.stack([smooth_picture(16, 24), 255 - smooth_picture(16, 24)]), photometric="rgb")
    return path


def test_a_file_of_pages_and_back(how, stack):
    coded = encoded_product(Task(str(stack), "a.xcd"), how())
    assert [(image.height, image.width) for image in read_header(coded.data).images] == [(16, 24)] * 2
    assert coded.line.startswith("2 pages in ")
    assert coded.facts["pages"] == [0, 1]
    decode = {"package": None, "decoder": "fidelity", "balance": None, "seed": None, "picture_format": None}
    decoded = decoded_product(Task("a.xcd", "a.tif"), coded.data, **decode)
    assert decoded.facts["images"] == 2
    restored = restored_product(Task(str(stack), "a.tif"), how(), "fidelity", None, None)
    assert restored.data == decoded.data
    assert tifffile.imread(io.BytesIO(restored.data)).shape == (2, 16, 24, 3)
    with pytest.raises(UnsupportedData, match="2 pages, and a webp file holds one"):
        decoded_product(Task("a.xcd", "a.webp"), coded.data, **decode)
    with pytest.raises(UnsupportedData, match="or one of them by --pages"):
        restored_product(Task(str(stack), "a.png"), how(), "fidelity", None, None)


def test_one_page_is_a_picture_as_any_other(how, stack):
    coded = encoded_product(Task(str(stack), "a.xcd"), how("1"))
    assert "pages" not in coded.facts
    assert not coded.line.startswith("1 page")
    assert restored_product(Task(str(stack), "a.png"), how("1"), "fidelity", None, None).data.startswith(b"\x89PNG")


def test_a_pack_has_every_page_of_its_folder(how, stack):
    packed = packed_product(Task(str(stack.parent), "a.xcd"), how(), recursive=False)
    assert packed.facts["names"] == ["stack.tif:0", "stack.tif:1"]
    assert packed.line.startswith("2 pictures in ")


def test_wishes_are_checked_before_any_file(how):
    for wrong in ({"pages": "a"}, {"samples": "high"}):
        with pytest.raises(UsageError):
            how(**wrong)
