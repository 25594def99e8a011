import dataclasses
import json
import re
from pathlib import Path

import pytest

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.report.figures import Claim, FigureData, Panel, Point, Strip, read_figure, read_figures, write_figure

FIGURE = FigureData(
    "drc",
    "Distortion over rate",
    "ICLR 2026, Theorem 2",
    (Panel("main", "rate, bits", "distortion"),),
    (
        Point("main", "theory", "bound", 0.25, 0.5),
        Point("main", "theory", "bound", 0.0, None),
        Point("main", "code", "measured", 0.25, 0.51, 0.5, 0.52, 3, 0.24, 0.25, 0.26),
    ),
    (Claim("falls with rate", True, ".5 -> .4"), Claim("open", None, "")),
    (Strip("degraded", "drc-degraded.png", "12 bytes"),),
    {"scale": "smoke"},
)


def test_a_figure_is_read_as_it_was_written(tmp_path):
    write_figure(tmp_path, FIGURE)
    write_figure(tmp_path, dataclasses.replace(FIGURE, key="another"))
    (tmp_path / "settings.json").write_text("{}")
    assert read_figure(tmp_path / "drc.json") == FIGURE
    assert [figure.key for figure in read_figures(tmp_path)] == ["another", "drc"]


def test_the_example_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = Path(__file__).parents[2] / "docs" / "report.md"
    (example,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    exec(compile(example, str(page), "exec"), {})
    assert [figure.key for figure in read_figures(tmp_path / "my-figures")] == ["mine"]


def test_points_are_selected_by_panel_series_and_kind():
    assert len(FIGURE.select("main")) == 3
    assert [point.y for point in FIGURE.select("main", kind="measured")] == [0.51]
    assert FIGURE.select("main", "code", "bound") == []


@pytest.mark.parametrize(
    ("column", "value", "named"), [("kind", "guessed", "guessed"), ("x", "", "no x"), ("y", "high", "high")]
)
def test_bad_tables_are_named(tmp_path, column, value, named):
    write_figure(tmp_path, FIGURE)
    table = tmp_path / "drc.tsv"
    head, first, *rest = table.read_text().splitlines()
    cells = dict(zip(head.split("\t"), first.split("\t"), strict=True)) | {column: value}
    table.write_text("\n".join([head, "\t".join(cells.values()), *rest]))
    with pytest.raises(CorruptData, match=named):
        read_figure(tmp_path / "drc.json")


def test_records_of_another_form_and_missing_files_are_named(tmp_path):
    write_figure(tmp_path, FIGURE)
    record = json.loads((tmp_path / "drc.json").read_text())
    del record["claims"]
    (tmp_path / "drc.json").write_text(json.dumps(record))
    with pytest.raises(CorruptData, match="claims"):
        read_figure(tmp_path / "drc.json")
    with pytest.raises(InputMissing):
        read_figure(tmp_path / "absent.json")
