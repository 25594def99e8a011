"""Exact resume: a training killed with SIGKILL and started again ends with the weights of one that was not."""

import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from learn.photo.tiny import write_recipe
from safetensors.torch import load_file
from torch import nn

from crosscodec.errors import CorruptData
from crosscodec.learn.checkpoint import (
    NAME,
    Resumed,
    RunState,
    identity_of_weights,
    is_checkpoint_of,
    load_checkpoint,
    marks_of,
    save_checkpoint,
)

pytestmark = pytest.mark.training

SCRIPT = """
import sys
from pathlib import Path
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.loop import train
from crosscodec.learn.train import read_recipe
recipe = read_recipe(Path(sys.argv[1]), ["training.steps=24"])
train(recipe, load_training_pictures(recipe.data, None), Path(sys.argv[2]), resume=True)
"""


def start(recipe, folder):
    folder.mkdir(exist_ok=True)
    environment = os.environ | {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(recipe), str(folder)], env=environment)


def test_kill_and_restart_give_the_same_weights(tmp_path):
    recipe = write_recipe(tmp_path)
    assert start(recipe, tmp_path / "whole").wait(250) == 0
    killed = start(recipe, tmp_path / "killed")
    log = tmp_path / "killed" / "log.jsonl"
    deadline = time.monotonic() + 120
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    assert start(recipe, tmp_path / "killed").wait(250) == 0
    whole, resumed = (load_file(tmp_path / name / NAME) for name in ("whole", "killed"))
    assert whole.keys() == resumed.keys()
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []


def adversaries(seed):
    """A model with its average, and a critic; model and critic have taken a step of Adam."""
    torch.manual_seed(seed)
    model, average, critic = nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 1)
    optimisers = {"model": torch.optim.Adam(model.parameters()), "critic": torch.optim.Adam(critic.parameters())}
    critic(model(average(torch.randn(4, 2)))).square().sum().backward()
    for optimiser in optimisers.values():
        optimiser.step()
    return RunState({"model": model, "average": average, "critic": critic}, optimisers)


def content(state):
    tensors = [t for module in state.modules.values() for t in module.state_dict().values()]
    moments = [o.state[p] for o in state.optimisers.values() for group in o.param_groups for p in group["params"]]
    return [t.clone().float() for t in tensors] + [m[k] for m in moments for k in ("step", "exp_avg", "exp_avg_sq")]


def test_every_module_and_every_moment_comes_back(tmp_path):
    saved, other = adversaries(1), adversaries(2)
    done = Resumed(3, 1.5, 0.25)
    save_checkpoint(tmp_path, saved, done)
    differing = [not torch.equal(a, b) for a, b in zip(content(saved), content(other), strict=True)]
    assert sum(differing) > len(differing) / 2
    assert load_checkpoint(tmp_path, other) == done
    assert all(torch.equal(a, b) for a, b in zip(content(saved), content(other), strict=True))


def test_the_next_step_is_that_of_the_run_that_was_saved(tmp_path):
    saved, other = adversaries(1), adversaries(2)
    save_checkpoint(tmp_path, saved, Resumed(1, 0.0))
    load_checkpoint(tmp_path, other)
    for state in (saved, other):
        for name, optimiser in state.optimisers.items():
            for parameter in state.modules[name].parameters():
                parameter.grad = torch.full_like(parameter, 0.3)
            optimiser.step()
    assert all(torch.equal(a, b) for a, b in zip(content(saved), content(other), strict=True))


def test_stages_have_files_of_their_own(tmp_path):
    first, second = adversaries(1), adversaries(2)
    save_checkpoint(tmp_path, first, Resumed(1, 0.0))
    save_checkpoint(tmp_path, second, Resumed(2, 0.0), "checkpoint-task.safetensors")
    assert load_checkpoint(tmp_path, first) == Resumed(1, 0.0)
    assert load_checkpoint(tmp_path, first, "checkpoint-task.safetensors") == Resumed(2, 0.0)


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path):
    state = adversaries(1)
    path = save_checkpoint(tmp_path, state, Resumed(3, 1.5))
    foreign = RunState({"model": nn.Linear(5, 2)}, {})
    with pytest.raises(CorruptData, match="not a checkpoint of this model"):
        load_checkpoint(tmp_path, foreign)
    without_critic = RunState({"model": state.modules["model"]}, {})
    save_checkpoint(tmp_path, without_critic, Resumed(3, 1.5), "plain.safetensors")
    with pytest.raises(CorruptData, match="not a checkpoint of this model"):
        load_checkpoint(tmp_path, state, "plain.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CorruptData, match="not a checkpoint of this model"):
        load_checkpoint(tmp_path, state)


def test_a_checkpoint_of_before_the_first_step_takes_the_moments_away(tmp_path):
    """What goes back to the beginning must not keep the moments by which it went astray."""
    fresh = RunState(adversaries(1).modules, {})
    fresh = RunState(fresh.modules, {name: torch.optim.Adam(fresh.modules[name].parameters()) for name in ("model",)})
    save_checkpoint(tmp_path, fresh, Resumed(0, 0.0))
    weight = fresh.modules["model"].weight
    weight.grad = torch.full_like(weight, float("nan"))
    fresh.optimisers["model"].step()
    load_checkpoint(tmp_path, fresh)
    assert torch.isfinite(weight).all()
    assert len(fresh.optimisers["model"].state) == 0


def test_what_a_checkpoint_is_for(tmp_path):
    state = adversaries(1)
    assert not is_checkpoint_of(tmp_path / NAME, "")
    path = save_checkpoint(tmp_path, state, Resumed(3, 1.5, basis="one"))
    assert (is_checkpoint_of(path, "one"), is_checkpoint_of(path, "two"), is_checkpoint_of(path, "")) == (1, 0, 0)
    assert load_checkpoint(tmp_path, state).basis == "one"
    path.write_bytes(b"damaged")
    assert is_checkpoint_of(path, "one"), "loading it tells what is wrong; starting over would not"


def test_the_marks_that_a_run_began_with(tmp_path):
    path = save_checkpoint(tmp_path, adversaries(1), Resumed(3, 1.5, marks=(2, 30)))
    assert marks_of(path) == (2, 30)
    assert load_checkpoint(tmp_path, adversaries(2)).marks == (2, 30)
    assert marks_of(tmp_path / "none") == ()


def test_weights_and_buffers_have_one_identity():
    one, other = (adversaries(seed).modules["average"] for seed in (1, 2))
    assert identity_of_weights(one) != identity_of_weights(other)
    other.load_state_dict(one.state_dict())
    assert identity_of_weights(one) == identity_of_weights(other)
