"""The application `crosscodec`: the list of its commands, and nothing else.

Exit codes: 0 ok · 1 some inputs of a batch failed · 2 usage · 65 corrupt or unsupported data · 66 input missing · 69
package unavailable · 73 output exists · 74 I/O error · 75 resource limit · 130 interrupted.
"""

import io
import os
import sys
import warnings
from typing import Annotated

import typer

from crosscodec import __version__
from crosscodec.cli.lazy import LazyGroup, Outline

_PICTURES = "Pictures and coded files"
_MEASURE = "Measure and understand"
_MAKE = "Make codecs"


class Commands(LazyGroup):
    """Every command of crosscodec; a summary is the first line of the command's own help (a test compares them)."""

    outlines = (
        Outline(
            "encode", "Encode degraded pictures into small coded files (.xcd).", "crosscodec.cli.coding", _PICTURES
        ),
        Outline("decode", "Decode coded files (.xcd) into clean pictures.", "crosscodec.cli.coding", _PICTURES),
        Outline(
            "restore",
            "Encode and decode in one step, and say what it costs in bytes.",
            "crosscodec.cli.coding",
            _PICTURES,
        ),
        Outline(
            "info",
            "Show what a coded file says about itself, without decoding it.",
            "crosscodec.cli.inspecting",
            _PICTURES,
        ),
        Outline("verify", "Check that coded files are whole and decodable.", "crosscodec.cli.verifying", _PICTURES),
        Outline(
            "degrade",
            "Degrade clean pictures repeatably: noise, blur, masks, lost resolution.",
            "crosscodec.cli.pictures",
            _PICTURES,
        ),
        Outline(
            "demo",
            "Show the whole way on pictures that are already here: a table and an HTML page.",
            "crosscodec.cli.demo",
            _MEASURE,
        ),
        Outline(
            "evaluate", "Measure a package on a set of photos by real files.", "crosscodec.cli.measuring", _MEASURE
        ),
        Outline(
            "tradeoff",
            "What is possible at best: rate, distortion, perception, classification.",
            "crosscodec.cli.tradeoff",
            _MEASURE,
            True,
        ),
        Outline(
            "simulate",
            "Turn the plan of a trade-off into a code, and measure it against theory in two processes.",
            "crosscodec.cli.simulating",
            _MEASURE,
            True,
        ),
        Outline(
            "repro",
            "Reproduce the papers' figures and tables: data, training, real files, numbers, pictures, verdicts.",
            "crosscodec.cli.reproducing",
            _MEASURE,
            True,
        ),
        Outline(
            "report",
            "Make one HTML page from folders of figures: curves, surfaces, pictures, rates, claims.",
            "crosscodec.cli.reporting",
            _MEASURE,
        ),
        Outline(
            "models", "List the packages that are installed, and what each is for.", "crosscodec.cli.packages", _MAKE
        ),
        Outline(
            "train",
            "Train a codec from a recipe, or from two folders of pictures, and write its package (.xcm).",
            "crosscodec.cli.learning",
            _MAKE,
        ),
        Outline(
            "quantise",
            "Make a package of photos faster: most of its networks in 8-bit integers.",
            "crosscodec.cli.quantising",
            _MAKE,
        ),
        Outline(
            "sweep",
            "Train and measure a grid of settings: many runs of one recipe, and one table.",
            "crosscodec.cli.sweeping",
            _MAKE,
        ),
        Outline(
            "doctor",
            "Check this installation: versions, packages, and a small coding test.",
            "crosscodec.cli.packages",
            _MAKE,
        ),
    )


app = typer.Typer(cls=Commands, add_completion=True, rich_markup_mode="markdown", pretty_exceptions_enable=False)


@app.callback(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
def main(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=lambda v: _version(v)),
    ] = False,
) -> None:
    """Lossy compression across domains: a degraded picture in, one small file, a clean picture out.

    **A minute with it**

    `crosscodec demo`  (photos, noise, one small file each, clean photos, side by side)

    `crosscodec encode noisy.png photo.xcd`

    `crosscodec decode photo.xcd clean.png`

    Exit codes: 0 ok, 1 some inputs of a batch failed, 2 usage, 65 corrupt or unsupported data, 66 input missing,
    69 package unavailable, 73 output exists, 74 I/O error, 75 resource limit, 130 interrupted.
    """


def run() -> None:
    """The console script: run the application on the arguments of the process and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the terminal cannot show must not end a batch; what is shown can be typed again.
            stream.reconfigure(errors="backslashreplace")
    # Pillow's warnings are of tags that it leaves out; what matters to the picture is a notice or an error.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        app()
    except KeyboardInterrupt:  # while a command's module was being imported, before any command could catch it
        print("interrupted", file=sys.stderr)
        # The process may be inside an extension's import: leave without the clean-up that could hang there.
        os._exit(130)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"crosscodec {__version__}")
        raise typer.Exit


if __name__ == "__main__":
    run()
