"""Exact resume: a training killed with SIGKILL and started again ends with the weights of one that was not."""

import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from learn.tiny import MODEL, write_recipe
from safetensors.torch import load_file

from crosscodec.errors import CorruptData
from crosscodec.learn.checkpoint import NAME, Resumed, load_checkpoint, save_checkpoint
from crosscodec.learn.model import PhotoCodec

SCRIPT = """
import sys
from pathlib import Path
from crosscodec.learn.data import load_training_pictures
from crosscodec.learn.loop import train
from crosscodec.learn.settings import read_recipe
recipe = read_recipe(Path(sys.argv[1]), ["training.steps=24"])
train(recipe, load_training_pictures(recipe.data, None), Path(sys.argv[2]), resume=True)
"""


def start(recipe, folder):
    folder.mkdir(exist_ok=True)
    environment = os.environ | {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(recipe), str(folder)], env=environment)


def test_kill_and_restart_give_the_same_weights(tmp_path):
    recipe = write_recipe(tmp_path)
    assert start(recipe, tmp_path / "whole").wait(120) == 0
    killed = start(recipe, tmp_path / "killed")
    deadline = time.monotonic() + 60
    while not (tmp_path / "killed" / NAME).exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    assert start(recipe, tmp_path / "killed").wait(120) == 0
    whole, resumed = (load_file(tmp_path / name / NAME) for name in ("whole", "killed"))
    assert whole.keys() == resumed.keys()
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []


def test_a_foreign_checkpoint_is_refused(tmp_path):
    model, average = PhotoCodec(MODEL), PhotoCodec(MODEL)
    optimiser = torch.optim.Adam(model.parameters())
    path = save_checkpoint(tmp_path, model, average, optimiser, Resumed(3, 1.5))
    assert load_checkpoint(tmp_path, model, average, optimiser) == Resumed(3, 1.5)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CorruptData, match="not a checkpoint of this model"):
        load_checkpoint(tmp_path, model, average, optimiser)
