"""What `crosscodec evaluate` does with a small labelled set: every decoder of one package, as one table."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from crosscodec.cli.batch import OnExist
from crosscodec.cli.output import number_text, print_json, print_skipped, progress, table_text
from crosscodec.codec.package import Package, load_package
from crosscodec.domains.degradation import Degradation, parse_degradation
from crosscodec.domains.folders import folder_samples
from crosscodec.domains.samples import Samples, load_samples
from crosscodec.errors import OutputExists, UsageError
from crosscodec.evaluate.labelled import FILE, evaluate_labelled
from crosscodec.evaluate.labelled_scores import LabelledMean, LabelledScore, mean_labelled, read_labelled

HEADER = (
    "decoder", "bits", "in file", "MSE degraded", "MSE clean", "accuracy", "H(S|Y) <=", "head acc.", "head H <=",
    "sliced W2", "Fréchet", "sharpness",
)  # fmt: skip
MEANS_HEADER = ("method", "decoder", "seeds", "bits", "MSE degraded", "MSE clean", "accuracy", "head acc.")
_MEANS = {"bits_payload": 2, "mse_degraded": 4, "mse_clean": 4, "accuracy_frozen": 3, "accuracy_head": 3}


@dataclass(frozen=True)
class Folders:
    """The user's own pictures: degraded ones, whose subfolders are classes, and clean ones where there are any."""

    degraded: Path
    clean: Path | None


@dataclass(frozen=True)
class SmallSet:
    """What is asked for: a labelled set or folders, what degrades the set (by default what the package was made for),
    and by what.
    """

    source: str | Folders
    degradation: str | None
    package: str
    out: Path
    seed: int
    decoder: str | None
    limit: int | None
    data: Path | None
    keep_restored: bool
    on_exist: OnExist


def evaluate_small(wanted: SmallSet, as_json: bool) -> None:
    """Measure, and print the rows and, where the table has several seeds, their means."""
    try:
        scores = _measured(wanted)
    except OutputExists as error:
        if wanted.on_exist is not OnExist.SKIP:
            raise
        print_skipped(str(wanted.out / FILE), f"skipped: {error}", as_json)
        return
    if as_json:
        for score in scores:
            print_json(dataclasses.asdict(score))
        return
    first, table = scores[0], wanted.out / FILE
    print(f"{first.method} on {first.images:,} pictures of {first.task}, seed {first.seed}")
    print(table_text(HEADER, [score_cells(score) for score in scores]))
    means = [mean for mean in mean_labelled(read_labelled(table)) if mean.seeds > 1 and mean.task == first.task]
    if means:
        print(f"\nMeans over seeds, 95 %\n{table_text(MEANS_HEADER, [mean_cells(mean) for mean in means], left=2)}")
    print(f"\n{table}")


def _measured(wanted: SmallSet) -> list[LabelledScore]:
    package = load_package(wanted.package)
    chosen = package.decoders if wanted.decoder is None else (wanted.decoder,)
    samples = _samples(wanted, package)
    with progress(1 + len(chosen), "evaluating") as advance:
        return evaluate_labelled(
            samples,
            wanted.package,
            wanted.out,
            samples.clean,
            wanted.seed,
            chosen,
            keep_restored=wanted.keep_restored,
            overwrite=wanted.on_exist is OnExist.OVERWRITE,
            advance=advance,
        )


def _samples(wanted: SmallSet, package: Package) -> Samples:
    """The pictures that are asked for, brought to the package's size where they are the user's own."""
    if isinstance(wanted.source, Folders):
        found = folder_samples(wanted.source.degraded, wanted.source.clean, package.card.size)
        return found if wanted.limit is None else found.spread(wanted.limit)
    degradation = card_degradation(package) if wanted.degradation is None else parse_degradation(wanted.degradation)
    return load_samples(wanted.source, degradation, wanted.seed, wanted.data, wanted.limit)


def card_degradation(package: Package) -> Degradation:
    """The degradation that a package was trained for, `degradation` of its card's `training`.

    UsageError when the card does not say it in the words of `parse_degradation`.
    """
    text = package.card.training.get("degradation")
    if not isinstance(text, str) or not text:  # empty: made from folders of the user
        raise UsageError(f"the card of package {package.name} names no degradation; give one with --degradation")
    return parse_degradation(text)


def score_cells(score: LabelledScore) -> tuple[str, ...]:
    """A row as the cells of the printed table; a dash where there is no number."""
    clean = "" if score.sharpness_clean is None else f" of {score.sharpness_clean:.3f}"
    return (
        score.decoder,
        number_text(score.bits_payload, 2),
        number_text(score.bits_file, 2),
        number_text(score.mse_degraded, 4),
        number_text(score.mse_clean, 4),
        number_text(score.accuracy_frozen, 4),
        number_text(score.entropy_frozen, 3),
        number_text(score.accuracy_head, 4),
        number_text(score.entropy_head, 3),
        number_text(score.sliced_wasserstein, 4),
        number_text(score.frechet, 3),
        number_text(score.sharpness, 3) + clean,
    )


def mean_cells(mean: LabelledMean) -> tuple[str, ...]:
    """Means over seeds as cells, each with its interval."""
    found = [(mean.intervals[column], digits) for column, digits in _MEANS.items()]
    texts = ["-" if interval is None else interval.describe(digits) for interval, digits in found]
    return (mean.method, mean.decoder, str(mean.seeds), *texts)
