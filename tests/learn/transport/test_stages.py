import copy
import dataclasses

import pytest
import torch
from learn.slope import Steep
from learn.transport.tiny import DITHERED, PERCEPTION, tiny_data, tiny_recipe, weights_of

from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.transport import stages
from crosscodec.learn.transport.data import draw_step
from crosscodec.learn.transport.model import (
    EndToEnd,
    first_decoder,
    in_pieces,
    make_critic,
    make_representation,
    make_restorer,
)
from crosscodec.learn.transport.quantisers import Dither
from crosscodec.learn.transport.stages import (
    FrozenSource,
    LearnedSource,
    Setting,
    decoder_stage,
    end_to_end_stage,
    shared,
)
from crosscodec.learn.workers import Workers

FULL = {"objective": {"lambda_perception": 0.1, "lambda_classification": 0.05, "lambda_rate": 0.01}}


@pytest.fixture(scope="module")
def data():
    return tiny_data()


def end_to_end(data, *changes, seed=1):
    """The first stage of the tiny recipe with changes."""
    recipe = tiny_recipe(*changes)
    weights = first_decoder(recipe)
    torch.manual_seed(seed)
    representation = make_representation(recipe, data.shape, data.classes)
    restorer = make_restorer(recipe, weights, representation.quantiser.features, data.shape, data.classes)
    critic = make_critic(recipe, data.shape) if weights.lambda_perception else None
    setting = Setting(0, weights, recipe.training, data, Workers(), critic, None)
    return end_to_end_stage(setting, EndToEnd(representation, restorer), data.degraded, recipe.objective.lambda_rate)


def frozen(data, *changes):
    """A decoder stage for the frozen, untrained encoder of the tiny recipe with changes."""
    recipe = tiny_recipe(*changes, {"decoders": [PERCEPTION]})
    representation = make_representation(recipe, data.shape, data.classes).eval()
    quantiser = representation.quantiser
    latents = in_pieces(lambda piece: quantiser.latents(representation.encoder(piece)), data.degraded)
    settings = recipe.decoders[0]
    restorer = make_restorer(recipe, settings, quantiser.features, data.shape, data.classes)
    setting = Setting(1, settings, recipe.training, data, Workers(), make_critic(recipe, data.shape), None)
    return decoder_stage(setting, FrozenSource(quantiser, latents, ""), restorer)


def walk(stage, steps, first=0):
    return [stage.step(first + step, 1.0).numbers() for step in range(steps)]


def test_steps_repeat(data):
    one, two = end_to_end(data, FULL), end_to_end(data, FULL)
    assert walk(one, 3) == walk(two, 3)
    assert torch.equal(weights_of(one.model), weights_of(two.model))
    assert torch.equal(weights_of(one.average), weights_of(two.average))
    assert torch.equal(weights_of(one.setting.critic), weights_of(two.setting.critic))


def test_a_step_does_not_depend_on_what_was_drawn_before(data):
    """Dropout draws from the global generator: it must not remember the steps before a kill."""
    one, two = end_to_end(data, FULL), end_to_end(data, FULL)
    torch.manual_seed(5)
    first = walk(one, 2)
    torch.manual_seed(6)
    assert walk(two, 2) == first


def test_everything_is_trained_and_the_average_follows(data):
    stage = end_to_end(data, FULL)
    start = {name: p.clone() for name, p in stage.model.named_parameters()}
    critic = weights_of(stage.setting.critic)
    walk(stage, 3)
    assert [name for name, p in stage.model.named_parameters() if torch.equal(p, start[name])] == []
    assert not torch.equal(weights_of(stage.setting.critic), critic)
    moved = (weights_of(stage.average) - weights_of(stage.model)).abs().max()
    assert moved > 0


def test_the_caution_of_rollbacks_slows_everything(data):
    moves = []
    for caution in (1.0, 0.25):
        stage = end_to_end(data, FULL)
        before = weights_of(stage.model), weights_of(stage.setting.critic)
        stage.step(3, caution)
        after = weights_of(stage.model), weights_of(stage.setting.critic)
        moves.append([float((a - b).abs().sum()) for a, b in zip(after, before, strict=True)])
    assert moves[1] == [pytest.approx(0.25 * move, rel=1e-2) for move in moves[0]]


def test_the_encoder_may_be_held_while_the_decoder_learns(data):
    stage = end_to_end(data, {"training": {"hold_steps": 2}})
    encoder, restorer = stage.model.representation.encoder, stage.restorer
    start = weights_of(encoder), weights_of(restorer)
    walk(stage, 2)
    assert torch.equal(weights_of(encoder), start[0])
    assert not torch.equal(weights_of(restorer), start[1])
    walk(stage, 1, first=2)
    assert not torch.equal(weights_of(encoder), start[0])


