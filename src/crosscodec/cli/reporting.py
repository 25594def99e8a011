"""`crosscodec report`: one page to look at, from the folders that reproductions write."""

from pathlib import Path
from typing import Annotated

import typer

from crosscodec.cli.output import bytes_text, require_free
from crosscodec.extras import load_module
from crosscodec.files import write_atomically

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)

DEFAULT_TITLE = "Reproduced figures"

Folders = Annotated[
    list[Path],
    typer.Argument(
        metavar="DIR...",
        help="Folders of figures: KEY.json and KEY.tsv for each, and the pictures of its gallery.",
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The page, one HTML file.")]
Title = Annotated[str, typer.Option("--title", metavar="TEXT", help="The title of the page.")]
Overwrite = Annotated[bool, typer.Option("--overwrite/--no-overwrite", help="Replace a page that exists.")]


@app.command()
def report(folders: Folders, out: Out, title: Title = DEFAULT_TITLE, overwrite: Overwrite = False) -> None:
    """Make one HTML page from folders of figures: curves, surfaces, pictures, rates, claims.

    The page is one file of about 5 MB that needs no network: curves to point at, families of bounds as surfaces to
    turn, pictures side by side, the four rates of every measured point, each claim with its verdict and the numbers
    that decide it, the command behind each figure and its table to download. The same folders give the same bytes.
    Needs the extra `evaluate`.

    **Examples**

    `crosscodec report results/repro --out report.html`

    `crosscodec report runs/theory runs/digits --title "Two papers" --out report.html --overwrite`
    """
    require_free(out, overwrite)
    # plotly is an extra, and slow to load: only now.
    page = load_module("crosscodec.report.report_page").report_page(folders, title).encode()
    write_atomically(out, page, overwrite)
    typer.echo(f"{out}  {bytes_text(len(page))}")
