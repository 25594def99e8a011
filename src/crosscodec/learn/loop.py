"""The training loop: plain, resumable, logged as JSON lines.

recipe ─► pictures ─► batch(step) ─► losses ─► Adam ─► running average ─► checkpoint (atomic) ─► export
"""

import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from crosscodec.errors import CrosscodecError
from crosscodec.learn.checkpoint import NAME, Resumed, load_checkpoint, save_checkpoint
from crosscodec.learn.data import CropSource, TrainingPictures
from crosscodec.learn.log import Log
from crosscodec.learn.model import PhotoCodec, running_average
from crosscodec.learn.objective import Losses, codec_losses, denoising_losses
from crosscodec.learn.settings import Recipe, TrainingSettings
from crosscodec.learn.validation import validate

START_NOISE = 6 / 255  # standard deviation of what a young denoiser leaves: the linear path is started for it


class TrainingDiverged(CrosscodecError):
    """The loss became infinite or not a number."""


@dataclass(frozen=True)
class Trained:
    """A finished run: the model holds the running average of the weights, which is what is exported."""

    model: PhotoCodec
    steps: int
    seconds: float


def learning_rate_factor(step: int, settings: TrainingSettings) -> float:
    """Warm-up, constant, then a linear fall to zero over the last ``decay_steps`` (so that ``steps`` may be raised
    later).
    """
    warm = min(1.0, (step + 1) / max(settings.warmup_steps, 1))
    left = (settings.steps - step) / max(settings.decay_steps, 1)
    return min(warm, 1.0, max(left, 0.0))


def denoising_steps(settings: TrainingSettings) -> int:
    """Steps spent on denoising alone: as set, but at most a quarter of the run, so that short runs make a codec too."""
    return min(settings.denoise_steps, settings.steps // 4)


def make_optimiser(model: PhotoCodec, settings: TrainingSettings) -> torch.optim.Adam:
    """Adam with larger learning rates for the entropy tables and for the scales of channels than for the networks."""
    rates = {
        "density": settings.table_learning_rate,
        "shrink": settings.scale_learning_rate,
        "log_gain": settings.scale_learning_rate,
        "log_step": settings.scale_learning_rate,
    }
    groups = []
    for name, parameter in model.named_parameters():
        owner, _, inner = name.partition(".")
        base = rates.get(owner, rates.get(inner, settings.learning_rate))
        groups.append({"params": [parameter], "base": base})
    return torch.optim.Adam(groups, lr=settings.learning_rate, betas=(0.9, 0.99))


def train(recipe: Recipe, pictures: TrainingPictures, folder: Path, resume: bool) -> Trained:
    """Train a photo codec by the recipe, or go on from the checkpoint in ``folder``.

    Writes ``log.jsonl`` and ``checkpoint.safetensors`` into the folder. Raises TrainingDiverged when the loss is
    not finite; the last checkpoint is then still good.
    """
    settings = recipe.training
    if settings.threads:
        torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    model = PhotoCodec(recipe.model)
    model.lay_out_channels_last()
    average = copy.deepcopy(model)
    optimiser = make_optimiser(model, settings)
    done = Resumed(0, 0.0)
    if resume and (folder / NAME).exists():
        done = load_checkpoint(folder, model, average, optimiser)
    log = Log(folder / "log.jsonl", done.step)
    started = time.monotonic() - done.seconds
    saved = time.monotonic()
    for step in progress(done.step, settings.steps):
        if step == denoising_steps(settings):
            start_codec(model, average, pictures.training, settings)
        losses = training_step(model, optimiser, pictures.training, recipe, step)
        running_average(average, model, settings.average, step)
        last = step + 1 == settings.steps
        if (step + 1) % settings.log_every == 0 or last:
            log.add(step + 1, time.monotonic() - started, **losses.numbers())
        if last or step + 1 == denoising_steps(settings) or time.monotonic() - saved > 60 * settings.checkpoint_minutes:
            save_checkpoint(folder, model, average, optimiser, Resumed(step + 1, time.monotonic() - started))
            log.add(
                step + 1, time.monotonic() - started, **validate(average, pictures.held_out, settings.seed).numbers()
            )
            saved = time.monotonic()
    return Trained(average, settings.steps, time.monotonic() - started)


def start_codec(model: PhotoCodec, average: PhotoCodec, pictures: CropSource, settings: TrainingSettings) -> None:
    """Fit linear path and tables to what the denoiser gives, in the model and in its running average."""
    first = pictures.batch(settings.seed, 0, 64)
    for codec in (model, average):
        codec.start_from_pictures(first.degraded, first.clean, START_NOISE)


def training_step(
    model: PhotoCodec, optimiser: torch.optim.Adam, pictures: CropSource, recipe: Recipe, step: int
) -> Losses:
    """One step of Adam on the batch that belongs to this step."""
    settings = recipe.training
    batch = pictures.batch(settings.seed, step + 1, settings.batch)
    degraded = batch.degraded.contiguous(memory_format=torch.channels_last)
    objective = denoising_losses if step < denoising_steps(settings) else codec_losses
    for group in optimiser.param_groups:
        group["lr"] = group["base"] * learning_rate_factor(step, settings)
    with torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "bfloat16"):
        losses = objective(model, degraded, batch.clean, recipe.objective.lambda_distortion)
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(losses.total)
    torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
    if not torch.isfinite(losses.total):
        raise TrainingDiverged(
            f"the loss is {losses.total.item()} at step {step}; go on from the last checkpoint with a smaller "
            "training.learning_rate, for instance half"
        )
    optimiser.step()
    return losses


def progress(start: int, stop: int) -> Iterator[int]:
    """Count steps with a bar on the terminal's error stream; silent when that is not a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("training"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("training", total=stop, completed=start)
        for step in range(start, stop):
            yield step
            bar.advance(task)
