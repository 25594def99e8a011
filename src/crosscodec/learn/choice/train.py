"""A whole choice run: package, crops and what they cost by each encoder, networks that foretell it, the package with
them, trial on pictures kept apart.
"""

from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from crosscodec.codec.grain import NUMBERS
from crosscodec.codec.graph import Graph
from crosscodec.codec.package import CHOICE, Package, load_package, pack
from crosscodec.errors import OutputExists
from crosscodec.learn.choice.costs import Costs, measured_costs
from crosscodec.learn.choice.settings import ChoiceRecipe
from crosscodec.learn.descent import descend, without_return
from crosscodec.learn.onnxfile import onnx_bytes
from crosscodec.learn.photo.data import TrainingPictures, run_pictures, source_of
from crosscodec.learn.photo.start import recipe_of
from crosscodec.learn.recipe import identity_of

WORTH_KNOWING = 0.4  # logarithm of cost: beyond, it does not matter by how much an encoder is worse than another


def train_choice(recipe: ChoiceRecipe, out: Path, resume: bool, data: Path | None, card: dict[str, Any]) -> bytes:
    """Measure and train by the recipe, or go on where ``out`` stands; the bytes of the package with a network that
    chooses among some of its encoders, all else being as it was.

    Raises UsageError for a package that is no photo codec's or lacks one of the encoders, and OutputExists when ``out``
    holds costs of this recipe and ``resume`` is false.
    """
    began = monotonic()
    package, settings = load_package(recipe.choice.package), recipe.training
    recipe_of(package)
    for name in recipe.choice.among:
        package.require_encoder(name)
    among = recipe.choice.among
    pictures = run_pictures(recipe.data, data, out, package)
    # Whoever changes the networks alone need not wait for the costs again.
    of = {"package": package.sha256, "among": among, "seed": settings.seed, "pictures": pictures.hashes}
    of |= {"grain": NUMBERS}
    file = out / f"costs-{identity_of(of | {'data': asdict(recipe.data)})[:8]}.npy"
    if file.exists() and not resume:
        raise OutputExists(f"{out} holds a run already; go on with --resume or choose another folder")
    costs = measured_costs(package, among, pictures.training, settings.seed, settings.crops, file)
    network = fitted(costs, recipe)
    graph = onnx_bytes(network, torch.zeros(1, NUMBERS), dynamic=())
    tried = _trial(package, recipe, graph, pictures, file.with_stem(f"{file.stem}-tried"))
    told = {"recipe": recipe.as_dict(), "run": recipe.identity(), "package": package.sha256}
    made = {"hours": round((monotonic() - began) / 3600, 2)} | card
    notes = tuple(dict.fromkeys((*package.card.notes, *recipe.choice.notes)))
    training = package.card.training | {"choice": told | {"tried": tried} | made}
    added = replace(package.card, automatic=among, grain=NUMBERS, training=training, notes=notes)
    return pack(added, package.parts | {CHOICE: graph})


class _Network(nn.Module):
    """Grain (B,18) to the excess of each encoder's cost over the best one's (B,K)."""

    middle: Tensor
    spread: Tensor

    def __init__(self, grains: NDArray[np.float32], hidden: int, encoders: int) -> None:
        super().__init__()
        self.register_buffer("middle", torch.from_numpy(grains.mean(axis=0)))
        self.register_buffer("spread", torch.from_numpy(np.maximum(grains.std(axis=0), 1e-3)))
        self.layers = nn.Sequential(nn.Linear(NUMBERS, hidden), nn.ReLU(), nn.Linear(hidden, encoders))

    def forward(self, grains: Tensor) -> Tensor:
        """What the files would cost more than they must."""
        excess: Tensor = self.layers((grains - self.middle) / self.spread)
        return excess


class _Mean(nn.Module):
    """The mean of what networks foretell."""

    def __init__(self, networks: list[_Network]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, grains: Tensor) -> Tensor:
        """What the files would cost more than they must."""
        excess: Tensor = torch.stack([network(grains) for network in self.networks]).mean(dim=0)
        return excess


def fitted(costs: Costs, recipe: ChoiceRecipe) -> _Mean:
    """The networks that foretell by squared error how much worse than the best one each encoder is.

    They begin with other weights and see other noise on the same grains; where they disagree, their mean errs less.
    Raises TrainingDiverged when a loss or its gradient is not finite.
    """
    return _Mean([_fitted(costs, recipe, number) for number in range(recipe.choice.networks)])


def _fitted(costs: Costs, recipe: ChoiceRecipe, number: int) -> _Network:
    settings = recipe.training
    torch.manual_seed(settings.seed + number)
    network = _Network(costs.grains, recipe.choice.hidden, len(recipe.choice.among))
    grains = torch.from_numpy(costs.grains)
    target = torch.from_numpy(np.minimum(costs.excess, WORTH_KNOWING))
    optimiser = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, settings.steps)
    for _ in range(settings.steps):
        seen = grains + settings.jitter * network.spread * torch.randn_like(grains)
        loss = (network(seen) - target).square().mean()
        with without_return(
            f"network {number}", f"set a smaller training.learning_rate than {settings.learning_rate:g}"
        ):
            descend(optimiser, loss)
        schedule.step()
    return network


def _trial(
    package: Package, recipe: ChoiceRecipe, graph: bytes, pictures: TrainingPictures, kept: Path
) -> dict[str, float]:
    """Of crops from pictures kept apart: by how much the encoder that is chosen costs more than the best one, in
    percent, beside each encoder if it were always taken; and how often each was chosen.
    """
    side, settings, among = recipe.data.crop, recipe.training, recipe.choice.among
    large = [kept for kept in pictures.held_out if min(kept.clean.shape[:2]) >= side]
    if not large or not settings.tried:
        return {}
    source = source_of(large, recipe.data)
    costs = measured_costs(package, among, source, settings.seed + 1, settings.tried, kept)
    chooses = Graph(graph, CHOICE)
    chosen = np.array([int(np.argmin(chooses(grain[np.newaxis])[0])) for grain in costs.grains])
    excess = 100 * np.expm1(costs.excess)
    found = {"crops": len(chosen), "auto_percent": excess[np.arange(len(chosen)), chosen].mean()}
    for place, name in enumerate(among):
        found |= {f"{name}_percent": excess[:, place].mean(), f"{name}_chosen": (chosen == place).mean()}
    return {name: round(float(value), 3) for name, value in found.items()}
