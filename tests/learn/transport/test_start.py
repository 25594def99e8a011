import dataclasses

import pytest
import torch
from learn.transport.tiny import EMBEDDING, tiny_data, tiny_recipe

from crosscodec.learn.transport.classifiers import Examples, train_classifier
from crosscodec.learn.transport.model import first_decoder, make_representation, make_restorer
from crosscodec.learn.transport.networks import Classifier
from crosscodec.learn.transport.settings import QuantiserSettings
from crosscodec.learn.transport.start import cluster, principal_components, start_embedding, start_restorer

WHOLE = 64  # as many components as 8 x 8 pixels: nothing is lost but what quantisation loses


@pytest.fixture(scope="module")
def data():
    return tiny_data()


@pytest.fixture(scope="module")
def posterior(data):
    torch.manual_seed(0)
    classifier = Classifier(data.shape, 16, 10)
    settings = dataclasses.replace(tiny_recipe().judges, steps=80, batch=64)
    train_classifier(classifier, Examples(data.degraded, data.labels), settings, 1, augment=False)
    return classifier


def started(data, posterior, weight, components=WHOLE, codebooks=(12,)):
    """A representation and its restorer after the start, and the base of all pictures."""
    changes = {
        "model": {"components": components},
        "quantiser": {"codebooks": list(codebooks), "label_weight": weight},
        "judges": {"width": 16},
    }
    merged = {name: EMBEDDING.get(name, {}) | values for name, values in changes.items()}
    recipe = tiny_recipe(merged)
    representation = make_representation(recipe, data.shape, 10).eval()
    base = start_embedding(representation, data.degraded, posterior, recipe.quantiser, 1)
    restorer = make_restorer(recipe, first_decoder(recipe), representation.quantiser.features, data.shape, 10).eval()
    start_restorer(restorer, representation, data.degraded)
    return representation, restorer, base


def test_components_are_orthonormal_and_of_largest_variance():
    torch.manual_seed(0)
    spread = torch.tensor([0.1, 5.0, 1.0, 3.0])
    values = torch.randn(4000, 4) * spread + torch.tensor([1.0, 2.0, 3.0, 4.0])
    directions, mean = principal_components(values, 3)
    torch.testing.assert_close(directions @ directions.T, torch.eye(3), atol=1e-5, rtol=0)
    assert directions.abs().argmax(1).tolist() == [1, 3, 2]
    torch.testing.assert_close(mean, values.mean(0))
    variances = ((values - mean) @ directions.T).var(0)
    assert variances.tolist() == sorted(variances.tolist(), reverse=True)


def test_clusters_are_means_of_their_cells():
    torch.manual_seed(0)
    points = torch.cat([torch.randn(30, 2) + centre for centre in (torch.zeros(2), torch.tensor([20.0, 0.0]))])
    centres, cells = cluster(points, 2, seed=1)
    assert cells[:30].unique().numel() == cells[30:].unique().numel() == 1
    for k in range(2):
        torch.testing.assert_close(centres[k], points[cells == k].mean(0), atol=1e-4, rtol=0)


def test_the_base_is_components_beside_weighted_posterior(data, posterior):
    representation, _, base = started(data, posterior, 3.0, components=6)
    directions = representation.encoder.components.weight
    torch.testing.assert_close(directions @ directions.T, torch.eye(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(base[:, :6].mean(0), torch.zeros(6), atol=1e-4, rtol=0)
    with torch.no_grad():
        expected = 3.0 * torch.softmax(posterior(data.degraded), 1)
    torch.testing.assert_close(base[:, 6:], expected)


def test_codewords_are_pictures_from_the_first_step(data, posterior):
    """The untrained decoder shows the mean degraded picture of each cell."""
    representation, restorer, base = started(data, posterior, 0.0)
    quantiser = representation.quantiser
    with torch.no_grad():
        cells = quantiser.latents(representation.encoder(base))[:, 0].long()
        pictures = restorer.decoder(quantiser.features_of(torch.arange(12.0)[:, None]), torch.empty(12, 0))
    assert len(cells.unique()) == 12
    for k in range(12):
        mean = data.degraded[cells == k].mean(0).clamp(0, 1)  # a decoder's pictures are clipped
        torch.testing.assert_close(pictures[k], mean, atol=2e-3, rtol=0)


def test_later_stages_code_what_is_left(data, posterior):
    errors = []
    for codebooks in ((5,), (5, 4)):
        representation, _, base = started(data, posterior, 0.0, codebooks=codebooks)
        quantiser = representation.quantiser
        with torch.no_grad():
            errors.append((quantiser.features_of(quantiser.latents(base)) - base).square().sum(1).mean())
    assert errors[1] < 0.95 * errors[0]


def test_tables_start_as_the_shares_of_the_cells(data, posterior):
    representation, _, base = started(data, posterior, 0.0)
    counts = torch.bincount(representation.quantiser.latents(base)[:, 0].long(), minlength=12)
    shares = torch.softmax(representation.quantiser.logits[0][0], 0)
    torch.testing.assert_close(shares, (counts + 0.5) / (counts + 0.5).sum(), atol=1e-5, rtol=0)


def test_the_label_weight_makes_cells_purer(data, posterior):
    """Accuracy of guessing the commonest label of a picture's cell, with the same number of codewords."""
    found = []
    for weight in (0.0, 20.0):
        representation, _, base = started(data, posterior, weight, components=6, codebooks=(10,))
        cells = representation.quantiser.latents(base)[:, 0].long()
        counts = torch.zeros(10, 10).index_put_((cells, data.labels), torch.ones(len(cells)), accumulate=True)
        found.append(float(counts.amax(1).sum() / len(cells)))
    assert found[1] > found[0] + 0.03


def test_other_codecs_start_at_the_mean_picture(data):
    recipe = tiny_recipe()
    representation = make_representation(recipe, data.shape, 10)
    restorer = make_restorer(recipe, first_decoder(recipe), 3, data.shape, 10).eval()
    start_restorer(restorer, representation, data.degraded)
    with torch.no_grad():
        found = restorer.decoder(torch.randn(4, 3), torch.empty(4, 0))
    expected = data.degraded.mean(0, keepdim=True).clamp(0, 1).expand(4, -1, -1, -1)
    torch.testing.assert_close(found, expected)


def test_an_embedding_may_feed_a_scalar_quantiser(data, posterior):
    changes = {"model": {"network": "embedding"}, "judges": {"width": 16}, "quantiser": {"kind": "levels"}}
    representation = make_representation(tiny_recipe(changes), data.shape, 10).eval()
    base = start_embedding(representation, data.degraded, posterior, QuantiserSettings(), 1)
    assert base.shape == (240, 6 + 10)
    with torch.no_grad():
        assert representation.quantiser.latents(representation.encoder(base)).shape == (240, 3)
