"""`crosscodec encode`, `decode` and `restore`: pictures to coded files and back."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer

from crosscodec.bitstream.container import read_header
from crosscodec.cli.batch import OnExist, Product, Task, plan_tasks, recorded, run_plan, waiting
from crosscodec.cli.inputs import CODED
from crosscodec.cli.options import (
    DEFAULT_PACKAGE,
    Balance,
    Cluster,
    Decoder,
    DecoderPackage,
    DitherSeed,
    Encoder,
    EncoderPackage,
    ExifData,
    ExistPolicy,
    Force,
    Jobs,
    Json,
    Only,
    Pack,
    Pages,
    PictureFormat,
    Profile,
    Quality,
    Range,
    Recursive,
    SampleSeed,
    TargetBpp,
    TargetSize,
)
from crosscodec.cli.output import naming
from crosscodec.cli.packs import (
    chosen_pictures,
    coded_input,
    decoded_facts,
    decoded_text,
    folder_stacks,
    pack_plan,
    page_names,
    picture_count,
    unpack,
    unpack_plan,
)
from crosscodec.cli.rates import pack_facts, rate_text, stack_facts
from crosscodec.cli.streams import format_for, input_bytes, input_stack, output_pages, require_pages, suffix_for
from crosscodec.cli.targets import rate_choice
from crosscodec.codec.blend import require_blend
from crosscodec.codec.decoding import decode_many
from crosscodec.codec.encoding import Encoded
from crosscodec.codec.package import AUTO, Package, load_package
from crosscodec.codec.ratecontrol import RateChoice, encode_at, shortfall
from crosscodec.codec.scaling import Keep, RangeChoice, parse_range, scaled
from crosscodec.errors import UsageError
from crosscodec.images.formats import SUFFIXES
from crosscodec.images.picture import Picture
from crosscodec.images.stack import USUAL_PAGES, PageChoice, parse_pages

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
    quality: Quality = None,
    target_bpp: TargetBpp = None,
    target_size: TargetSize = None,
    encoder: Encoder = AUTO,
    pages: Pages = None,
    samples: Range = None,
    profile: Profile = True,
    exif: ExifData = True,
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

    `crosscodec encode noisy.png photo.xcd --quality 70`  (packages with several qualities: see crosscodec models)

    `crosscodec encode cells.tif cells.xcd --range auto`  (12 or 16 bits, or floats: decode gives the same samples)

    `crosscodec encode stack.tif part.xcd --pages 10-19`  (otherwise all pages of a TIFF, into one file)

    `crosscodec encode noisy.png photo.xcd --encoder best`  (slower, a better file; packages with that encoder)

    `crosscodec encode noisy.png photo.xcd --encoder best-x4`  (slower again: the mean of four mirrored passes)

    `crosscodec encode scans/ coded/ --target-size 20k`  (each file: the highest quality in at most 20,000 bytes)

    `crosscodec encode thumbnails/ all.xcd --pack`  (one file for all pictures, in the order of their names)

    `crosscodec encode - - --package photo-denoise < noisy.png > photo.xcd`
    """
    with recorded(source, target, as_json):
        plan = pack_plan(source, target, CODED) if pack else plan_tasks(source, target, CODED, SUFFIXES, recursive)
        rate, keep = rate_choice(quality, target_bpp, target_size), Keep(profile, exif)
        how = _how_to_encode(package, rate, force, seed, encoder, pages, samples, keep)
        _require_files(cluster, pack)
    work = partial(_packed, recursive=recursive) if pack else _encoded
    run_plan(plan, partial(work, how=how), on_exist, jobs, as_json, "encoding", cluster)


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
    picture_format: PictureFormat = None,
    recursive: Recursive = False,
    jobs: Jobs = 1,
    cluster: Cluster = None,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Decode coded files (.xcd) into clean pictures.

    A file names the package it was written with; checksums and a digest of the symbols are verified before the picture
    is made, so that a damaged file is refused (exit code 65) and never gives a wrong picture. A file that holds several
    pictures becomes a TIFF of as many pages (or an array in .npy), or a folder of 00000.png, 00001.png, ...

    **Examples**

    `crosscodec decode photo.xcd clean.png`

    `crosscodec decode photo.xcd clean.png --decoder fidelity-x4`  (slower, a little closer to the original)

    `crosscodec decode stack.xcd clean.tif`  (a file of several pictures, as pages of one TIFF)

    `crosscodec decode all.xcd pictures/ --only 3,7-9 --balance 0.5`

    `crosscodec decode coded/ pictures/ -r --format webp`

    `crosscodec decode - - < photo.xcd > clean.png`
    """
    with recorded(source, target, as_json):
        suffix = suffix_for(picture_format)
        loaded = load_package(package) if package else None
        if loaded is not None:
            require_blend(loaded, decoder, balance)
        data = coded_input(source)
        with naming(source):
            several = data is not None and picture_count(data) > 1
        if data is not None and (only is not None or several):
            _require_files(cluster, True)
            chosen = chosen_pictures(data, only)
            plan = unpack_plan(source, target, suffix, chosen, picture_format)
            with naming(source):
                todo = waiting(plan, on_exist)
                work = unpack(plan, todo, chosen, data, loaded, decoder, balance, seed, picture_format)
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
    quality: Quality = None,
    target_bpp: TargetBpp = None,
    target_size: TargetSize = None,
    encoder: Encoder = AUTO,
    pages: Pages = None,
    samples: Range = None,
    profile: Profile = True,
    exif: ExifData = True,
    decoder: Decoder = "fidelity",
    balance: Balance = None,
    force: Force = False,
    seed: DitherSeed = 0,
    picture_format: PictureFormat = None,
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

    `crosscodec restore noisy.png clean.png --target-bpp 0.5`  (a package with several qualities)

    `crosscodec restore noisy/ clean/ -r --json`
    """
    with recorded(source, target, as_json):
        plan = plan_tasks(source, target, suffix_for(picture_format), SUFFIXES, recursive)
        rate, keep = rate_choice(quality, target_bpp, target_size), Keep(profile, exif)
        how = _how_to_encode(package, rate, force, seed, encoder, pages, samples, keep)
        require_blend(how.package, decoder, balance)
    work = partial(_restored, how=how, decoder=decoder, balance=balance, picture_format=picture_format)
    run_plan(plan, work, on_exist, jobs, as_json, "restoring", cluster)


