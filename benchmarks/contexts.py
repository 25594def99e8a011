"""What the entropy model of the photo codec saves: 1, 3, 6, ... contexts a channel, means of blocks foretold or not.

    python benchmarks/contexts.py --data DIR --out results/contexts.tsv

Tables are fitted on training crops as `crosscodec train` does at export, and priced on symbols of Kodak with noise of
sigma 25 that no table has seen. Networks, steps and so the pictures are the same in every row: only bits change. The
ablation of the entropy model, without a training for each.
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.bitstream.coder import model_bits
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.network import NetworkLayout
from crosscodec.bitstream.prediction import differences
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.encoding import picture_symbols
from crosscodec.codec.package import load_package
from crosscodec.domains.degradation import GaussianNoise
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import kodak
from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.density import ContextDensity
from crosscodec.learn.photo.export import fit_entropy_model, latents_of_anchor, training_coefficients
from crosscodec.learn.photo.settings import Recipe
from crosscodec.learn.photo.start import codec_of
from crosscodec.learn.recipe import recipe_from_sections

HEADER = ["quality", "contexts", "predicted", "pictures", "model_bpp", "to_one_context_percent", "tables_bytes"]


def coded(
    symbols: NDArray[np.int32], predicted: tuple[int, ...], entropy: EntropyModel, passes: tuple[int, ...] = ()
) -> tuple[NDArray[np.int32], EntropyModel, list[Grid]]:
    """What the coder is given for symbols (C,h,w)."""
    grids = [Grid(*symbols.shape[1:])]
    return differences(symbols.reshape(len(symbols), -1), grids, predicted, passes), entropy, grids


def main() -> None:
    """Fit, price, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--package", default="photo-denoise")
    parser.add_argument("--qualities", type=int, nargs="+", default=[20, 50, 80], help="anchors of the package")
    parser.add_argument("--contexts", type=int, nargs="+", default=[1, 3, 6, 9, 12])
    parser.add_argument("--pictures", type=int, nargs="+", default=[1, 5, 8, 13, 19, 23])
    parser.add_argument("--batches", type=int, default=128, help="of 16 training crops")
    arguments = parser.parse_args()
    package = load_package(arguments.package)
    codec, domain = codec_of(package, "fidelity"), Domain(kodak(arguments.data), GaussianNoise(25), 0)
    recipe = recipe_from_sections(Recipe, package.card.training["recipe"])
    settings = recipe.model
    lowest = dataclasses.replace(settings, predicted=True).predicted_channels
    pictures = load_training_pictures(recipe.data, arguments.data)
    coefficients = training_coefficients(codec, pictures.training, arguments.batches)
    rows: list[list[str | float]] = []
    for quality in arguments.qualities:
        seen = [picture_symbols(domain.sample(n - 1).degraded, package, quality=quality) for n in arguments.pictures]
        pixels = sum(s.shape[1] * s.shape[2] for s in seen) * package.card.block**2
        latents = latents_of_anchor(codec, coefficients, codec.gains.anchors.index(quality))
        first = None
        plans = [(count, ()) for count in arguments.contexts]
        for count, predicted in [*plans, (settings.contexts, lowest)]:
            density = ContextDensity(settings.luma, settings.chroma, settings.reach, count, predicted)
            entropy = fit_entropy_model(density, dataclasses.replace(settings, contexts=count), latents)
            bits = sum(model_bits(*coded(s, predicted, entropy)) for s in seen) / pixels
            first = bits if first is None else first
            size = len(entropy.tables.to_bytes()) + len(entropy.layout.to_bytes())
            told = "means" if predicted else "none"
            rows.append([str(quality), str(count), told, str(len(seen)), bits, 100 * (bits / first - 1), str(size)])
            print(rows[-1], flush=True)
        shipped = package.entropy_at(quality)
        how = package.card.predicted, shipped, package.predicted_passes
        bits = sum(model_bits(*coded(s, *how)) for s in seen) / pixels
        size = len(shipped.tables.to_bytes()) + len(shipped.layout.to_bytes())
        told = "networks" if isinstance(shipped.layout, NetworkLayout) else "package"
        rows.append([str(quality), told, "means", str(len(seen)), bits, 100 * (bits / first - 1), str(size)])
        print(rows[-1], flush=True)
    write_atomically(arguments.out, tsv_text([HEADER, *rows]).encode(), overwrite=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
