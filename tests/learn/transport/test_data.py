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
    found = load_data(tiny_recipe({"data": folders | {"size": [8, 12], "held_out": 0}}).data, "train", None)
    assert found.degraded.shape == (2, 8, 12, 1)
    assert found.paired
    with pytest.raises(InputMissing):
        load_data(
            tiny_recipe({"data": folders | {"clean_folder": str(tmp_path / "none"), "size": [8, 12]}}).data,
            "train",
            None,
        )


@pytest.fixture
def classes(tmp_path):
    """Two folders of ten pictures, five of each of two classes, each with a brightness of its own; as settings."""
    for folder in ("degraded", "clean", "others"):
        for number in range(10):
            place = tmp_path / folder / ("cat" if number < 5 else "dog")
            place.mkdir(parents=True, exist_ok=True)
            stem = f"{number}" if folder != "others" else f"x{number}"
            Image.fromarray(np.full((8, 8), 20 * number, np.uint8)).save(place / f"{stem}.png")
    return {"degraded_folder": str(tmp_path / "degraded"), "clean_folder": str(tmp_path / "clean"), "held_out": 4}


def shades(pictures):
    return (pictures[:, 0, 0, 0] * 255 / 20).round().astype(int).tolist()


def split(settings, name, **changes):
    return load_data(tiny_recipe({"data": settings | {"limit": 0} | changes}).data, name, None)


def test_of_folders_some_pictures_are_kept_apart(classes):
    train, test = split(classes, "train"), split(classes, "test")
    assert (shades(train.degraded), shades(test.degraded)) == ([0, 1, 2, 4, 5, 6, 8, 9], [3, 7])
    assert (shades(train.clean), shades(test.clean)) == ([0, 1, 2, 4, 5, 6, 8, 9], [3, 7])
    assert (train.labels.tolist(), test.labels.tolist()) == ([0] * 4 + [1] * 4, [0, 1])
    assert (train.name, test.name) == ("degraded+clean", "degraded+clean (held out)")
    assert train.classes == test.classes == ("cat", "dog")


def test_without_pairs_clean_pictures_are_parted_as_well(classes, tmp_path):
    unpaired = classes | {"clean_folder": str(tmp_path / "others")}
    train, test = split(unpaired, "train"), split(unpaired, "test")
    assert not train.paired
    assert (shades(train.clean), shades(test.clean)) == ([0, 1, 2, 4, 5, 6, 8, 9], [3, 7])


def test_pictures_of_one_content_or_of_one_scene_lie_on_one_side(classes, tmp_path):
    def shade(folder, number, value):
        place = tmp_path / folder / ("cat" if number < 5 else "dog") / f"{number}.png"
        Image.fromarray(np.full((8, 8), 20 * value, np.uint8)).save(place)

    shade("degraded", 9, 3)  # the noisy picture 3 again
    shade("clean", 8, 7)  # another shot of scene 7
    train, test = split(classes, "train"), split(classes, "test")
    assert (shades(train.degraded), shades(test.degraded)) == ([0, 1, 2, 4, 5, 6], [3, 7, 8, 3])
    assert shades(test.clean) == [3, 7, 7, 9]


def test_clean_pictures_of_one_name_lie_on_the_side_of_their_noisy_ones(classes, tmp_path, caplog):
    """Not all have a partner, so that there are no pairs; a critic must not have seen those that are kept apart."""
    for number in (0, 1, 2, 4):
        (tmp_path / "clean" / "cat" / f"{number}.png").unlink()
    for number in range(5, 10):
        place = tmp_path / "clean" / "dog" / f"{number}.png"
        Image.fromarray(np.full((8, 8), 20 * number + 5, np.uint8)).save(place)  # known by its name alone
    train, test = split(classes, "train"), split(classes, "test")
    assert not train.paired
    assert shades(test.degraded) == [3, 7]
    assert shades(test.clean) == [3, 7]
    assert shades(train.clean) == [5, 6, 8, 9]
    (told,) = [record.getMessage() for record in caplog.records]
    assert "taken as unpaired although 6 names stand in both: 4 pictures have no partner" in told
    assert "cat/0.png" in told


def test_of_names_that_have_nothing_in_common_there_is_no_word(classes, tmp_path, caplog):
    split(classes | {"clean_folder": str(tmp_path / "others")}, "train")
    split(classes, "train")
    assert not caplog.records


def test_a_critic_needs_clean_pictures_that_are_not_kept_apart(classes, tmp_path):
    for number in (0, 1, 2, 4, 5, 6, 8, 9):
        (tmp_path / "clean" / ("cat" if number < 5 else "dog") / f"{number}.png").unlink()
    with pytest.raises(
        UsageError, match=r"every clean picture has the name or the content of one that data\.held_out = 4"
    ):
        split(classes, "train")
    assert len(split(classes, "train", held_out=0).clean) == 2


def test_where_nothing_is_apart_the_numbers_say_so(classes):
    test = split(classes, "test", held_out=0)
    assert (len(test), test.name) == (10, "degraded+clean (training pictures)")


def test_a_recipe_for_folders_needs_them():
    """It trained on MNIST without a word."""
    with pytest.raises(UsageError, match="name them by --degraded DIR and --clean DIR"):
        load_data(tiny_recipe({"data": {"set": ""}}).data, "train", None)


def test_limit_and_labels_are_for_folders_too(classes):
    """Both were ignored; the first so many of a folder would be of one class."""
    few = split(classes, "train", limit=4)
    assert shades(few.degraded) == [0, 2, 6, 9]
    assert few.labels.tolist() == [0, 0, 1, 1]
    assert split(classes, "train", labels=False).labels is None


def test_an_embedding_needs_as_much_as_it_takes():
    for changes, message in (
        ({"model": {"components": 65}}, "pictures of 64 values have no 65 components"),
        ({"quantiser": {"codebooks": [4, 5]}}, "4 training pictures give no 5 codewords"),
    ):
        with pytest.raises(UsageError, match=message):
            require_possible(
                tiny_recipe(EMBEDDING, {"quantiser": {"codebooks": [4]}}, changes), training_data(samples())
            )


@pytest.mark.parametrize(
    "changes",
    [
        {"quantiser": {"latents": 65537}},
        {"quantiser": {"latents": 257, "dither": 2}},
        {"quantiser": {"latents": 65537, "dither": 2, "common": False}},
        {"model": {"network": "spatial"}, "quantiser": {"latents": 16385}},
    ],
)
def test_more_symbols_than_a_package_has_tables_for_are_refused_before_anything_is_trained(changes):
    data = training_data(samples())
    with pytest.raises(
        UsageError, match=r"symbols a picture; a package has tables for at most (65536|256 with common dither)"
    ):
        require_possible(tiny_recipe(changes), data)
    require_possible(tiny_recipe({"quantiser": {"latents": 257, "dither": 2, "common": False}}), data)
    require_possible(tiny_recipe({"quantiser": {"latents": 256, "dither": 64}}), data)


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
    require_possible(recipe, training_data(samples(8)))
    with pytest.raises(UsageError, match=message):
        require_possible(recipe, training_data(samples(**lacking)))


def test_labels_can_be_left_out():
    found = load_data(DataSettings(set="digits", degradation="down:2", labels=False, limit=5), "train", None)
    assert found.labels is None
    assert found.classes == ()
    assert len(found) == 5
