"""`crosscodec encode`, `decode` and `restore`: pictures to coded files and back."""

from functools import partial
from typing import Annotated

import typer

from crosscodec.cli.batch import OnExist, plan_tasks, recorded, run_plan, waiting
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
from crosscodec.cli.packs import chosen_pictures, coded_input, pack_plan, picture_count, unpack, unpack_plan
from crosscodec.cli.streams import suffix_for
from crosscodec.cli.targets import rate_choice
from crosscodec.cli.transcoding import (
    decoded_product,
    encoded_product,
    how_to_encode,
    packed_product,
    restored_product,
)
from crosscodec.codec.blend import require_blend
from crosscodec.codec.package import AUTO, load_package
from crosscodec.codec.scaling import Keep
from crosscodec.errors import UsageError
from crosscodec.images.formats import SUFFIXES

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
        how = how_to_encode(package, rate, force, seed, encoder, pages, samples, keep)
        _require_files(cluster, pack)
    work = partial(packed_product, recursive=recursive) if pack else encoded_product
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
            decode_one = partial(
                decoded_product, data=data, package=loaded, decoder=decoder, balance=balance, seed=seed
            )
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
        how = how_to_encode(package, rate, force, seed, encoder, pages, samples, keep)
        require_blend(how.package, decoder, balance)
    work = partial(restored_product, how=how, decoder=decoder, balance=balance, picture_format=picture_format)
    run_plan(plan, work, on_exist, jobs, as_json, "restoring", cluster)


def _require_files(cluster: str | None, pack: bool) -> None:
    if cluster is not None and pack:
        raise UsageError("--cluster gives each file of a folder to a worker; a pack is one file: leave it out")
