"""A whole transport run: classifiers, end-to-end training, decoders for the frozen encoder, package.

samples ─► judges ─► start (embedding) ─► stage 0: encoder + first decoder ─► latents, once
└─► stages 1…: further decoders ─► package
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from crosscodec.domains.samples import Samples
from crosscodec.learn.checkpoint import identity_of_weights
from crosscodec.learn.steps import run_steps
from crosscodec.learn.transport.classifiers import clean_judge, degraded_posterior, shipped_judge
from crosscodec.learn.transport.data import TrainingData, require_possible, training_data
from crosscodec.learn.transport.export import TrainedDecoder, TrainedParts, export_package
from crosscodec.learn.transport.model import (
    EndToEnd,
    Representation,
    Restorer,
    first_decoder,
    in_pieces,
    make_critic,
    make_representation,
    make_restorer,
)
from crosscodec.learn.transport.networks import Classifier, EmbeddingEncoder
from crosscodec.learn.transport.settings import DecoderSettings, TransportRecipe
from crosscodec.learn.transport.stages import FrozenSource, Setting, decoder_stage, end_to_end_stage
from crosscodec.learn.transport.start import start_embedding, start_restorer
from crosscodec.learn.workers import Workers


@dataclass(frozen=True)
class Finished:
    """A finished run: the bytes of its package and what it took."""

    package: bytes
    seconds: float


def train_transport(
    recipe: TransportRecipe, samples: Samples, folder: Path, resume: bool, card: dict[str, Any]
) -> Finished:
    """Train by the recipe, or go on where the checkpoints in ``folder`` stand.

    Raises UsageError when the samples do not hold what the recipe asks for, TrainingDiverged when a loss stays
    infinite.
    """
    data = training_data(samples)
    require_possible(recipe, data)
    shipped = shipped_judge(data, recipe.judges.package) if recipe.judges.package else None
    started = time.monotonic()
    workers = Workers(recipe.training.precision, recipe.training.threads)
    run = _Run(recipe, data, folder, workers, resume, _clean_judge(recipe, data, folder))
    trained, inputs, seconds = _train_end_to_end(run)
    representation = trained.representation
    quantiser = representation.quantiser
    encoded = in_pieces(lambda piece: quantiser.latents(representation.encoder(piece)), inputs)
    source = FrozenSource(quantiser, encoded, identity_of_weights(representation))
    decoders = [TrainedDecoder(recipe.package.decoder, trained.restorer.decoder, trained.restorer.head)]
    for number, settings in enumerate(recipe.decoders, 1):
        restorer, spent = _train_decoder(run, number, settings, representation, source)
        seconds += spent
        decoders.append(TrainedDecoder(settings.name, restorer.decoder, restorer.head))
    for module in (representation, run.judge):  # further decoders may have taken parts of them to a GPU
        if module is not None:
            module.cpu()
    parts = TrainedParts(representation, encoded, tuple(decoders), run.judge, shipped)
    taken = {"hours": round(seconds / 3600, 3), "wall_seconds": round(time.monotonic() - started, 1)}
    return Finished(export_package(parts, recipe, data, card | taken), seconds)


@dataclass(frozen=True, eq=False)
class _Run:
    """What all stages of a run share."""

    recipe: TransportRecipe
    data: TrainingData
    folder: Path
    workers: Workers
    resume: bool
    judge: Classifier | None  # frozen

    def setting(self, number: int, weights: DecoderSettings) -> Setting:
        """The setting of one stage, with a fresh critic if its objective has one."""
        # A judge that was trained before leaves the generator elsewhere than one that is trained now.
        torch.manual_seed(self.recipe.training.seed + 1000 * number + 1)
        critic = make_critic(self.recipe, self.data.shape) if weights.lambda_perception else None
        judge = self.judge if weights.classifier == "clean" and weights.lambda_classification else None
        return Setting(number, weights, self.recipe.training, self.data, self.workers, critic, judge)


def _clean_judge(recipe: TransportRecipe, data: TrainingData, folder: Path) -> Classifier | None:
    """The frozen classifier; none where clean pictures have no labels, or where a package's judge measures."""
    if data.labels is None or not data.samples.paired or recipe.judges.package:
        return None
    return clean_judge(data, recipe.judges, recipe.data, folder)


def _train_end_to_end(run: _Run) -> tuple[EndToEnd, Tensor, float]:
    """Encoder and first decoder: their running averages, the prepared inputs of all pictures, and seconds."""
    recipe, data, weights = run.recipe, run.data, first_decoder(run.recipe)
    torch.manual_seed(recipe.training.seed)
    representation = make_representation(recipe, data.shape, data.classes)
    restorer = make_restorer(recipe, weights, representation.quantiser.features, data.shape, data.classes)
    inputs = _start(run, representation, restorer)
    model = EndToEnd(representation, restorer)
    stage = end_to_end_stage(run.setting(0, weights), model, inputs, recipe.objective.lambda_rate)
    done = run_steps(stage.plan(""), stage.state(), run.folder, run.workers, run.resume)
    average = stage.average.cpu().eval()
    assert isinstance(average, EndToEnd), "the average is a copy of the model"
    return average, inputs, done.seconds


def _start(run: _Run, representation: Representation, restorer: Restorer) -> Tensor:
    """Prepared inputs of all training pictures; an embedding is started from components, posterior and k-means."""
    recipe, data = run.recipe, run.data
    start_restorer(restorer, representation, data.degraded)
    if not isinstance(representation.encoder, EmbeddingEncoder):
        return data.degraded
    seed = recipe.training.seed
    posterior = degraded_posterior(data, recipe.judges, seed, run.folder)
    base = start_embedding(representation, data.degraded, posterior, recipe.quantiser, seed)
    start_restorer(restorer, representation, data.degraded)
    return base


def _train_decoder(
    run: _Run, number: int, settings: DecoderSettings, representation: Representation, source: FrozenSource
) -> tuple[Restorer, float]:
    """A further decoder: the running average of its weights, and seconds."""
    recipe, data = run.recipe, run.data
    torch.manual_seed(recipe.training.seed + 1000 * number)
    restorer = make_restorer(recipe, settings, source.quantiser.features, data.shape, data.classes)
    start_restorer(restorer, representation, data.degraded)
    stage = decoder_stage(run.setting(number, settings), source, restorer)
    done = run_steps(stage.plan(settings.name), stage.state(), run.folder, run.workers, run.resume)
    average = stage.average.cpu().eval()
    assert isinstance(average, Restorer), "the average is a copy of the model"
    return average, done.seconds
