"""Inputs by name."""

import io
import sys
from types import SimpleNamespace

import pytest

from crosscodec.cli.inputs import input_bytes
from crosscodec.errors import InputMissing


def test_bytes_come_from_a_file_or_stdin(photo, monkeypatch, tmp_path):
    assert input_bytes(str(photo)) == photo.read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"from stdin")))
    assert input_bytes("-") == b"from stdin"
    with pytest.raises(InputMissing):
        input_bytes(str(tmp_path / "none"))
