"""The training of context networks: each pass over a group for itself, on the same symbols.

    rows ─► what a pass looks at (least squares) ─► steps of Adam on the bits of its law ─► whole numbers ─► file
    all passes over all groups ─► layout ─► counts ─► bank of tables

A pass that has its file is done: a run that was stopped goes on with the next.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.bitstream.interlaced import MOST_PASSES, Pass
from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.network import MOST_UNITS, GroupNetwork, Layer, NetworkLayout
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.errors import UsageError
from crosscodec.learn.contexts.bank import ROWS_AT_ONCE, bank, count, lean_edges
from crosscodec.learn.contexts.network import ContextNetwork
from crosscodec.learn.contexts.settings import ContextSettings, ContextsRecipe
from crosscodec.learn.contexts.symbols import Looks, SymbolRows, own_choices, signed_choices
from crosscodec.learn.descent import descend, without_return

SAMPLE = 40_000  # positions by which inputs are chosen
COUNTED = 600_000  # and by which tables are counted
RIDGE = 1e-2  # of each input's own power
BALANCE = 0.5  # decades by which a position counts less at quality 100 than at 0, where it costs ten times fewer bits
_WARM = 0.1  # share of the steps in which the learning rate rises


# Channels a group, lowest frequencies first. The last groups are large: they hold next to nothing.
LUMA_GROUPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22)
CHROMA_GROUPS = (1, 2, 3, 6)


def plane_sizes(channels: int, firsts: tuple[int, ...]) -> list[int]:
    """Sizes of the groups of a plane: the first ones, and a last that takes what is left."""
    sizes: list[int] = []
    for size in firsts:
        if sum(sizes) + size < channels:
            sizes.append(size)
    return [*sizes, channels - sum(sizes)]


def group_sizes(luma: int, chroma: int) -> tuple[int, ...]:
    """Sizes of the groups of three planes, coded one after the other."""
    return (*plane_sizes(luma, LUMA_GROUPS), *plane_sizes(chroma, CHROMA_GROUPS), *plane_sizes(chroma, CHROMA_GROUPS))


def group_passes(luma: int, chroma: int, settings: ContextSettings) -> tuple[int, ...]:
    """How many passes each of these groups has."""
    planes = []
    for channels, firsts, passes in (
        (luma, LUMA_GROUPS, settings.luma_passes),
        (chroma, CHROMA_GROUPS, settings.chroma_passes),
    ):
        groups = len(plane_sizes(channels, firsts))
        planes.append((*passes, *[1] * groups)[:groups])
    return (*planes[0], *planes[1], *planes[1])


@dataclass(frozen=True)
class Task:
    """One pass over one group of a run."""

    folder: Path
    recipe: ContextsRecipe
    group: int
    first: int
    size: int
    one: Pass

    @property
    def file(self) -> Path:
        """Where its network is kept once it is trained."""
        return self.folder / f"group-{self.group:02}-{self.one.number}.npz"

    @property
    def channels(self) -> slice:
        """The channels of the group."""
        return slice(self.first, self.first + self.size)


def fit_contexts(
    recipe: ContextsRecipe, rows: SymbolRows, sizes: tuple[int, ...], passes: tuple[int, ...], folder: Path
) -> EntropyModel:
    """The entropy model of rows, for groups of these sizes in these numbers of passes: trains the networks that have no
    file in ``folder`` yet.
    """
    firsts = np.cumsum((0, *sizes)).tolist()
    tasks = [
        [Task(folder, recipe, g, firsts[g], size, Pass(k, count)) for k in range(count)]
        for g, (size, count) in enumerate(zip(sizes, passes, strict=True))
    ]
    left = [task for group in tasks for task in group if not task.file.is_file()]
    if recipe.training.processes == 1:
        for task in left:
            fit_pass(task, rows)
    elif left:
        with ProcessPoolExecutor(recipe.training.processes, get_context("spawn")) as pool:
            list(pool.map(partial(_fit_alone, rows), left))
    groups = tuple(tuple(load_network(task.file) for task in group) for group in tasks)
    edges = lean_edges(recipe.contexts.scales, recipe.contexts.leans)
    layout = NetworkLayout(rows.predicted, edges, groups)
    draw = np.random.Generator(np.random.Philox(key=[recipe.training.seed, 2]))
    chosen = np.sort(draw.permutation(len(rows))[:COUNTED])
    return EntropyModel(bank(layout, count(layout, rows, chosen)), layout)


def _fit_alone(rows: SymbolRows, task: Task) -> None:
    torch.set_num_threads(1)
    fit_pass(task, rows)


def fit_pass(task: Task, rows: SymbolRows) -> None:
    """Train the network of one pass over a group and write its file.

    Raises TrainingDiverged, and writes nothing, when its bits or their gradient are not finite.
    """
    settings, chosen = task.recipe.training, task.recipe.contexts
    began = time.monotonic()
    seed = MOST_PASSES * task.group + task.one.number
    torch.manual_seed(settings.seed + seed)
    draw = np.random.Generator(np.random.Philox(key=[settings.seed, 3 + seed]))
    among = rows.of_pass(task.one)
    if not among.size:
        raise UsageError(f"pass {task.one.number} of {task.one.passes} has no position in so small crops")
    looks = chosen_looks(rows, among, task, chosen, draw)
    network = ContextNetwork(looks.inputs, chosen.hidden, task.size)
    optimiser = torch.optim.Adam(network.parameters(), settings.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.learning_rate, max(settings.steps, 20), pct_start=_WARM
    )
    late, name = [], f"group {task.group}, pass {task.one.number}"
    shuffled = _shuffled(rows, among, looks, task.channels, draw)
    for inputs, numbers in islice(_batches(shuffled, looks.inputs, settings.batch, draw), settings.steps):
        bits = network.bits(network(inputs), numbers).sum(dim=1)
        worth = 10.0 ** (-BALANCE * inputs[:, 0] / BEST_QUALITY)
        with without_return(name, f"set a smaller training.learning_rate than {settings.learning_rate:g}"):
            descend(optimiser, (worth * bits).mean())
        schedule.step()
        late.append(bits.mean().item())
    tenth = max(1, settings.steps // 10)
    print(
        f"{name}: {looks.inputs} inputs, {np.mean(late[-tenth:]):.4f} bits a position, "
        f"{time.monotonic() - began:.0f} s",
        flush=True,
    )
    save_network(task.file, network.exported(looks))


def _shuffled(
    rows: SymbolRows, among: NDArray[np.int64], looks: Looks, channels: slice, draw: np.random.Generator
) -> NDArray[np.int8]:
    """Inputs and numbers of the rows of a pass, (N, I + g), in an order that is drawn.

    Once, in the order of memory: rows that are looked up at random take ten times as long as the step that uses them.
    """
    parts = [among[start : start + ROWS_AT_ONCE] for start in range(0, len(among), ROWS_AT_ONCE)]
    pieces = [
        np.concatenate([rows.inputs(part, looks).numpy().astype(np.int8), rows.numbers[part][:, channels]], axis=1)
        for part in parts
    ]
    return np.concatenate(pieces)[draw.permutation(len(among))]


def _batches(
    shuffled: NDArray[np.int8], inputs: int, size: int, draw: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Inputs (N,I) and numbers (N,g), batch after batch without end, each epoch in another order."""
    starts = np.arange(0, len(shuffled), size)
    while True:
        for start in draw.permutation(starts).tolist():
            part = torch.from_numpy(shuffled[start : start + size].astype(np.float32))
            yield part[:, :inputs], part[:, inputs:]


