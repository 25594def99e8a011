"""`crosscodec demo digits`: a few digits in one file, every decoder's version of them, and what classifiers see."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from crosscodec.cli.batch import OnExist
from crosscodec.cli.labelled import card_degradation
from crosscodec.cli.output import bytes_text, number_text, print_json, progress, table_text
from crosscodec.codec.package import load_package
from crosscodec.domains.digitsample import COUNT, digit_sample
from crosscodec.domains.labelled import labelled_set
from crosscodec.domains.labelledset import LabelledSet
from crosscodec.domains.samples import degraded_samples
from crosscodec.errors import OutputExists
from crosscodec.evaluate.digits import DigitRun, DigitScore, code_digits
from crosscodec.files import write_atomically
from crosscodec.report.digits import digit_page, digit_sheet

PACKAGE = "digits-superres"
OUT = Path("demo-digits")
PAGE, SHEET = "index.html", "sheet.png"
HEADER = ("version", "MSE to clean", "MSE to degraded", "recognised", "by its head")


@dataclass(frozen=True)
class DigitDemo:
    """What is asked for: how many digits, by which package and into which folder (None: the usual ones)."""

    count: int
    package: str | None
    out: Path | None
    seed: int
    data: Path | None
    on_exist: OnExist


def demo_digits(wanted: DigitDemo, as_json: bool) -> None:
    """Make the run, its sheet and its page, and print the table."""
    name, out = wanted.package or PACKAGE, wanted.out or OUT
    page = out / PAGE
    if wanted.on_exist is OnExist.SKIP and page.exists():
        print(f"{page} exists already, skipped")
        return
    _require_free(out, wanted.on_exist is OnExist.OVERWRITE)
    package = load_package(name)
    samples = degraded_samples(first_digits(wanted.count, wanted.data), card_degradation(package), wanted.seed)
    with progress(1 + len(package.decoders), "coding digits") as advance:
        run = code_digits(samples, name, out, wanted.seed, wanted.on_exist is OnExist.OVERWRITE, advance)
    write_atomically(page, digit_page(out).encode(), overwrite=True)
    write_atomically(out / SHEET, digit_sheet(out), overwrite=True)
    if as_json:
        for score in run.scores:
            print_json(dataclasses.asdict(score) | dataclasses.asdict(run.cost) | {"page": str(page)})
        return
    print(cost_line(run, samples.degraded[0].size))
    print(table_text(HEADER, [score_cells(score) for score in run.scores]))
    print(f"\nThe digits side by side: {page.resolve()}")


def _require_free(out: Path, overwrite: bool) -> None:
    """Refuse a folder that holds anything, unless it may be overwritten: what stands there may be somebody's page."""
    if not overwrite and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputExists(f"{out} exists and is not empty; choose another folder or --on-exist overwrite")


def first_digits(count: int, data: Path | None = None) -> LabelledSet:
    """The first `count` digits of mnist:test: those that come with the library, or MNIST itself for more of them.

    InputMissing as in `labelled_set`.
    """
    return (digit_sample() if count <= COUNT else labelled_set("mnist:test", data)).take(count)


def cost_line(run: DigitRun, values: int) -> str:
    """What the file of a run costs, beside the picture as it is: for example "40 digits in 156 bytes: ..."."""
    cost, images = run.cost, run.scores[0].images
    return (
        f"{run.package}: {images} digits in {bytes_text(cost.file_bytes)}; a digit costs {cost.bits_payload:.2f} bits, "
        f"{cost.bits_file:.2f} with the rest of the file, of {8 * values:,} bits in 8-bit pixels"
    )


def score_cells(score: DigitScore) -> tuple[str, ...]:
    """A row as cells of the printed table; a dash where there is no number."""
    right = [
        f"{count} of {score.images}" if count is not None else "-" for count in (score.right_frozen, score.right_head)
    ]
    return (score.version, number_text(score.mse_clean, 4), number_text(score.mse_degraded, 4), *right)
