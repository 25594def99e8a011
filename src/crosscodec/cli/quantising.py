"""`crosscodec quantise`: a trained package, its networks in integers."""

from pathlib import Path
from typing import Annotated

import typer

from crosscodec.cli.cardpage import print_finished
from crosscodec.cli.options import DataFolder, Json
from crosscodec.cli.output import bytes_text, print_json, require_free
from crosscodec.extras import load_module
from crosscodec.files import write_atomically

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)


@app.command()
def quantise(
    package: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="A package of photos, as `train` writes it: a name, or an .xcm.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE.xcm", help="The package to write.")],
    overwrite: Annotated[bool, typer.Option("--overwrite/--no-overwrite", help="Replace a file that exists.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Quantise networks anew that are in integers already, as this release does.")
    ] = False,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="SET|DIR",
            help="Photos to scale by and to measure on, a name or a folder; may be repeated. Without it those that the "
            "package was trained on, as its card names them.",
        ),
    ] = None,
    data: DataFolder = None,
    as_json: Json = False,
) -> None:
    """Make a package of photos faster: most of its networks in 8-bit integers.

    Nearly all of the encoder and the residual blocks of the decoders are computed in integers afterwards, which takes
    about half of the time and costs a few hundredths of a decibel. Their scales come from crops of the pictures that
    the package was trained on, and the card's numbers are measured anew. Training can go on from such a package, but
    better from the one it was made from. Needs the extra `learn`: `pip install 'crosscodec[learn]'`.

    **Examples**

    `crosscodec quantise runs/mine/photo-denoise.xcm --out photo-denoise.xcm --data data/`

    `crosscodec quantise runs/mine/mine.xcm --out mine.xcm --set my-photos/`
    """
    require_free(out, overwrite)
    # Imported on use: torch takes seconds to load, and this command's --help does without.
    made: bytes = load_module("crosscodec.learn.photo.quantise").quantise_package(package, out, data, again, sets or ())
    write_atomically(out, made, overwrite)
    if as_json:
        print_json({"input": package, "output": str(out), "bytes": len(made)})
    else:
        print_finished(f"{package} -> {out}  {bytes_text(len(made))}", out)
