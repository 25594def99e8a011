"""`crosscodec info`: what a coded file says.

It answers in a quarter of a second, and so loads neither NumPy nor ONNX Runtime; verifying.py does.
"""

import dataclasses
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from crosscodec.bitstream.appearance import Appearance
from crosscodec.bitstream.container import CodedFile, read_coded
from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.cli.folders import files_of, named_as
from crosscodec.cli.inputs import CODED, input_bytes
from crosscodec.cli.options import Json, Recursive
from crosscodec.cli.output import bytes_text, error_facts, failure_text, naming, print_json
from crosscodec.codec.card import PackageCard
from crosscodec.codec.installed import InstalledPackage, installed_packages, read_card
from crosscodec.errors import CrosscodecError, OutputFailed
from crosscodec.images.profiles import profile_name

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)

CodedFiles = Annotated[
    list[str], typer.Argument(metavar="IN.xcd...", help='Coded files, folders or "globs" of them, or - for stdin.')
]


@dataclass(frozen=True)
class Finding:
    """What was found about one coded file: lines for people and facts for --json."""

    lines: tuple[str, ...]
    facts: dict[str, Any]


@app.command()
def info(files: CodedFiles, recursive: Recursive = False, as_json: Json = False) -> None:
    """Show what a coded file says about itself, without decoding it.

    Checks the header and all checksums, then prints sizes, dither, quality, the package that is needed and, if it is
    installed, its decoders and classes, and how the bytes are spent. A damaged file is refused with exit code 65.

    **Examples**

    `crosscodec info photo.xcd`

    `crosscodec info --json coded/*.xcd`

    `crosscodec info coded/ -r`
    """
    installed = installed_packages()
    examine_each(files, lambda data: _describe(data, installed), as_json, recursive)


def examine_each(names: list[str], examine: Callable[[bytes], Finding], as_json: bool, recursive: bool = False) -> None:
    """Examine every file, and those of every folder or glob, and print what is found.

    The error of a single file is raised; those of several files or of a folder's end in exit code 1.
    """
    failed = 0
    for name, error, alone in _inputs(names, recursive):
        try:
            if error is not None:
                raise error
            finding = examine(input_bytes(name))
        except CrosscodecError as wrong:
            failed += 1
            if as_json:
                print_json({"input": name, "ok": False} | error_facts(wrong))
            if alone:
                with naming(name):
                    raise
            print(f"crosscodec: {failure_text(name, wrong)}", file=sys.stderr)
            continue
        if as_json:
            print_json({"input": name, "ok": True} | finding.facts)
        else:
            print(f"{name}: " + "\n".join(finding.lines))
    if failed:
        raise typer.Exit(1)


def _inputs(names: list[str], recursive: bool) -> Iterator[tuple[str, CrosscodecError | None, bool]]:
    """The files that names stand for, with an error names that stand for none or could be read in part; and whether
    nothing else was asked for.
    """
    alone = len(names) == 1
    for name in names:
        try:
            if named_as(name) == "file":
                yield name, None, alone
                continue
            found = files_of(name, frozenset([CODED]), recursive)
        except CrosscodecError as error:
            yield name, error, alone
            continue
        for notice in found.notices():
            print(f"crosscodec: note: {name}: {notice}", file=sys.stderr)
        yield from ((str(file), None, False) for file in found.files)
        yield from ((str(unread.folder), OutputFailed(str(unread)), False) for unread in found.unread)


