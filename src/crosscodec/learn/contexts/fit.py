"""The training of context networks: each group for itself, on the same symbols.

    rows ─► what a group looks at (least squares) ─► steps of Adam on the bits of its law ─► whole numbers ─► file
    all groups ─► layout ─► counts ─► bank of tables

A group that has its file is done: a run that was stopped goes on with the next.
"""

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.network import GroupNetwork, Layer, NetworkLayout
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.learn.contexts.bank import bank, count, lean_edges
from crosscodec.learn.contexts.network import ContextNetwork
from crosscodec.learn.contexts.settings import ContextsRecipe
from crosscodec.learn.contexts.symbols import SymbolRows, signed_choices

SAMPLE = 40_000  # positions by which inputs are chosen
COUNTED = 600_000  # and by which tables are counted
RIDGE = 1e-2  # of each input's own power
BALANCE = 0.5  # decades by which a position counts less at quality 100 than at 0, where it costs ten times fewer bits
_WARM = 0.1  # share of the steps in which the learning rate rises


# Channels a group, lowest frequencies first. The last groups are large: they hold next to nothing.
LUMA_GROUPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22)
CHROMA_GROUPS = (1, 2, 3, 6)


def group_sizes(luma: int, chroma: int) -> tuple[int, ...]:
    """Sizes of the groups of three planes, coded one after the other; the last of each takes what is left."""
    sizes: list[int] = []
    for channels, firsts in ((luma, LUMA_GROUPS), (chroma, CHROMA_GROUPS), (chroma, CHROMA_GROUPS)):
        plane: list[int] = []
        for size in firsts:
            if sum(plane) + size < channels:
                plane.append(size)
        sizes += [*plane, channels - sum(plane)]
    return tuple(sizes)


@dataclass(frozen=True)
class Task:
    """One group of a run."""

    folder: Path
    recipe: ContextsRecipe
    group: int
    first: int
    size: int

    @property
    def file(self) -> Path:
        """Where its network is kept once it is trained."""
        return self.folder / f"group-{self.group:02}.npz"


def fit_contexts(recipe: ContextsRecipe, rows: SymbolRows, sizes: tuple[int, ...], folder: Path) -> EntropyModel:
    """The entropy model of rows, for groups of these sizes: trains the groups that have no file in ``folder`` yet."""
    firsts = np.cumsum((0, *sizes)).tolist()
    tasks = [Task(folder, recipe, g, firsts[g], size) for g, size in enumerate(sizes)]
    left = [task for task in tasks if not task.file.is_file()]
    if recipe.training.processes == 1:
        for task in left:
            fit_group(task, rows)
    elif left:
        with ProcessPoolExecutor(recipe.training.processes, get_context("spawn")) as pool:
            list(pool.map(partial(_fit_alone, rows), left))
    groups = tuple(load_group(task.file) for task in tasks)
    edges = lean_edges(recipe.contexts.scales, recipe.contexts.leans)
    layout = NetworkLayout(rows.predicted, edges, groups)
    draw = np.random.Generator(np.random.Philox(key=[recipe.training.seed, 2]))
    chosen = np.sort(draw.permutation(len(rows))[:COUNTED])
    return EntropyModel(bank(layout, count(layout, rows, chosen)), layout)


def _fit_alone(rows: SymbolRows, task: Task) -> None:
    torch.set_num_threads(1)
    fit_group(task, rows)


