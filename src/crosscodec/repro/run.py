"""Make one item: its numbers, its claims, its picture, and how they were made."""

import dataclasses
import shlex
import time
from datetime import UTC, datetime

from crosscodec import __version__
from crosscodec.domains.photos import data_root
from crosscodec.errors import InputMissing, OutputFailed
from crosscodec.files import write_atomically
from crosscodec.report.figure_plots import figure_picture
from crosscodec.report.figures import FigureData, read_figure, write_figure
from crosscodec.repro.item import Item, Request


def reproduce(item: Item, request: Request) -> FigureData:
    """Make the item and write KEY.tsv, KEY.json and KEY.svg into `request.out`, which is made if need be.

    Raises InputMissing where a data set is absent, OutputFailed, and what the parts raise; files appear only when all
    numbers are there.
    """
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(f"{request.out} cannot be made: {error.strerror or error}") from error
    _require_data(item, request)
    started = time.monotonic()
    figure = item.make(item, request)
    made = {
        "scale": request.scale,
        "seeds": str(request.seeds),
        "command": command_of(item, request),
        "seconds": f"{time.monotonic() - started:.1f}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "crosscodec": __version__,
    }
    figure = dataclasses.replace(figure, made=made | figure.made)
    write_figure(request.out, figure)
    # Drawn from the numbers that are kept: whoever draws the kept figure again gets the same picture.
    kept = read_figure(request.out / f"{item.key}.json")
    write_atomically(request.out / f"{item.key}.svg", figure_picture(kept), overwrite=True)
    return figure


def _require_data(item: Item, request: Request) -> None:
    """Raise InputMissing before hours of work, not in every training of its own."""
    if request.smoke or not item.sets:
        return
    root = data_root(request.data)
    absent = [name for name in item.sets if not (root / name).is_dir()]
    if absent:
        raise InputMissing(f"{item.key} needs {', '.join(absent)} in the data folder {root}")


def command_of(item: Item, request: Request) -> str:
    """The command that makes this; folders of this machine stand as DIR."""
    words = ["crosscodec", "repro", "run", item.key, "--scale", request.scale, "--seeds", str(request.seeds)]
    return shlex.join([*words, "--data", "DIR"] if item.sets and not request.smoke else words)
