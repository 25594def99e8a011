"""Objectives of transport and coupling codecs (experiments.md, "Objectives").

    OT    E|X - Y|^2        + lambda_rate bits + lambda_perception W1(p_Y, p_clean) + lambda_classification CE(S, S^)
    MEC   E[-log q(X | Y)]  + the same three

X is the degraded input (unsupervised: clean pictures are never paired with it) or, supervised, the paired clean one.
W1 is estimated by a critic with gradient penalty (learn/critics.py); CE is that of a classifier trained on the
reconstructions together with the codec, and H(S|Y) <= CE. In its place may stand the mean entropy of that classifier's
posterior, which is H(S|Y) where the posterior is right. Squared error is the mean over values, rate counts bits a
picture, CE nats.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from crosscodec.learn.transport.model import Restorer
from crosscodec.learn.transport.settings import DecoderSettings


@dataclass(frozen=True)
class Losses:
    """Scalars of one batch: the total that is minimised and its parts."""

    total: Tensor
    distortion: Tensor
    bits: Tensor  # a picture
    wasserstein: Tensor  # minus the critic's mean over reconstructions: the part that the codec can move
    cross_entropy: Tensor  # nats
    accuracy: Tensor

    def numbers(self) -> dict[str, float]:
        """The parts as plain rounded numbers for the log."""
        return {
            "loss": round(self.total.item(), 6),
            "distortion": round(self.distortion.item(), 6),
            "bits": round(self.bits.item(), 3),
            "wasserstein": round(self.wasserstein.item(), 5),
            "cross_entropy": round(self.cross_entropy.item(), 4),
            "accuracy": round(self.accuracy.item(), 4),
        }


@dataclass(frozen=True)
class Target:
    """What a batch is compared with: degraded input, paired clean pictures or None, labels or None."""

    degraded: Tensor
    clean: Tensor | None
    labels: Tensor | None


@dataclass(frozen=True)
class Charge:
    """What the symbols of a batch cost: bits a picture, and what of it (and of commitments) enters the total."""

    bits: Tensor
    charged: Tensor


@dataclass(frozen=True, eq=False)
class Opponents:
    """Networks beside the codec: the critic (None without perception) and the frozen judge (None unless wanted)."""

    critic: nn.Module | None
    judge: nn.Module | None


def codec_losses(
    restorer: Restorer,
    opponents: Opponents,
    restored: Tensor,
    target: Target,
    weights: DecoderSettings,
    charge: Charge,
) -> Losses:
    """Losses of restored pictures (B,C,H,W) by the weights of their decoder."""
    zero = restored.new_zeros(())
    distortion = distortion_of(restorer, restored, target, weights.supervised)
    wasserstein = zero if opponents.critic is None else -opponents.critic(restored).mean()
    verdict = classification_of(restorer, opponents.judge, restored, target.labels, weights)
    total = weights.lambda_distortion * distortion + charge.charged
    total = total + weights.lambda_perception * wasserstein + verdict.charged
    return Losses(total, distortion, charge.bits, wasserstein, verdict.cross_entropy, verdict.accuracy)


@dataclass(frozen=True)
class Verdict:
    """Classification of a batch: cross-entropy (nats) and accuracy of the head, and what enters the total."""

    cross_entropy: Tensor
    accuracy: Tensor
    charged: Tensor


def classification_of(
    restorer: Restorer, judge: nn.Module | None, restored: Tensor, labels: Tensor | None, weights: DecoderSettings
) -> Verdict:
    """The head's verdict, and ``lambda_classification`` times the label loss of the head or, where there is one, of the
    judge.

    The head always learns: it is one of the two classifiers that are reported. Where its cross-entropy is not charged,
    it learns on pictures that it cannot change.
    """
    zero = restored.new_zeros(())
    if restorer.head is None or labels is None:
        return Verdict(zero, zero, zero)
    weight, by_entropy = weights.lambda_classification, weights.label_loss == "entropy"
    shared = weight > 0 and judge is None and not by_entropy
    logits = restorer.head(restored if shared else restored.detach())
    cross_entropy = nn.functional.cross_entropy(logits, labels)
    accuracy = (logits.argmax(1) == labels).float().mean()
    charged = (weight if shared else 1.0) * cross_entropy
    if weight > 0 and not shared:
        # A head that could lower the entropy of its own posterior would only become sure of itself.
        posterior = frozen(restorer.head, restored) if judge is None else judge(restored)
        loss = posterior_entropy(posterior) if by_entropy else nn.functional.cross_entropy(posterior, labels)
        charged = charged + weight * loss
    return Verdict(cross_entropy, accuracy, charged)


def posterior_entropy(logits: Tensor) -> Tensor:
    """Mean entropy in nats of the posteriors that logits (B,K) stand for."""
    logarithms = torch.log_softmax(logits.float(), dim=1)
    return -(logarithms.exp() * logarithms).sum(dim=1).mean()


def frozen(network: nn.Module, pictures: Tensor) -> Tensor:
    """What a network says of pictures, with a gradient in these alone; its running statistics stay as they are."""
    state = {name: tensor.detach().clone() for name, tensor in (*network.named_parameters(), *network.named_buffers())}
    found: Tensor = torch.func.functional_call(network, state, (pictures,))
    return found


def distortion_of(restorer: Restorer, restored: Tensor, target: Target, supervised: bool) -> Tensor:
    """Squared error, or with a reconstructor the bound on h(X|Y) in nats a value."""
    if restorer.reconstructor is not None:
        cost: Tensor = restorer.reconstructor(restored, target.degraded)
        return cost
    wanted = target.clean if supervised else target.degraded
    assert wanted is not None, "the trainer refuses supervised recipes without paired pictures"
    return (restored - wanted).square().mean()
