"""Pictures by name."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from crosscodec.cli.streams import format_for, input_picture, suffix_for
from crosscodec.errors import UsageError


def test_a_picture_comes_from_both(photo, monkeypatch, smooth_picture):
    assert np.array_equal(input_picture(str(photo)).pixels, smooth_picture(48, 64))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(photo.read_bytes())))
    assert np.array_equal(input_picture("-").pixels, smooth_picture(48, 64))


def test_a_name_that_lies_is_noticed(photo, tmp_path):
    wrong = tmp_path / "photo.jpg"
    wrong.write_bytes(photo.read_bytes())
    assert any("png" in notice for notice in input_picture(str(wrong)).notices)


def test_formats():
    assert suffix_for("webp") == ".webp"
    assert suffix_for(None) == ".png"
    assert format_for("a/b.JPG", None) == "jpg"
    assert format_for("a/b.jpeg", "jpg") == "jpg"
    assert format_for("-", None) == format_for("name", None) == "png"
    assert format_for("-", "webp") == "webp"
    assert format_for("name", "tiff") == "tiff"
    with pytest.raises(UsageError, match="--format gif"):
        suffix_for("gif")
    with pytest.raises(UsageError, match=r"\.doc"):
        format_for("a.doc", None)
    with pytest.raises(UsageError, match=r"a\.tiff is to be tiff by its name and webp by --format"):
        format_for("a.tiff", "webp")
