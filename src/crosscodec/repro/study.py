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
# "learned-8", "rate-1e-6", "end-to-end-perception-4.75-0.005": what it is, bits or rate weight, sometimes a weight.
_NAME = re.compile(r"^(?P<what>.+?)-(?P<bits>\d+(\.\d+)?(e-?\d+)?)(-(?P<weight>[\d.]+))?$")


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
    gallery. `panels`: those of PANELS that mean something here.
    """

    trials: tuple[Trial, ...]
    smoke: tuple[str, ...]
    degradation: str
    claims: Callable[[Means], tuple[Claim, ...]]
    quoted: tuple[Point, ...] = ()
    shown: tuple[str, ...] = ()
    panels: tuple[str, ...] = tuple(PANELS)

    def make(self, item: Item, request: Request) -> FigureData:
        """Run what is missing at this scale, and make the figure of all rows that are there."""
        # Imported on use: the catalogue, and every figure of theory, works without torch.
        training = load_module("crosscodec.repro.training")
        table = request.out / f"{item.key}.scores.tsv"
        failed = training.run_trials(self, item.key, request, table)
        rows = read_labelled(table) if table.exists() else []
        if not rows:
            raise UsageError(f"{item.key}: no trial came to an end: {'; '.join(failed)}")
        means = mean_labelled(rows)
        found = Means({(mean.method, mean.decoder): mean for mean in means})
        points = [point for mean in means for point in _points(mean) if point.panel in self.panels]
        points.sort(key=lambda point: point.x)  # means come by name, and "12" before "4"
        made = {"rows": table.name, "images": str(rows[0].images), "task": ", ".join(sorted({r.task for r in rows}))}
        if failed:
            made["failed"] = "; ".join(failed)
        return FigureData(
            item.key,
            item.title,
            item.paper,
            tuple(Panel(name, RATE, name) for name in self.panels),
            tuple(points) + (() if request.smoke else self.quoted),
            _undecided(self.claims(found)) if request.smoke else self.claims(found),
            training.gallery(self, item.key, request),
            made,
        )

    def chosen(self, request: Request) -> list[Trial]:
        """The trials of this scale."""
        return [trial for trial in self.trials if not request.smoke or trial.name in self.smoke]


def series_of(method: str, decoder: str) -> str:
    """What the points of a curve have in common: the method without its bits, and the decoder."""
    parts = _NAME.match(method)
    if parts is None:
        return f"{method}, {decoder}"
    weight = parts["weight"]
    return f"{parts['what']}{'' if weight is None else f' {weight}'}, {decoder}"


def _points(mean: LabelledMean) -> list[Point]:
    rate, bits = mean.intervals["bits_payload"], [mean.intervals[f"bits_{kind}"] for kind in ("model", "file")]
    if rate is None:
        return []
    points = []
    for panel, column in PANELS.items():
        interval = mean.intervals[column]
        if interval is None:
            continue
        half = interval.half_width
        low, high = (None, None) if half is None else (interval.mean - half, interval.mean + half)
        model, file = (None if found is None else found.mean for found in bits)
        series = series_of(mean.method, mean.decoder)
        points.append(
            Point(panel, series, "measured", rate.mean, interval.mean, low, high, mean.seeds, model, rate.mean, file)
        )
    return points


def _undecided(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    return tuple(Claim(claim.text, None, "not at the scale smoke") for claim in claims)
