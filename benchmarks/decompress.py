"""DeCompress-style baseline: a learned codec trained on one noisy picture alone, told its sigma and nothing else.

    python benchmarks/decompress.py --data DIR --pictures 1 5 23 --out results/decompress.tsv

Following the idea of DeCompress (arXiv:2503.22015): a codec that may spend a squared error of about sigma^2 on the
noisy picture keeps what can be compressed, and noise cannot. Our photo codec, small and from nothing (block DCT at the
start), learns to code the noisy picture, at all qualities at once; what it gives back is compared with the clean one.
Bytes are those of the file; those of decoder and tables, which belong to this picture alone and which a reader would
need too, are told beside them.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import load_package
from crosscodec.domains.degradation import GaussianNoise
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import kodak
from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically
from crosscodec.images.picture import to_uint8
from crosscodec.images.writing import encode_picture
from crosscodec.learn.recipe import BUILT_IN
from crosscodec.learn.train import train_recipe
from crosscodec.measure.distortion import psnr

HEADER = ["picture", "quality", "steps", "psnr", "mse_to_noisy", "file_bpp", "network_bpp", "train_seconds"]
SMALL = (
    "model.analysis_widths=[16, 32, 64]",
    "model.analysis_blocks=[0, 0, 1, 0, 0]",
    "model.synthesis_widths=[16, 32, 64]",
    "model.synthesis_blocks=[0, 0, 1, 0, 0]",
    "model.best_widths=[]",
    "data.scales=[1.0]",
    "data.gray=0.0",
    "data.noise_low=0.0",
    "data.noise_high=0.0",
    "data.held_out=0",
    "training.denoise_steps=0",
    "training.threads=1",
    'training.start=""',
    "objective.anchors=[0, 100]",
    "objective.lambda_lowest=0.0005",
    "objective.lambda_highest=0.01",
)


def measure(sample: int, arguments: argparse.Namespace) -> list[list[str | float]]:
    """Train on one noisy picture; a row of the table for each quality."""
    drawn = Domain(kodak(arguments.data), GaussianNoise(arguments.sigma), 0).sample(sample - 1)
    clean, noisy = to_uint8(drawn.clean), to_uint8(drawn.degraded)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "noisy").mkdir()
        (Path(folder) / "noisy" / "picture.png").write_bytes(encode_picture(noisy, "png"))
        settings = [
            *SMALL,
            f'data.sets=["{folder}/noisy"]',
            f"training.steps={arguments.steps}",
            f"training.decay_steps={arguments.steps // 2}",
        ]
        package = load_package(str(train_recipe(BUILT_IN / "photo-denoise.toml", Path(folder) / "run", settings)))
    seconds = time.monotonic() - started
    pixels = noisy.shape[0] * noisy.shape[1]
    network = 8 * sum(len(part) for name, part in package.parts.items() if not name.startswith("encoder")) / pixels
    rows: list[list[str | float]] = []
    for quality in arguments.qualities:
        coded = encode_pixels(noisy, package, quality=quality)
        restored = decode_bytes(coded.data, package).pixels
        error = float(np.square(restored.astype(np.float64) - noisy).mean())
        decibels, rate = float(psnr(clean, restored)), 8 * len(coded.data) / pixels
        rows.append([f"kodim{sample:02}", quality, arguments.steps, decibels, error, rate, network, seconds])
    return rows


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, nargs="+", default=[1, 5, 23])
    parser.add_argument("--qualities", type=int, nargs="+", default=[0, 25, 50, 75, 100])
    parser.add_argument("--sigma", type=float, default=25.0)
    parser.add_argument("--steps", type=int, default=600)
    arguments = parser.parse_args()
    rows: list[list[str | float]] = []
    for sample in arguments.pictures:
        rows += measure(sample, arguments)
        write_atomically(arguments.out, tsv_text([HEADER, *rows]).encode(), overwrite=True)
        print(tsv_text(rows[-len(arguments.qualities) :]), end="", flush=True)


if __name__ == "__main__":
    main()
