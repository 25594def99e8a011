"""The training of a further encoder: its symbols, by tables and through a decoder that stay as they are.

degraded ─► analysis ─► gains ─► latents ─► tables ─► bits    ┐
                                    └─► synthesis ─► restored ┴─► losses ─► optimiser, of the analysis alone ─► average
"""

import copy
from dataclasses import dataclass
from pathlib import Path

import torch

from crosscodec.learn.average import running_average
from crosscodec.learn.checkpoint import RunState
from crosscodec.learn.descent import descend
from crosscodec.learn.encoder.settings import EncoderRecipe
from crosscodec.learn.photo.crops import CropsAhead
from crosscodec.learn.photo.data import TrainingPictures
from crosscodec.learn.photo.loop import START_CROPS, denoising_of, quality_of
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.networks import Analysis, lay_out_channels_last
from crosscodec.learn.photo.objective import Losses, codec_losses, denoising_losses
from crosscodec.learn.photo.optimiser import photo_optimiser
from crosscodec.learn.photo.quality import lambda_of
from crosscodec.learn.photo.validation import numbers, validate
from crosscodec.learn.steps import StepPlan, learning_rate_factor, run_steps, set_learning_rate
from crosscodec.learn.workers import Workers


@dataclass(frozen=True)
class TrainedEncoder:
    """A finished run: the running average of the weights, which is what is exported."""

    encoder: Analysis
    steps: int
    seconds: float


def train_encoder(
    recipe: EncoderRecipe, codec: PhotoCodec, analysis: Analysis, pictures: TrainingPictures, folder: Path, resume: bool
) -> TrainedEncoder:
    """Train an analysis by the recipe for the files of a codec, or go on from the checkpoint in ``folder``."""
    settings = recipe.training
    workers = Workers(settings.precision, settings.threads)
    for module in (codec, analysis):
        lay_out_channels_last(module)
        module.to(workers.device)
    codec.requires_grad_(False)
    # What the package's own encoders write, of the noise that they know, is what its tables were fitted to.
    first = pictures.training.simulated().batch(settings.seed, 0, START_CROPS)
    codec.start_tables(first.degraded.to(workers.device))
    average = copy.deepcopy(analysis)
    optimiser = photo_optimiser(analysis, settings)
    crops = CropsAhead(pictures.training, settings.seed, settings.batch)
    denoising = denoising_of(settings, not recipe.encoder.start, folder, resume)
    trainer = _Trainer(recipe, workers, codec, analysis, average, optimiser, crops, denoising)
    name = recipe.encoder.name
    plan = StepPlan(
        name="",
        steps=settings.steps,
        step=trainer.step,
        validate=lambda: numbers(validate(codec, pictures.held_out, settings.seed, {name: average})),
        log_every=settings.log_every,
        checkpoint_minutes=settings.checkpoint_minutes,
        rollbacks=settings.rollbacks,
        marks=(denoising,),
    )
    state = RunState({"model": analysis, "average": average}, {"model": optimiser})
    done = run_steps(plan, state, folder, workers, resume)
    return TrainedEncoder(average.cpu(), settings.steps, done.seconds)


@dataclass(frozen=True, eq=False)
class _Trainer:
    recipe: EncoderRecipe
    workers: Workers
    codec: PhotoCodec
    analysis: Analysis
    average: Analysis
    optimiser: torch.optim.Optimizer
    crops: CropsAhead
    denoising: int  # steps, the first ones

    def step(self, number: int, caution: float) -> Losses:
        """One step on the batch and the quality that belong to this step."""
        settings = self.recipe.training
        batch = self.crops.at(number + 1).batch(self.workers.device)
        degraded = self.workers.share(batch.degraded).contiguous(memory_format=torch.channels_last)
        clean = self.workers.share(batch.clean)
        quality = quality_of(number, settings.seed)
        with self.workers.autocast():
            if number < self.denoising:
                losses = denoising_losses([self.analysis], degraded, clean)
            else:
                weight = lambda_of(quality, self.codec.objective)
                losses = codec_losses(self.codec, self.analysis(degraded), clean, quality, weight)
        factor = caution * learning_rate_factor(number, settings.steps, settings.warmup_steps, settings.decay_steps)
        set_learning_rate(self.optimiser, factor)
        descend(self.optimiser, losses.total, settings.clip, self.workers)
        running_average(self.average, self.analysis, settings.average, number)
        return losses
