"""Objectives by hand: which target, which weight, which sign."""

import dataclasses

import pytest
import torch
from learn.slope import Slope
from learn.transport.tiny import tiny_recipe
from torch import nn

from crosscodec.learn.critics import critic_loss
from crosscodec.learn.transport.model import Restorer, make_critic, make_restorer
from crosscodec.learn.transport.networks import Shape
from crosscodec.learn.transport.objective import (
    Charge,
    Opponents,
    Target,
    codec_losses,
    distortion_of,
    frozen,
    posterior_entropy,
)
from crosscodec.learn.transport.settings import DecoderSettings

SHAPE = Shape(1, 8, 8)
WEIGHTS = DecoderSettings(lambda_distortion=1.0, lambda_perception=0.3, lambda_classification=0.2)
NOBODY = Opponents(None, None)


def restorer_of(kind: str = "ot", classes: int = 10) -> Restorer:
    torch.manual_seed(3)
    recipe = tiny_recipe({"objective": {"kind": kind}})
    settings = dataclasses.replace(WEIGHTS, name=recipe.package.decoder)
    # eval(): no dropout, so that losses can be compared to the digit
    return make_restorer(recipe, settings, 3, SHAPE, classes).eval()


@pytest.fixture
def target():
    torch.manual_seed(1)
    return Target(torch.rand(6, 1, 8, 8), torch.rand(6, 1, 8, 8), torch.arange(6))


@pytest.fixture
def restored():
    torch.manual_seed(2)
    return torch.rand(6, 1, 8, 8, requires_grad=True)


@pytest.fixture
def charge():
    return Charge(torch.tensor(4.0), torch.tensor(0.5))


def test_unsupervised_transport_looks_at_the_degraded_picture_alone(target, restored):
    found = distortion_of(restorer_of(), restored, target, supervised=False)
    torch.testing.assert_close(found, (restored - target.degraded).square().mean())
    blind = distortion_of(restorer_of(), restored, Target(target.degraded, None, None), supervised=False)
    assert torch.equal(found, blind), "clean pictures are never paired with degraded ones"


def test_supervised_transport_looks_at_the_clean_picture_alone(target, restored):
    found = distortion_of(restorer_of(), restored, target, supervised=True)
    torch.testing.assert_close(found, (restored - target.clean).square().mean())
    moved = Target(target.degraded + 1, target.clean, None)
    assert torch.equal(found, distortion_of(restorer_of(), restored, moved, supervised=True))


def test_coupling_asks_what_the_picture_says_of_the_degraded_one(target, restored):
    """-log q(X|Y) by hand; it depends on X, not on the clean picture, and is no squared error to it."""
    restorer = restorer_of("mec")
    found = distortion_of(restorer, restored, target, supervised=False)
    q = restorer.reconstructor
    error = (q.net(restored) - target.degraded).square().mean()
    torch.testing.assert_close(found, 0.5 * (q.log_variance + error * torch.exp(-q.log_variance)))
    moved = Target(target.degraded, target.clean + 1, None)
    assert torch.equal(found, distortion_of(restorer, restored, moved, supervised=True))
    others = [distortion_of(restorer_of(), restored, target, supervised=s) for s in (False, True)]
    assert all((found - other).abs() > 1e-3 for other in others)


def test_coupling_does_not_care_for_the_picture_itself(target):
    """A negative tells as much of X as X does: MEC finds them alike once q is fitted, squared error does not."""
    costs = []
    for shown in (target.degraded, 1 - target.degraded, torch.rand(6, 1, 8, 8)):
        restorer = restorer_of("mec")
        optimiser = torch.optim.Adam(restorer.reconstructor.parameters(), lr=0.02)
        for _ in range(150):
            cost = distortion_of(restorer, shown, target, supervised=False)
            optimiser.zero_grad()
            cost.backward()
            optimiser.step()
        costs.append(cost.item())
    itself, negative, unrelated = costs
    assert abs(itself - negative) < 0.4 * (unrelated - max(itself, negative))


def losses_with(restored, target, charge, **weights):
    settings = dataclasses.replace(WEIGHTS, **weights)
    return codec_losses(restorer_of(), Opponents(Slope(2.0), None), restored, target, settings, charge)


def test_total_is_the_weighted_sum(target, restored, charge):
    found = losses_with(restored, target, charge)
    expected = found.distortion + charge.charged + 0.3 * found.wasserstein + 0.2 * found.cross_entropy
    torch.testing.assert_close(found.total, expected)
    torch.testing.assert_close(found.wasserstein, -Slope(2.0)(restored).mean())
    logits = restorer_of().head(restored)
    torch.testing.assert_close(found.cross_entropy, nn.functional.cross_entropy(logits, target.labels))
    assert found.bits is charge.bits
    assert next(iter(found.numbers().values())) == pytest.approx(found.total.item(), abs=1e-5)


@pytest.mark.parametrize(
    ("weight", "part"),
    [
        ("lambda_distortion", "distortion"),
        ("lambda_perception", "wasserstein"),
        ("lambda_classification", "cross_entropy"),
    ],
)
def test_each_weight_changes_its_own_part_alone(target, restored, charge, weight, part):
    before = losses_with(restored, target, charge)
    after = losses_with(restored, target, charge, **{weight: getattr(WEIGHTS, weight) + 1.0})
    torch.testing.assert_close(after.total - before.total, getattr(before, part), atol=1e-5, rtol=1e-5)
    for name in ("distortion", "bits", "wasserstein", "cross_entropy", "accuracy"):
        assert torch.equal(getattr(after, name), getattr(before, name)), name


