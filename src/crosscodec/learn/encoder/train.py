"""A whole encoder run: package, pictures, training, the package with one encoder more, trial on pictures kept apart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from crosscodec.codec.package import (
    DEFAULT_ENCODER,
    SUFFIX,
    Package,
    encoder_part,
    load_package,
    pack,
    parse_package,
)
from crosscodec.learn.encoder.loop import train_encoder
from crosscodec.learn.encoder.settings import EncoderRecipe, EncoderSettings
from crosscodec.learn.photo.data import run_pictures
from crosscodec.learn.photo.export import analysis_graph, receptive_halo
from crosscodec.learn.photo.networks import Analysis
from crosscodec.learn.photo.start import (
    codec_of,
    pyramid_shape,
    recipe_of,
    stored_weights,
    take_over,
)
from crosscodec.learn.photo.trial import RECORDED, try_package, with_trials

ENCODERS = "encoders"  # under `training` of a card: how each further encoder was made


def train_further_encoder(
    recipe: EncoderRecipe, out: Path, resume: bool, data: Path | None, card: dict[str, Any]
) -> bytes:
    """Train by the recipe, or go on where ``out`` stands; the bytes of the package that has the encoder beside those it
    had. An encoder of the same name is replaced.

    Raises UsageError for a package that is no photo codec's, and for an encoder to start from that it does not have or
    whose shape is another.
    """
    package = load_package(recipe.encoder.package)
    codec = codec_of(package, package.decoders[0])
    torch.manual_seed(recipe.training.seed)  # what starts from nothing starts from chance
    analysis, blocks = starting_analysis(package, recipe.encoder)
    pictures = run_pictures(recipe.data, data, out, package)
    trained = train_encoder(recipe, codec, analysis, pictures, out, resume)
    taken = {"steps": trained.steps, "hours": round(trained.seconds / 3600, 2)}
    graph = analysis_graph(trained.encoder)
    added = with_encoder(package, recipe, graph, receptive_halo(blocks), taken | card, out)
    asked = [(recipe.encoder.name, pictures.held_out)]
    if recipe.encoder.start not in ("", recipe.encoder.name):
        # What it is worth on pairs that were recorded tells the encoder that it started from, on the same pairs.
        asked.append((recipe.encoder.start, tuple(kept for kept in pictures.held_out if kept.recorded is not None)))
    rows = [
        row
        for decoder in added.decoders
        for name, kept in asked
        for row in try_package(added, kept, recipe.training.seed, decoder, data, (name,))
    ]
    return with_trials(added, tuple(rows))


def starting_analysis(package: Package, settings: EncoderSettings) -> tuple[Analysis, tuple[int, ...]]:
    """The analysis that training starts from, and its residual blocks."""
    model = recipe_of(package).model
    if not settings.start:
        return Analysis(model, settings.widths, settings.blocks), settings.blocks
    package.require_encoder(settings.start)
    weights = stored_weights(package.parts[encoder_part(settings.start)])
    widths, blocks = pyramid_shape(weights)
    blocks = settings.blocks or blocks
    analysis = Analysis(model, settings.widths or widths, blocks)
    take_over(analysis, weights)
    return analysis, blocks


def with_encoder(
    package: Package, recipe: EncoderRecipe, graph: bytes, halo: int, made: dict[str, Any], out: Path
) -> Package:
    """The package with an encoder's graph, and how it was ``made`` on the card; numbers of a former one are dropped."""
    name, card = recipe.encoder.name, package.card
    told = {"recipe": recipe.as_dict(), "run": recipe.identity(), "package": package.sha256} | made
    others = card.training.get(ENCODERS, {}) | {name: told}
    added = replace(
        card,
        halo=max(card.halo, halo) if name == DEFAULT_ENCODER else card.halo,
        encoders=card.encoders if name == DEFAULT_ENCODER else card.encoders | {name: halo},
        training=card.training | {ENCODERS: others},
        # Pairs of an earlier run are not those of this one.
        measured=tuple(
            row for row in card.measured if row.get("encoder", DEFAULT_ENCODER) != name and row.get("set") != RECORDED
        ),
        notes=tuple(dict.fromkeys((*card.notes, *recipe.encoder.notes))),
    )
    parts = package.parts | {encoder_part(name): graph}
    return parse_package(pack(added, parts), out / f"{package.name}{SUFFIX}")
