"""The two child processes of an evaluation: one that only encodes, one that only decodes.

    python -m crosscodec.evaluate.worker encode PACKAGE DEGRADED CODED [QUALITY|- [ENCODER]]  *.npy ─► *.xcd
    python -m crosscodec.evaluate.worker decode PACKAGE CODED RESTORED DECODER          *.xcd ─► *.png
    python -m crosscodec.evaluate.worker encode-pack PACKAGE FILE.npy FILE.xcd SEED     (N,H,W,C) ─► one file of N
    python -m crosscodec.evaluate.worker decode-pack PACKAGE FILE.xcd FILE.npy DECODER  one file of N ─► (N,H,W,planes)

They share files and nothing else, so that no number can pass from encoder to decoder but through the bytes that are
counted. Each prints one JSON object for every file; an error is printed as the last object, and the exit code is that
of the error.
"""

import io
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from crosscodec.codec.arrays import decode_arrays, encode_arrays
from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import DEFAULT_ENCODER, load_package
from crosscodec.errors import CrosscodecError, UsageError
from crosscodec.files import read_bytes, write_atomically
from crosscodec.images.reading import read_picture
from crosscodec.images.writing import encode_picture


@dataclass(frozen=True)
class Written:
    """A coded file that the encoder process wrote; seconds from pixels in memory to bytes in memory."""

    stem: str
    seconds: float
    file_bytes: int
    payload_bytes: int
    model_bits: float


@dataclass(frozen=True)
class Read:
    """A coded file that the decoder process read; seconds from bytes in memory to pixels in memory."""

    stem: str
    seconds: float


def encode_folder(
    package_name: str, degraded: Path, coded: Path, quality: int | None = None, encoder: str = DEFAULT_ENCODER
) -> None:
    """Encode every .npy of a folder into an .xcd of the other; print a `Written` for each."""
    package = load_package(package_name)
    for name in package.encoders_of(encoder):
        package.encoder_named(name)  # starting a network is no part of a picture's time
    for path in sorted(degraded.glob("*.npy")):
        pixels = read_picture(path).pixels
        started = time.perf_counter()
        encoded = encode_pixels(pixels, package, quality=quality, encoder=encoder)
        seconds = time.perf_counter() - started
        write_atomically(coded / f"{path.stem}.xcd", encoded.data, overwrite=True)
        _say(Written(path.stem, seconds, len(encoded.data), encoded.payload_bytes, encoded.model_bits))


def decode_folder(package_name: str, coded: Path, restored: Path, decoder: str) -> None:
    """Decode every .xcd of a folder into a PNG of the other; print a `Read` for each."""
    package = load_package(package_name)
    package.decoder(decoder)
    for path in sorted(coded.glob("*.xcd")):
        data = read_bytes(path)
        started = time.perf_counter()
        picture = decode_bytes(data, package, decoder)
        seconds = time.perf_counter() - started
        write_atomically(restored / f"{path.stem}.png", encode_picture(picture.pixels, "png"), overwrite=True)
        _say(Read(path.stem, seconds))


def encode_pack(package_name: str, degraded: Path, coded: Path, seed: int) -> None:
    """Encode the pictures of one .npy, (N, H, W, C), into one file; print its `Written`."""
    package = load_package(package_name)
    _ = package.encoder
    images = np.load(io.BytesIO(read_bytes(degraded)), allow_pickle=False)
    started = time.perf_counter()
    encoded = encode_arrays(images, package, seed=seed)
    seconds = time.perf_counter() - started
    write_atomically(coded, encoded.data, overwrite=True)
    _say(Written(coded.stem, seconds, len(encoded.data), encoded.payload_bytes, encoded.model_bits))


def decode_pack(package_name: str, coded: Path, restored: Path, decoder: str) -> None:
    """Decode every picture of one file into one .npy, float32 (N, H, W, planes); print its `Read`."""
    package = load_package(package_name)
    package.decoder(decoder)
    data = read_bytes(coded)
    started = time.perf_counter()
    pictures = decode_arrays(data, package, decoder)
    seconds = time.perf_counter() - started
    sink = io.BytesIO()
    np.save(sink, pictures, allow_pickle=False)
    write_atomically(restored, sink.getvalue(), overwrite=True)
    _say(Read(coded.stem, seconds))


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit code of the process."""
    try:
        match list(arguments):
            case ["encode", package, degraded, coded]:
                encode_folder(package, Path(degraded), Path(coded))
            case ["encode", package, degraded, coded, quality, *encoder] if _is_quality(quality) and len(encoder) < 2:
                asked = int(quality) if quality.isdigit() else None
                encode_folder(package, Path(degraded), Path(coded), asked, *encoder)
            case ["decode", package, coded, restored, decoder]:
                decode_folder(package, Path(coded), Path(restored), decoder)
            case ["encode-pack", package, degraded, coded, seed] if seed.isdigit():
                encode_pack(package, Path(degraded), Path(coded), int(seed))
            case ["decode-pack", package, coded, restored, decoder]:
                decode_pack(package, Path(coded), Path(restored), decoder)
            case _:
                raise UsageError(
                    "encode PACKAGE DEGRADED CODED [QUALITY|- [ENCODER]], decode PACKAGE CODED RESTORED DECODER, "
                    "encode-pack PACKAGE DEGRADED CODED SEED, or decode-pack PACKAGE CODED RESTORED DECODER"
                )
    except CrosscodecError as error:
        print(json.dumps({"kind": type(error).__name__, "error": str(error)}), flush=True)
        return error.exit_code
    except KeyboardInterrupt:  # Ctrl-C reaches parent and child alike; the parent speaks for both
        return 130
    return 0


def _is_quality(text: str) -> bool:
    return text.isdigit() or text == "-"  # the package's own


def _say(record: Written | Read) -> None:
    print(json.dumps(asdict(record)), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
