"""A finished package with most layers of all its networks in 8-bit integers: faster, smaller, hardly worse.

package ─► each encoder on training crops ─► its features' scales ─► encoders in integers ┐
              └─► the default one's symbols at all qualities ─► each decoder's ─► decoders ┴─► trial ─► package
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import onnx

from crosscodec import __version__
from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.codec.package import Package, decoder_part, encoder_part, load_package, pack, parse_package
from crosscodec.errors import UsageError
from crosscodec.learn.integers import in_integers, residual_layers
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.export import analysis_graph, synthesis_graph
from crosscodec.learn.photo.networks import Analysis, Synthesis
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.photo.start import pyramid_shape, recipe_of, stored_weights, take_over
from crosscodec.learn.photo.trial import try_package, with_trials
from crosscodec.learn.recipe import recipe_from_sections

INTEGERS = "integers"  # under `training` of a card
CROPS = 128
SEED = 631  # crops that scale the features are not those that tables were fitted to
# Besides residual blocks. Where whole features are rounded, and not what is added to them, a decoder at half the
# resolution loses what can be seen (docs/photo-denoise.md).
IN_ENCODERS = ("net.to_quarter", "net.to_eighth", "net.from_eighth.0", "net.from_quarter.0", "net.last.0", "last")
IN_DECODERS = ("net.to_eighth", "net.from_eighth.0")


@dataclass(frozen=True)
class _DataRecipe:
    data: DataSettings


@dataclass(frozen=True)
class _Trained:
    """Of a photo codec's recipe, what it was trained on and with which seed."""

    data: DataSettings
    seed: int


def quantise_package(
    package: str, out: Path, data: Path | None = None, again: bool = False, sets: Sequence[str] = ()
) -> bytes:
    """The bytes of a package (name or file) with integers in place of floats, tried anew. ``out``: where it will lie.

    ``again``: networks that are in integers already are taken back to the floats that these stand for, and quantised
    as well. ``sets``: names or folders of photos that take the place of those that the package was trained on, as these
    may be elsewhere, or nowhere any more. Raises UsageError for a package that no recipe of the kind ``photo`` made, or
    whose networks hold no residual block in floats.
    """
    given = load_package(package)
    trained = _trained(given, tuple(sets))
    encoders = [encoder_part(name) for name in given.encoders]
    networks = [*encoders, *(decoder_part(name) for name in given.decoders)]
    graphs = _in_floats(given) if again else {part: given.parts[part] for part in networks}
    floats = [part for part in networks if residual_layers(onnx.load_from_string(graphs[part]))]
    if not floats:
        raise UsageError(
            f"{given.name}: its networks have no residual block in floats; it is quantised already "
            "(--again: quantise it anew)"
        )
    pictures = load_training_pictures(trained.data, data)
    crops = pictures.training.batch(SEED, 0, CROPS).degraded.numpy()
    assert given.qualities is not None, "_trained has seen to it"
    levels = [given.qualities.at(number % (BEST_QUALITY + 1)) for number in range(CROPS)]
    inputs = [
        level.values(level.symbols(given.encoder(crop[None])[0]))[None]
        for level, crop in zip(levels, crops, strict=True)
    ]
    made_of = {
        part: in_integers(graphs[part], [crop[None] for crop in crops], IN_ENCODERS)
        if part in encoders
        else in_integers(graphs[part], inputs, IN_DECODERS)
        for part in floats
    }
    told = {"package": given.sha256, "crops": CROPS, "crosscodec": __version__, "parts": floats}
    told |= {"sets": list(sets)} if sets else {}
    card = replace(given.card, training=given.card.training | {INTEGERS: told}, measured=())
    made = parse_package(pack(card, given.parts | made_of), out)
    rows = [
        row for decoder in made.decoders for row in try_package(made, pictures.held_out, trained.seed, decoder, data)
    ]
    return with_trials(made, tuple(rows))


def _in_floats(package: Package) -> dict[str, bytes]:
    """The graphs of all networks of a package, made anew of the floats that their weights stand for."""
    model = recipe_of(package).model
    graphs: dict[str, bytes] = {}
    for part in map(encoder_part, package.encoders):
        weights = stored_weights(package.parts[part])
        analysis = Analysis(model, *pyramid_shape(weights))
        take_over(analysis, weights)
        graphs[part] = analysis_graph(analysis)
    for part in map(decoder_part, package.decoders):
        weights = stored_weights(package.parts[part])
        widths, blocks = pyramid_shape(weights)
        synthesis = Synthesis(replace(model, synthesis_widths=widths, synthesis_blocks=blocks))
        take_over(synthesis, weights)
        graphs[part] = synthesis_graph(synthesis)
    return graphs


def _trained(package: Package, sets: tuple[str, ...]) -> _Trained:
    """How a package was trained, on these ``sets`` if there are any. Raises UsageError as quantise_package does."""
    recipe = package.card.training.get("recipe", {})
    if package.card.qualities is None or not {"data", "training"} <= recipe.keys():
        raise UsageError(
            f"{package.name}: only a package with qualities that a recipe of the kind photo made can be quantised"
        )
    section = recipe["data"] | ({"sets": sets, "degraded_folder": "", "clean_folder": ""} if sets else {})
    return _Trained(recipe_from_sections(_DataRecipe, {"data": section}).data, int(recipe["training"]["seed"]))
