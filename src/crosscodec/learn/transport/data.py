"""Training pictures as tensors, and the batch of a step as a function of (seed, step) alone."""

import logging
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from crosscodec.bitstream.contexts import MOST_GROUPS
from crosscodec.bitstream.limits import MOST_TABLES
from crosscodec.domains.degradation import parse_degradation
from crosscodec.domains.folders import SharedNames, folder_samples, shared_names
from crosscodec.domains.samples import Samples, load_samples
from crosscodec.errors import UsageError
from crosscodec.learn.heldout import content, held_out, related
from crosscodec.learn.transport.model import first_decoder
from crosscodec.learn.transport.networks import Shape
from crosscodec.learn.transport.objective import Target
from crosscodec.learn.transport.settings import DataSettings, TransportRecipe
from crosscodec.learn.workers import Workers

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Samples (N,H,W,C) as tensors (N,C,H,W) in main memory; ``labels`` is None without labels."""

    samples: Samples
    degraded: Tensor = field(repr=False)
    clean: Tensor | None = field(repr=False)
    labels: Tensor | None = field(repr=False)

    @property
    def shape(self) -> Shape:
        """Size of the pictures."""
        return Shape(*self.degraded.shape[1:])

    @property
    def classes(self) -> int:
        """Number of labels, 0 without."""
        return len(self.samples.classes)


@dataclass(frozen=True)
class Drawn:
    """Indices (B,) of a step: degraded pictures, and clean ones for the critic that have nothing to do with them."""

    degraded: Tensor
    clean: Tensor
    generator: torch.Generator  # for everything else that the step draws


def draw_step(data: TrainingData, seed: int, stage: int, step: int, size: int) -> Drawn:
    """What a step of a stage works on."""
    draw = np.random.Generator(np.random.Philox(key=[seed, (stage << 40) + step]))
    others = len(data.degraded if data.clean is None else data.clean)
    generator = torch.Generator().manual_seed(int(draw.integers(2**62)))
    return Drawn(
        torch.from_numpy(draw.integers(len(data.degraded), size=size)),
        torch.from_numpy(draw.integers(others, size=size)),
        generator,
    )


def target_of(data: TrainingData, indices: Tensor, workers: Workers) -> Target:
    """What the restored pictures of a step are compared with."""
    paired = data.clean if data.samples.paired else None
    return Target(
        workers.share(data.degraded[indices]),
        None if paired is None else workers.share(paired[indices]),
        None if data.labels is None else workers.share(data.labels[indices]),
    )


@lru_cache(maxsize=2)
def load_data(settings: DataSettings, split: str, root: Path | None) -> Samples:
    """The samples of a split, "train" or "test", of a set or of the two folders. Raises InputMissing, UsageError.

    The last two are kept, so that a sweep in one process degrades a set once.
    """
    if settings.folders:
        samples = _folder_split(settings, split)
    elif not settings.set:
        raise UsageError(
            "this recipe is for pictures of your own: name them by --degraded DIR and --clean DIR (in a grid "
            "data.degraded_folder and data.clean_folder), or give a labelled set as data.set"
        )
    else:
        degradation = parse_degradation(settings.degradation)
        limit = settings.limit if settings.limit and split == "train" else None
        samples = load_samples(f"{settings.set}:{split}", degradation, settings.seed, root, limit)
    return samples if settings.labels else samples.unlabelled()


def _folder_split(settings: DataSettings, split: str) -> Samples:
    """Of the two folders what is trained on or, for "test", what is kept apart; where nothing is, what is trained on.
    The name of the samples says which.
    """
    size = (settings.size[0], settings.size[1]) if settings.size else None
    folders = Path(settings.degraded_folder), Path(settings.clean_folder)
    samples, shared = folder_samples(*folders, size), shared_names(*folders)
    if split == "train" and not samples.paired and shared.places:
        _LOG.warning("%s", shared.why_unpaired())
    apart, others = _apart(samples, shared, settings.held_out)
    if split == "test" and apart.any():
        kept = samples.at(apart, others if others.any() else None)
        return replace(kept, name=f"{samples.name} (held out)")
    if others.all():
        raise UsageError(
            f"{folders[1]}: every clean picture has the name or the content of one that data.held_out = "
            f"{settings.held_out} keeps apart, and none is left to train on; add clean pictures, or set it to 0"
        )
    trained = samples.at(~apart, ~others)
    trained = trained.spread(settings.limit) if settings.limit else trained
    return trained if split == "train" else replace(trained, name=f"{samples.name} (training pictures)")


def _apart(samples: Samples, shared: SharedNames, every: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which degraded pictures and which clean ones are kept apart: what is equal, or has one name, lies on one side.

    One scene may have been taken often, and of pictures without pairs a critic sees the clean ones: what it has seen of
    a scene the decoder knows, whatever the name says of pairs.
    """
    assert samples.clean is not None, "two folders were read"
    degraded, clean = ([content(picture) for picture in part] for part in (samples.degraded, samples.clean))
    keys = related([*degraded, *clean], ((degraded[one], clean[other]) for one, other in shared.places))
    apart, others = held_out((keys[: len(degraded)], keys[len(degraded) :]), every)
    return apart, others