def fit_group(task: Task, rows: SymbolRows) -> None:
    """Train one group and write its file."""
    settings, chosen = task.recipe.training, task.recipe.contexts
    began = time.monotonic()
    torch.manual_seed(settings.seed + task.group)
    draw = np.random.Generator(np.random.Philox(key=[settings.seed, 3 + task.group]))
    wanted = slice(task.first, task.first + task.size)
    near = chosen_near(rows, task.first, wanted, chosen.near, draw)
    signed = chosen_signed(rows, task.first, wanted, chosen.signed, draw)
    network = ContextNetwork(1 + 2 * len(near) + len(signed), chosen.hidden, task.size)
    optimiser = torch.optim.Adam(network.parameters(), settings.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.learning_rate, max(settings.steps, 10), pct_start=_WARM
    )
    late = []
    for _ in range(settings.steps):
        part = draw.integers(len(rows), size=settings.batch)
        numbers = torch.from_numpy(rows.numbers[part][:, wanted].astype(np.float32))
        bits = network.bits(network(rows.inputs(part, near, signed)), numbers).sum(dim=1)
        worth = torch.from_numpy(10.0 ** (-BALANCE * rows.quality[part].astype(np.float32) / BEST_QUALITY))
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward((worth * bits).mean())
        optimiser.step()
        schedule.step()
        late.append(bits.mean().item())
    tenth = max(1, settings.steps // 10)
    print(
        f"group {task.group}: {network.last.weight.shape[1]} inputs, {np.mean(late[-tenth:]):.4f} bits a position, "
        f"{time.monotonic() - began:.0f} s",
        flush=True,
    )
    save_group(task.file, network.exported(near, signed))


def chosen_near(
    rows: SymbolRows, earlier: int, wanted: slice, most: int, draw: np.random.Generator
) -> NDArray[np.int64]:
    """The earlier channels whose magnitudes, alone and in windows, tell most about those wanted: by least squares."""
    everything = np.arange(earlier)
    if earlier <= most:
        return everything
    sample = np.sort(draw.integers(len(rows), size=SAMPLE))
    inputs = rows.inputs(sample, everything, np.zeros((0, 3), np.int64))[:, 1:].numpy()
    sizes = np.log2(1 + np.abs(rows.numbers[sample][:, wanted].astype(np.float32)))
    told = strengths(inputs, sizes)
    return np.sort(np.argsort(-(told[:earlier] + told[earlier:]), kind="stable")[:most])


def chosen_signed(
    rows: SymbolRows, earlier: int, wanted: slice, most: int, draw: np.random.Generator
) -> NDArray[np.int64]:
    """The signed symbols of earlier channels that tell most about those wanted: by least squares."""
    choices = signed_choices(range(earlier), rows.predicted)
    if len(choices) <= most:
        return choices
    sample = np.sort(draw.integers(len(rows), size=SAMPLE))
    inputs = rows.inputs(sample, np.zeros(0, np.int64), choices)[:, 1:].numpy()
    told = strengths(inputs, rows.numbers[sample][:, wanted].astype(np.float32))
    return choices[np.sort(np.argsort(-told, kind="stable")[:most])]


def strengths(inputs: NDArray[np.float32], outputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much each of the inputs (N,I) moves the least-squares estimates of outputs (N,O), each in its own units."""
    centred = inputs - inputs.mean(axis=0)
    power = (centred.T @ centred).astype(np.float64) / len(inputs)
    mixed = (centred.T @ outputs).astype(np.float64) / len(inputs)
    own = power.diagonal()
    weights = np.linalg.solve(power + np.diag(RIDGE * own + 1e-3), mixed)
    typical = np.maximum(outputs.std(axis=0), 1e-3)
    moved: NDArray[np.float64] = (np.abs(weights) * np.sqrt(own)[:, None] / typical).sum(axis=1)
    return moved


def save_group(path: Path, group: GroupNetwork) -> None:
    """Write a network, whole or not at all."""
    arrays: dict[str, Any] = {"size": np.array(group.size), "near": group.near, "signed": group.signed}
    for number, layer in enumerate((*group.hidden, group.last)):
        arrays |= {f"weights{number}": layer.weights, f"bias{number}": layer.bias, f"shift{number}": layer.shift}
    partial = path.with_suffix(".part.npz")
    np.savez(partial, **arrays)
    partial.replace(path)


def load_group(path: Path) -> GroupNetwork:
    """The network that `save_group` wrote."""
    with np.load(path) as kept:
        count_of = sum(name.startswith("weights") for name in kept.files)
        layers = [Layer(*(kept[f"{name}{k}"] for name in ("weights", "bias", "shift"))) for k in range(count_of)]
        return GroupNetwork(int(kept["size"]), kept["near"], kept["signed"], tuple(layers[:-1]), layers[-1])
