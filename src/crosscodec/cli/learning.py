"""`crosscodec train`: from a recipe, or two folders of pictures, to a package."""

import json
from pathlib import Path
from typing import Annotated

import typer

from crosscodec.cli.cardpage import print_finished
from crosscodec.cli.options import DataFolder, Json
from crosscodec.cli.output import print_json
from crosscodec.errors import UsageError
from crosscodec.extras import load_module

FOLDERS_RECIPE = Path(__file__).parents[1] / "recipes" / "folders.toml"

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)


@app.command()
def train(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run: settings, log, checkpoints, package.")
    ],
    recipe: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RECIPE]",
            help="Every setting of the run: a TOML file, or the name of one that comes with the library, such as "
            "photo-denoise or mnist-superres. May be left out with --degraded and --clean.",
            show_default=False,
        ),
    ] = None,
    degraded: Annotated[
        Path | None,
        typer.Option(
            "--degraded",
            metavar="DIR",
            help="Folder of degraded pictures of your own, with --clean; class subfolders give labels. With a "
            "RECIPE about photos: noisy pictures of any size, as they were taken.",
        ),
    ] = None,
    clean: Annotated[
        Path | None,
        typer.Option(
            "--clean",
            metavar="DIR",
            help="Folder of clean pictures: pairs where both folders hold the same names, any others else.",
        ),
    ] = None,
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
    """Train a codec from a recipe, or from two folders of pictures, and write its package (.xcm).

    Settings come from the defaults, then the recipe, then --set. The run can be stopped at any time (Ctrl-C, power
    cut, kill -9) and goes on from its last checkpoint when the same command is given again. Without a recipe the
    pictures of the two folders are brought to 32 x 32 pixels (--set "data.size=[64, 64]" for another size); recipes
    about photos take pairs as large as they are. Needs the extra `learn`: `pip install 'crosscodec[learn]'`.

    **Examples**

    `crosscodec train mnist-superres --out runs/digits --data data/`

    `crosscodec train my-recipe.toml --out runs/short --set training.steps=200 --set training.threads=1`

    `crosscodec train --degraded noisy/ --clean sharp/ --out runs/mine --set "data.size=[64, 64]"`

    `crosscodec train photo-recorded --degraded noisy/ --clean sharp/ --out runs/mine`  (noise of one's own, any size)
    """
    chosen, settings = _chosen(recipe, degraded, clean)
    # Imported on use: everything else of the command line works without torch, and so does this command's --help.
    training = load_module("crosscodec.learn.train")
    package: Path = training.train_recipe(chosen, out, settings + (overrides or []), resume, data)
    source = str(recipe or degraded)
    if as_json:
        print_json({"input": source, "output": str(package), "bytes": package.stat().st_size})
    else:
        print_finished(f"{source} -> {package}", package)


def _chosen(recipe: Path | None, degraded: Path | None, clean: Path | None) -> tuple[Path, list[str]]:
    """The recipe to train by, and the settings that name the two folders. Raises UsageError when neither is given."""
    if (degraded is None) != (clean is None):
        raise UsageError("--degraded and --clean go together: what comes in, and what it should have looked like")
    if recipe is None and degraded is None:
        raise UsageError("nothing to train on: give a RECIPE, or --degraded DIR and --clean DIR")
    folders = {} if degraded is None else {"degraded_folder": degraded, "clean_folder": clean}
    # Quoted as TOML reads it, so that a folder named 7 or true stays a word.
    settings = [f"data.{key}={json.dumps(str(path), ensure_ascii=False)}" for key, path in folders.items()]
    return recipe or FOLDERS_RECIPE, settings
