"""One step of training, whatever the stage: a batch, the codec's losses, Adam, the critic's turn, the running average.

indices ─► source ─► features + charge ─► decoder ─► losses ─► Adam ─► average
│                               └─ detached ─► critic's loss against clean pictures ─► Adam
├── LearnedSource: encoder and quantiser in training (end-to-end)
└── FrozenSource:  latents computed once (further decoders: universal representation)
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from crosscodec.learn.average import running_average
from crosscodec.learn.checkpoint import RunState
from crosscodec.learn.critics import critic_loss
from crosscodec.learn.descent import descend
from crosscodec.learn.steps import StepPlan, learning_rate_factor, set_learning_rate
from crosscodec.learn.transport.data import Drawn, TrainingData, draw_step, target_of
from crosscodec.learn.transport.model import EndToEnd, Representation, Restorer
from crosscodec.learn.transport.networks import Classifier, Critic
from crosscodec.learn.transport.objective import Charge, Losses, Opponents, codec_losses
from crosscodec.learn.transport.quantisers import Dither, Quantiser
from crosscodec.learn.transport.settings import DecoderSettings, TrainingSettings
from crosscodec.learn.workers import Workers


@dataclass(frozen=True)
class Sourced:
    """Features (B,F) for the decoder, and what their symbols cost."""

    features: Tensor
    charge: Charge


Source = Callable[[Drawn, Workers], Sourced]


@dataclass(frozen=True, eq=False)
class LearnedSource:
    """Features from an encoder in training; ``inputs`` (N,…) are its prepared pictures of ``values`` numbers each."""

    representation: Representation
    inputs: Tensor
    lambda_rate: float
    values: int

    def __call__(self, drawn: Drawn, workers: Workers) -> Sourced:
        """Features of a step."""
        quantiser = self.representation.quantiser
        dither = shared(quantiser.draw(len(drawn.degraded), drawn.generator), workers)
        features = self.representation.encoder(workers.share(self.inputs[drawn.degraded])).float()
        quantised = quantiser(features, dither)
        bits = quantised.bits.mean()
        # Without a price on the rate the tables learn nothing; those of the package are fitted at export.
        # Embeddings are measured in picture values: a value's share is on the scale of the squared error.
        charged = self.lambda_rate * bits + quantised.commitment / self.values
        return Sourced(quantised.features, Charge(bits, charged))


@dataclass(frozen=True, eq=False)
class FrozenSource:
    """Features from latents (N,C) that were computed once; dither, if any, is drawn afresh in every step."""

    quantiser: Quantiser
    latents: Tensor
    basis: str  # that of the representation: whoever prolongs its training changes every symbol

    @torch.no_grad()
    def __call__(self, drawn: Drawn, workers: Workers) -> Sourced:
        """Features of a step."""
        dither = shared(self.quantiser.draw(len(drawn.degraded), drawn.generator), workers)
        latents = workers.share(self.latents[drawn.degraded])
        values = self.quantiser.symbols(latents, dither)
        if dither is not None:
            values = values + self.quantiser.offset(dither.decoder)
        zero = values.new_zeros(())
        return Sourced(self.quantiser.features_of(values), Charge(zero, zero))


@dataclass(frozen=True, eq=False)
class Setting:
    """What a stage works with, whatever it trains: its number, its weights, data, processes, and its opponents."""

    number: int
    weights: DecoderSettings
    training: TrainingSettings
    data: TrainingData
    workers: Workers
    critic: Critic | None
    judge: Classifier | None  # only where the recipe wants its cross-entropy


@dataclass(frozen=True, eq=False)
class Stage:
    """What one stage trains. ``model`` holds ``restorer`` (and the representation, end-to-end)."""

    setting: Setting
    source: Source
    model: nn.Module
    average: nn.Module
    restorer: Restorer
    optimiser: torch.optim.Optimizer
    critic_optimiser: torch.optim.Optimizer | None
    basis: str  # of a decoder's stage, the representation that it reads

    def state(self) -> RunState:
        """What a checkpoint of the stage holds."""
        modules: dict[str, nn.Module] = {"model": self.model, "average": self.average}
        optimisers = {"model": self.optimiser}
        if self.setting.critic is not None and self.critic_optimiser is not None:
            modules["critic"] = self.setting.critic
            optimisers["critic"] = self.critic_optimiser
        return RunState(modules, optimisers)

    def plan(self, name: str) -> StepPlan:
        """The stage as steps."""
        settings = self.setting.training
        return StepPlan(
            name=name,
            steps=self.setting.weights.steps,
            step=self.step,
            validate=dict,
            log_every=settings.log_every,
            checkpoint_minutes=settings.checkpoint_minutes,
            rollbacks=settings.rollbacks,
            basis=self.basis,
        )

    def step(self, number: int, caution: float) -> Losses:
        """One step of codec and critic on the batch that belongs to this step."""
        setting, settings, workers = self.setting, self.setting.training, self.setting.workers
        weights = setting.weights
        decay = max(1, round(settings.decay * weights.steps))
        factor = caution * learning_rate_factor(number, weights.steps, settings.warmup_steps, decay)
        drawn = draw_step(setting.data, settings.seed, setting.number, number, settings.batch)
        target = target_of(setting.data, drawn.degraded, workers)
        opponents = Opponents(setting.critic, setting.judge)
        # Dropout and the like draw from the global generator: seeded by the step, so that resuming is exact.
        torch.manual_seed(int(torch.randint(2**31, (), generator=drawn.generator)))
        with workers.autocast():
            sourced = self.source(drawn, workers)
            noise = torch.randn(len(drawn.degraded), self.restorer.decoder.noise, generator=drawn.generator)
            restored = self.restorer.decoder(sourced.features, workers.share(noise)).float()
            losses = codec_losses(self.restorer, opponents, restored, target, weights, sourced.charge)
        for group in self.optimiser.param_groups:
            group["lr"] = group["base"] * factor * (number >= group["hold"])
        descend(self.optimiser, losses.total, settings.clip, workers)
        running_average(self.average, self.model, settings.average, number)
        if setting.critic is not None:
            self._teach_critic(setting.critic, restored.detach(), drawn, factor)
        return losses

    def _teach_critic(self, critic: Critic, restored: Tensor, drawn: Drawn, factor: float) -> None:
        clean, workers = self.setting.data.clean, self.setting.workers
        assert clean is not None, "the trainer refuses perception without clean pictures"
        assert self.critic_optimiser is not None, "a critic comes with its optimiser"
        set_learning_rate(self.critic_optimiser, factor)
        for turn in range(self.setting.training.critic_steps):
            real = workers.share(clean[drawn.clean.roll(turn)])
            mix = workers.share(torch.rand(len(drawn.clean), 1, 1, 1, generator=drawn.generator))
            with workers.autocast():
                loss = critic_loss(critic, real, restored, mix)
            descend(self.critic_optimiser, loss, workers=workers)


def shared(dither: Dither | None, workers: Workers) -> Dither | None:
    """Of a draw of dither, the share of this process."""
    if dither is None:
        return None
    encoder = workers.share(dither.encoder)
    return Dither(encoder, encoder if dither.decoder is dither.encoder else workers.share(dither.decoder))


def end_to_end_stage(setting: Setting, model: EndToEnd, inputs: Tensor, lambda_rate: float) -> Stage:
    """The first stage: encoder, quantiser and first decoder together."""
    rates = setting.training
    tables = [p for name, p in model.representation.quantiser.named_parameters() if "logits" in name]
    known = {id(p) for p in tables}
    groups = [
        _group(
            [p for p in model.representation.learned() if id(p) not in known],
            rates.encoder_learning_rate,
            rates.hold_steps,
        ),
        *_restorer_groups(setting, model.restorer),
        _group(tables, rates.table_learning_rate),
    ]
    source = LearnedSource(model.representation, inputs, lambda_rate, setting.data.shape.values)
    return _stage(setting, source, model, model.restorer, groups)


def decoder_stage(setting: Setting, source: FrozenSource, restorer: Restorer) -> Stage:
    """A further decoder for a frozen representation."""
    source.quantiser.to(setting.workers.device)
    return _stage(setting, source, restorer, restorer, _restorer_groups(setting, restorer), source.basis)


def _restorer_groups(setting: Setting, restorer: Restorer) -> list[dict[str, object]]:
    """Decoder and head learn at rates of their own: a decoder that starts at its cells' means has little to learn."""
    head = [] if restorer.head is None else list(restorer.head.parameters())
    known = {id(p) for p in head}
    rest = [p for p in restorer.parameters() if id(p) not in known]
    groups = [_group(rest, setting.weights.learning_rate)]
    return [*groups, _group(head, setting.training.head_learning_rate)] if head else groups


def _stage(
    setting: Setting,
    source: Source,
    model: nn.Module,
    restorer: Restorer,
    groups: list[dict[str, object]],
    basis: str = "",
) -> Stage:
    critic, device = setting.critic, setting.workers.device
    model.to(device)
    if setting.judge is not None:
        setting.judge.to(device)
    # Against a moving adversary momentum does harm (Gulrajani et al. 2017).
    optimiser = torch.optim.Adam(groups, betas=(0.9, 0.99) if critic is None else (0.5, 0.99), fused=True)
    critic_optimiser = None
    if critic is not None:
        critic.to(device)
        critic_groups = [_group(list(critic.parameters()), setting.training.critic_learning_rate)]
        critic_optimiser = torch.optim.Adam(critic_groups, betas=(0.5, 0.99), fused=True)
    return Stage(setting, source, model, copy.deepcopy(model), restorer, optimiser, critic_optimiser, basis)


def _group(parameters: list[nn.Parameter], base: float, hold: int = 0) -> dict[str, object]:
    return {"params": parameters, "base": base, "hold": hold, "lr": base}