def _require_files(cluster: str | None, pack: bool) -> None:
    if cluster is not None and pack:
        raise UsageError("--cluster gives each file of a folder to a worker; a pack is one file: leave it out")


@dataclass(frozen=True)
class _HowToEncode:
    """What the encoding of every picture of a command has in common; a cluster's workers are sent it."""

    package: Package
    choice: RateChoice
    force: bool
    seed: int
    encoder: str
    pages: PageChoice
    samples: RangeChoice | None
    keep: Keep

    @property
    def any_scale(self) -> bool:
        """Whether the scale of the samples is told, so that pictures may have any."""
        return self.samples is not None

    def encode(self, pictures: Sequence[Picture]) -> tuple[Encoded, tuple[str, ...]]:
        """One file of these pictures, and what to say of it."""
        found = scaled(pictures, self.samples, self.keep)
        encoded = encode_at(
            found.pixels, self.package, self.choice, self.force, self.seed, self.encoder, found.appearance
        )
        notice = shortfall(encoded)
        return encoded, found.notices if notice is None else (*found.notices, notice)


def _how_to_encode(
    package: str,
    choice: RateChoice,
    force: bool,
    seed: int,
    encoder: str,
    pages: str | None,
    samples: str | None,
    keep: Keep,
) -> _HowToEncode:
    """Load the package and see to it that it can do what is asked, before any file is looked at."""
    loaded = load_package(package)
    choice.require(loaded)
    loaded.encoders_of(encoder)
    ends = None if samples is None else parse_range(samples)
    wanted = USUAL_PAGES if pages is None else parse_pages(pages)
    return _HowToEncode(loaded, choice, force, seed, encoder, wanted, ends, keep)


def _encoded(task: Task, how: _HowToEncode) -> Product:
    stack = input_stack(task.source, how.any_scale, how.pages)
    started = time.perf_counter()
    encoded, told = how.encode(stack.pictures)
    facts = stack_facts(encoded, how.package, stack.numbers) | _seconds(started)
    return Product(encoded.data, _pages_text(encoded) + rate_text(encoded), facts, (*stack.told(), *told))


def _packed(task: Task, how: _HowToEncode, recursive: bool) -> Product:
    stacks, left_out = folder_stacks(task.source, recursive, CODED, how.any_scale, how.pages)
    started = time.perf_counter()
    encoded, told = how.encode([picture for stack in stacks.values() for picture in stack.pictures])
    facts = pack_facts(encoded, how.package, page_names(stacks)) | _seconds(started)
    notices = tuple(f"{name}: {notice}" for name, stack in stacks.items() for notice in stack.told())
    line = f"{len(encoded.shapes):,} pictures in {rate_text(encoded)}"
    return Product(encoded.data, line, facts, (*left_out, *notices, *told))


def _decoded(
    task: Task,
    data: bytes | None,
    package: Package | None,
    decoder: str,
    balance: float | None,
    seed: int | None,
    picture_format: str | None,
) -> Product:
    kind = format_for(task.target, picture_format)
    data = input_bytes(task.source) if data is None else data
    shapes = [(image.height, image.width) for image in read_header(data).images]
    require_pages(shapes, kind, "or decode it alone, into a folder")
    started = time.perf_counter()
    restored = decode_many(data, package, decoder, balance, seed)
    seconds = _seconds(started)
    coded, notices = output_pages(restored, kind)
    return Product(coded, decoded_text(restored), decoded_facts(restored) | seconds, notices)


def _restored(
    task: Task, how: _HowToEncode, decoder: str, balance: float | None, picture_format: str | None
) -> Product:
    kind = format_for(task.target, picture_format)
    stack = input_stack(task.source, how.any_scale, how.pages)
    require_pages([picture.pixels.shape for picture in stack.pictures], kind, "or one of them by --pages")
    started = time.perf_counter()
    encoded, told = how.encode(stack.pictures)
    encoding = time.perf_counter() - started
    restored = decode_many(encoded.data, how.package, decoder, balance)
    decoding = time.perf_counter() - started - encoding
    facts = stack_facts(encoded, how.package, stack.numbers) | {
        "decoder": restored[0].decoder,
        "encode_seconds": round(encoding, 4),
        "decode_seconds": round(decoding, 4),
    }
    coded, written = output_pages(restored, kind)
    return Product(coded, _pages_text(encoded) + rate_text(encoded), facts, (*stack.told(), *told, *written))


def _pages_text(encoded: Encoded) -> str:
    return f"{len(encoded.shapes):,} pages in " if len(encoded.shapes) > 1 else ""


def _seconds(started: float) -> dict[str, object]:
    return {"seconds": round(time.perf_counter() - started, 4)}
