"""`crosscodec demo`: the whole way on photographs that need no download."""

from pathlib import Path
from typing import Annotated

import typer

from crosscodec.cli.batch import OnExist
from crosscodec.cli.measuring import number_text
from crosscodec.cli.options import DEFAULT_PACKAGE, EncoderPackage, ExistPolicy, Json, Seed
from crosscodec.cli.output import print_json, progress, table_text
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


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the page, the coded files and the scores.")
    ] = Path("demo-output"),
    photos: Annotated[
        int | None, typer.Option("--photos", min=1, help="Only the first so many photos; all five without it.")
    ] = None,
    package: EncoderPackage = DEFAULT_PACKAGE,
    seed: Seed = 0,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Show the whole way on photos that are already here: a table and an HTML page.

    Takes the photos inside scikit-image, adds Gaussian noise (sigma 25), encodes each into a file in one process and
    decodes it in another. JPEG 2000 of the same noisy picture at the same number of bytes stands beside it.

    **Examples**

    `crosscodec demo`

    `crosscodec demo --photos 2 --out look/ --on-exist overwrite`
    """
    page = out / PAGE
    if on_exist is OnExist.SKIP and page.exists():
        print(f"{page} exists already, skipped")
        return
    settings = Evaluation(
        photos=builtin_photos(),
        degradation=GaussianNoise(SIGMA),
        package=package,
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
