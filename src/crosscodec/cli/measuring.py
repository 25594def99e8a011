"""`crosscodec evaluate`: a package measured on a set of photographs, or on a labelled set of small pictures."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from crosscodec.cli.batch import OnExist
from crosscodec.cli.labelled import Folders, SmallSet, evaluate_small
from crosscodec.cli.options import DEFAULT_PACKAGE, DataFolder, Encoder, EncoderPackage, ExistPolicy, Json, Seed
from crosscodec.cli.output import number_text, print_json, print_skipped, progress, table_text
from crosscodec.codec.package import AUTO, load_package
from crosscodec.domains.degradation import Degradation, parse_degradation
from crosscodec.domains.labelled import LABELLED_NAMES
from crosscodec.domains.photos import PhotoSet, photo_set
from crosscodec.domains.recorded import photo_pairs
from crosscodec.errors import UsageError
from crosscodec.evaluate.photos import Evaluation, evaluate_photos
from crosscodec.evaluate.scores import FILE, Score, mean_scores

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)

DEFAULT_SET, DEFAULT_DEGRADATION, DEFAULT_DECODER = "builtin", "noise:25", "fidelity"
HEADER = (
    "method",
    "picture",
    "PSNR",
    "SSIM",
    "LPIPS",
    "NIQE",
    "bpp",
    "payload",
    "model",
    "bytes",
    "encode s",
    "decode s",
)


Out = Annotated[
    Path,
    typer.Option(
        "--out", "-o", metavar="DIR", help="Folder of the run: scores.tsv, settings, coded and restored files."
    ),
]
Set = Annotated[
    str | None,
    typer.Option(
        "--set",
        metavar="SET|DIR",
        help="builtin (without it), kodak, bsds500:test, imagenet-sample, a folder of clean pictures; or mnist:test, "
        "digits:test, ... with a package for small pictures.",
    ),
]
Degraded = Annotated[
    Path | None,
    typer.Option(
        "--degraded",
        metavar="DIR",
        help="In place of --set: pictures that came degraded, such as noisy photos that were taken. For a package for "
        "small pictures, class subfolders give labels.",
    ),
]
Clean = Annotated[
    Path | None,
    typer.Option(
        "--clean",
        metavar="DIR",
        help="Clean pictures beside --degraded: of the same names, a pair each. Small pictures need no pairs.",
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(
        "--degradation",
        "-k",
        metavar="KIND",
        help="What happens to the clean pictures; see crosscodec degrade --help. Without it noise:25, and for small "
        "pictures what the package was trained for.",
    ),
]
AnyDecoder = Annotated[
    str | None,
    typer.Option(
        "--decoder", metavar="NAME", help="One decoder of the package; without it fidelity, for small sets all."
    ),
]
Peers = Annotated[
    str,
    typer.Option(
        "--peers",
        metavar="LIST",
        help="Also at the same bytes: jpeg2000, avif, webp or jxl (needs imagecodecs), alone or after bm3d- "
        "(needs bm3d) or nlm-, with commas: jpeg2000,bm3d-avif.",
    ),
]
Qualities = Annotated[
    list[int] | None,
    typer.Option(
        "--quality",
        metavar="0..100",
        min=0,
        max=100,
        help="Of a package with several qualities; give it several times for the curve of rate and distortion.",
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many pictures.")]
KeepPictures = Annotated[
    bool,
    typer.Option(
        "--keep-pictures/--no-keep-pictures", help="Keep clean, degraded and peers' pictures too, for looking at."
    ),
]


@app.command()
def evaluate(
    out: Out,
    photos: Set = None,
    degradation: Kind = None,
    degraded: Degraded = None,
    clean: Clean = None,
    package: EncoderPackage = DEFAULT_PACKAGE,
    quality: Qualities = None,
    encoder: Encoder = AUTO,
    decoder: AnyDecoder = None,
    peers: Peers = "",
    limit: Limit = None,
    seed: Seed = 0,
    keep_pictures: KeepPictures = False,
    data: DataFolder = None,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Measure a package on a set of photos by real files.

    Clean pictures are degraded, encoded by one process into files, and decoded from these files by another process.
    The table scores.tsv gets one row for each method and picture, and one of means: PSNR and SSIM to the clean
    picture, PSNR to the degraded one, four rates (bound, model estimate, payload, file), seconds. LPIPS (alex) and
    NIQE too, where the data folder holds metric-weights/.

    A labelled set of small pictures goes into one file, and the table gets a row for each decoder: bits a picture, MSE
    to the degraded and to the clean pictures, accuracy and uncertainty of the label, distances to the clean set. Rows
    of other packages and seeds in DIR stay.

    **Examples**

    `crosscodec evaluate --set builtin --out runs/builtin`

    `crosscodec evaluate --set kodak --data data/ --degradation noise:25 --peers jpeg2000 --out runs/kodak25`

    `crosscodec evaluate --set my-photos/ --degradation poisson:30 --limit 10 --out runs/mine`

    `crosscodec evaluate --set kodak --data data/ --quality 20 --quality 50 --quality 80 --out runs/curve`

    `crosscodec evaluate --degraded taken/noisy/ --clean taken/sharp/ --out runs/taken`

    `crosscodec evaluate --set mnist:test --data data/ --package digits-superres --out runs/digits`

    `crosscodec evaluate --degraded test/noisy/ --clean test/sharp/ --package runs/mine/folders.xcm --out runs/test`
    """
    folders = _folders(photos, degradation, degraded, clean)
    if photos in LABELLED_NAMES or (folders is not None and load_package(package).card.size is not None):
        if peers or quality or encoder != AUTO:
            option = "--peers are" if peers else "--quality is" if quality else "--encoder is"
            raise UsageError(f"{option} for photos; {photos or package} is for small pictures")
        source = folders or photos or ""
        wanted = SmallSet(source, degradation, package, out, seed, decoder, limit, data, keep_pictures, on_exist)
        evaluate_small(wanted, as_json)
        return
    if on_exist is OnExist.SKIP and (out / FILE).exists():
        print_skipped(str(out / FILE), f"{out / FILE} exists already, skipped", as_json)
        return
    pictures, happened = _photos(folders, photos or DEFAULT_SET, degradation, data)
    settings = Evaluation(
        photos=pictures,
        degradation=happened,
        package=package,
        out=out,
        seed=seed,
        encoder=encoder,
        decoder=decoder or DEFAULT_DECODER,
        peers=tuple(name.strip() for name in peers.split(",") if name.strip()),
        limit=limit,
        keep_pictures=keep_pictures,
        overwrite=on_exist is OnExist.OVERWRITE,
        qualities=tuple(quality or ()),
        data=data,
    )
    with progress(settings.steps, "evaluating") as advance:
        scores = evaluate_photos(settings, advance)
    rows = [*scores, *mean_scores(scores)]
    if as_json:
        for score in rows:
            print_json(dataclasses.asdict(score))
        return
    print(table_text(HEADER, [score_cells(score) for score in rows], left=2))
    print(f"\n{out / FILE}")