def test_the_critic_takes_its_own_number_of_steps(data):
    stage = end_to_end(data, FULL, {"training": {"critic_steps": 3}})
    walk(stage, 2)
    counts = {int(stage.critic_optimiser.state[p]["step"]) for p in stage.setting.critic.parameters()}
    assert counts == {6}


def test_a_checkpoint_holds_the_critic_where_there_is_one(data):
    assert end_to_end(data, FULL).state().modules.keys() == {"model", "average", "critic"}
    plain = end_to_end(data).state()
    assert plain.modules.keys() == {"model", "average"}
    assert plain.optimisers.keys() == {"model"}


def test_a_loss_that_is_no_number_does_not_reach_the_weights(data):
    broken = dataclasses.replace(data, degraded=torch.full_like(data.degraded, float("nan")))
    stage = end_to_end(data)
    stage = dataclasses.replace(stage, setting=dataclasses.replace(stage.setting, data=broken))  # the target alone
    start = weights_of(stage.model)
    with pytest.raises(TrainingDiverged):
        stage.step(2, 1.0)
    assert torch.equal(weights_of(stage.model), start)


def test_a_critics_gradient_that_is_no_number_does_not_reach_its_weights(data, monkeypatch):
    real, stage = stages.critic_loss, end_to_end(data, FULL)
    monkeypatch.setattr(stages, "critic_loss", lambda *given: Steep.apply(real(*given), float("nan")))
    start = weights_of(stage.setting.critic)
    with pytest.raises(TrainingDiverged):
        stage.step(2, 1.0)
    assert torch.equal(weights_of(stage.setting.critic), start)


def test_rate_is_charged_by_its_weight_alone(data):
    drawn, workers = draw_step(data, 1, 0, 0, 8), Workers()
    for weight in (0.0, 0.02):
        stage = end_to_end(data)
        source = LearnedSource(stage.model.representation, data.degraded, weight, data.shape.values)
        charge = source(drawn, workers).charge
        assert charge.bits.item() == pytest.approx(3 * 2, abs=1e-4), "untrained tables: 3 symbols of 4 levels"
        assert charge.charged.item() == pytest.approx(weight * charge.bits.item())


def test_a_price_on_the_rate_lowers_it(data):
    ends = []
    for weight in (0.0, 1.0):
        changes = {"objective": {"lambda_rate": weight}, "quantiser": {"kind": "rounding"}}
        stage = end_to_end(data, changes, {"training": {"steps": 60, "warmup_steps": 0, "average": 0.5}})
        ends.append(walk(stage, 60)[-1]["bits"])
    assert ends[1] < ends[0]


def test_a_decoder_stage_leaves_the_representation_alone(data):
    stage = frozen(data)
    quantiser = copy.deepcopy(stage.source.quantiser).state_dict()
    latents, restorer = stage.source.latents.clone(), weights_of(stage.restorer)
    walk(stage, 3)
    assert all(torch.equal(value, quantiser[key]) for key, value in stage.source.quantiser.state_dict().items())
    assert torch.equal(stage.source.latents, latents)
    assert not torch.equal(weights_of(stage.restorer), restorer)
    held = {id(p) for group in stage.optimiser.param_groups for p in group["params"]}
    assert held == {id(p) for p in stage.restorer.parameters()}


@pytest.mark.parametrize("common", [True, False])
def test_decoders_see_the_dither_that_they_will_have(data, common):
    stage = frozen(data, DITHERED, {"quantiser": {"common": common}})
    quantiser, latents = stage.source.quantiser, stage.source.latents
    drawn = draw_step(data, 1, 1, 0, 8)
    twin = quantiser.draw(8, draw_step(data, 1, 1, 0, 8).generator)
    features = stage.source(drawn, Workers()).features
    symbols = quantiser.symbols(latents[drawn.degraded], twin)
    known, private = (quantiser.features_of(symbols + quantiser.offset(d)) for d in (twin.encoder, twin.decoder))
    torch.testing.assert_close(features, private)
    assert torch.equal(known, private) is common


def test_shares_of_dither_stay_common_or_private():
    same = torch.arange(6).reshape(3, 2)
    common = shared(Dither(same, same), Workers())
    assert common.decoder is common.encoder
    other = shared(Dither(same, same + 1), Workers())
    assert torch.equal(other.decoder, same + 1)
    assert shared(None, Workers()) is None
