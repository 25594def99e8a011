"""`crosscodec encode`, `decode` and `restore`: pictures to coded files and back."""

import time
from functools import partial
from typing import Annotated

import typer

from crosscodec.cli.batch import OnExist, Product, Task, plan_tasks, run_plan
from crosscodec.cli.options import (
    DEFAULT_PACKAGE,
    Balance,
    Cluster,
    Decoder,
    DecoderPackage,
    DitherSeed,
    EncoderPackage,
    ExistPolicy,
    Force,
    Jobs,
    Json,
    Only,
    Pack,
    PictureFormat,
    Recursive,
    SampleSeed,
)
from crosscodec.cli.packs import coded_input, folder_pictures, pack_plan, picture_count, unpack, unpack_plan
from crosscodec.cli.rates import encoded_facts, pack_facts, rate_text, size_facts
from crosscodec.cli.streams import format_for, input_bytes, input_picture, suffix_for
from crosscodec.codec.coding import decode_bytes, encode_many, encode_pixels
from crosscodec.codec.package import Package, load_package
from crosscodec.errors import UsageError
from crosscodec.imagefile import SUFFIXES, encode_picture

CODED = ".xcd"

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)

PictureIn = Annotated[
    str, typer.Argument(metavar="IN", help='A degraded picture, a folder or "glob" of them, or - for stdin.')
]
CodedIn = Annotated[
    str, typer.Argument(metavar="IN.xcd", help='A coded file, a folder or "glob" of them, or - for stdin.')
]


