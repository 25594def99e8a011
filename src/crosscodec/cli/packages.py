"""`crosscodec models` and `doctor`: what is installed, and whether it works."""

import dataclasses
import sys
from typing import Annotated

import typer

from crosscodec.cli.cardpage import card_page, summary_lines
from crosscodec.cli.checkup import Check, all_checks
from crosscodec.cli.options import Json
from crosscodec.cli.output import error_facts, failure_text, print_json, table_text
from crosscodec.codec.package import (
    DitherCard,
    InstalledPackage,
    Package,
    QualityCard,
    installed_packages,
    load_package,
    search_folders,
)
from crosscodec.errors import CrosscodecError, PackageUnavailable

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)


@app.command()
def models(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME|FILE]",
            help="Show the card of this package: what to know, what it measured, how it was made.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the packages that are installed, and what each is for.

    A package (.xcm) holds an encoder, decoders, the tables of the entropy coder, and a card. Packages are looked for
    in the folders of the environment variable CROSSCODEC_PACKAGES, then among those shipped with crosscodec.

    **Examples**

    `crosscodec models`

    `crosscodec models photo-denoise`

    `crosscodec models --json`
    """
    if name is not None:
        _show_card(load_package(name), as_json)
        return
    found = installed_packages()
    if not found:
        folders = ", ".join(map(str, search_folders()))
        raise PackageUnavailable(f"no package is installed; put .xcm files into one of: {folders}")
    if not all([_shown(package, as_json) for package in found]):
        raise typer.Exit(1)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check this installation: versions, packages, and a small coding test.

    Every line is ok, note or FAIL; the exit code is 1 when a line says FAIL. Put the output into a bug report.

    **Examples**

    `crosscodec doctor`

    `crosscodec doctor --json`
    """
    checks = all_checks()
    if as_json:
        for check in checks:
            print_json(dataclasses.asdict(check))
    else:
        print(table_text(("", "what", "found"), [(_mark(check), check.name, check.found) for check in checks], left=3))
    if any(check.status == "fail" for check in checks):
        raise typer.Exit(1)


def _mark(check: Check) -> str:
    return check.status.upper() if check.status == "fail" else check.status


def _shown(found: InstalledPackage, as_json: bool) -> bool:
    """Show a package, or why it cannot be: one that is damaged hides no other. Whether it could be shown."""
    try:
        _show_summary(found, as_json)
    except CrosscodecError as error:
        print(f"crosscodec: {failure_text(str(found.path), error)}", file=sys.stderr)
        if as_json:
            print_json({"name": found.name, "path": str(found.path)} | error_facts(error))
        return False
    return True


def _show_summary(found: InstalledPackage, as_json: bool) -> None:
    package = load_package(found.path)
    card = package.card
    if as_json:
        facts = {"name": found.name, "path": str(found.path), "sha256": found.sha256, "bytes": found.bytes}
        chosen = ("task", "degradation", "channels", "planes", "size", "decoders", "judges", "classes", "licence")
        nested = {"dither": _facts(card.dither), "qualities": _facts(card.qualities)}
        named = {"encoders": package.encoders, "automatic": card.automatic}
        print_json(facts | {key: getattr(card, key) for key in chosen} | named | nested)
        return
    print("\n".join(summary_lines(package)))


def _facts(part: DitherCard | QualityCard | None) -> dict[str, object] | None:
    return None if part is None else dataclasses.asdict(part)


def _show_card(package: Package, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(package.path), "sha256": package.sha256} | dataclasses.asdict(package.card))
    else:
        print(card_page(package))
