"""The training of a further decoder: symbols as the files hold them, through a decoder that learns.

degraded ─► analysis, gains, rounding: all frozen ─► symbols ─► synthesis ─► restored ─► losses ─► Adam ─► average
                                                                                └─► critic, in turn with it
"""

import copy
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from crosscodec.codec.package import Package, decoder_part, load_package
from crosscodec.learn.average import running_average
from crosscodec.learn.checkpoint import RunState
from crosscodec.learn.critics import critic_loss
from crosscodec.learn.decoder.features import FeatureDistance
from crosscodec.learn.decoder.objective import Losses, PatchCritic, decoder_losses
from crosscodec.learn.decoder.settings import DecoderRecipe, DecoderSettings
from crosscodec.learn.descent import descend
from crosscodec.learn.photo.crops import Batch, CropsAhead
from crosscodec.learn.photo.data import TrainingPictures
from crosscodec.learn.photo.loop import quality_of
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.networks import Analysis, Synthesis
from crosscodec.learn.photo.start import (
    SYNTHESIS,
    codec_of,
    need_decoder,
    pruned,
    require_networks,
    stored_weights,
    take_over,
)
from crosscodec.learn.steps import StepPlan, learning_rate_factor, run_steps
from crosscodec.learn.workers import Workers
from crosscodec.measure.lpips import load_lpips


@dataclass(frozen=True)
class TrainedDecoder:
    """A finished run: the running average of the weights, which is what is exported."""

    decoder: Synthesis
    steps: int
    seconds: float


def starting_codec(package: Package, settings: DecoderSettings) -> PhotoCodec:
    """The codec inside a package, its synthesis with the weights that training starts from: of one of its decoders, or
    of another package's.
    """
    if not settings.start_package:
        return codec_of(package, settings.start)
    codec, other = codec_of(package, package.decoders[0]), load_package(settings.start_package)
    need_decoder(other, settings.start)
    require_networks(settings.without, (SYNTHESIS,))
    weights = stored_weights(other.parts[decoder_part(settings.start)])
    take_over(codec.synthesis, pruned(weights, SYNTHESIS, settings.without))
    return codec


def train_decoder(
    recipe: DecoderRecipe, codec: PhotoCodec, pictures: TrainingPictures, folder: Path, resume: bool, data: Path | None
) -> TrainedDecoder:
    """Train a decoder by the recipe, or go on from the checkpoint in ``folder``.

    Raises InputMissing without the weights of LPIPS, where the objective has a weight for it.
    """
    settings, weights = recipe.training, recipe.objective
    workers = Workers(settings.precision, settings.threads)
    torch.manual_seed(settings.seed)
    features = FeatureDistance(load_lpips(network="squeeze", data=data)) if weights.lambda_features else None
    critic, model = PatchCritic(settings.critic_width), codec.synthesis
    codec.lay_out_channels_last()
    modules = [codec, critic] if features is None else [codec, critic, features]
    for module in modules:
        module.to(workers.device)
    average = copy.deepcopy(model)
    # Against a moving adversary momentum does harm (Gulrajani et al. 2017).
    optimiser = torch.optim.Adam(model.parameters(), settings.learning_rate, betas=(0.5, 0.99))
    critic_optimiser = torch.optim.Adam(critic.parameters(), settings.critic_learning_rate, betas=(0.5, 0.99))
    crops = CropsAhead(pictures.training, settings.seed, settings.batch)
    trainer = _Trainer(recipe, workers, codec, average, critic, features, optimiser, critic_optimiser, crops)
    plan = StepPlan(
        name="",
        steps=settings.steps,
        step=trainer.step,
        validate=dict,
        log_every=settings.log_every,
        checkpoint_minutes=settings.checkpoint_minutes,
        rollbacks=settings.rollbacks,
    )
    state = RunState(
        {"model": model, "average": average, "critic": critic}, {"model": optimiser, "critic": critic_optimiser}
    )
    done = run_steps(plan, state, folder, workers, resume)
    return TrainedDecoder(average.cpu(), settings.steps, done.seconds)


@dataclass(frozen=True, eq=False)
class _Trainer:
    recipe: DecoderRecipe
    workers: Workers
    codec: PhotoCodec
    average: Synthesis
    critic: PatchCritic
    features: FeatureDistance | None
    optimiser: torch.optim.Optimizer
    critic_optimiser: torch.optim.Optimizer
    crops: CropsAhead

    def step(self, number: int, caution: float) -> Losses:
        """One step of decoder and critic on the batch that belongs to this step."""
        settings, weights = self.recipe.training, self.recipe.objective
        factor = caution * learning_rate_factor(number, settings.steps, settings.warmup_steps, settings.decay_steps)
        batch = self._batch(number)
        generator = torch.Generator().manual_seed(settings.seed * 2**32 + number)
        # Every encoder's files are read by the decoder.
        analyses, quality = list(self.codec.analyses.values()), quality_of(number, settings.seed)
        with self.workers.autocast():
            symbols = self._inputs(batch.degraded, analyses[number % len(analyses)], quality)
            restored = self.codec.synthesis(symbols)
            losses = decoder_losses(restored, batch.clean, weights, self.features, self.critic)
        self.optimiser.param_groups[0]["lr"] = settings.learning_rate * factor
        descend(self.optimiser, losses.total, settings.clip, self.workers)
        running_average(self.average, self.codec.synthesis, settings.average, number)
        if weights.lambda_perception:
            self._teach_critic(batch.clean, restored.detach(), settings.critic_learning_rate * factor, generator)
        return losses

    def _batch(self, number: int) -> Batch:
        drawn = self.crops.at(number + 1).batch(self.workers.device)
        layout = torch.channels_last
        degraded, clean = (
            self.workers.share(t).contiguous(memory_format=layout) for t in (drawn.degraded, drawn.clean)
        )
        return Batch(degraded, clean)

    @torch.no_grad()
    def _inputs(self, degraded: Tensor, analysis: Analysis, quality: int) -> Tensor:
        gains = self.codec.gains
        return gains.dequantised(gains.latents(analysis(degraded), quality).round(), quality)

    def _teach_critic(self, clean: Tensor, restored: Tensor, rate: float, generator: torch.Generator) -> None:
        self.critic_optimiser.param_groups[0]["lr"] = rate
        for turn in range(self.recipe.training.critic_steps):
            mix = torch.rand(len(clean), 1, 1, 1, generator=generator).to(clean.device)
            with self.workers.autocast():
                # Which clean crop stands beside which restored one means nothing to a critic of laws.
                loss = critic_loss(self.critic, clean.roll(turn, 0), restored, mix)
            descend(self.critic_optimiser, loss, workers=self.workers)