@app.command()
def encode(
    source: PictureIn,
    target: Annotated[str, typer.Argument(metavar="OUT.xcd", help="The coded file, a folder, or - for stdout.")],
    package: EncoderPackage = DEFAULT_PACKAGE,
    force: Force = False,
    seed: DitherSeed = 0,
    pack: Pack = False,
    recursive: Recursive = False,
    jobs: Jobs = 1,
    cluster: Cluster = None,
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

    `crosscodec encode "scans/*/page-*.png" coded/ --cluster tcp://host:8786`  (machines that see the same folders)

    `crosscodec encode thumbnails/ all.xcd --pack`  (one file for all pictures, in the order of their names)

    `crosscodec encode - - --package photo-denoise < noisy.png > photo.xcd`
    """
    plan = pack_plan(source, target, CODED) if pack else plan_tasks(source, target, CODED, SUFFIXES, recursive)
    loaded = load_package(package)
    work = partial(_packed, recursive=recursive) if pack else _encoded
    _require_files(cluster, pack)
    done = partial(work, package=loaded, force=force, seed=seed)
    run_plan(plan, done, on_exist, jobs, as_json, "encoding", cluster)


@app.command()
def decode(
    source: CodedIn,
    target: Annotated[
        str,
        typer.Argument(metavar="OUT", help="The picture (its extension says which kind), a folder, or - for stdout."),
    ],
    decoder: Decoder = "fidelity",
    balance: Balance = None,
    seed: SampleSeed = None,
    only: Only = None,
    package: DecoderPackage = None,
    picture_format: PictureFormat = "png",
    recursive: Recursive = False,
    jobs: Jobs = 1,
    cluster: Cluster = None,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Decode coded files (.xcd) into clean pictures.

    A file names the package it was written with; checksums and a digest of the symbols are verified before the picture
    is made, so that a damaged file is refused (exit code 65) and never gives a wrong picture. A file that holds several
    pictures becomes a folder of 00000.png, 00001.png, ...

    **Examples**

    `crosscodec decode photo.xcd clean.png`

    `crosscodec decode all.xcd pictures/ --only 3,7-9 --balance 0.5`

    `crosscodec decode coded/ pictures/ -r --format webp`

    `crosscodec decode - - < photo.xcd > clean.png`
    """
    suffix = suffix_for(picture_format)
    loaded = load_package(package) if package else None
    data = coded_input(source)
    if data is not None and (only is not None or picture_count(data) > 1):
        _require_files(cluster, True)
        plan = unpack_plan(source, target, suffix, data, only)
        work = unpack(plan, data, loaded, decoder, balance, seed, picture_format)
    elif only is not None:
        raise UsageError(f"--only chooses pictures of one coded file; {source} is a folder or absent")
    else:
        plan = plan_tasks(source, target, suffix, [CODED], recursive)
        decode_one = partial(_decoded, data=data, package=loaded, decoder=decoder, balance=balance, seed=seed)
        work = partial(decode_one, picture_format=picture_format)
    run_plan(plan, work, on_exist, jobs, as_json, "decoding", cluster)


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
    balance: Balance = None,
    force: Force = False,
    seed: DitherSeed = 0,
    picture_format: PictureFormat = "png",
    recursive: Recursive = False,
    jobs: Jobs = 1,
    cluster: Cluster = None,
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
    restore_one = partial(_restored, package=load_package(package), decoder=decoder, balance=balance)
    work = partial(restore_one, force=force, seed=seed, picture_format=picture_format)
    run_plan(plan, work, on_exist, jobs, as_json, "restoring", cluster)


def _require_files(cluster: str | None, pack: bool) -> None:
    if cluster is not None and pack:
        raise UsageError("--cluster gives each file of a folder to a worker; a pack is one file: leave it out")


def _encoded(task: Task, package: Package, force: bool, seed: int) -> Product:
    picture = input_picture(task.source)
    started = time.perf_counter()
    encoded = encode_pixels(picture.pixels, package, force, seed)
    facts = encoded_facts(encoded, package) | _seconds(started)
    return Product(encoded.data, rate_text(encoded), facts, picture.notices)


def _packed(task: Task, package: Package, force: bool, seed: int, recursive: bool) -> Product:
    pictures = folder_pictures(task.source, recursive)
    started = time.perf_counter()
    encoded = encode_many([picture.pixels for picture in pictures.values()], package, force, seed)
    facts = pack_facts(encoded, package, list(pictures)) | _seconds(started)
    notices = tuple(f"{name}: {notice}" for name, picture in pictures.items() for notice in picture.notices)
    return Product(encoded.data, f"{len(pictures):,} pictures in {rate_text(encoded)}", facts, notices)


def _decoded(
    task: Task,
    data: bytes | None,
    package: Package | None,
    decoder: str,
    balance: float | None,
    seed: int | None,
    picture_format: str,
) -> Product:
    kind = format_for(task.target, picture_format)
    data = input_bytes(task.source) if data is None else data
    started = time.perf_counter()
    restored = decode_bytes(data, package, decoder, balance, seed)
    facts = size_facts(restored.pixels.shape) | {"package": restored.package_name, "decoder": restored.decoder}
    height, width = restored.pixels.shape[:2]
    line = f"{width} x {height}, decoder {restored.decoder}"
    return Product(encode_picture(restored.pixels, kind), line, facts | _seconds(started))


def _restored(
    task: Task, package: Package, decoder: str, balance: float | None, force: bool, seed: int, picture_format: str
) -> Product:
    kind = format_for(task.target, picture_format)
    picture = input_picture(task.source)
    started = time.perf_counter()
    encoded = encode_pixels(picture.pixels, package, force, seed)
    encoding = time.perf_counter() - started
    restored = decode_bytes(encoded.data, package, decoder, balance)
    decoding = time.perf_counter() - started - encoding
    facts = encoded_facts(encoded, package) | {
        "decoder": restored.decoder,
        "encode_seconds": round(encoding, 4),
        "decode_seconds": round(decoding, 4),
    }
    return Product(encode_picture(restored.pixels, kind), rate_text(encoded), facts, picture.notices)


def _seconds(started: float) -> dict[str, object]:
    return {"seconds": round(time.perf_counter() - started, 4)}
