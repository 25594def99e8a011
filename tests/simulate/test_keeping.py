"""Reports as JSON, and what stays in a folder."""

import json

import numpy as np

from crosscodec.simulate.keeping import keep_files, report_record
from crosscodec.simulate.rows import Report, bound_row, plan_row
from crosscodec.simulate.sources import LabelledSamples

REPORT = Report("t", (bound_row("d", 1.0, 2.0, 0.1), plan_row("p", 1.0, 2.0, 0.1)), {"file_bytes": 7})
SAMPLES = LabelledSamples(np.arange(3), np.arange(3))


def test_a_report_is_json_without_infinity():
    record = json.loads(json.dumps(report_record(REPORT), allow_nan=False))
    assert record["ok"] is False
    assert record["file_bytes"] == 7
    assert record["rows"][0]["most"] is None
    assert [row["verdict"] for row in record["rows"]] == ["ok", "misses the plan"]
    assert record["rows"][1]["difference"] == 1.0


def test_label_and_report_stay(tmp_path):
    keep_files(None, SAMPLES, REPORT)
    keep_files(tmp_path, SAMPLES, REPORT)
    assert np.load(tmp_path / "label.npy").tolist() == [0, 1, 2]
    assert json.loads((tmp_path / "report.json").read_text())["title"] == "t"