def test_the_gradient_of_the_picture_is_that_of_the_weighted_parts(target, restored, charge):
    def gradient(**weights):
        (found,) = torch.autograd.grad(losses_with(restored, target, charge, **weights).total, restored)
        return found

    none = {"lambda_distortion": 0.0, "lambda_perception": 0.0, "lambda_classification": 0.0}
    assert gradient(**none).abs().max() == 0, "a weight of 0 leaves nothing, not even the head's own loss"
    only = [gradient(**(none | {name: getattr(WEIGHTS, name)})) for name in none]
    assert all(part.abs().max() > 0 for part in only)
    torch.testing.assert_close(sum(only), gradient())


def test_the_head_learns_even_where_it_has_no_say(target, restored, charge):
    restorer = restorer_of()
    weights = dataclasses.replace(WEIGHTS, lambda_classification=0.0)
    codec_losses(restorer, NOBODY, restored, target, weights, charge).total.backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in list(restorer.head.parameters())[-2:])


def test_a_frozen_judge_takes_the_place_of_the_head(target, restored, charge):
    """Then its cross-entropy moves the picture, and the head learns on pictures that it cannot change."""
    torch.manual_seed(8)
    judge = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    restorer = restorer_of()
    weights = dataclasses.replace(WEIGHTS, lambda_distortion=0.0, lambda_perception=0.0)
    found = codec_losses(restorer, Opponents(None, judge), restored, target, weights, charge)
    judged = nn.functional.cross_entropy(judge(restored), target.labels)
    torch.testing.assert_close(found.total, charge.charged + found.cross_entropy + 0.2 * judged)
    (gradient,) = torch.autograd.grad(found.total, restored, retain_graph=True)
    (expected,) = torch.autograd.grad(0.2 * judged, restored)
    torch.testing.assert_close(gradient, expected)
    silent = dataclasses.replace(weights, lambda_classification=0.0)
    total = codec_losses(restorer, Opponents(None, judge), restored, target, silent, charge).total
    (gradient,) = torch.autograd.grad(total, restored)
    assert gradient.abs().max() == 0


@pytest.mark.parametrize("judged", [False, True])
def test_entropy_of_the_posterior_moves_the_picture_and_no_classifier(target, restored, charge, judged):
    torch.manual_seed(8)
    judge = nn.Sequential(nn.Flatten(), nn.Linear(64, 10)) if judged else None
    restorer = restorer_of()
    weights = dataclasses.replace(WEIGHTS, lambda_distortion=0.0, lambda_perception=0.0, label_loss="entropy")
    found = codec_losses(restorer, Opponents(None, judge), restored, target, weights, charge)
    posterior = torch.softmax((judge or restorer.head)(restored), 1)
    entropy = -(posterior * posterior.log()).sum(1).mean()
    torch.testing.assert_close(found.total, charge.charged + found.cross_entropy + 0.2 * entropy)
    last = restorer.head.net[-1].bias
    gradients = torch.autograd.grad(found.total, (restored, last), retain_graph=True)
    expected = *torch.autograd.grad(0.2 * entropy, restored), *torch.autograd.grad(found.cross_entropy, last)
    for gradient, wanted in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, wanted)


def test_entropy_of_posteriors_by_hand():
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25], [1.0, 1e-30, 1e-30]]))
    torch.testing.assert_close(posterior_entropy(logits), torch.tensor(0.5 * 1.5 * 0.6931472))


def test_statistics_of_a_head_are_not_moved_by_what_only_reads_it():
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(4), nn.Linear(4, 2)).train()
    pictures = torch.rand(8, 1, 2, 2, requires_grad=True)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    frozen(network, pictures).square().sum().backward()
    assert pictures.grad.abs().max() > 0
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_without_labels_or_critic_their_parts_are_zero(target, restored, charge):
    unlabelled = Target(target.degraded, target.clean, None)
    found = codec_losses(restorer_of(classes=0), NOBODY, restored, unlabelled, WEIGHTS, charge)
    assert (found.wasserstein.item(), found.cross_entropy.item(), found.accuracy.item()) == (0.0, 0.0, 0.0)


def test_accuracy_counts_hits(target, restored, charge):
    restorer = restorer_of()
    right = restorer.head(restored).argmax(1)
    labels = torch.cat([right[:3], (right[3:] + 1) % 10])
    half = Target(target.degraded, None, labels)
    assert codec_losses(restorer, NOBODY, restored, half, WEIGHTS, charge).accuracy.item() == 0.5


def test_the_critic_learns_to_rate_clean_above_restored_and_the_codec_to_be_rated_highly(target, charge):
    torch.manual_seed(0)
    critic = make_critic(tiny_recipe(), SHAPE)
    dark = 0.3 * torch.rand(6, 1, 8, 8)
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.01)
    for _ in range(40):
        loss = critic_loss(critic, target.clean, dark, torch.rand(6, 1, 1, 1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert critic(target.clean).mean() > critic(dark).mean() + 0.1
    lighter = dark.clone().requires_grad_(True)
    weights = dataclasses.replace(WEIGHTS, lambda_distortion=0.0, lambda_classification=0.0)
    total = codec_losses(restorer_of(), Opponents(critic, None), lighter, target, weights, charge).total
    (gradient,) = torch.autograd.grad(total, lighter)
    with torch.no_grad():
        assert critic(lighter - gradient).mean() > critic(lighter).mean()
