import pytest
import torch
from learn.transport.tiny import EMBEDDING, tiny_recipe

from crosscodec.learn.transport.model import make_critic, make_representation, make_restorer
from crosscodec.learn.transport.networks import Classifier, Reconstructor, ResidualBlock, Shape
from crosscodec.learn.transport.settings import DecoderSettings

DIGIT = Shape(1, 8, 8)
SHAPES = [DIGIT, Shape(1, 28, 28), Shape(3, 32, 32), Shape(3, 12, 64)]
KINDS = ["conv", "dense"]


def pictures(shape, count=3):
    torch.manual_seed(0)
    return torch.rand(count, shape.channels, shape.height, shape.width)


def encoder_of(shape, **model):
    torch.manual_seed(1)
    quantiser = EMBEDDING["quantiser"] if model["network"] == "embedding" else {}
    return make_representation(tiny_recipe({"model": model, "quantiser": quantiser}), shape, 7).encoder.eval()


def decoder_of(shape, kind, noise=2):
    torch.manual_seed(1)
    settings = DecoderSettings(network=kind, noise=noise)
    return make_restorer(tiny_recipe(), settings, 5, shape, 7).decoder


def disturbed(network):
    """The network with numbers in its last layer too, which starts at zero and hides what lies before it."""
    for parameter in network.net.last_layer().parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network


@pytest.mark.parametrize("shape", SHAPES)
def test_encoders_give_features(shape):
    batch = pictures(shape)
    sizes = {"dense": 3, "conv": 3, "spatial": 3 * shape.cells, "embedding": 6 + 7}
    for network, size in sizes.items():
        encoder = encoder_of(shape, network=network)
        assert encoder(encoder.prepare(batch)).shape == (3, size)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_others_take_pictures_of_that_size(shape, kind):
    batch = pictures(shape)
    assert make_critic(tiny_recipe({"model": {"critic": kind}}), shape)(batch).shape == (3,)
    assert Classifier(shape, 4, 7)(batch).shape == (3, 7)
    assert decoder_of(shape, kind)(torch.rand(3, 5), torch.rand(3, 2)).shape == batch.shape
    assert Reconstructor(shape, 4)(batch, batch).shape == ()


def spatial_decoder(shape, noise=0):
    torch.manual_seed(1)
    recipe = tiny_recipe({"model": {"network": "spatial"}})
    settings = DecoderSettings(network="spatial", noise=noise)
    return make_restorer(recipe, settings, 3 * shape.cells, shape, 7).decoder


@pytest.mark.parametrize("shape", SHAPES)
def test_a_spatial_decoder_gives_pictures_of_any_size(shape):
    decoder = spatial_decoder(shape, noise=2)
    assert decoder.noise == 2 * shape.cells
    features, noise = torch.rand(3, 3 * shape.cells), torch.rand(3, decoder.noise)
    assert disturbed(decoder)(features, noise).shape == (3, shape.channels, shape.height, shape.width)


def test_a_spatial_decoder_starts_at_the_mean_colour_and_sees_the_neighbourhood_of_a_cell():
    shape = Shape(3, 128, 64)
    decoder = spatial_decoder(shape)
    colour = torch.tensor([0.2, 0.5, 0.7]).view(3, 1, 1)
    decoder.linear.start_at(colour.expand(3, 128, 64))
    features, none = torch.rand(1, 3 * shape.cells), torch.empty(1, 0)
    torch.testing.assert_close(decoder(features, none)[0], colour.expand(3, 128, 64))
    torch.nn.init.normal_(decoder.linear.blocks.weight)
    disturbed(decoder).train()
    other = features.unflatten(1, (3, 32, 16)).clone()
    other[:, :, 0, 0] += 1
    with torch.no_grad():
        changed = (decoder(other.flatten(1), none) != decoder(features, none)).any(dim=1)[0]
    assert changed[:4, :4].all()
    assert not changed[40:].any()


def test_spatial_features_lie_on_a_grid():
    """A feature sees the neighbourhood of its cell only."""
    shape = Shape(1, 64, 64)
    encoder = encoder_of(shape, network="spatial")
    first = pictures(shape, 1)
    second = first.clone()
    second[:, :, :4, :4] += 1.0
    moved = (encoder(first) - encoder(second)).abs().unflatten(1, (3, 16, 16))[0].amax(0)
    assert moved[0, 0] > 0
    assert moved[8:, 8:].max() == 0


def test_a_residual_block_starts_as_the_identity_up_to_its_bias():
    block = ResidualBlock(4)
    features = torch.randn(2, 4, 5, 5)
    torch.testing.assert_close(block(features) - features, block.second.bias[None, :, None, None].expand(2, 4, 5, 5))


def test_an_embedding_starts_as_its_base_and_weighs_the_posterior():
    encoder = encoder_of(DIGIT, network="embedding")
    batch = pictures(DIGIT)
    base = encoder.prepare(batch)
    assert torch.equal(encoder(base), base)
    torch.testing.assert_close(base[:, 6:].sum(1), torch.ones(3))
    encoder.label_weight.fill_(5.0)
    torch.testing.assert_close(encoder.prepare(batch)[:, 6:].sum(1), torch.full((3,), 5.0))
    encoder.label_sharpness.fill_(1e4)
    verdicts = encoder.prepare(batch)[:, 6:]
    torch.testing.assert_close(verdicts.amax(1), torch.full((3,), 5.0))
    assert torch.equal(verdicts.argmax(1), encoder.posterior(batch).argmax(1))


@pytest.mark.parametrize("kind", KINDS)
def test_a_decoder_starts_as_a_linear_map(kind):
    decoder = decoder_of(DIGIT, kind)
    torch.nn.init.normal_(decoder.linear.weight)
    features = torch.randn(4, 5)
    expected = (features @ decoder.linear.weight.T + decoder.linear.bias).unflatten(1, (1, 8, 8))
    torch.testing.assert_close(decoder(features, torch.randn(4, 2)), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_clipped_when_used_and_not_in_training(kind):
    decoder = disturbed(decoder_of(DIGIT, kind))
    torch.nn.init.normal_(decoder.linear.weight)
    features, noise = 9 * torch.randn(4, 5), torch.randn(4, 2)
    trained, used = decoder.train()(features, noise), decoder.eval()(features, noise)
    assert trained.min() < 0
    assert trained.max() > 1
    assert torch.equal(used, trained.clamp(0, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_private_noise_moves_the_picture(kind):
    decoder = disturbed(decoder_of(DIGIT, kind))
    features = torch.randn(1, 5).expand(2, 5)
    one, other = decoder(features, torch.tensor([[0.0, 0.0], [3.0, -3.0]]))
    assert (one - other).abs().max() > 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_the_critic_sees_each_picture_by_itself(kind):
    """The gradient penalty is a sample's own slope: no statistics of the batch."""
    critic, batch = make_critic(tiny_recipe({"model": {"critic": kind}}), SHAPES[1]), pictures(SHAPES[1], 6)
    torch.testing.assert_close(critic(batch)[:2], critic(batch[:2]))


def test_the_reconstructor_charges_error_by_its_variance():
    q = Reconstructor(DIGIT, 4)
    batch = pictures(DIGIT)
    off = q.net(batch) + 0.5  # an error of a half everywhere
    for log_variance in (-2.0, 0.0, 1.0):
        torch.nn.init.constant_(q.log_variance, log_variance)
        expected = torch.tensor(0.5 * (log_variance + 0.25 * torch.exp(torch.tensor(-log_variance)).item()))
        torch.testing.assert_close(q(batch, off), expected, atol=1e-5, rtol=1e-5)