def chosen_looks(
    rows: SymbolRows, among: NDArray[np.int64], task: Task, settings: ContextSettings, draw: np.random.Generator
) -> Looks:
    """What tells most about the channels of a pass, in those of the rows ``among`` that are drawn: by least squares.

    Magnitudes of earlier channels, alone and in windows; and signed symbols, of earlier channels and of earlier passes.
    """
    sample = np.sort(among[draw.integers(len(among), size=SAMPLE)])
    numbers = rows.numbers[sample][:, task.channels].astype(np.float32)
    nobody, nothing = np.zeros(0, np.int64), np.zeros((0, 3), np.int64)
    near = np.arange(task.first)
    if task.first > settings.near:
        inputs = rows.inputs(sample, Looks(task.one, near, nothing, nobody, nothing))[:, 1:].numpy()
        told = strengths(inputs, np.log2(1 + np.abs(numbers)))
        near = np.sort(np.argsort(-(told[: task.first] + told[task.first :]), kind="stable")[: settings.near])
    signed = signed_choices(range(task.first), rows.predicted)
    own = own_choices(range(task.first, task.first + task.size), rows.predicted, task.one)
    if len(signed) + len(own) > settings.signed:
        inputs = rows.inputs(sample, Looks(task.one, nobody, signed, nobody, own))[:, 1:].numpy()
        told = strengths(inputs, numbers)
        best = np.sort(np.argsort(-told, kind="stable")[: settings.signed])
        signed, own = signed[best[best < len(signed)]], own[best[best >= len(signed)] - len(signed)]
    around = np.arange(task.first, task.first + task.size) if task.one.number else nobody
    looks = Looks(task.one, near, signed, around, own)
    if looks.inputs > MOST_UNITS:
        raise UsageError(
            f"pass {task.one.number} over group {task.group} has {looks.inputs} inputs, at most {MOST_UNITS}"
        )
    return looks


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


def save_network(path: Path, network: GroupNetwork) -> None:
    """Write a network, whole or not at all."""
    looks = {"near": network.near, "signed": network.signed, "around": network.around, "own": network.own}
    arrays: dict[str, Any] = {"size": np.array(network.size)} | looks
    for number, layer in enumerate((*network.hidden, network.last)):
        arrays |= {f"weights{number}": layer.weights, f"bias{number}": layer.bias, f"shift{number}": layer.shift}
    partial = path.with_suffix(".part.npz")
    np.savez(partial, **arrays)
    partial.replace(path)


def load_network(path: Path) -> GroupNetwork:
    """The network that `save_network` wrote."""
    with np.load(path) as kept:
        count_of = sum(name.startswith("weights") for name in kept.files)
        layers = [Layer(*(kept[f"{name}{k}"] for name in ("weights", "bias", "shift"))) for k in range(count_of)]
        looks = kept["near"], kept["signed"]
        return GroupNetwork(int(kept["size"]), *looks, tuple(layers[:-1]), layers[-1], kept["around"], kept["own"])
