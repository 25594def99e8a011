"""The card of a package as a page for people: what it takes, what to know, what it measured, how it was made.

card.json ─┬─ name, task, pictures, encoders, decoders, qualities ─► lines
├─ notes ─────────────────────────────────────────────► what it does badly, in its own words
├─ measured ──────────────────────────────────────────► a table for each set
└─ training: commands, steps, hours ──────────────────► how each part was made
"""

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.cli.output import bytes_text, table_text
from crosscodec.codec.package import Package, open_package

WIDEST = 120  # columns: longer lines are hard to read
_DECIMALS = 4
_MANY = 27  # rows: those of one encoder and all decoders of a package of photos fit
_HEADINGS = {
    "noisy_psnr": "PSNR before",
    "restored_psnr": "PSNR after",
    "bits_per_pixel": "bits a pixel",
    "payload_bits_per_picture": "bits a picture",
    "mse_to_degraded": "MSE to degraded",
    "mse_to_clean": "MSE to clean",
    "accuracy_on_reconstructions": "accuracy",
    "lpips": "LPIPS",
}
# The columns that say what a row is of, in this order; numbers follow as the card has them.
_KEYS = ("encoder", "decoder", "sigma", "quality")
_HEADING = ("set", "pictures")


def summary_lines(package: Package) -> Iterator[str]:
    """What a package is for, a fact a line."""
    card = package.card
    size = "any size" if card.size is None else f"{card.size[1]} x {card.size[0]} pixels"
    yield f"{card.name}: {card.task}"
    yield f"  takes      {' or '.join(card.channels)} pictures of {size}; {card.degradation}"
    yield f"  planes     {card.planes}"
    if card.encoders:
        among = f" (auto: {' or '.join(card.automatic)})" if card.automatic else ""
        yield f"  encoders   {', '.join(package.encoders)}{among}"
    yield f"  decoders   {', '.join(card.decoders)}"
    if card.qualities is not None:
        yield f"  qualities  0 to {BEST_QUALITY}, {card.qualities.default} unless another is asked for"
    if card.dither is not None:
        yield f"  dither     {card.dither.levels} levels, {'common' if card.dither.common else 'private'}"
    if card.classes:
        yield f"  classes    {', '.join(card.classes)}"
    yield f"  trained on {', '.join(card.training_data)}"
    size_text = bytes_text(package.path.stat().st_size)
    yield f"  file       {package.path} ({size_text}, SHA-256 {package.sha256[:16]}..., licence {card.licence})"


def card_page(package: Package) -> str:
    """The whole page, wrapped to the terminal."""
    card = package.card
    parts = ["\n".join(summary_lines(package))]
    if card.notes:
        parts.append("\n".join(["To know", *(_wrapped(f"* {note}") for note in card.notes)]))
    if card.measured:
        parts.append(measured_text(card.measured))
    if made := list(_made(card.training)):
        parts.append("\n".join(["How it was made", *(_wrapped(line) for line in made)]))
    parts.append("Every setting, and the SHA-256 of every part: --json")
    return "\n\n".join(parts)


def print_finished(line: str, path: Path) -> None:
    """The last lines of a command that made a package: what it was made of, and what it measured."""
    print("\n".join(filter(None, (line, finished_text(open_package(path))))))


def finished_text(package: Package) -> str:
    """What whoever made a package wants to see first: its numbers, or if there are many those of the last set, which
    are the newest, and where all are; "" if none.
    """
    rows = package.card.measured
    if len(rows) <= _MANY:
        return measured_text(rows)
    many = f"{len(rows)} rows of measured numbers: crosscodec models {package.path}"
    *_, last = (list(group) for _, group in groupby(rows, key=_heading))
    return many if len(last) > _MANY else f"{measured_text(last)}\n\n{many}"


def measured_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Measured rows of a card as tables, one for each set that they are of."""
    sets = groupby(rows, key=_heading)
    return "\n\n".join(_table(heading, list(group)) for heading, group in sets)


def _heading(row: Mapping[str, Any]) -> list[Any]:
    """What a table of measured rows is of."""
    return [row.get(key) for key in _HEADING]


def _table(heading: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row if name not in _HEADING))
    keys = [name for name in _KEYS if name in names]
    # What is the same in all rows (one decoder, no LPIPS) tells nothing apart.
    keys = [name for name in keys if len({row.get(name) for row in rows}) > 1] or keys[:1]
    names = keys + [name for name in names if name not in _KEYS and any(row.get(name) is not None for row in rows)]
    columns = [_column([row.get(name) for row in rows]) for name in names]
    header = [_HEADINGS.get(name, name.replace("_", " ")) for name in names]
    cells: list[Sequence[str]] = list(zip(*columns, strict=True))
    words = sum(isinstance(rows[0].get(name), str) for name in keys)
    where, count = heading
    title = f"Measured: {where}" + ("" if count is None else f", {count:,} picture{'' if count == 1 else 's'}")
    return f"{title}\n{table_text(header, cells, left=words)}"


def _column(values: Sequence[Any]) -> list[str]:
    """Values as text; floats with as many decimals as any of them has."""
    floats = [value for value in values if isinstance(value, float)]
    decimals = min(_DECIMALS, max((len(f"{value!r}".partition(".")[2]) for value in floats), default=0))
    if all(value.is_integer() for value in floats):
        decimals = 0
    return ["-" if v is None else f"{v:,.{decimals}f}" if isinstance(v, float) else str(v) for v in values]


def _made(training: Mapping[str, Any]) -> Iterator[str]:
    """A line for each part that was trained: by which command, in how many steps and hours."""
    if told := _origin(training):
        yield told
    for kind, inner in training.items():
        if kind in ("recipe", "before") or not isinstance(inner, Mapping):
            continue
        if told := _origin(inner):
            yield f"{kind}: {told}"
        elif "parts" in inner:
            yield f"{kind} in place of floats: {', '.join(inner['parts'])}"
        else:  # decoders and encoders, by name
            named = ((name, _origin(one)) for name, one in inner.items() if isinstance(one, Mapping))
            yield from (f"{kind.removesuffix('s')} {name}: {told}" for name, told in named if told)


def _origin(told: Mapping[str, Any]) -> str:
    if "command" not in told:
        return ""
    facts = [f"{told['steps']:,} steps"] if "steps" in told else []
    facts += [f"{told['hours']} hours"] if "hours" in told else []
    return f"{told['command']} ({', '.join(facts)})" if facts else f"{told['command']}"


def _wrapped(text: str) -> str:
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    return textwrap.fill(
        text, width, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