def _folders(photos: str | None, degradation: str | None, degraded: Path | None, clean: Path | None) -> Folders | None:
    """The folders that are asked for. Raises UsageError for what contradicts them."""
    if degraded is None:
        if clean is not None:
            raise UsageError("--clean goes with --degraded: what the encoder sees, and what it should have looked like")
        return None
    for option, given in (("--set", photos), ("--degradation", degradation)):
        if given is not None:
            raise UsageError(f"{option} is for pictures that are degraded here; those of --degraded came so")
    return Folders(degraded, clean)


def _photos(
    folders: Folders | None, photos: str, degradation: str | None, data: Path | None
) -> tuple[PhotoSet, Degradation]:
    """Clean photos, and what happens or happened to them."""
    if folders is None:
        return photo_set(photos, data), parse_degradation(degradation or DEFAULT_DEGRADATION)
    if folders.clean is None:
        raise UsageError("photos are compared with clean ones of the same names: give --clean DIR beside --degraded")
    return photo_pairs(folders.degraded, folders.clean)


def score_cells(score: Score) -> tuple[str, ...]:
    """A row of scores as the cells of the printed table; a dash where there is no number."""
    return (
        score.method,
        score.picture,
        number_text(score.psnr, 2),
        number_text(score.ssim, 4),
        number_text(score.lpips, 4),
        number_text(score.niqe, 3),
        number_text(score.file_bpp, 4),
        number_text(score.payload_bpp, 4),
        number_text(score.model_bpp, 4),
        number_text(score.file_bytes, 0),
        number_text(score.encode_seconds, 3),
        number_text(score.decode_seconds, 3),
    )