def _describe(data: bytes, installed: list[InstalledPackage]) -> Finding:
    coded = read_coded(data)
    found = next((p for p in installed if bytes.fromhex(p.sha256)[:8] == coded.package_id), None)
    card = read_card(found.path) if found else None
    if card is not None:
        card.require_quality(coded.quality)
    pixels = sum(image.height * image.width for image in coded.images)
    container, look = len(data) - len(coded.payload), coded.appearance
    images = [{"height": i.height, "width": i.width, "channels": i.channels} for i in coded.images]
    facts: dict[str, Any] = {
        "images": images,
        "pixels": pixels,
        "package_id": coded.package_id.hex(),
        "package_name": coded.package_name,
        "package_installed": found is not None,
        "package_path": str(found.path) if found else None,
        "quality": coded.quality,
        "dither": None if coded.dither is None else {"algorithm": coded.dither.algorithm, "seed": coded.dither.seed},
        "sample_range": dataclasses.asdict(look.sample_range) if look.sample_range else None,
        "profile": profile_name(look.profile) if look.profile else None,
        "exif_bytes": len(look.exif),
        "package_qualities": dataclasses.asdict(card.qualities) if card and card.qualities else None,
        "package_dither": dataclasses.asdict(card.dither) if card and card.dither else None,
        "decoders": list(card.decoders) if card else None,
        "classes": list(card.classes) if card else None,
        "symbols": coded.symbol_count,
        "digest": f"{coded.digest:08x}",
        "file_bytes": len(data),
        "payload_bytes": len(coded.payload),
        "container_bytes": container,
        "bpp": round(8 * len(data) / pixels, 6),
    }
    lines = (
        _pictures_text(coded),
        f"  package    {_package_text(coded, found)}",
        *_card_lines(card),
        f"  dither     {_dither_text(coded, card)}",
        f"  quality    {_quality_text(coded, card)}",
        *_look_lines(look),
        f"  symbols    {coded.symbol_count:,}, digest {coded.digest:08x}",
        f"  file       {bytes_text(len(data))} = payload {len(coded.payload):,} + container {container:,}",
        f"  rate       {8 * len(data) / pixels:.4f} bpp (payload {8 * len(coded.payload) / pixels:.4f})",
    )
    return Finding(lines, facts)


def _card_lines(card: PackageCard | None) -> tuple[str, ...]:
    """What the installed package offers for this file."""
    if card is None:
        return ()
    classes = (f"  classes    {', '.join(card.classes)}",) if card.classes else ()
    return (f"  decoders   {', '.join(card.decoders)}", *classes)


def _look_lines(look: Appearance) -> tuple[str, ...]:
    samples = (f"  range      {look.sample_range.describe()}",) if look.sample_range else ()
    profile = (f"  profile    {profile_name(look.profile)}, {bytes_text(len(look.profile))}",) if look.profile else ()
    return samples + profile + ((f"  exif       {bytes_text(len(look.exif))}",) if look.exif else ())


def _dither_text(coded: CodedFile, card: PackageCard | None) -> str:
    if coded.dither is not None:
        levels = f" at {card.dither.levels} levels" if card and card.dither else ""
        return f"subtractive{levels}, common to encoder and decoder, seed {coded.dither.seed}"
    if card is not None and card.dither is not None:
        return f"private at {card.dither.levels} levels: encoder and decoder draw their own, the file holds no seed"
    return "none" if card is not None else "none that the file knows of"


def _quality_text(coded: CodedFile, card: PackageCard | None) -> str:
    if card is None:
        return str(coded.quality) if coded.quality else "0, or the only one of the package"
    return "the only one of the package" if card.qualities is None else f"{coded.quality} of 0 to {BEST_QUALITY}"


def _pictures_text(coded: CodedFile) -> str:
    first = coded.images[0]
    size = f"{first.width} x {first.height} {'gray' if first.channels == 1 else 'RGB'}"
    if len(coded.images) == 1:
        return f"one picture, {size}"
    alike = all(image == first for image in coded.images)
    return f"{len(coded.images):,} pictures of {size}" if alike else f"{len(coded.images):,} pictures, the first {size}"


def _package_text(coded: CodedFile, found: InstalledPackage | None) -> str:
    identity = f"SHA-256 {coded.package_id.hex()}..."
    if found is None:
        return f"{coded.package_name or 'unnamed'} ({identity}), NOT INSTALLED: give its file to decode with --package"
    return f"{found.name} ({identity}), installed"
