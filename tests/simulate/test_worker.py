"""The worker's arguments, records and exit codes."""

import json

import numpy as np
import pytest

from crosscodec.simulate.codes import array_bytes, decode_file, empty_file
from crosscodec.simulate.maps import SharedSeedCode
from crosscodec.simulate.worker import main
from crosscodec.theory import BernoulliTransport

CODE = empty_file(SharedSeedCode(BernoulliTransport(0.4, 0.3).distortion(0.5).plan, 1))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "code").write_bytes(CODE)
    (tmp_path / "source").write_bytes(array_bytes(np.arange(64) % 2))
    return tmp_path


def run(capsys, *arguments):
    code = main(list(map(str, arguments)))
    return code, json.loads(capsys.readouterr().out)


def test_encode_then_decode(folder, capsys):
    code, said = run(capsys, "encode", folder / "code", folder / "source", folder / "coded")
    assert code == 0
    assert said["seconds"] > 0
    assert run(capsys, "decode", folder / "coded", folder / "output")[0] == 0
    assert np.array_equal(np.load(folder / "output"), decode_file((folder / "coded").read_bytes()))


def test_damage_is_told(folder, capsys):
    damaged = bytearray(CODE)
    damaged[9] ^= 1
    (folder / "damaged").write_bytes(damaged)
    code, said = run(capsys, "decode", folder / "damaged", folder / "output")
    assert code == 65
    assert said["kind"] == "CorruptData"
    assert not (folder / "output").exists()


def test_other_mistakes_are_told(folder, capsys):
    assert run(capsys, "encode", folder / "code", folder / "code", folder / "x")[0] == 65
    assert run(capsys, "encode", folder / "none", folder / "source", folder / "x")[0] == 66
    assert run(capsys, "decode", "only one")[0] == 2
