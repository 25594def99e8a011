from pathlib import Path

import numpy as np
import pytest
from learn.slope import Steep

from crosscodec.bitstream.interlaced import Pass
from crosscodec.bitstream.network_inputs import FINE
from crosscodec.codec import load_package
from crosscodec.errors import UsageError
from crosscodec.learn.contexts import fit
from crosscodec.learn.contexts.fit import (
    Task,
    chosen_looks,
    fit_contexts,
    group_passes,
    group_sizes,
    load_network,
    save_network,
    strengths,
)
from crosscodec.learn.contexts.settings import ContextSettings
from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.train import read_recipe


def test_groups_hold_all_channels_of_each_plane():
    sizes = group_sizes(192, 48)
    assert sum(sizes) == 288
    assert sizes[:3] == (1, 2, 3)
    assert sum(sizes[:15]) == 192
    assert sizes[15:20] == sizes[20:] == (1, 2, 3, 6, 36)
    assert group_sizes(5, 2) == (1, 2, 2, 1, 1, 1, 1)
    assert group_sizes(1, 1) == (1, 1, 1)


def test_strengths_find_what_moves_the_outputs():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(2000, 5)).astype(np.float32) * [1, 10, 1, 0.1, 1] + 3
    outputs = np.stack([2 * inputs[:, 1], inputs[:, 3] + 0.1 * rng.normal(size=2000)], axis=1).astype(np.float32)
    found = strengths(inputs.astype(np.float32), outputs)
    assert set(np.argsort(found)[-2:]) == {1, 3}


def test_groups_of_each_plane_have_passes():
    settings = ContextSettings(luma_passes=(5, 2, 2), chroma_passes=(3,))
    assert group_passes(192, 48, settings) == (5, 2, 2, *[1] * 12, 3, 1, 1, 1, 1, 3, 1, 1, 1, 1)
    assert group_passes(1, 1, settings) == (5, 3, 3)


def task(recipe, first, size, number=0, passes=1):
    return Task(Path(), read_recipe(recipe), 0, first, size, Pass(number, passes))


def test_a_pass_looks_at_what_tells_most(rows, recipe):
    draw = np.random.default_rng(0)
    settings = ContextSettings(near=6, signed=6)
    looks = chosen_looks(rows, np.arange(len(rows)), task(recipe, 20, 2), settings, draw)
    assert looks.near.shape == (6,)
    assert (np.diff(looks.near) > 0).all()
    assert looks.near.max() < 20
    few = chosen_looks(rows, np.arange(len(rows)), task(recipe, 1, 2), settings, draw)
    assert few.near.tolist() == [0]
    assert few.signed.shape == (6, 3)
    assert set(few.signed[:, 0]) == {0}
    assert 4 not in few.signed[:, 1], "a mean's difference to itself"
    assert few.own.size == few.around.size == 0
    assert chosen_looks(rows, np.arange(len(rows)), task(recipe, 0, 1), settings, draw).inputs == 1


def test_a_later_pass_looks_at_its_own_channels_too(rows, recipe, monkeypatch):
    draw, second = np.random.default_rng(0), task(recipe, 1, 2, 1, 2)
    looks = chosen_looks(rows, rows.of_pass(second.one), second, ContextSettings(signed=8), draw)
    assert len(looks.signed) + len(looks.own) == 8
    assert 0 < len(looks.own) < 8, "slopes are foretold by means and by slopes beside them"
    assert set(looks.own[:, 0]) <= {1, 2}
    assert looks.around.tolist() == [1, 2]
    everything = chosen_looks(rows, rows.of_pass(second.one), second, ContextSettings(signed=500), draw)
    assert len(everything.own) == 2 * 12
    monkeypatch.setattr(fit, "MOST_UNITS", 28)
    with pytest.raises(UsageError, match="pass 1 over group 0 has 29 inputs, at most 28"):
        chosen_looks(rows, rows.of_pass(second.one), second, ContextSettings(signed=24), draw)


