import dataclasses

import pytest
import torch
from learn.transport.tiny import tiny_data, tiny_recipe, weights_of

from crosscodec.learn import workers
from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.transport import classifiers
from crosscodec.learn.transport.classifiers import (
    Examples,
    accuracy_of,
    augmented,
    clean_judge,
    degraded_posterior,
    one_cycle,
    train_classifier,
)
from crosscodec.learn.transport.networks import Classifier

RECIPE = tiny_recipe()


@pytest.fixture(scope="module")
def data():
    return tiny_data()


@pytest.fixture
def untrained(monkeypatch):
    """Counts trainings in place of doing them; a classifier stays as it was drawn."""
    trained = []
    monkeypatch.setattr(classifiers, "train_classifier", lambda *given, **named: trained.append(given))
    return trained


def test_training_learns_and_leaves_evaluation_mode(data):
    examples = Examples(data.clean, data.labels)
    torch.manual_seed(0)
    classifier = Classifier(data.shape, 16, 10)
    settings = dataclasses.replace(RECIPE.judges, steps=80, batch=64)
    before = accuracy_of(classifier.eval(), examples)
    train_classifier(classifier, examples, settings, 1, augment=True)
    assert not classifier.training
    assert accuracy_of(classifier, examples) > max(0.5, before + 0.2)


def test_the_same_seed_gives_the_same_weights(data):
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(0)
        classifier = Classifier(data.shape, 4, 10)
        train_classifier(classifier, Examples(data.clean, data.labels), RECIPE.judges, seed, augment=True)
        found.append(weights_of(classifier))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_a_judge_that_diverged_is_not_kept(data, tmp_path):
    settings = dataclasses.replace(RECIPE.judges, learning_rate=1e30, steps=10)
    with pytest.raises(TrainingDiverged, match=r"set a smaller judges\.learning_rate than 1e\+30"):
        clean_judge(data, settings, RECIPE.data, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_judge_is_trained_once(data, tmp_path, untrained):
    first = clean_judge(data, RECIPE.judges, RECIPE.data, tmp_path)
    second = clean_judge(data, RECIPE.judges, RECIPE.data, tmp_path)
    assert len(untrained) == 1
    assert torch.equal(weights_of(first), weights_of(second))
    assert len(list(tmp_path.glob("classifier-clean-*.safetensors"))) == 1


def test_a_judge_depends_on_nothing_but_what_its_name_says(data, tmp_path):
    """Whatever was drawn before in the same process: runs that are compared are judged by the same network."""
    found = []
    for name in ("one", "two"):
        found.append(weights_of(clean_judge(data, RECIPE.judges, RECIPE.data, tmp_path / name)))
        torch.rand(5)
    assert torch.equal(*found)


def test_runs_may_share_a_folder_of_judges(data, tmp_path, untrained):
    settings = dataclasses.replace(RECIPE.judges, folder=str(tmp_path / "judges"))
    clean_judge(data, settings, RECIPE.data, tmp_path / "one")
    clean_judge(data, settings, RECIPE.data, tmp_path / "two")
    assert len(untrained) == 1
    assert not (tmp_path / "one").exists()


def test_what_it_depends_on_is_in_its_name(data, tmp_path, untrained):
    judges, source = RECIPE.judges, RECIPE.data
    noisier = dataclasses.replace(data, degraded=data.degraded + 0.1)
    clean_judge(data, judges, source, tmp_path)
    clean_judge(noisier, judges, dataclasses.replace(source, degraded_folder="else", clean_folder="where"), tmp_path)
    assert len(untrained) == 1, "clean pictures are the same whatever was done to the degraded ones, and where they lie"
    degraded_posterior(data, judges, 1, tmp_path)
    degraded_posterior(noisier, judges, 1, tmp_path)
    degraded_posterior(data, judges, 2, tmp_path)
    clean_judge(data, dataclasses.replace(judges, steps=9), source, tmp_path)
    clean_judge(data, judges, dataclasses.replace(source, seed=9), tmp_path)
    assert len(untrained) == 6
    # The same folder, and other pictures or labels in it.
    clean_judge(dataclasses.replace(data, labels=data.labels.flip(0)), judges, source, tmp_path)
    clean_judge(dataclasses.replace(data, clean=data.clean + 0.1), judges, source, tmp_path)
    assert len(untrained) == 8


def test_each_judge_sees_its_own_pictures(data, tmp_path, untrained):
    clean_judge(data, RECIPE.judges, RECIPE.data, tmp_path)
    degraded_posterior(data, RECIPE.judges, 1, tmp_path)
    assert torch.equal(untrained[0][1].pictures, data.clean)
    assert torch.equal(untrained[1][1].pictures, data.degraded)


def test_the_learning_rate_rises_and_falls():
    rates = [one_cycle(done / 100) for done in range(101)]
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(1, abs=0.01)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[0] == 0
    assert rates[-1] == pytest.approx(0, abs=1e-9)


def test_augmented_pictures_are_moved_a_little_each_in_its_own_way(data):
    same = data.clean[:1].expand(6, -1, -1, -1)
    found = augmented(same, torch.Generator().manual_seed(1))
    assert found.shape == same.shape
    moved = (found - same).square().flatten(1).mean(1)
    unlike = (same[0] - data.clean[1:50]).square().flatten(1).mean(1).mean()
    assert len(moved.unique()) == 6
    assert 0 < moved.mean() < unlike


def test_accuracy_counts_hits():
    logits = torch.eye(4)
    examples = Examples(logits, torch.tensor([0, 1, 3, 2]))
    assert accuracy_of(torch.nn.Identity(), examples) == 0.5


def test_reduced_precision_of_a_judge_is_another_judge(data, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "cpu_computes_bfloat16", lambda: True)
    reduced = dataclasses.replace(RECIPE.judges, precision="bf16")
    whole, halved = (weights_of(clean_judge(data, s, RECIPE.data, tmp_path)) for s in (RECIPE.judges, reduced))
    assert not torch.equal(whole, halved)
    assert len(list(tmp_path.iterdir())) == 2
