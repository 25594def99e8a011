"""The photo codec's training: what a step does; the frame around it is learn/steps.py.

recipe ─► pictures ─► batch(step), quality(step) ─► losses ─► Adam, Muon ─► running average ─► checkpoint ─► export
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.codec.package import load_package
from crosscodec.learn.average import running_average
from crosscodec.learn.checkpoint import NAME, RunState, marks_of
from crosscodec.learn.descent import descend
from crosscodec.learn.photo.crops import CropsAhead, CropSource
from crosscodec.learn.photo.data import TrainingPictures
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.networks import Analysis
from crosscodec.learn.photo.objective import Losses, codec_losses, denoising_losses
from crosscodec.learn.photo.optimiser import photo_optimiser
from crosscodec.learn.photo.quality import lambda_of
from crosscodec.learn.photo.settings import AnalysisSettings, Recipe, TrainingSettings
from crosscodec.learn.photo.start import start_from_package
from crosscodec.learn.photo.validation import numbers, validate
from crosscodec.learn.steps import StepPlan, learning_rate_factor, run_steps, set_learning_rate
from crosscodec.learn.workers import Workers

QUALITIES = BEST_QUALITY + 1  # whole ones, 0 among them
START_CROPS = 256  # enough positions for what every channel weighs in every other's contexts
START_NOISE = 6 / 255  # standard deviation of what a young denoiser leaves: the linear path is started for it


@dataclass(frozen=True)
class Trained:
    """A finished run: the model holds the running average of the weights, which is what is exported."""

    model: PhotoCodec
    steps: int
    seconds: float


def denoising_steps(settings: AnalysisSettings, fresh: bool) -> int:
    """Steps spent on denoising alone: as set, but at most a quarter of the run, so that short runs make a codec too.

    No step of it unless an analysis is ``fresh``: starts from nothing.
    """
    return min(settings.denoise_steps, settings.steps // 4) if fresh else 0


def denoising_of(settings: AnalysisSettings, fresh: bool, folder: Path, resume: bool) -> int:
    """The denoising steps of a run: of one that goes on from a checkpoint, those that it began with. Whoever raises its
    steps trains a codec on, which is not to denoise again and to have its linear paths and tables fitted anew.
    """
    began = marks_of(folder / NAME) if resume else ()
    return began[0] if began else denoising_steps(settings, fresh)


def quality_of(step: int, seed: int) -> int:
    """The quality of a step: each of 0 to 100 once in 101 steps, in an order of its own each time."""
    order = np.random.Generator(np.random.Philox(key=[seed, step // QUALITIES])).permutation(QUALITIES)
    return int(order[step % QUALITIES])


def train(recipe: Recipe, pictures: TrainingPictures, folder: Path, resume: bool) -> Trained:
    """Train a photo codec by the recipe, or go on from the checkpoint in ``folder``.

    Writes ``log.jsonl`` and ``checkpoint.safetensors`` into the folder. Raises TrainingDiverged when losses or
    gradients stay infinite; the last checkpoint is then still good.
    """
    settings = recipe.training
    workers = Workers(settings.precision, settings.threads)
    torch.manual_seed(settings.seed)
    model = PhotoCodec(recipe.model, recipe.objective)
    fresh = list(model.analyses.values())
    if settings.start:
        taken = start_from_package(model, load_package(settings.start), without=settings.without)
        fresh = [analysis for name, analysis in model.analyses.items() if name not in taken]
    denoising = denoising_of(settings, bool(fresh), folder, resume)
    model.lay_out_channels_last()
    model.to(workers.device)
    average = copy.deepcopy(model)
    optimiser = photo_optimiser(model, settings)
    crops = CropsAhead(pictures.training, settings.seed, settings.batch)

    def step(number: int, caution: float) -> Losses:
        if number == denoising:
            start_codec(model, average, fresh, pictures.training, settings)
        young = fresh if number < denoising else []
        losses = training_step(model, optimiser, crops, recipe, number, workers, caution, young)
        running_average(average, model, settings.average, number)
        return losses

    plan = StepPlan(
        name="",
        steps=settings.steps,
        step=step,
        validate=lambda: numbers(validate(average, pictures.held_out, settings.seed)),
        log_every=settings.log_every,
        checkpoint_minutes=settings.checkpoint_minutes,
        rollbacks=settings.rollbacks,
        marks=(denoising,),
    )
    state = RunState({"model": model, "average": average}, {"model": optimiser})
    done = run_steps(plan, state, folder, workers, resume)
    return Trained(average.cpu(), settings.steps, done.seconds)


def start_codec(
    model: PhotoCodec,
    average: PhotoCodec,
    fresh: Sequence[Analysis],
    pictures: CropSource,
    settings: TrainingSettings,
) -> None:
    """Fit linear paths (of analyses that came from no package) and tables to what the denoisers give, in the model and
    in its running average.
    """
    first = pictures.batch(settings.seed, 0, START_CROPS)
    degraded, clean = (of.to(model.analysis.shrink.device) for of in (first.degraded, first.clean))
    model.start_from_pictures(fresh, degraded, clean, START_NOISE)
    with torch.no_grad():
        for kept, analysis in zip(average.analyses.values(), model.analyses.values(), strict=True):
            kept.shrink.copy_(analysis.shrink)
    average.densities.load_state_dict(model.densities.state_dict())


def training_step(
    model: PhotoCodec,
    optimiser: torch.optim.Optimizer,
    crops: CropsAhead,
    recipe: Recipe,
    step: int,
    workers: Workers,
    caution: float = 1.0,
    young: Sequence[Analysis] = (),
) -> Losses:
    """One step on the batch that belongs to this step; only of ``young`` analyses, as denoisers, if there are any."""
    settings = recipe.training
    batch = crops.at(step + 1).batch(workers.device)
    degraded = workers.share(batch.degraded).contiguous(memory_format=torch.channels_last)
    factor = caution * learning_rate_factor(step, settings.steps, settings.warmup_steps, settings.decay_steps)
    set_learning_rate(optimiser, factor)
    quality = quality_of(step, settings.seed)
    with workers.autocast():
        if young:
            losses = denoising_losses(young, degraded, workers.share(batch.clean))
        else:
            weight = lambda_of(quality, recipe.objective)
            losses = codec_losses(model, model.coefficients(degraded), workers.share(batch.clean), quality, weight)
    descend(optimiser, losses.total, settings.clip, workers)
    if losses.sightings is not None:
        model.density(quality).follow(workers.total(losses.sightings))
    return losses
