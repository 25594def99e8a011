"""Classifiers that are trained once on a set and then only asked: judge of clean pictures, posterior of degraded ones.

They are kept as safetensors beside a run, or in a folder that several runs share, under a name that is a hash of
everything they depend on.
"""

import hashlib
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from crosscodec.codec.package import judge_part, load_package
from crosscodec.errors import UsageError
from crosscodec.files import write_atomically
from crosscodec.learn.descent import descend, without_return
from crosscodec.learn.recipe import identity_of
from crosscodec.learn.transport.data import TrainingData
from crosscodec.learn.transport.model import in_pieces
from crosscodec.learn.transport.networks import Classifier
from crosscodec.learn.transport.settings import DataSettings, JudgeSettings
from crosscodec.learn.workers import Workers

SMOOTHING = 0.03  # of the labels while training: keeps posteriors from certainty that the test split does not bear out
TILT = 0.12  # largest rotation (radians), relative scale and shift of an augmented picture
RISE = 0.3
STREAM = 71


@dataclass(frozen=True)
class Examples:
    """Pictures (N,C,H,W) and their labels (N,)."""

    pictures: Tensor
    labels: Tensor


def shipped_judge(data: TrainingData, name: str) -> bytes:
    """The judge of clean pictures in a package, an ONNX graph. Raises UsageError when it judges other pictures."""
    package = load_package(name)
    card, shape = package.card, data.shape
    if "clean" not in card.judges:
        raise UsageError(f'judges.package: package {card.name} holds no judge "clean"')
    theirs, ours = (card.planes, *(card.size or ())), (shape.channels, shape.height, shape.width)
    if theirs != ours or card.classes != data.samples.classes:
        raise UsageError(
            f"judges.package: the judge of {card.name} is for {len(card.classes)} classes of pictures {theirs}, "
            f"not for {data.classes} classes of {ours} (planes, height, width)"
        )
    return package.parts[judge_part("clean")]


def clean_judge(data: TrainingData, settings: JudgeSettings, source: DataSettings, folder: Path) -> Classifier:
    """The classifier trained on clean pictures alone; needs paired samples, whose labels are those of both.

    Its seed is that of the data, not of the run: runs that are compared are judged by the same network.
    """
    assert data.clean is not None, "the trainer asks only where there are pairs"
    assert data.labels is not None, "the trainer asks only where there are labels"
    return trained_classifier("clean", Examples(data.clean, data.labels), data, settings, source.seed, folder)


def degraded_posterior(data: TrainingData, settings: JudgeSettings, seed: int, folder: Path) -> Classifier:
    """The classifier trained on degraded pictures: what an encoder can know of the label."""
    assert data.labels is not None, "the trainer asks only where there are labels"
    return trained_classifier("degraded", Examples(data.degraded, data.labels), data, settings, seed, folder)


def trained_classifier(
    name: str,
    examples: Examples,
    data: TrainingData,
    settings: JudgeSettings,
    seed: int,
    folder: Path,
) -> Classifier:
    """A classifier from the folder if it was trained before with the same settings, trained now otherwise."""
    torch.manual_seed(seed)  # its first weights are part of what it depends on
    classifier = Classifier(data.shape, settings.width, data.classes)
    # By what the pictures are and not by where they lie: folders change, and two may have one name.
    depends = {
        "name": name,
        "judges": asdict(settings) | {"folder": ""},
        "data": _content(examples, data),
        "seed": seed,
    }
    path = (
        Path(settings.folder) if settings.folder else folder
    ) / f"classifier-{name}-{identity_of(depends)}.safetensors"
    if path.exists():
        classifier.load_state_dict(load(path.read_bytes()))
        return classifier.eval()
    # Degraded pictures are not turned: a turned one is no picture that the degradation could have given.
    train_classifier(classifier, examples, settings, seed, augment=name == "clean")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, save({k: v.contiguous() for k, v in classifier.state_dict().items()}), overwrite=True)
    return classifier


def _content(examples: Examples, data: TrainingData) -> dict[str, Any]:
    """SHA-256 of pictures and labels, and how many classes there are."""
    found = hashlib.sha256()
    for part in (examples.pictures, examples.labels):
        array = part.detach().cpu().contiguous().numpy()
        found.update(f"{array.dtype} {array.shape}".encode())
        found.update(array.data)
    return {"sha256": found.hexdigest(), "classes": data.classes}


def train_classifier(
    classifier: Classifier, examples: Examples, settings: JudgeSettings, seed: int, augment: bool
) -> None:
    """Train in place, if wanted with small random turns and shifts; leaves the classifier in evaluation mode.

    Raises TrainingDiverged when a loss or its gradient is not finite: kept in a shared folder, such a classifier would
    go on to judge every run of a sweep, and what it says of anything would be nothing.
    """
    workers = Workers(settings.precision)
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed((STREAM << 32) + seed)
    classifier.to(workers.device).train()
    optimiser = torch.optim.AdamW(classifier.parameters(), lr=settings.learning_rate, weight_decay=1e-2)
    for step in range(settings.steps):
        chosen = torch.randint(len(examples.pictures), (settings.batch,), generator=generator)
        pictures = examples.pictures[chosen]
        pictures = (augmented(pictures, generator) if augment else pictures).to(workers.device)
        factor = one_cycle(step / settings.steps)
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * factor
        labels = examples.labels[chosen].to(workers.device)
        with workers.autocast():
            logits = classifier(pictures)
        loss = nn.functional.cross_entropy(logits.float(), labels, label_smoothing=SMOOTHING)
        with without_return(
            f"a classifier's step {step}", f"set a smaller judges.learning_rate than {settings.learning_rate:g}"
        ):
            descend(optimiser, loss)
    classifier.cpu().eval()


def one_cycle(done: float) -> float:
    """Share of the largest learning rate: up to it over 3/10 of the run, then down by half a cosine (Smith 2018)."""
    return done / RISE if done < RISE else 0.5 + 0.5 * math.cos(math.pi * (done - RISE) / (1 - RISE))


def augmented(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures (B,C,H,W) turned, scaled and shifted a little, each in its own way."""
    draw = (2 * torch.rand(5, len(pictures), generator=generator) - 1) * TILT
    angle, scale = draw[0], 1 + draw[1]
    rows = torch.stack(
        [scale * angle.cos(), -scale * angle.sin(), draw[2], scale * angle.sin(), scale * angle.cos(), draw[3]]
    )
    grid = nn.functional.affine_grid(rows.T.reshape(-1, 2, 3), list(pictures.shape), align_corners=False)
    return nn.functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


@torch.no_grad()
def accuracy_of(classifier: Classifier, examples: Examples) -> float:
    """Share of pictures whose largest logit is at their label."""
    found = in_pieces(classifier, examples.pictures).argmax(1)
    return float((found == examples.labels).float().mean())
