"""`crosscodec demo`: the whole way on photographs, or on handwritten digits, that need no download."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crosscodec.cli.batch import OnExist
from crosscodec.cli.digits import DigitDemo, demo_digits
from crosscodec.cli.options import DEFAULT_PACKAGE, DataFolder, ExistPolicy, Json, Seed
from crosscodec.cli.output import number_text, print_json, progress, table_text
from crosscodec.domains.degradation import GaussianNoise
from crosscodec.domains.photos import builtin_photos
from crosscodec.evaluate.peers import JPEG2000
from crosscodec.evaluate.photos import Evaluation, evaluate_photos
from crosscodec.evaluate.scores import MEAN, Score, mean_scores
from crosscodec.files import write_atomically
from crosscodec.report.photos import photo_page
from crosscodec.report.strip import photo_strip

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)

PAGE = "index.html"
STRIP = "strip.png"
SIGMA = 25.0
STRIP_PHOTO = 1  # the cat: fur, eyes and whiskers show what is kept
HEADER = ("photo", "bytes", "bpp", "noisy dB", "restored dB", "JPEG 2000 dB")


class Demo(StrEnum):
    """What is shown."""

    PHOTOS = "photos"
    DIGITS = "digits"


What = Annotated[Demo, typer.Argument(help="Noisy photos, or handwritten digits at a quarter of their resolution.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="DIR",
        help="Folder of the page, the coded files and the scores; demo-output or demo-digits without it.",
    ),
]
Photos = Annotated[
    int | None, typer.Option("--photos", min=1, help="Only the first so many photos; all five without it.")
]
Digits = Annotated[
    int, typer.Option("--digits", min=1, max=1000, help="So many digits; more than 40 need MNIST in --data.")
]
AnyPackage = Annotated[
    str | None,
    typer.Option("--package", "-p", metavar="NAME|FILE", help="photo-denoise or digits-superres without it."),
]


@app.command()
def demo(
    what: What = Demo.PHOTOS,
    out: Out = None,
    photos: Photos = None,
    digits: Digits = 40,
    package: AnyPackage = None,
    seed: Seed = 0,
    data: DataFolder = None,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Show the whole way on pictures that are already here: a table and an HTML page.

    Takes the photos inside scikit-image, adds Gaussian noise (sigma 25), encodes each into a file in one process and
    decodes it in another. JPEG 2000 of the same noisy picture at the same number of bytes stands beside it.

    With `digits` it takes MNIST digits, degrades them as the package was trained for, encodes all into one file, and
    decodes that with every decoder of the package. Classifiers say what they see in each picture.

    **Examples**

    `crosscodec demo`

    `crosscodec demo --photos 2 --out look/ --on-exist overwrite`

    `crosscodec demo digits`
    """
    if what is Demo.DIGITS:
        demo_digits(DigitDemo(digits, package, out, seed, data, on_exist), as_json)
        return
    out = out or Path("demo-output")
    page = out / PAGE
    if on_exist is OnExist.SKIP and page.exists():
        print(f"{page} exists already, skipped")
        return
    settings = Evaluation(
        photos=builtin_photos(),
        degradation=GaussianNoise(SIGMA),
        package=package or DEFAULT_PACKAGE,
        out=out,
        seed=seed,
        peers=(JPEG2000,),
        limit=photos,
        keep_pictures=True,
        overwrite=on_exist is OnExist.OVERWRITE,
    )
    with progress(settings.steps, "coding photos") as advance:
        scores = evaluate_photos(settings, advance)
    write_atomically(page, photo_page(out).encode(), overwrite=True)
    write_atomically(out / STRIP, photo_strip(out, min(STRIP_PHOTO, settings.count - 1)), overwrite=True)
    rows = [*scores, *mean_scores(scores)]
    if as_json:
        for record in _records(rows):
            print_json(record | {"page": str(page)})
        return
    print(table_text(HEADER, [_cells(record) for record in _records(rows)]))
    print(f"\nThe pictures side by side: {page.resolve()}")


def _records(rows: list[Score]) -> list[dict[str, str | float | None]]:
    """One record for each photo, the mean last, from the rows of the three methods."""
    names = list(dict.fromkeys(row.picture for row in rows))
    return [
        _record(name, [row for row in rows if row.picture == name])
        for name in sorted(names, key=lambda name: name == MEAN)
    ]


def _record(name: str, rows: list[Score]) -> dict[str, str | float | None]:
    noisy, restored, peer = (
        next(row for row in rows if row.method == "degraded"),
        next(row for row in rows if row.method not in ("degraded", JPEG2000)),
        next(row for row in rows if row.method == JPEG2000),
    )
    return {
        "photo": name,
        "file_bytes": restored.file_bytes,
        "bpp": restored.file_bpp,
        "noisy_psnr": noisy.psnr,
        "restored_psnr": restored.psnr,
        "jpeg2000_psnr": peer.psnr,
        "jpeg2000_bytes": peer.file_bytes,
    }


def _cells(record: dict[str, str | float | None]) -> tuple[str, ...]:
    digits = {"file_bytes": 0, "bpp": 3, "noisy_psnr": 2, "restored_psnr": 2, "jpeg2000_psnr": 2}
    numbers = [
        number_text(float(value) if (value := record[key]) is not None else None, places)
        for key, places in digits.items()
    ]
    return (str(record["photo"]), *numbers)
