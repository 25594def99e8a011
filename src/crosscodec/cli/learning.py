"""`crosscodec train`: from a recipe to a package."""

from pathlib import Path
from typing import Annotated

import typer

from crosscodec.cli.options import DataFolder, Json
from crosscodec.cli.output import print_json
from crosscodec.extras import load_module

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)


@app.command()
def train(
    recipe: Annotated[
        Path, typer.Argument(metavar="RECIPE.toml", help="Every setting of the run; see the folder recipes/.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run: settings, log, checkpoints, package.")
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            metavar="KEY=VALUE",
            help="Change one setting, for instance training.steps=1000; may be repeated.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--no-resume", help="Go on where the folder stands, or refuse a folder that holds a run."
        ),
    ] = True,
    data: DataFolder = None,
    as_json: Json = False,
) -> None:
    """Train a codec from a recipe and write its package (.xcm).

    Settings come from the defaults, then the recipe, then --set. The run can be stopped at any time (Ctrl-C, power
    cut, kill -9) and goes on from its last checkpoint when the same command is given again. Needs the extra `learn`:
    `pip install 'crosscodec[learn]'`.

    **Examples**

    `crosscodec train recipes/photo-denoise.toml --out runs/photo --data data/`

    `crosscodec train recipes/photo-denoise.toml --out runs/short --set training.steps=200 --set training.threads=1`
    """
    # Imported on use: everything else of the command line works without torch, and so does this command's --help.
    training = load_module("crosscodec.learn.train")
    package: Path = training.train_recipe(recipe, out, overrides or [], resume, data)
    if as_json:
        print_json({"input": str(recipe), "output": str(package), "bytes": package.stat().st_size})
    else:
        print(f"{recipe} -> {package}")