def test_batches_show_every_row_once_an_epoch(rows, recipe):
    draw, second = np.random.default_rng(0), task(recipe, 1, 2, 1, 2)
    among = rows.of_pass(second.one)
    looks = chosen_looks(rows, among, second, ContextSettings(), draw)
    shuffled = fit._shuffled(rows, among, looks, second.channels, draw)
    batches = fit._batches(shuffled, looks.inputs, 100, draw)
    pairs = [next(batches) for _ in range(-(-len(among) // 100))]
    found = np.concatenate([np.concatenate([of.numpy() for of in pair], axis=1) for pair in pairs])
    expected = np.concatenate([rows.inputs(among, looks).numpy(), rows.numbers[among][:, 1:3]], axis=1)
    order = np.lexsort(expected.T)
    assert not np.array_equal(found, expected)
    np.testing.assert_array_equal(found[np.lexsort(found.T)], expected[order])


def test_a_run_that_was_stopped_goes_on_with_the_next_pass(tmp_path, recipe, rows, base, monkeypatch):
    sizes, passes = (1, 2, load_package(base).entropy.channels - 3), (3, 2, 1)
    settings = read_recipe(recipe)
    whole = fit_contexts(settings, rows, sizes, passes, tmp_path)
    assert [len(group) for group in whole.layout.groups] == [3, 2, 1]
    (tmp_path / "group-01-1.npz").unlink()
    done = []
    monkeypatch.setattr(
        fit,
        "fit_pass",
        lambda task, rows, real=fit.fit_pass: (done.append((task.group, task.one.number)), real(task, rows)),
    )
    again = fit_contexts(settings, rows, sizes, passes, tmp_path)
    assert done == [(1, 1)]
    assert again.layout.to_bytes() == whole.layout.to_bytes()
    assert again.tables.to_bytes() == whole.tables.to_bytes()
    assert not list(tmp_path.glob("*.part*"))


def test_a_pass_that_diverges_says_which_and_leaves_no_file(tmp_path, recipe, rows, monkeypatch):
    real = fit.ContextNetwork.bits
    monkeypatch.setattr(fit.ContextNetwork, "bits", lambda *given: Steep.apply(real(*given), float("nan")))
    settings = read_recipe(recipe)
    task = Task(tmp_path, settings, 1, 1, 2, Pass(0, 1))
    with pytest.raises(TrainingDiverged, match=r"in group 1, pass 0; set a smaller training\.learning_rate than 0\.0"):
        fit.fit_pass(task, rows)
    assert not list(tmp_path.glob("*.npz"))


def test_networks_come_back_from_their_files(tmp_path, recipe, rows, base):
    sizes = (1, load_package(base).entropy.channels - 1)
    model = fit_contexts(read_recipe(recipe), rows, sizes, (3, 1), tmp_path)
    for network in (model.layout.groups[0][2], model.layout.groups[1][0]):
        save_network(tmp_path / "again.npz", network)
        again = load_network(tmp_path / "again.npz")
        assert again.size == network.size
        assert [len(layer.weights) for layer in again.hidden] == [8, 6]
        for name in ("near", "signed", "around", "own"):
            np.testing.assert_array_equal(getattr(again, name), getattr(network, name))
        np.testing.assert_array_equal(again.last.weights, network.last.weights)
    assert set(again.signed[:, 2]) >= {FINE}


@pytest.mark.slow
def test_groups_side_by_side(tmp_path, recipe, rows, base):
    """Two processes read the rows from disk; what they give is what one gives, up to threads' order of adding."""
    rows.save(tmp_path / "rows")
    sizes = (1, 2, load_package(base).entropy.channels - 3)
    settings = read_recipe(recipe, ["training.processes=2"])
    model = fit_contexts(settings, type(rows).load(tmp_path / "rows"), sizes, (3, 1, 1), tmp_path)
    assert model.layout.sizes == sizes
