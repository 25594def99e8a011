"""`crosscodec encode`, `decode` and `restore`: pictures to coded files and back."""

import time
from typing import Annotated

import typer

from crosscodec.cli.batch import OnExist, Product, Task, plan_tasks, run_plan
from crosscodec.cli.options import (
    DEFAULT_PACKAGE,
    Decoder,
    DecoderPackage,
    EncoderPackage,
    ExistPolicy,
    Force,
    Jobs,
    Json,
    PictureFormat,
    Recursive,
)
from crosscodec.cli.output import bytes_text
from crosscodec.cli.streams import format_for, input_bytes, input_picture, suffix_for
from crosscodec.codec.coding import Encoded, decode_bytes, encode_pixels
from crosscodec.codec.package import Package, load_package
from crosscodec.imagefile import SUFFIXES, encode_picture
from crosscodec.measure.rate import RateLine

CODED = ".xcd"

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)

PictureIn = Annotated[str, typer.Argument(metavar="IN", help="A degraded picture, a folder of them, or - for stdin.")]
CodedIn = Annotated[str, typer.Argument(metavar="IN.xcd", help="A coded file, a folder of them, or - for stdin.")]


@app.command()
def encode(
    source: PictureIn,
    target: Annotated[str, typer.Argument(metavar="OUT.xcd", help="The coded file, a folder, or - for stdout.")],
    package: EncoderPackage = DEFAULT_PACKAGE,
    force: Force = False,
    recursive: Recursive = False,
    jobs: Jobs = 1,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Encode degraded pictures into small coded files (.xcd).

    The encoder already removes what the package was made to remove, so that no bits are spent on noise. What a file
    holds decides how it is read, not its name: PNG, JPEG, WebP, TIFF, BMP, JPEG 2000, AVIF, GIF, or .npy (float32 on
    the scale 0..1).

    **Examples**

    `crosscodec encode noisy.png photo.xcd`

    `crosscodec encode scans/ coded/ -r --jobs 2 --on-exist skip`

    `crosscodec encode - - --package photo-denoise < noisy.png > photo.xcd`
    """
    plan = plan_tasks(source, target, CODED, SUFFIXES, recursive)
    loaded = load_package(package)

    def work(task: Task) -> Product:
        picture = input_picture(task.source)
        started = time.perf_counter()
        encoded = encode_pixels(picture.pixels, loaded, force)
        seconds = time.perf_counter() - started
        facts = _encoded_facts(encoded, loaded) | {"seconds": round(seconds, 4)}
        return Product(encoded.data, rate_text(encoded), facts, picture.notices)

    run_plan(plan, work, on_exist, jobs, as_json, "encoding")


@app.command()
def decode(
    source: CodedIn,
    target: Annotated[
        str,
        typer.Argument(metavar="OUT", help="The picture (its extension says which kind), a folder, or - for stdout."),
    ],
    decoder: Decoder = "fidelity",
    package: DecoderPackage = None,
    picture_format: PictureFormat = "png",
    recursive: Recursive = False,
    jobs: Jobs = 1,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Decode coded files (.xcd) into clean pictures.

    A file names the package it was written with; checksums and a digest of the symbols are verified before the picture
    is made, so that a damaged file is refused (exit code 65) and never gives a wrong picture.

    **Examples**

    `crosscodec decode photo.xcd clean.png`

    `crosscodec decode coded/ pictures/ -r --format webp`

    `crosscodec decode - - < photo.xcd > clean.png`
    """
    plan = plan_tasks(source, target, suffix_for(picture_format), [CODED], recursive)
    loaded = load_package(package) if package else None

    def work(task: Task) -> Product:
        kind = format_for(task.target, picture_format)
        data = input_bytes(task.source)
        started = time.perf_counter()
        restored = decode_bytes(data, loaded, decoder)
        seconds = time.perf_counter() - started
        height, width = restored.pixels.shape[:2]
        facts = _size_facts(restored.pixels.shape) | {
            "package": restored.package_name,
            "decoder": restored.decoder,
            "seconds": round(seconds, 4),
        }
        return Product(encode_picture(restored.pixels, kind), f"{width} x {height}, decoder {restored.decoder}", facts)

    run_plan(plan, work, on_exist, jobs, as_json, "decoding")


@app.command()
def restore(
    source: PictureIn,
    target: Annotated[
        str,
        typer.Argument(
            metavar="OUT", help="The clean picture (its extension says which kind), a folder, or - for stdout."
        ),
    ],
    package: EncoderPackage = DEFAULT_PACKAGE,
    decoder: Decoder = "fidelity",
    force: Force = False,
    picture_format: PictureFormat = "png",
    recursive: Recursive = False,
    jobs: Jobs = 1,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Encode and decode in one step, and say what it costs in bytes.

    Every picture really passes through the bytes of a coded file. The line that is printed gives the size of that file
    in bits a pixel (bpp), then its payload, the estimate of the entropy model, and the bound of theory where one is
    known.

    **Examples**

    `crosscodec restore noisy.png clean.png`

    `crosscodec restore noisy/ clean/ -r --json`
    """
    plan = plan_tasks(source, target, suffix_for(picture_format), SUFFIXES, recursive)
    loaded = load_package(package)

    def work(task: Task) -> Product:
        kind = format_for(task.target, picture_format)
        picture = input_picture(task.source)
        started = time.perf_counter()
        encoded = encode_pixels(picture.pixels, loaded, force)
        encoding = time.perf_counter() - started
        restored = decode_bytes(encoded.data, loaded, decoder)
        decoding = time.perf_counter() - started - encoding
        facts = _encoded_facts(encoded, loaded) | {
            "decoder": decoder,
            "encode_seconds": round(encoding, 4),
            "decode_seconds": round(decoding, 4),
        }
        return Product(encode_picture(restored.pixels, kind), rate_text(encoded), facts, picture.notices)

    run_plan(plan, work, on_exist, jobs, as_json, "restoring")


def rate_line(encoded: Encoded) -> RateLine:
    """The four rates of a coded file; no bound is known for photographs."""
    return RateLine(None, encoded.model_bits, 8 * encoded.payload_bytes, 8 * len(encoded.data), encoded.pixels)


def rate_text(encoded: Encoded) -> str:
    """The rate line for people."""
    return f"{bytes_text(len(encoded.data))}, {rate_line(encoded).describe()}"


def _encoded_facts(encoded: Encoded, package: Package) -> dict[str, object]:
    rate = rate_line(encoded)
    return _size_facts(encoded.shapes[0]) | {
        "package": package.name,
        "package_sha256": package.sha256,
        "file_bytes": len(encoded.data),
        "payload_bytes": encoded.payload_bytes,
        "container_bytes": encoded.container_bytes,
        "bpp": round(rate.bpp, 6),
        "payload_bpp": round(rate.payload_bpp, 6),
        "model_bpp": round(rate.model_bpp, 6),
        "bound_bpp": rate.bound_bpp,
    }


def _size_facts(shape: tuple[int, ...]) -> dict[str, object]:
    return {"height": shape[0], "width": shape[1], "channels": 1 if len(shape) == 2 else shape[2]}
