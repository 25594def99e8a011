"""What stays of a simulation in a folder, beside the files of its two processes: the label and the report."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crosscodec.files import write_atomically
from crosscodec.simulate.codes import array_bytes
from crosscodec.simulate.rows import Report
from crosscodec.simulate.sources import LabelledSamples


def keep_files(folder: Path | None, samples: LabelledSamples, report: Report) -> None:
    """Write label.npy and report.json into the folder, if there is one."""
    if folder is not None:
        write_atomically(folder / "label.npy", array_bytes(samples.label))
        write_atomically(folder / "report.json", json.dumps(report_record(report), indent=1).encode())


def report_record(report: Report) -> dict[str, Any]:
    """A report as JSON can hold it; bounds that are infinite become null."""
    rows = [
        {name: value if not isinstance(value, float) or math.isfinite(value) else None for name, value in row.items()}
        | {"difference": found.difference, "verdict": found.verdict}
        for found, row in ((found, asdict(found)) for found in report.rows)
    ]
    return {"title": report.title, "ok": not report.complaints, "rows": rows, **report.facts}
