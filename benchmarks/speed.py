"""CPU seconds of one Kodak picture, both ways through a package and through BM3D, in turn in one process on one thread.

    pip install bm3d
    OMP_NUM_THREADS=1 CROSSCODEC_THREADS=1 python benchmarks/speed.py --data DIR --picture 5

Machines are faster at one hour than at the next: only what is measured in turn can be divided. The package is timed
nine times before BM3D and nine times after it; the medians of both are averaged.
"""

import argparse
import time
from pathlib import Path
from statistics import median

import bm3d
import numpy as np

from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import DEFAULT_ENCODER, load_package
from crosscodec.domains.degradation import GaussianNoise
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import kodak

SIGMA, QUALITY, TIMES = 25, 60, 9


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--picture", type=int, default=5)
    parser.add_argument("--package", nargs="+", default=["photo-denoise"])
    parser.add_argument("--encoder", default=DEFAULT_ENCODER)
    parser.add_argument("--decoder", default="fidelity")
    arguments = parser.parse_args()
    noisy = Domain(kodak(arguments.data), GaussianNoise(SIGMA), 0).sample(arguments.picture - 1).degraded
    packages = [load_package(name) for name in arguments.package]

    def ours(number: int) -> float:
        seconds = []
        for _ in range(TIMES + 1):  # the first one starts the networks
            started = time.process_time()
            coded = encode_pixels(noisy, packages[number], quality=QUALITY, encoder=arguments.encoder)
            decode_bytes(coded.data, packages[number], arguments.decoder)
            seconds.append(time.process_time() - started)
        return median(seconds[1:])

    before = [ours(number) for number in range(len(packages))]
    started = time.process_time()
    bm3d.bm3d_rgb(noisy.astype(np.float64), SIGMA / 255)
    theirs = time.process_time() - started
    for number, name in enumerate(arguments.package):
        mean = (before[number] + ours(number)) / 2
        print(f"{name}: {mean:.3f} s, BM3D {theirs:.1f} s, {theirs / mean:.0f} times as many")


if __name__ == "__main__":
    main()
