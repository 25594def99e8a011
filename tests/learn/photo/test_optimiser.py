"""Which weights of a photo codec are treated how."""

import dataclasses

import pytest
from learn.photo.tiny import RECIPE, TRAINING

from crosscodec.learn.muon import ORTHOGONAL
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.optimiser import photo_optimiser
from crosscodec.learn.steps import set_learning_rate


@pytest.fixture(scope="module")
def model():
    return PhotoCodec(RECIPE.model, RECIPE.objective)


def settings(name):
    return dataclasses.replace(TRAINING, optimiser=name, learning_rate=1e-3, scale_learning_rate=4e-3)


def groups(network, name):
    """Names of the weights by what is done to them: (orthogonal, learning rate)."""
    names = {parameter: key for key, parameter in network.named_parameters()}
    found = photo_optimiser(network, settings(name)).param_groups
    return {(g[ORTHOGONAL], g["base"]): {names[p] for p in g["params"]} for g in found}


def test_adam_takes_all_and_scales_have_a_rate_of_their_own(model):
    found = groups(model, "adam")
    assert set(found) == {(False, 1e-3), (False, 4e-3)}
    scales = {"gains.log_gain", "gains.log_step", "gains.raw_dead", "analysis.shrink"}
    assert found[False, 4e-3] == scales
    assert found[False, 1e-3] == set(dict(model.named_parameters())) - scales


def test_muon_takes_the_kernels_between_the_first_layer_and_the_last(model):
    found = groups(model, "muon")
    kernels = found[True, 1e-3]
    assert "analysis.net.to_quarter.weight" in kernels
    assert "synthesis.net.from_eighth.0.weight" in kernels
    assert all(dict(model.named_parameters())[name].ndim == 4 for name in kernels)
    outer = ("analysis.net.to_half.weight", "analysis.net.last.0.weight", "analysis.last.weight", "gains.log_gain")
    assert not kernels.intersection(outer)
    alone = groups(model.analysis, "muon")
    assert alone[True, 1e-3] == {n.removeprefix("analysis.") for n in kernels if n.startswith("analysis.")}
    assert alone[False, 4e-3] == {"shrink"}


def test_learning_rates_go_together(model):
    optimiser = photo_optimiser(model, settings("muon"))
    set_learning_rate(optimiser, 0.25)
    assert sorted(group["lr"] for group in optimiser.param_groups) == [2.5e-4, 2.5e-4, 1e-3]
