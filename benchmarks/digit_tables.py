"""The tables of docs/experiments.md: means over seeds of the rows in results/repro/, as Markdown.

python benchmarks/digit_tables.py

A table stands between the lines <!-- KEY --> and <!-- end --> of the page, and is written anew; a test compares.
"""

import re
from pathlib import Path

from crosscodec.evaluate.labelled_scores import LabelledMean, mean_labelled, read_labelled

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "results" / "repro"
PAGE = ROOT / "docs" / "experiments.md"
_PLACE = re.compile(r"<!-- ([a-z0-9-]+) -->\n.*?<!-- end -->", re.DOTALL)
COLUMNS = {
    "bits_payload": ("bits", 2),
    "mse_degraded": ("MSE to degraded", 4),
    "mse_clean": ("MSE to clean", 4),
    "accuracy_head": ("accuracy, head", 3),
    "accuracy_frozen": ("accuracy, frozen", 3),
    "sliced_wasserstein": ("sliced W2", 3),
    "frechet": ("Fréchet", 2),
    "sharpness": ("sharpness", 3),
}


def table(key: str) -> str:
    """The means of one figure, sorted by decoder, kind of point and bits."""
    means = mean_labelled(read_labelled(RESULTS / f"{key}.scores.tsv"))
    head = ["point", "decoder", "seeds", *(title for title, _ in COLUMNS.values())]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cells(mean))} |" for mean in sorted(means, key=_order)]
    return "\n".join(lines)


def _order(mean: LabelledMean) -> tuple[str, str, float]:
    bits = mean.intervals["bits_payload"]
    return mean.decoder, re.sub(r"-[\d.]+$", "", mean.method), 0.0 if bits is None else bits.mean


def _cells(mean: LabelledMean) -> list[str]:
    numbers = [mean.intervals[column] for column in COLUMNS]
    texts = ["" if n is None else n.describe(digits) for n, (_, digits) in zip(numbers, COLUMNS.values(), strict=True)]
    return [mean.method, mean.decoder, str(mean.seeds), *texts]


def filled(page: str) -> str:
    """The page with all its tables as the results have them."""
    return _PLACE.sub(lambda place: f"<!-- {place[1]} -->\n{table(place[1])}\n<!-- end -->", page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
