"""A study of trained codecs: its trials at each scale, and the figure of their rows. How trials run: training.py.

Trial x seed ─► training.run_trials ─► KEY.scores.tsv ─► means with intervals ─► panels, claims
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crosscodec.errors import UsageError
from crosscodec.evaluate.labelled_scores import LabelledMean, mean_labelled, read_labelled
from crosscodec.extras import load_module
from crosscodec.report.figures import Claim, FigureData, Panel, Point
from crosscodec.repro.item import Item, Request

PANELS = {
    "squared error to the degraded input": "mse_degraded",
    "squared error to the clean picture": "mse_clean",
    "accuracy, head on reconstructions": "accuracy_head",
    "accuracy, frozen judge of clean pictures": "accuracy_frozen",
    "Fréchet distance to clean pictures": "frechet",
}
RATE = "payload, bits a picture"


@dataclass(frozen=True)
class Axes:
    """What a study draws: over what, and which points make a curve.

    `across`: a column of the rows, or "" for the number in a trial's name. `curve`: the name of the curve that a trial
    and decoder lie on. `panels`: columns up, by the name of their panel.
    """

    label: str
    across: str
    curve: Callable[[str, str], str]
    panels: dict[str, str]

    def place(self, mean: LabelledMean) -> float | None:
        """How far across the point of a mean lies; None where its rows do not say."""
        if not self.across:
            parts = _NAME.match(mean.method)
            return None if parts is None else float(parts["number"])
        interval = mean.intervals[self.across]
        return None if interval is None else interval.mean


# "learned-8", "rate-1e-6", "end-to-end-perception-4.75-0.005": what it is, a number (bits, noise), sometimes a weight.
_NAME = re.compile(r"^(?P<what>.+?)-(?P<number>\d+(\.\d+)?(e-?\d+)?)(-(?P<weight>[\d.]+))?$")


def series_of(method: str, decoder: str) -> str:
    """What the points of a curve have in common: the method without its bits, and the decoder."""
    parts = _NAME.match(method)
    if parts is None:
        return f"{method}, {decoder}"
    weight = parts["weight"]
    return f"{parts['what']}{'' if weight is None else f' {weight}'}, {decoder}"


OVER_RATE = Axes(RATE, "bits_payload", series_of, PANELS)


@dataclass(frozen=True)
class Trial:
    """One training: its name in tables, the recipe, and what it sets."""

    name: str
    recipe: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Means:
    """Means over seeds, by method and decoder."""

    found: dict[tuple[str, str], LabelledMean]

    def __call__(self, method: str, decoder: str, column: str) -> float | None:
        """The mean of a column; None where there is none."""
        mean = self.found.get((method, decoder))
        interval = None if mean is None else mean.intervals[column]
        return None if interval is None else interval.mean

    def along(self, methods: Iterable[str], decoder: str, column: str) -> list[float]:
        """The means of several methods, those that are there."""
        return [value for name in methods if (value := self(name, decoder, column)) is not None]


@dataclass(frozen=True)
class Study:
    """One experiment of trained codecs: its trials, numbers quoted from the paper, and what the paper says of it.

    `degradation` takes the recipe's place at the scale smoke, where pictures are 8 x 8. `shown`: the trials of the
    gallery. `axes`: what is drawn over what. `rows_of`: the key of another item whose rows and trainings it shares.
    """

    trials: tuple[Trial, ...]
    smoke: tuple[str, ...]
    degradation: str
    claims: Callable[[Means], tuple[Claim, ...]]
    quoted: tuple[Point, ...] = ()
    shown: tuple[str, ...] = ()
    axes: Axes = OVER_RATE
    rows_of: str = ""

    def make(self, item: Item, request: Request) -> FigureData:
        """Run what is missing at this scale, and make the figure of all rows that are there."""
        # Imported on use: the catalogue, and every figure of theory, works without torch.
        training = load_module("crosscodec.repro.training")
        key = self.rows_of or item.key
        table = request.out / f"{key}.scores.tsv"
        failed = training.run_trials(self, key, request, table)
        names = {trial.name for trial in self.trials}
        rows = [row for row in (read_labelled(table) if table.exists() else []) if row.method in names]
        if not rows:
            raise UsageError(f"{item.key}: no trial came to an end: {'; '.join(failed)}")
        means = mean_labelled(rows)
        found = Means({(mean.method, mean.decoder): mean for mean in means})
        points = [point for mean in means for point in _points(mean, self.axes)]
        points.sort(key=lambda point: point.x)  # means come by name, and "12" before "4"
        made = {"rows": table.name, "images": str(rows[0].images), "task": ", ".join(sorted({r.task for r in rows}))}
        if failed:
            made["failed"] = "; ".join(failed)
        return FigureData(
            item.key,
            item.title,
            item.paper,
            tuple(Panel(name, self.axes.label, name) for name in self.axes.panels),
            tuple(points) + (() if request.smoke else self.quoted),
            _undecided(self.claims(found)) if request.smoke else self.claims(found),
            training.gallery(self, key, request),
            made,
        )

    def chosen(self, request: Request) -> list[Trial]:
        """The trials of this scale."""
        return [trial for trial in self.trials if not request.smoke or trial.name in self.smoke]


def _points(mean: LabelledMean, axes: Axes) -> list[Point]:
    place = axes.place(mean)
    if place is None:
        return []
    points = []
    model, payload, file = (
        None if (found := mean.intervals[f"bits_{kind}"]) is None else found.mean
        for kind in ("model", "payload", "file")
    )
    for panel, column in axes.panels.items():
        interval = mean.intervals[column]
        if interval is None:
            continue
        half = interval.half_width
        low, high = (None, None) if half is None else (interval.mean - half, interval.mean + half)
        series = axes.curve(mean.method, mean.decoder)
        points.append(
            Point(panel, series, "measured", place, interval.mean, low, high, mean.seeds, model, payload, file)
        )
    return points


def _undecided(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    return tuple(Claim(claim.text, None, "not at the scale smoke") for claim in claims)
