"""From a package with two encoders to the same package that chooses: what is new, what is learnt, refusals."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from toypackage import toy_package_bytes

from crosscodec.codec import encode_pixels, load_package
from crosscodec.codec.grain import NUMBERS
from crosscodec.codec.package import CHOICE
from crosscodec.errors import OutputExists, UsageError
from crosscodec.learn.choice.costs import Costs
from crosscodec.learn.choice.settings import ChoiceRecipe, ChoiceSettings
from crosscodec.learn.choice.train import fitted
from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.train import train_recipe

pytestmark = pytest.mark.training


def test_the_package_chooses_and_is_otherwise_as_it_was(tmp_path, base, recipe):
    before = load_package(base)
    path = train_recipe(recipe, tmp_path / "run")
    after = load_package(path)
    assert path.name == base.name
    assert after.card.automatic == ("default", "wide")
    assert {name: part for name, part in after.parts.items() if name != CHOICE} == before.parts
    assert after.card.measured == before.card.measured
    assert after.card.notes[-1] == "Chooses."
    told = after.card.training["choice"]
    assert (told["package"], told["tried"]["crops"]) == (before.sha256, 6)
    assert told["tried"]["default_chosen"] + told["tried"]["wide_chosen"] == pytest.approx(1)
    least = min(told["tried"][f"{name}_percent"] for name in after.card.automatic)
    assert 0 <= least <= max(told["tried"][f"{name}_percent"] for name in after.card.automatic)
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    assert encode_pixels(picture, after, encoder="auto").encoders[0] in ("default", "wide")


def test_the_same_run_again_goes_on_or_is_refused(tmp_path, recipe):
    first = load_package(train_recipe(recipe, tmp_path / "run"))
    with pytest.raises(OutputExists, match="holds a run already"):
        train_recipe(recipe, tmp_path / "run", resume=False)
    again = load_package(train_recipe(recipe, tmp_path / "run"))
    assert again.parts == first.parts
    assert again.card.training["choice"]["tried"] == first.card.training["choice"]["tried"]


def test_costs_are_of_the_pictures_that_they_were_measured_on(tmp_path, recipe):
    photos, draw = tmp_path / "photos", np.random.default_rng(0)
    photos.mkdir()
    settings = [f"data.sets={json.dumps([str(photos)])}", "data.scales=[1.0]", "training.crops=2", "training.tried=0"]
    for _ in range(2):
        for name in ("a.png", "b.png"):
            Image.fromarray(draw.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(photos / name)
        train_recipe(recipe, tmp_path / "run", settings)
    assert len(list((tmp_path / "run").glob("costs-*.npy"))) == 2


def test_without_crops_to_try_nothing_is_told(tmp_path, recipe):
    package = load_package(train_recipe(recipe, tmp_path / "run", ["training.tried=0"]))
    assert package.card.training["choice"]["tried"] == {}


def test_the_network_learns_what_decides():
    draw = np.random.default_rng(0)
    grains = draw.standard_normal((600, NUMBERS)).astype(np.float32) * 3 + 5
    worse = np.where(grains[:, 2] > 5, 1.0, -0.3)  # the second encoder: much worse, or better
    costs = Costs(grains, np.stack([np.zeros(600), worse], axis=1).astype(np.float32))
    network = fitted(costs, ChoiceRecipe(choice=ChoiceSettings(hidden=8)))
    new = draw.standard_normal((300, NUMBERS)).astype(np.float32) * 3 + 5
    with torch.no_grad():
        chosen = network(torch.from_numpy(new)).argmin(dim=1).numpy()
    clear = np.abs(new[:, 2] - 5) > 1
    assert (chosen == (new[:, 2] < 5))[clear].mean() > 0.93


def test_networks_that_diverge_say_which_setting_may_help():
    costs = Costs(np.ones((4, NUMBERS), np.float32), np.full((4, 2), np.nan, np.float32))
    with pytest.raises(TrainingDiverged, match=r"in network 0; set a smaller training\.learning_rate than 0\.01"):
        fitted(costs, ChoiceRecipe())


def test_what_cannot_be_is_refused(tmp_path, recipe):
    (tmp_path / "toy.xcm").write_bytes(toy_package_bytes())
    with pytest.raises(UsageError, match="toy must be a package with qualities"):
        train_recipe(recipe, tmp_path / "a", [f"choice.package={tmp_path / 'toy.xcm'}"])
    with pytest.raises(UsageError, match="has no encoder 'fast'; it has: default, wide"):
        train_recipe(recipe, tmp_path / "b", [f"choice.among={json.dumps(['default', 'fast'])}"])
