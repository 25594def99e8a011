"""Whole runs. Where only weights matter, safetensors of them stand in for the package, whose export takes seconds."""

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from learn.slope import Steep
from learn.transport.conftest import unlabelled
from learn.transport.tiny import EMBEDDING, PERCEPTION, TASK, tiny_recipe, write_tiny
from safetensors.torch import load, save

from crosscodec.codec import decode_arrays, encode_arrays
from crosscodec.codec.package import ENCODER, TABLES, parse_package
from crosscodec.errors import UsageError
from crosscodec.learn import workers
from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.steps import EVENTS
from crosscodec.learn.transport import stages, train
from crosscodec.learn.transport.data import load_data
from crosscodec.learn.transport.train import train_transport

pytestmark = pytest.mark.training

FULL = {
    "objective": {"lambda_perception": 0.1, "lambda_classification": 0.05, "lambda_rate": 0.01},
    "decoders": [PERCEPTION],
}
SCRIPT = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from learn.transport.test_train import weights_as_package
from crosscodec.learn.train import read_recipe
from crosscodec.learn.transport import stages, train
from crosscodec.learn.transport.data import load_data
folder, deadly = Path(sys.argv[2]), sys.argv[3]
real = stages.Stage.step

def step(self, number, caution):
    losses = real(self, number, caution)
    if f"{self.setting.number}:{number}" == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return losses

stages.Stage.step = step
if sys.argv[5] == "weights":
    train.export_package = weights_as_package
recipe = read_recipe(Path(sys.argv[1]))
done = train.train_transport(recipe, load_data(recipe.data, "train", None), folder, True, {})
(folder / "package").write_bytes(done.package)
"""


def weights_as_package(parts, recipe, data, training):
    """Every number that an export would put into networks and tables."""
    modules = {"representation": parts.representation, "judge": parts.clean_judge}
    modules |= {f"decoder-{d.name}": d.decoder for d in parts.decoders}
    modules |= {f"head-{d.name}": d.head for d in parts.decoders}
    tensors = {"latents": parts.latents.contiguous()}
    for owner, module in modules.items():
        if module is not None:
            tensors |= {f"{owner}.{key}": value.contiguous() for key, value in module.state_dict().items()}
    return save(tensors)


@pytest.fixture
def unexported(monkeypatch):
    """Runs end in weights instead of a package."""
    monkeypatch.setattr(train, "export_package", weights_as_package)


def run(folder, *changes, samples=None):
    folder.mkdir(exist_ok=True)
    recipe = tiny_recipe(*changes)
    pictures = load_data(recipe.data, "train", None) if samples is None else samples
    return load(train_transport(recipe, pictures, folder, True, {}).package)


def child(recipe, folder, deadly="never", what="weights"):
    """Train in a process of its own, which kills itself in the middle of the step `deadly` (stage:number)."""
    folder.mkdir(exist_ok=True)
    environment = os.environ | {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1"}
    tests = str(Path(__file__).parent.parent.parent)
    words = [sys.executable, "-c", SCRIPT, str(recipe), str(folder), deadly, tests, what]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=250)
    assert done.returncode == (0 if deadly == "never" else -signal.SIGKILL), done.stderr[-2000:]
    return (folder / "package").read_bytes() if deadly == "never" else None


def assert_same(one, other):
    assert one.keys() == other.keys()
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


def test_runs_repeat(tmp_path, unexported):
    one, two = (run(tmp_path / name, FULL) for name in ("one", "two"))
    assert_same(one, two)


def test_kills_in_both_stages_change_nothing(tmp_path):
    """SIGKILL in the middle of the end-to-end stage with critic and head, then in the middle of the decoder's."""
    recipe = write_tiny(tmp_path, FULL)
    whole = child(recipe, tmp_path / "whole")
    child(recipe, tmp_path / "killed", "0:3")
    assert not list((tmp_path / "killed").glob("*-perception.safetensors")), "it died in the first stage"
    child(recipe, tmp_path / "killed", "1:2")
    assert (tmp_path / "killed" / "checkpoint-perception.safetensors").is_file()
    assert child(recipe, tmp_path / "killed") == whole


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_change_no_part_of_the_package(tmp_path):
    recipe = write_tiny(tmp_path, FULL)
    whole = parse_package(child(recipe, tmp_path / "whole", what="package"), tmp_path / "whole.xcm")
    for deadly in ("0:3", "1:2"):
        child(recipe, tmp_path / "killed", deadly, "package")
    resumed = parse_package(child(recipe, tmp_path / "killed", what="package"), tmp_path / "killed.xcm")
    assert resumed.parts == whole.parts
    clocks = {"hours", "wall_seconds"}  # the only numbers that a kill may change
    cards = [{k: v for k, v in package.card.training.items() if k not in clocks} for package in (whole, resumed)]
    assert cards[0] == cards[1]
    assert dataclasses.replace(whole.card, training={}) == dataclasses.replace(resumed.card, training={})


@pytest.fixture
def broken(monkeypatch, unexported):
    """Makes the gradient of the codec's loss no number: from call `first` on, `times` times."""
    real, calls = stages.codec_losses, []

    def start(first, times):
        def losses(*given):
            calls.append(1)
            found = real(*given)
            harmed = first < len(calls) <= first + times
            return dataclasses.replace(found, total=Steep.apply(found.total, float("nan"))) if harmed else found

        monkeypatch.setattr(stages, "codec_losses", losses)

    return start


def test_one_gradient_that_is_no_number_is_survived(tmp_path, broken):
    broken(3, 1)
    found = run(tmp_path, FULL)
    event = (tmp_path / EVENTS).read_text()
    assert "not finite at step 3 of the run; back to step 3 with 0.5 times the learning rate" in event
    assert all(torch.isfinite(value).all() for value in found.values())


