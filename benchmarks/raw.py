"""Camera raw: which interpolation of its mosaic suits the encoder, and what a file of it is worth.

    python benchmarks/raw.py --data DIR

Kodak pictures as the sensor of a camera counts them, photon and read-out noise behind a mosaic, in DNG files; LibRaw
interpolates them in several ways, without brightening, and each is coded at quality 60. PSNR compares with the picture.
"""

import argparse
import io
from pathlib import Path

import numpy as np
import rawpy
import tifffile
from numpy.typing import NDArray

import crosscodec
from crosscodec.cli.output import table_text
from crosscodec.domains.photos import kodak
from crosscodec.measure.distortion import psnr

PICTURES = (4, 12, 18, 22)  # places among Kodak's 24
ELECTRONS = (150, 600, 3000, 20_000)  # at white
READ_OUT = 2  # electrons
QUALITY = 60
WAYS = (rawpy.DemosaicAlgorithm.LINEAR, rawpy.DemosaicAlgorithm.VNG, rawpy.DemosaicAlgorithm.AHD)

Floats = NDArray[np.float64]
# XYZ of linear sRGB (IEC 61966-2-1).
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]


def linear(srgb: Floats) -> Floats:
    """The light of sRGB values on 0..1."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def dng(light: Floats) -> bytes:
    """Camera raw as DNG 1.4: linear sRGB (H, W, 3) on 0..1 behind a mosaic that begins with red, 12 bits in 16."""
    mosaic = light[..., 1].copy()
    mosaic[::2, ::2], mosaic[1::2, 1::2] = light[::2, ::2, 0], light[1::2, 1::2, 2]
    levels = np.rint(4095 * mosaic.clip(0, 1)).astype(np.uint16)
    colours = tuple(number for value in np.linalg.inv(TO_XYZ).ravel() for number in (round(1e4 * value), 10_000))
    tags = [
        (33421, "H", 2, (2, 2), True), (33422, "B", 4, bytes([0, 1, 1, 2]), True),  # the mosaic
        (50706, "B", 4, bytes([1, 4, 0, 0]), True), (50708, "s", 0, "crosscodec", True),  # version and camera
        (50717, "H", 1, 4095, True), (50721, "2i", 9, colours, True),  # white, and colours from XYZ
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True), (50778, "H", 1, 21, True),  # neutral, and its light: D65
    ]  # fmt: skip
    sink = io.BytesIO()
    tifffile.imwrite(sink, levels, photometric=32803, extratags=tags, metadata=None)
    return sink.getvalue()


def interpolated(data: bytes, way: rawpy.DemosaicAlgorithm) -> NDArray[np.float32]:
    """The picture of a DNG file as sRGB on 0..1."""
    with rawpy.imread(io.BytesIO(data)) as raw:
        samples = raw.postprocess(
            output_bps=16, use_camera_wb=True, gamma=(2.4, 12.92), no_auto_bright=True, demosaic_algorithm=way
        )
    return (samples / 65535).astype(np.float32)


def main() -> None:
    """Print the table of means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    photos, draw = kodak(parser.parse_args().data), np.random.default_rng(5)
    found: dict[tuple[str, ...], list[tuple[float, float]]] = {}
    for place in PICTURES:
        clean = photos.clean_float(place)
        light = linear(clean.astype(np.float64))
        for electrons in ELECTRONS:
            counted = draw.poisson(electrons * light) + READ_OUT * draw.standard_normal(light.shape)
            data = dng(counted / electrons)
            for way in WAYS:
                picture, name = interpolated(data, way), (f"{electrons:,}", way.name)
                found.setdefault((*name, "developed"), []).append((48.0, psnr(clean, picture)))
                for encoder in ("default", "camera", "auto"):
                    coded = crosscodec.encode(picture, quality=QUALITY, encoder=encoder)
                    back = crosscodec.decode(coded.data).pixels.astype(np.float32) / np.float32(255)
                    found.setdefault((*name, encoder), []).append((coded.bits_per_pixel, psnr(clean, back)))
    rows = [(*name, *(f"{mean:.3f}" for mean in np.mean(values, axis=0))) for name, values in sorted(found.items())]
    print(table_text(("electrons", "interpolation", "encoder", "bits a pixel", "PSNR, dB"), rows))


if __name__ == "__main__":
    main()
