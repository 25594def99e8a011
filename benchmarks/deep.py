"""Pictures of 12 bits in files of 16, as microscopes and cameras write them: what a sample range is worth.

    python benchmarks/deep.py --data DIR [--colour]

Five Kodak pictures, in gray or in colour, as a camera sees them: 100 levels of offset, 1,900 from black to white, shot
and read-out noise, whole levels. Each is coded at quality 60 as it is, multiplied by 16, and with a range; PSNR
compares with the picture without noise, in units of the 1,900 levels.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import crosscodec
from crosscodec.cli.output import table_text
from crosscodec.domains.photos import kodak

PICTURES = (4, 12, 14, 18, 22)  # places among Kodak's 24
BLACK, SPAN, MOST = 100, 1900, 4095
GAIN, READ_OUT = 4, 30  # levels a photon, and the noise of reading in levels
QUALITY = 60

Samples = NDArray[np.uint16]
Floats = NDArray[np.float64]


def seen(clean: NDArray[np.float32], draw: np.random.Generator) -> tuple[Floats, Samples]:
    """A picture on 0..1 as levels without noise, and as the camera writes them."""
    truth = BLACK + SPAN * clean.astype(np.float64)
    noisy = truth + np.sqrt(GAIN * (truth - BLACK) + READ_OUT**2) * draw.standard_normal(clean.shape)
    return truth, np.clip(np.rint(noisy), 0, MOST).astype(np.uint16)


def coded(samples: Samples) -> Iterator[tuple[str, float, Floats]]:
    """Ways to code the samples: name, bits a pixel, and the levels that come back."""
    whole = samples / np.float64(65535)
    for name, scale in (("as it is, decoded to 8 bits", 1), ("multiplied by 16, decoded to 8 bits", 16)):
        encoded = crosscodec.encode(scale * whole, quality=QUALITY)
        back = crosscodec.decode(encoded.data).pixels.astype(np.float64) * 65535 / 255 / scale
        yield name, encoded.bits_per_pixel, back
    ranges: dict[str, str | tuple[float, float]] = {"range 0,4095": (0, MOST), "range auto": "auto"}
    for name, wish in ranges.items():
        encoded = crosscodec.encode(samples, quality=QUALITY, sample_range=wish)
        yield name, encoded.bits_per_pixel, crosscodec.decode(encoded.data).samples.astype(np.float64)


def main() -> None:
    """Print the table of means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--colour", action="store_true")
    chosen, draw = parser.parse_args(), np.random.default_rng(1)
    photos = kodak(chosen.data)
    found: dict[str, list[tuple[float, float]]] = {}
    for place in PICTURES:
        clean = photos.clean_float(place)
        truth, samples = seen(clean if chosen.colour else clean.mean(axis=2), draw)
        channels = 3 if chosen.colour else 1
        for name, rate, levels in (("the noisy picture", 16.0 * channels, samples.astype(np.float64)), *coded(samples)):
            psnr = 20 * np.log10(SPAN / np.sqrt(np.mean((levels - truth) ** 2)))
            found.setdefault(name, []).append((rate, float(psnr)))
    rows = [(name, *(f"{mean:.3f}" for mean in np.mean(values, axis=0))) for name, values in found.items()]
    print(table_text(("", "bits a pixel", "PSNR, dB"), rows))


if __name__ == "__main__":
    main()
