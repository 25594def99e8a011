import dataclasses

import numpy as np
import pytest
import torch
from learn.slope import Steep

from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.transport.quantisers import VectorQuantiser
from crosscodec.toy import training
from crosscodec.toy.networks import ToyCodec
from crosscodec.toy.settings import ToySettings
from crosscodec.toy.sources import NormalLaw, source_of
from crosscodec.toy.training import Draws, LawDistance, _start_codebook, train_toy

pytestmark = pytest.mark.training

FEW = ToySettings(rate=1.0, steps=12, batch=128, hidden=8)


def test_training_is_a_function_of_its_settings():
    states = [train_toy(settings).codec.state_dict() for settings in (FEW, FEW, dataclasses.replace(FEW, seed=1))]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert any(not torch.equal(states[0][key], states[2][key]) for key in states[0])


def test_a_toy_that_diverges_is_told(monkeypatch):
    real = training._error
    monkeypatch.setattr(training, "_error", lambda *given: Steep.apply(real(*given), float("nan")))
    with pytest.raises(TrainingDiverged, match="in the toy codec of gaussian; choose another seed"):
        train_toy(FEW)


def test_training_leaves_the_threads_as_they_were():
    threads = torch.get_num_threads()
    train_toy(FEW)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("source", ["gaussian", "vector", "bernoulli"])
def test_fresh_blocks_are_those_of_the_source(source):
    settings = ToySettings(source, rate=0.5, block=2)
    drawn = Draws(settings).blocks(40_000).double().numpy()
    known = source_of(settings).draw(1, 40_000).blocks
    np.testing.assert_allclose(drawn.mean(axis=0), known.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(known.T), atol=0.04)


def test_the_law_distance_is_wasserstein_of_normals():
    generator = torch.Generator().manual_seed(0)
    normal = torch.randn(4096, 1, generator=generator)
    distance = LawDistance(NormalLaw(np.array([0.5]), np.array([[2.25]])), 4096)
    assert float(distance(0.5 + 1.5 * normal, generator)) == pytest.approx(0, abs=0.01)
    # (mean - mean*)^2 + (std - std*)^2
    assert float(distance(normal, generator)) == pytest.approx(0.25 + 0.25, rel=0.1)


def test_the_codebook_starts_at_the_rate():
    settings = ToySettings("bernoulli", rate=0.3)
    codec = ToyCodec(settings, source_of(settings))
    draws = Draws(settings)
    _start_codebook(codec, 0.3 * 16, draws)
    quantiser = codec.quantiser
    assert isinstance(quantiser, VectorQuantiser)
    names = quantiser.latents(codec.features(draws.blocks(4096)))[:, 0].long()
    shares = torch.bincount(names).double() / len(names)
    entropy = -(shares * shares.clamp_min(1e-12).log2()).sum() / 16
    assert float(entropy) == pytest.approx(0.3, abs=0.03)
