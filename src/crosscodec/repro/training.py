"""Run the trials of a study: recipes ─► packages ─► real files ─► a row for each decoder and seed.

    Trial x seed ─► [process] train_recipe ─► evaluate_labelled ─► rows appended to KEY.scores.tsv
    first pictures of the test split ─► one coded file ─► gallery

Trials whose rows are there are not repeated; one that fails is told and stops no other.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.package import load_package
from crosscodec.domains.samples import Samples
from crosscodec.errors import UsageError
from crosscodec.evaluate.digits import CLEAN, DEGRADED, row_picture
from crosscodec.evaluate.labelled import evaluate_labelled
from crosscodec.evaluate.labelled_scores import add_labelled, read_labelled
from crosscodec.evaluate.packs import read_pack, with_planes, write_pack
from crosscodec.files import write_atomically
from crosscodec.learn.recipe import find_recipe
from crosscodec.learn.train import read_recipe, train_recipe
from crosscodec.learn.transport.data import load_data
from crosscodec.learn.transport.settings import TransportRecipe
from crosscodec.report.figures import Strip
from crosscodec.repro.item import Request
from crosscodec.repro.study import Study, Trial
from crosscodec.repro.workers import Workers

GALLERY = 12  # pictures of the test split that are shown
# What turns any recipe into seconds of work on the built-in digits; the numbers then mean nothing.
SMOKE = (
    'data.set="digits"',
    "data.limit=400",
    "model.hidden=32",
    "model.critic_width=8",
    "model.classifier_width=8",
    "training.steps=12",
    "training.batch=32",
    'training.precision="no"',
    "judges.steps=20",
    "judges.width=8",
    'judges.package=""',
    'judges.precision="no"',
)
FULL = 20  # times the steps of the recipe


def run_trials(study: Study, key: str, request: Request, table: Path) -> list[str]:
    """Run the trials of this scale that have no rows in the table, in processes; what failed, a line each."""
    there = {(row.method, row.seed) for row in (read_labelled(table) if table.exists() else [])}
    wanted = [
        (trial, seed)
        for seed in request.seed_numbers
        for trial in study.chosen(request)
        if (trial.name, seed) not in there
    ]
    if not wanted:
        return []
    failed = []
    with Workers(request.jobs) if request.workers is None else nullcontext(request.workers) as workers:
        running = {
            workers.submit(
                _run_trial,
                trial,
                settings_of(study, trial, request, seed),
                seed,
                _folder(request, key, trial, seed),
                table,
                request.data,
            ): f"{trial.name}, seed {seed}"
            for trial, seed in wanted
        }
        for done, ended in enumerate(as_completed(running), 1):
            error = ended.exception()
            if error is not None:
                failed.append(f"{running[ended]}: {error}")
            request.say(f"{key} {done}/{len(running)}: {failed[-1] if error else running[ended]}")
    return failed


def settings_of(study: Study, trial: Trial, request: Request, seed: int) -> list[str]:
    """What is set beside the recipe at this scale."""
    common = [*trial.settings, f"training.seed={seed}", "training.threads=1"]
    common.append(f"judges.folder={request.runs / 'judges'}")
    recipe = _recipe(trial, trial.settings)
    further = range(len(recipe.decoders))
    if request.smoke:
        few = [f"training.hold_steps={min(recipe.training.hold_steps, 4)}"]
        few.append(f"model.components={min(recipe.model.components, 12)}")
        few += [f"decoders.{place}.steps=8" for place in further]
        return [*common, *SMOKE, f'data.degradation="{study.degradation}"', *few]
    if request.scale == "full":
        common.append(f"training.steps={FULL * recipe.training.steps}")
        common += [f"decoders.{place}.steps={FULL * recipe.decoders[place].steps}" for place in further]
    return common


def gallery(study: Study, key: str, request: Request) -> tuple[Strip, ...]:
    """The first test pictures in all versions, for the first seed of each shown trial whose package is there."""
    strips: dict[str, Strip] = {}
    for trial in study.trials:
        run = _folder(request, key, trial, 1)
        packages = sorted(run.glob("*.xcm"))
        if trial.name not in (study.smoke[:1] if request.smoke else study.shown) or not packages:
            continue
        test = load_data(_recipe(trial, settings_of(study, trial, request, 1)).data, "test", request.data).first(
            GALLERY
        )
        for version, pictures in _versions(test, packages[0], run / "gallery"):
            plain = version.title in (DEGRADED, CLEAN)
            title = version.title if plain else f"{trial.name}, {version.title}"
            file = f"{key}-{version.title}.png" if plain else f"{key}-{trial.name}-{version.title}.png"
            write_atomically(request.out / file, row_picture(pictures), overwrite=True)
            strips[title] = Strip(title, file, version.note)
    order = {DEGRADED: 0, CLEAN: 2}
    return tuple(sorted(strips.values(), key=lambda strip: order.get(strip.title, 1)))


def _versions(samples: Samples, package_path: Path, folder: Path) -> Iterator[tuple[Strip, NDArray[np.float32]]]:
    """Degraded pictures, each decoder's from one coded file, and clean ones where there are pairs."""
    package = load_package(package_path)
    folder.mkdir(exist_ok=True)
    cost = write_pack(samples.degraded, str(package_path), folder)
    yield Strip(DEGRADED, ""), with_planes(samples.degraded, package.card.planes)
    for name in package.decoders:
        restored = read_pack(str(package_path), folder, name).pictures
        yield Strip(name, "", f"{cost.bits_file / 8:.1f} bytes a picture"), restored
    if samples.clean is not None and samples.paired:
        yield Strip(CLEAN, ""), with_planes(samples.clean, package.card.planes)


def _folder(request: Request, key: str, trial: Trial, seed: int) -> Path:
    return request.runs / f"{key}.runs" / f"{trial.name}-seed{seed}"


def _recipe(trial: Trial, settings: Sequence[str]) -> TransportRecipe:
    recipe = read_recipe(find_recipe(Path(trial.recipe)), list(settings))
    if not isinstance(recipe, TransportRecipe):
        raise UsageError(f"recipe {trial.recipe} is not of the kind transport")
    return recipe


def _run_trial(trial: Trial, settings: Sequence[str], seed: int, folder: Path, table: Path, data: Path | None) -> None:
    """Train, evaluate on the test split by real files, and append the rows."""
    package = train_recipe(find_recipe(Path(trial.recipe)), folder, list(settings), True, data)
    test = load_data(_recipe(trial, settings).data, "test", data)
    rows = evaluate_labelled(test, package, folder, test.clean, seed, method=trial.name, overwrite=True)
    add_labelled(table, rows)
