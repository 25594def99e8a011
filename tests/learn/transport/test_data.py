import numpy as np
import pytest
import torch
from learn.transport.tiny import EMBEDDING, PERCEPTION, TASK, tiny_data, tiny_recipe
from PIL import Image

from crosscodec.domains.samples import Samples
from crosscodec.errors import InputMissing, UsageError
from crosscodec.learn.transport.data import draw_step, load_data, planes, require_possible, target_of, training_data
from crosscodec.learn.transport.settings import DataSettings
from crosscodec.learn.workers import Workers


@pytest.fixture(scope="module")
def data():
    return tiny_data()


def samples(count=4, clean=True, paired=True, labels=True, size=(8, 8)):
    pictures = np.random.default_rng(0).random((count, *size, 1), dtype=np.float32)
    names = ("a", "b") if labels else ()
    found = np.arange(count) % 2 if labels else None
    return Samples("test", pictures, pictures if clean else None, clean and paired, found, names, "")


def test_pictures_become_planes(data):
    assert data.degraded.shape == (240, 1, 8, 8)
    assert (data.shape.channels, data.shape.height, data.shape.width, data.classes) == (1, 8, 8, 10)
    pictures = np.random.default_rng(0).random((2, 3, 5, 3), dtype=np.float32)
    assert planes(pictures)[1, 2, 0, 4] == pictures[1, 0, 4, 2]


def test_a_step_is_a_function_of_seed_stage_and_step(data):
    def drawn(*key):
        found = draw_step(data, *key, 16)
        more = torch.rand(3, generator=found.generator)
        return (*found.degraded.tolist(), *found.clean.tolist(), *more.tolist())

    assert drawn(1, 0, 5) == drawn(1, 0, 5)
    keys = [(seed, stage, step) for seed in (1, 2) for stage in (0, 1) for step in (5, 6)]
    assert len({drawn(*key) for key in keys}) == 8


def test_the_critics_clean_pictures_have_nothing_to_do_with_the_degraded_ones(data):
    drawn = draw_step(data, 1, 0, 0, 400)
    assert (drawn.degraded == drawn.clean).float().mean() < 0.05
    assert drawn.degraded.max() > 200
    assert drawn.clean.max() > 200


def test_targets_are_those_of_the_indices(data):
    workers, indices = Workers(), torch.tensor([3, 0, 3])
    target = target_of(data, indices, workers)
    assert torch.equal(target.degraded.cpu(), data.degraded[indices])
    assert torch.equal(target.clean.cpu(), data.clean[indices])
    assert torch.equal(target.labels.cpu(), data.labels[indices])


def test_unpaired_clean_pictures_are_no_target():
    unpaired = training_data(samples(paired=False, labels=False))
    target = target_of(unpaired, torch.tensor([0]), Workers())
    assert target.clean is None
    assert target.labels is None
    assert unpaired.clean is not None, "the critic needs them"


def test_the_limit_is_for_training_alone():
    settings = tiny_recipe({"data": {"limit": 10}}).data
    assert len(load_data(settings, "train", None)) == 10
    assert len(load_data(settings, "test", None)) == 299


def test_two_folders_are_brought_to_one_size(tmp_path):
    for folder in ("degraded", "clean"):
        (tmp_path / folder).mkdir()
        for name, size in (("1.png", (20, 30)), ("2.png", (16, 12))):
            Image.fromarray(np.full(size, 99, np.uint8)).save(tmp_path / folder / name)
    folders = {"degraded_folder": str(tmp_path / "degraded"), "clean_folder": str(tmp_path / "clean")}
    found = load_data(tiny_recipe({"data": folders | {"size": [8, 12]}}).data, "train", None)
    assert found.degraded.shape == (2, 8, 12, 1)
    assert found.paired
    with pytest.raises(UsageError, match="go together"):
        load_data(tiny_recipe({"data": {"clean_folder": "x"}}).data, "train", None)
    with pytest.raises(InputMissing):
        load_data(
            tiny_recipe({"data": folders | {"clean_folder": str(tmp_path / "none"), "size": [8, 12]}}).data,
            "train",
            None,
        )


def test_sides_are_multiples_of_4():
    with pytest.raises(UsageError, match=r"pictures of 8 x 10 pixels; .* \(set data.size for folders"):
        training_data(samples(size=(8, 10)))


@pytest.mark.parametrize(
    ("changes", "lacking", "message"),
    [
        ({"objective": {"supervised": True}}, {"paired": False}, "supervised: .* not paired"),
        ({"decoders": [TASK | {"lambda_classification": 0.0}]}, {"paired": False}, "supervised: .* not paired"),
        ({"objective": {"lambda_classification": 0.1}}, {"labels": False}, "lambda_classification: .* no labels"),
        ({"decoders": [PERCEPTION]}, {"labels": False}, "lambda_classification: .* no labels"),
        ({"objective": {"lambda_perception": 0.1}}, {"clean": False}, "lambda_perception: there are no clean"),
        (
            {"objective": {"lambda_classification": 0.1, "classifier": "clean"}},
            {"paired": False},
            'classifier = "clean": .* unpaired',
        ),
        (EMBEDDING, {"labels": False}, "label-aware and needs labels"),
    ],
)
def test_what_the_data_does_not_hold_is_refused(changes, lacking, message):
    recipe = tiny_recipe(changes)
    require_possible(recipe, training_data(samples()))
    with pytest.raises(UsageError, match=message):
        require_possible(recipe, training_data(samples(**lacking)))


def test_labels_can_be_left_out():
    found = load_data(DataSettings(set="digits", degradation="down:2", labels=False, limit=5), "train", None)
    assert found.labels is None
    assert found.classes == ()
    assert len(found) == 5
