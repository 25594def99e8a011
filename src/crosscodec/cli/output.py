"""What commands print: numbers for people, aligned tables, and a progress bar where someone is watching."""

import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crosscodec.cli.lazy import one_line
from crosscodec.errors import CrosscodecError, OutputExists
from crosscodec.extras import load_module


@contextmanager
def progress(total: int, label: str) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr for the length of a `with` block; call what it gives once an item is done.

    It shows only on a terminal and for more than one item, so that logs and pipes stay clean.
    """
    if total < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    # Loaded here: a twentieth of a second that commands without a bar need not spend.
    rich = load_module("rich.progress")
    columns = (
        rich.TextColumn("{task.description}"),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TimeRemainingColumn(),
    )
    bar = rich.Progress(
        *columns,
        console=load_module("rich.console").Console(stderr=True),
        transient=True,
        # Lines printed meanwhile go above the bar, but only where stdout is that same terminal.
        redirect_stdout=sys.stdout.isatty(),
    )
    with bar:
        item = bar.add_task(label, total=total)
        yield lambda: bar.advance(item)


def table_text(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """The rows in columns of equal width; the first `left` columns begin at the left, the others end at the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    aligned = [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    aligned.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in aligned)


def number_text(value: float | None, digits: int) -> str:
    """A number with so many digits after the point, thousands set apart, or a dash for none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def bytes_text(count: int) -> str:
    """A number of bytes with its thousands set apart, for instance "12,345 bytes"."""
    return f"{count:,} byte" + ("" if count == 1 else "s")


def failure_text(name: str, error: BaseException) -> str:
    """The message of an error on one line, after the name of the input it is about, which is said once."""
    shown, said = " ".join(name.split()), one_line(error)
    return said if said.startswith(shown) else f"{shown}: {said}"


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Let an error of this block begin with the name of its input, as it would in a batch: a command may be one of
    many that a loop of the shell starts.
    """
    try:
        yield
    except CrosscodecError as error:
        raise type(error)(failure_text(name, error)) from error


def require_free(out: Path, overwrite: bool) -> None:
    """Raise OutputExists where a command with `--overwrite` may not write its file: before the work, not after."""
    if out.is_dir():
        raise OutputExists(f"{out} is a folder; name a file")
    if os.path.lexists(out) and not overwrite:
        raise OutputExists(f"{out} exists; choose another name, or --overwrite")


def error_facts(error: CrosscodecError) -> dict[str, Any]:
    """What a record of --json says of an error."""
    return {"error": one_line(error), "kind": type(error).__name__, "exit_code": error.exit_code}


def print_json(record: dict[str, Any]) -> None:
    """One JSON object on one line of stdout, in ASCII: the names of files may be no text in any other encoding.

    A number that JSON does not have, such as the PSNR of equal pictures, is null there.
    """
    print(json.dumps(_in_json(record), allow_nan=False), flush=True)


def print_skipped(target: str, why: str, as_json: bool) -> None:
    """That a result was there already, and was left as it is."""
    if as_json:
        print_json({"output": target, "status": "skipped"})
    else:
        print(why)


def _in_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_in_json(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