def test_a_decoder_stage_survives_too(tmp_path, broken):
    broken(8, 1)  # the first stage has six steps
    run(tmp_path, FULL)
    assert "not finite at step 2 of perception" in (tmp_path / EVENTS).read_text()


def test_a_gradient_that_stays_no_number_ends_the_run(tmp_path, broken):
    broken(3, 10**6)
    with pytest.raises(TrainingDiverged, match=r"step 3 of the run, and going back 3 times did not help"):
        run(tmp_path, FULL)


def test_further_decoders_do_not_move_the_first_ones(tmp_path, unexported):
    alone, more = run(tmp_path / "alone"), run(tmp_path / "more", {"decoders": [PERCEPTION, TASK]})
    assert [name for name in alone if not torch.equal(alone[name], more[name])] == []
    assert {name.split(".")[0] for name in more.keys() - alone.keys()} == {
        "decoder-perception",
        "head-perception",
        "decoder-task",
        "head-task",
    }


def test_who_prolongs_the_first_stage_trains_its_further_decoders_anew(tmp_path, unexported):
    """They read the symbols of the encoder that is there now, as if it had been trained so long at once."""
    longer = {"training": {"steps": 9}}
    run(tmp_path / "raised", FULL)
    before = (tmp_path / "raised" / "checkpoint-perception.safetensors").read_bytes()
    raised = run(tmp_path / "raised", FULL, longer)
    after = (tmp_path / "raised" / "checkpoint-perception.safetensors").read_bytes()
    assert before != after
    anew = tmp_path / "anew"
    anew.mkdir()
    (anew / "checkpoint.safetensors").write_bytes((tmp_path / "raised" / "checkpoint.safetensors").read_bytes())
    assert_same(raised, run(anew, FULL, longer))
    assert_same(raised, run(tmp_path / "raised", FULL, longer))


def test_the_universal_representation_is_the_same_file_for_all_decoders(alone, universal):
    """Encoder and tables to the byte; one file, and every decoder makes another picture of it."""
    for part in (ENCODER, TABLES, "contexts.json", "decoder-fidelity.onnx"):
        assert alone.package.parts[part] == universal.package.parts[part], part
    degraded = universal.samples.degraded[:20]
    encoded = encode_arrays(degraded, universal.package)
    assert encode_arrays(degraded, alone.package).payload_bytes == encoded.payload_bytes
    pictures = [decode_arrays(encoded.data, universal.package, name) for name in universal.package.decoders]
    assert universal.package.decoders == ("fidelity", "perception", "task")
    assert (pictures[0] == decode_arrays(encode_arrays(degraded, alone.package).data, alone.package)).all()
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert abs(pictures[one] - pictures[other]).max() > 1e-3


def test_common_randomness_on_and_off_decode_differently(with_common, without_common):
    """With it the seed in the file decides the picture; without, the decoder draws for itself."""
    degraded = with_common.samples.degraded[:30]
    assert with_common.package.card.dither.common is True
    assert without_common.package.card.dither.common is False

    def decoded(package):
        data = encode_arrays(degraded, package, seed=5).data
        return [decode_arrays(data, package, seed=seed) for seed in (1, 2)]

    known, private = decoded(with_common.package), decoded(without_common.package)
    assert (known[0] == known[1]).all()
    assert abs(private[0] - private[1]).max() > 1e-3


def test_embeddings_train_with_and_without_codebooks(tmp_path, unexported):
    found = run(tmp_path / "vector", EMBEDDING, {"decoders": [TASK]})
    assert found["latents"].shape == (240, 2)
    assert (found["latents"] == found["latents"].round()).all()
    scalar = run(tmp_path / "levels", {"model": {"network": "embedding"}})
    assert scalar["latents"].shape == (240, 3)
    assert 0 <= scalar["latents"].min() <= scalar["latents"].max() <= 3


@pytest.mark.parametrize("objective", [{"kind": "mec"}, {"supervised": True}, {"classifier": "clean"}])
def test_objectives_lead_to_different_codecs(tmp_path, unexported, objective):
    weights = {"lambda_classification": 0.1}
    plain = run(tmp_path / "plain", {"objective": weights})
    other = run(tmp_path / "other", {"objective": weights | objective})
    name = "representation.encoder.net.1.weight"
    assert not torch.equal(plain[name], other[name])


def test_without_labels_there_are_no_judges(tmp_path, unexported):
    found = run(tmp_path, samples=unlabelled(tiny_recipe()))
    assert not any(name.startswith(("judge", "head")) for name in found)


def test_bf16_trains_beside_classifiers_in_float32(tmp_path, unexported, monkeypatch):
    monkeypatch.setattr(workers, "cpu_computes_bfloat16", lambda: True)
    found = run(tmp_path, {"training": {"precision": "bf16"}})
    assert all(value.dtype != torch.bfloat16 for value in found.values())


def test_what_is_impossible_is_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(UsageError, match="no labels"):
        run(tmp_path, {"objective": {"lambda_classification": 0.1}}, samples=unlabelled(tiny_recipe()))
    with pytest.raises(
        UsageError, match=r"for 10 classes of pictures \(1, 28, 28\), not for 10 classes of \(1, 8, 8\)"
    ):
        run(tmp_path, {"judges": {"package": "digits-superres"}})
    charged = {"lambda_classification": 0.1, "classifier": "clean"}
    with pytest.raises(UsageError, match="gradients"):
        run(tmp_path, {"objective": charged, "judges": {"package": "digits-superres"}})
    assert list(tmp_path.iterdir()) == []
