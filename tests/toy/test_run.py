"""The whole of a toy run: different processes, real files, damage noticed, no bound beaten."""

import subprocess

import numpy as np
import pytest

from crosscodec.errors import CorruptData, OutputExists
from crosscodec.evaluate import children
from crosscodec.evaluate.children import decode_pack_in_child
from crosscodec.toy import run
from crosscodec.toy.run import toy_run
from crosscodec.toy.settings import ToySettings, smoke


def test_no_point_beats_its_bound(tiny_run):
    assert [point.decoder for point in tiny_run.points] == ["fidelity", "perception", "target"]
    assert tiny_run.complaints == ()
    for point in tiny_run.points:
        assert point.gap_bits > 3 * point.gap_error
        assert point.bits_payload == pytest.approx(point.bits_model, rel=0.01)
        assert point.bits_payload < point.bits_file
        assert point.bits_payload == pytest.approx(tiny_run.settings.rate, abs=0.1)


def test_rates_are_those_of_the_file_on_disk(tiny_run, tiny_folder):
    size = (tiny_folder / "coded.xcd").stat().st_size
    assert tiny_run.points[0].bits_file == pytest.approx(8 * size / tiny_run.points[0].symbols)


def test_a_decoder_peeking_at_the_source_is_found(tiny_run, tiny_folder, monkeypatch):
    settings = tiny_run.settings
    source = run.source_of(settings).draw(settings.seed, settings.symbols).blocks
    monkeypatch.setattr(run, "_decoded", lambda folder, name, binary: source)
    assert len(toy_run(tiny_run.settings, tiny_folder).complaints) == 9


def test_encoder_and_decoder_are_processes_of_their_own(tiny_run, tiny_folder, monkeypatch):
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, command, **options):
            super().__init__(command, **options)
            started.append((self.pid, command[3]))

    monkeypatch.setattr(children.subprocess, "Popen", Watched)
    again = toy_run(tiny_run.settings, tiny_folder)  # the package is there: nothing is trained
    assert [kind for _, kind in started] == ["encode-pack"] + ["decode-pack"] * 3
    assert len({pid for pid, _ in started}) == 4
    assert [p.distortion for p in again.points] == [p.distortion for p in tiny_run.points]


def test_a_damaged_file_is_an_error(tiny_run, tiny_folder, tmp_path):
    data = bytearray((tiny_folder / "coded.xcd").read_bytes())
    data[-20] ^= 1
    (tmp_path / "coded.xcd").write_bytes(data)
    with pytest.raises(CorruptData):
        decode_pack_in_child(str(tiny_folder / "package.xcm"), tmp_path / "coded.xcd", tmp_path / "out.npy", "fidelity")


def test_a_package_of_other_settings_is_left_alone(tiny_run, tiny_folder):
    with pytest.raises(OutputExists, match="other settings"):
        toy_run(ToySettings(rate=2.0), tiny_folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "rate", "block", "most"),
    [("gaussian", 0.5, 1, 0.26), ("gaussian", 2.0, 8, 0.28), ("vector", 2.0, 1, 0.75), ("bernoulli", 0.5, 1, 0.2)],
)
def test_trained_points_are_near_the_bound_and_not_beyond(source, rate, block, most):
    found = toy_run(smoke(ToySettings(source, rate, block)))
    assert found.complaints == ()
    for point in found.points:
        assert 0 < point.gap_bits < most
        assert point.law_distance is None or point.law_distance < 0.05


@pytest.mark.slow
def test_bits_come_back_as_bits(tmp_path):
    found = toy_run(ToySettings("bernoulli", rate=0.3, symbols=2**14, steps=5, batch=64, hidden=8), tmp_path)
    assert found.complaints == ()
    restored = np.load(tmp_path / "fidelity.npy")
    assert set(np.unique(restored)) == {0.0, 1.0}
    assert found.point("fidelity").label_entropy > found.point("fidelity").label_bound
