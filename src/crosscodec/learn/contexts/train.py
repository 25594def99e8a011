"""A whole contexts run: package, pictures, symbols, networks and bank, the package with them, trial on pictures kept
apart.
"""

import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import torch

from crosscodec.bitstream.network import NetworkLayout
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.package import (
    NETWORKS,
    SUFFIX,
    TABLES,
    Package,
    contexts_part,
    load_package,
    pack,
    parse_package,
    tables_part,
)
from crosscodec.errors import OutputExists
from crosscodec.learn.contexts.fit import fit_contexts, group_passes, group_sizes
from crosscodec.learn.contexts.settings import ContextsRecipe
from crosscodec.learn.contexts.symbols import SymbolRows, symbol_rows
from crosscodec.learn.photo.blockdct import parities
from crosscodec.learn.photo.crops import CropSource
from crosscodec.learn.photo.data import load_training_pictures, run_pictures
from crosscodec.learn.photo.start import recipe_of
from crosscodec.learn.photo.trial import try_package, with_trials
from crosscodec.learn.recipe import identity_of

CONTEXTS = "contexts"  # under `training` of a card: how its context networks were made
ROWS = "symbols"  # folder of the rows that are trained on, in the folder of the networks


def train_contexts(recipe: ContextsRecipe, out: Path, resume: bool, data: Path | None, card: dict[str, Any]) -> bytes:
    """Train by the recipe, or go on where ``out`` stands; the bytes of the package with context networks in place of
    the contexts and tables that it had, all else being as it was.

    Raises UsageError for a package that is no photo codec's, and OutputExists when ``out`` holds networks of this
    recipe and ``resume`` is false.
    """
    began = monotonic()
    package = load_package(recipe.contexts.package)
    model = recipe_of(package).model
    pictures = run_pictures(recipe.data, data, out, package)
    # Networks of another recipe, of other pictures or for another package in the same folder are none of this one's.
    of = {"recipe": recipe.identity(), "package": package.sha256, "pictures": pictures.hashes}
    folder = out / f"contexts-{identity_of(of)[:8]}"
    if folder.exists() and not resume:
        raise OutputExists(f"{out} holds a run already; go on with --resume or choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    sizes, passes = group_sizes(model.luma, model.chroma), group_passes(model.luma, model.chroma, recipe.contexts)
    of_channel = np.repeat(passes, sizes).tolist()
    foretold = tuple(of_channel[channel] for channel in package.card.predicted)
    rows = _rows(recipe, package, pictures.training, folder / ROWS, foretold, data)
    entropy = fit_contexts(recipe, rows, sizes, passes, folder)
    shutil.rmtree(folder / ROWS)
    made = {"hours": round((monotonic() - began) / 3600, 2)} | card
    with_them = with_contexts(package, entropy, recipe, made, out)
    trials = [
        row
        for decoder in package.decoders
        for row in try_package(with_them, pictures.held_out, recipe.training.seed, decoder, data)
    ]
    return with_trials(with_them, tuple(trials))


@dataclass(frozen=True)
class _Crops:
    """Which crops of a run a process codes, and where it puts their rows; ``passes`` of predicted channels."""

    recipe: ContextsRecipe
    package: Package
    data: Path | None
    passes: tuple[int, ...]
    numbers: range
    folder: Path

    def rows(self, pictures: CropSource) -> SymbolRows:
        """The rows, made."""
        settings = self.recipe.training
        return symbol_rows(self.package, pictures, self.numbers, settings.qualities, settings.seed, self.passes)


def _rows(
    recipe: ContextsRecipe,
    package: Package,
    pictures: CropSource,
    folder: Path,
    passes: tuple[int, ...],
    data: Path | None,
) -> SymbolRows:
    """The rows to train on, on disk, where all processes see them; made unless a stopped run left them."""
    if folder.is_dir():
        return SymbolRows.load(folder)
    partial = folder.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    count, crops = recipe.training.processes, recipe.training.crops
    ends = [crops * k // count for k in range(count + 1)]
    tasks = [
        _Crops(recipe, package, data, passes, range(*both), partial / f"process-{k}")
        for k, both in enumerate(pairwise(ends))
        if both[0] < both[1]
    ]
    if len(tasks) == 1:
        made = tasks[0].rows(pictures)
    else:
        with ProcessPoolExecutor(len(tasks), get_context("spawn")) as pool:
            made = SymbolRows.joined(list(pool.map(_rows_alone, tasks)))
    made.save(partial / ROWS)
    (partial / ROWS).replace(folder)
    shutil.rmtree(partial)
    return SymbolRows.load(folder)


def _rows_alone(task: _Crops) -> SymbolRows:
    """The rows of some crops by a process of its own, which reads the pictures again: less than to send them."""
    torch.set_num_threads(1)
    task.rows(load_training_pictures(task.recipe.data, task.data).training).save(task.folder)
    return SymbolRows.load(task.folder)


def with_contexts(
    package: Package, entropy: EntropyModel, recipe: ContextsRecipe, made: dict[str, Any], out: Path
) -> Package:
    """The package with networks and bank, and how they were ``made`` on the card; what was measured with the contexts
    that it had is dropped.
    """
    assert isinstance(entropy.layout, NetworkLayout), "the model that was fitted has networks"
    card, model = package.card, recipe_of(package).model
    told = {"recipe": recipe.as_dict(), "run": recipe.identity(), "package": package.sha256} | made
    added = replace(
        card,
        weighted=False,
        networked=True,
        parities=parities(model.luma, model.chroma),
        training=card.training | {CONTEXTS: told},
        measured=(),
        notes=tuple(dict.fromkeys((*card.notes, *recipe.contexts.notes))),
    )
    anchors = range(len(card.qualities.anchors) if card.qualities else 0)
    former = {part(i) for i in anchors for part in (tables_part, lambda i: contexts_part(i, card.weighted))}
    parts = {name: data for name, data in package.parts.items() if name not in former}
    parts |= {NETWORKS: entropy.layout.to_bytes(), TABLES: entropy.tables.to_bytes()}
    return parse_package(pack(added, parts), out / f"{package.name}{SUFFIX}")
