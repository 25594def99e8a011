"""A whole decoder run: package, pictures, training, the package with one decoder more, trial on pictures kept apart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from crosscodec.codec.package import SUFFIX, Package, decoder_part, load_package, pack, parse_package
from crosscodec.errors import UsageError
from crosscodec.learn.decoder.loop import starting_codec, train_decoder
from crosscodec.learn.decoder.settings import DecoderRecipe
from crosscodec.learn.photo.data import run_pictures
from crosscodec.learn.photo.export import synthesis_graph
from crosscodec.learn.photo.trial import try_package, with_trials

DECODERS = "decoders"  # under `training` of a card: how each further decoder was made


def train_further_decoder(
    recipe: DecoderRecipe, out: Path, resume: bool, data: Path | None, card: dict[str, Any]
) -> bytes:
    """Train by the recipe, or go on where ``out`` stands; the bytes of the package that has the decoder beside those it
    had. A decoder of the same name is replaced.

    Raises UsageError for a package that is no photo codec's, and for the name of the decoder that it was made with.
    """
    package = load_package(recipe.decoder.package)
    if recipe.decoder.name == package.decoders[0]:
        raise UsageError(f"decoder.name: {recipe.decoder.name} was trained together with the encoder; choose another")
    codec = starting_codec(package, recipe.decoder)
    pictures = run_pictures(recipe.data, data, out, package)
    trained = train_decoder(recipe, codec, pictures, out, resume, data)
    taken = {"steps": trained.steps, "hours": round(trained.seconds / 3600, 2)}
    graph = synthesis_graph(trained.decoder)
    added = with_decoder(package, recipe, graph, taken | card, out)
    rows = try_package(added, pictures.held_out, recipe.training.seed, recipe.decoder.name, data)
    return with_trials(added, rows)


def with_decoder(package: Package, recipe: DecoderRecipe, graph: bytes, made: dict[str, Any], out: Path) -> Package:
    """The package with a decoder's graph, and how it was ``made`` on the card; numbers of a former one are dropped."""
    name, card = recipe.decoder.name, package.card
    told = {"recipe": recipe.as_dict(), "run": recipe.identity(), "package": package.sha256} | made
    others = card.training.get(DECODERS, {}) | {name: told}
    added = replace(
        card,
        decoders=tuple(dict.fromkeys((*card.decoders, name))),
        training=card.training | {DECODERS: others},
        measured=tuple(row for row in card.measured if row.get("decoder", card.decoders[0]) != name),
        notes=tuple(dict.fromkeys((*card.notes, *recipe.decoder.notes))),
    )
    parts = package.parts | {decoder_part(name): graph}
    return parse_package(pack(added, parts), out / f"{package.name}{SUFFIX}")
