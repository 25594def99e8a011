"""The entropy coder on the shipped package: what the integer contexts save, and how fast symbols are read.

    python benchmarks/coder.py --data DIR [--limit N] [--out results/coder.tsv]

Kodak with noise of sigma 25, at three qualities. The bits that the coder spends are set beside those of the best
factorised tables there can be: one table a channel with the frequencies of these very pictures, which no real package
could know. A saving against them is a lower bound of the saving against tables fitted on other pictures. Decoding is
timed on one core, whole payloads to symbols, in pixels of the picture a second.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.coder import decode_symbols, encode_symbols
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.prediction import differences
from crosscodec.codec import Package, load_package
from crosscodec.codec.encoding import picture_symbols
from crosscodec.domains.degradation import parse_degradation
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import named_photos
from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically

QUALITIES = (20, 50, 80)
COLUMNS = ("quality", "pictures", "bpp_contexts", "bpp_factorised_oracle", "saving_percent", "decode_mpixel_s")


@dataclass(frozen=True)
class Picture:
    """Symbols (C,N) of one picture, of predicted channels differences, its grid and its number of pixels."""

    symbols: NDArray[np.int32]
    grid: Grid
    pixels: int


def factorised_bits(pictures: list[Picture]) -> float:
    """Bits of the symbols of all pictures by one table a channel that has exactly their frequencies."""
    total = 0.0
    for rows in zip(*(p.symbols for p in pictures), strict=True):
        _, counts = np.unique(np.concatenate(rows), return_counts=True)
        total += float((counts * np.log2(counts.sum() / counts)).sum())
    return total


def measure(package: Package, quality: int, domain: Domain, count: int) -> tuple[str, ...]:
    """One row of the table."""
    pictures, entropy = [], package.entropy_at(quality)
    for index in range(count):
        degraded = domain.sample(index).degraded
        symbols = picture_symbols(degraded, package, quality=quality)
        grid = Grid(*symbols.shape[1:])
        rows, passes = symbols.reshape(len(symbols), -1), package.predicted_passes
        numbers = differences(rows, [grid], package.card.predicted, passes)
        pictures.append(Picture(numbers, grid, degraded.shape[0] * degraded.shape[1]))
    bits, seconds = 0, 0.0
    for picture in pictures:
        payload = encode_symbols(picture.symbols, entropy, [picture.grid])
        began = time.perf_counter()
        read = decode_symbols(payload, picture.symbols.shape[1], entropy, [picture.grid])
        seconds += time.perf_counter() - began
        assert np.array_equal(read, picture.symbols)
        bits += 8 * len(payload)
    pixels = sum(p.pixels for p in pictures)
    factorised = factorised_bits(pictures)
    figures = (bits / pixels, factorised / pixels, 100 * (1 - bits / factorised), pixels / seconds / 1e6)
    return str(quality), str(count), *(f"{figure:.4g}" for figure in figures)


def main() -> None:
    """Print the table, and write it where --out says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--package", default="photo-denoise")
    parser.add_argument("--limit", type=int, default=24)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    os.environ["CROSSCODEC_THREADS"] = "1"
    domain = Domain(named_photos("kodak", options.data), parse_degradation("noise:25"), 0)
    package = load_package(options.package)
    rows = [measure(package, quality, domain, options.limit) for quality in QUALITIES]
    text = tsv_text([COLUMNS, *rows])
    sys.stdout.write(text)
    if options.out:
        write_atomically(options.out, text.encode(), overwrite=True)


if __name__ == "__main__":
    main()