def training_data(samples: Samples) -> TrainingData:
    """Samples as tensors. Raises UsageError for sides that the networks cannot halve twice."""
    height, width = samples.degraded.shape[1:3]
    if height % 4 or width % 4:
        raise UsageError(
            f"{samples.name}: pictures of {height} x {width} pixels; the networks need sides that are multiples of 4 "
            "(set data.size for folders)"
        )
    clean = None if samples.clean is None else planes(samples.clean)
    labels = None if samples.labels is None else torch.from_numpy(samples.labels)
    return TrainingData(samples, planes(samples.degraded), clean, labels)


def planes(pictures: NDArray[np.float32]) -> Tensor:
    """(N,H,W,C) to (N,C,H,W)."""
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))


def require_possible(recipe: TransportRecipe, data: TrainingData) -> None:
    """Refuse a recipe that asks for what the data does not hold."""
    wishes = (first_decoder(recipe), *recipe.decoders)
    if any(w.supervised for w in wishes) and not data.samples.paired:
        raise UsageError("supervised: this recipe's clean pictures are not paired with the degraded ones")
    if any(w.lambda_classification for w in wishes) and data.labels is None:
        raise UsageError(
            "lambda_classification: these pictures have no labels; set it to 0, or put them into class folders"
        )
    if any(w.lambda_perception for w in wishes) and data.clean is None:
        raise UsageError("lambda_perception: there are no clean pictures to compare with")
    judged = any(w.lambda_classification and w.classifier == "clean" for w in wishes)
    if judged and not data.samples.paired:
        raise UsageError('classifier = "clean": a judge of clean pictures needs their labels; these are unpaired')
    if judged and recipe.judges.package:
        raise UsageError('classifier = "clean" needs a judge that gradients pass through; leave judges.package out')
    if recipe.model.network == "embedding":
        _require_embedding(recipe, data)
    _require_tables(recipe, data.shape)


def _require_tables(recipe: TransportRecipe, shape: Shape) -> None:
    """Refuse more symbols a picture than a package can have tables for; a vector quantiser has few."""
    quantiser = recipe.quantiser
    symbols = quantiser.latents * (shape.cells if recipe.model.network == "spatial" else 1)
    common = bool(quantiser.dither) and quantiser.common
    most = MOST_GROUPS if common else MOST_TABLES
    if quantiser.kind != "vector" and symbols > most:
        raise UsageError(
            f"quantiser: {symbols} symbols a picture; a package has tables for at most {most}"
            f"{' with common dither (set quantiser.common = false)' if common else ''}; take fewer latents"
        )


def _require_embedding(recipe: TransportRecipe, data: TrainingData) -> None:
    """An embedding starts from labels, principal components and k-means: refuse what these cannot give."""
    if data.labels is None:
        raise UsageError('model.network = "embedding" is label-aware and needs labels')
    values = data.degraded[0].numel()
    if recipe.model.components > values:
        raise UsageError(f"model.components: pictures of {values} values have no {recipe.model.components} components")
    largest, pictures = max(recipe.quantiser.codebooks), len(data.degraded)
    if recipe.quantiser.kind == "vector" and largest > pictures:
        raise UsageError(f"quantiser.codebooks: {pictures} training pictures give no {largest} codewords; take fewer")
