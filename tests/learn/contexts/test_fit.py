import numpy as np
import pytest

from crosscodec.bitstream.network_inputs import FINE
from crosscodec.codec import load_package
from crosscodec.learn.contexts import fit
from crosscodec.learn.contexts.fit import (
    chosen_near,
    chosen_signed,
    fit_contexts,
    group_sizes,
    load_group,
    save_group,
    strengths,
)
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


def test_a_group_looks_at_what_tells_most(rows):
    draw = np.random.default_rng(0)
    near = chosen_near(rows, 20, slice(20, 22), 6, draw)
    assert near.shape == (6,)
    assert (np.diff(near) > 0).all()
    assert near.max() < 20
    assert chosen_near(rows, 4, slice(4, 6), 6, draw).tolist() == [0, 1, 2, 3]
    signed = chosen_signed(rows, 1, slice(1, 3), 6, draw)
    assert signed.shape == (6, 3)
    assert set(signed[:, 0]) == {0}
    assert 4 not in signed[:, 1], "a mean's difference to itself"
    assert chosen_signed(rows, 0, slice(0, 1), 6, draw).shape == (0, 3)


def test_a_run_that_was_stopped_goes_on_with_the_next_group(tmp_path, recipe, rows, base, monkeypatch):
    sizes = (1, 2, load_package(base).entropy.channels - 3)
    settings = read_recipe(recipe)
    whole = fit_contexts(settings, rows, sizes, tmp_path)
    (tmp_path / "group-01.npz").unlink()
    done = []
    monkeypatch.setattr(
        fit, "fit_group", lambda task, rows, real=fit.fit_group: (done.append(task.group), real(task, rows))
    )
    again = fit_contexts(settings, rows, sizes, tmp_path)
    assert done == [1]
    assert again.layout.to_bytes() == whole.layout.to_bytes()
    assert again.tables.to_bytes() == whole.tables.to_bytes()
    assert not list(tmp_path.glob("*.part*"))


def test_networks_come_back_from_their_files(tmp_path, recipe, rows, base):
    sizes = (1, load_package(base).entropy.channels - 1)
    model = fit_contexts(read_recipe(recipe), rows, sizes, tmp_path)
    group = model.layout.groups[1]
    save_group(tmp_path / "again.npz", group)
    again = load_group(tmp_path / "again.npz")
    assert again.size == group.size
    assert [len(layer.weights) for layer in again.hidden] == [8, 6]
    np.testing.assert_array_equal(again.last.weights, group.last.weights)
    assert set(again.signed[:, 2]) >= {FINE}


@pytest.mark.slow
def test_groups_side_by_side(tmp_path, recipe, rows, base):
    """Two processes read the rows from disk; what they give is what one gives, up to threads' order of adding."""
    rows.save(tmp_path / "rows")
    sizes = (1, 2, load_package(base).entropy.channels - 3)
    settings = read_recipe(recipe, ["training.processes=2"])
    model = fit_contexts(settings, type(rows).load(tmp_path / "rows"), sizes, tmp_path)
    assert model.layout.sizes == sizes
