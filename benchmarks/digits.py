"""The papers' digit experiments, by real files: train, encode the whole test split, decode in another process, score.

    python benchmarks/digits.py --data DIR --out runs/digits --jobs 2 [--only A B C F G] [--seeds 1 2 3]

Every point is one training run (`crosscodec train` with the recipe and settings of its row) and one evaluation
(`crosscodec evaluate`), in a folder of its own; points that are finished are not repeated. The rows of all finished
points go to results/digits-<experiment>.tsv. What the experiments are: docs/experiments.md.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ROOT / "recipes"
RESULTS = ROOT / "results"

# Bits: residual codebooks. The label is in the codewords from the start, whatever the rate.
SUPERRES = {
    4: (16,),
    6: (64,),
    8: (256,),
    12: (4096,),
    16: (4096, 16),
    20: (4096, 256),
    24: (4096, 4096),
    28: (4096, 4096, 16),
    32: (4096, 4096, 256),
}
# Weights of the reference points of F. The end-to-end point of the frozen encoder's own weight is in its package.
WEIGHTS = {"classification": 0.03, "perception": 0.005}


@dataclass(frozen=True)
class Point:
    """One point of an experiment: a recipe with settings, trained with one seed."""

    experiment: str
    name: str
    recipe: str
    settings: tuple[str, ...]
    seed: int

    @property
    def folder(self) -> str:
        """Folder of the point inside the output folder."""
        return f"{self.experiment}/{self.name}-seed{self.seed}"


def codebooks(*sizes: int) -> str:
    """The setting of residual codebooks."""
    return f"quantiser.codebooks={list(sizes)}"


def superres(seed: int) -> list[Point]:
    """A: MNIST 4x super-resolution by label-aware vector quantisers, and the plain ones that they must justify."""
    points = []
    for bits, sizes in SUPERRES.items():
        points.append(Point("A", f"learned-{bits}", "mnist-superres.toml", (codebooks(*sizes),), seed))
        if bits <= 12:
            points.append(Point("A", f"peer-{bits}", "mnist-superres-peer.toml", (codebooks(*sizes),), seed))
    return points


def mnist_m(experiment: str, task: str, seed: int) -> list[Point]:
    """B, C: MNIST-M denoising and inpainting, with and without common randomness, beside a plain label-aware vector
    quantiser at few bits, and a point with an entropy model.
    """
    points = []
    for latents in (2, 4, 8, 16):
        for common in (True, False):
            settings = (f"quantiser.latents={latents}", f"quantiser.common={str(common).lower()}")
            name = f"{'on' if common else 'off'}-{2 * latents}"
            points.append(Point(experiment, name, f"mnist-m-{task}.toml", settings, seed))
    for bits in (4, 8, 12):
        points.append(Point(experiment, f"peer-{bits}", f"mnist-m-{task}-peer.toml", (codebooks(2**bits),), seed))
    points.append(Point(experiment, "entropy", f"mnist-m-{task}-entropy.toml", (), seed))
    return points


def universal(seed: int) -> list[Point]:
    """F: decoders of one frozen encoder against end-to-end training, classification and perception, at three rates."""
    points = []
    for name, latents, levels in (("4.75", 3, 3), ("6", 3, 4), ("8", 4, 4)):
        shape = (f"quantiser.latents={latents}", f"quantiser.levels={levels}")
        for which, weight in WEIGHTS.items():
            points.append(Point("F", f"universal-{which}-{name}", f"mnist-universal-{which}.toml", shape, seed))
            settings = (*shape, f"objective.lambda_{which}={weight}")
            points.append(Point("F", f"end-to-end-{which}-{name}-{weight:g}", "mnist-end-to-end.toml", settings, seed))
        points.append(Point("F", f"end-to-end-{name}-0", "mnist-end-to-end.toml", shape, seed))
    return points


def coupling(seed: int) -> list[Point]:
    """G: minimum entropy coupling curves for MNIST super-resolution and MNIST-M denoising."""
    return [
        Point("G", f"{name}-{2 * latents}", recipe, (f"quantiser.latents={latents}",), seed)
        for name, recipe in (("mnist", "mnist-coupling.toml"), ("mnist-m", "mnist-m-coupling.toml"))
        for latents in (2, 4, 8, 16)
    ]


def points_of(experiment: str, seeds: list[int]) -> list[Point]:
    """All points of an experiment, seed after seed."""
    makers = {
        "A": superres,
        "B": lambda seed: mnist_m("B", "denoise", seed),
        "C": lambda seed: mnist_m("C", "inpaint", seed),
        "F": universal,
        "G": coupling,
    }
    return [point for seed in seeds for point in makers[experiment](seed)]


def run_point(point: Point, out: Path, data: Path) -> float:
    """Train and evaluate one point unless its scores are there; seconds taken."""
    # Imported in the worker: torch must see the environment that main() sets.
    from crosscodec.evaluate.labelled import FILE, evaluate_labelled
    from crosscodec.learn.train import read_recipe, train_recipe
    from crosscodec.learn.transport.data import load_data

    folder = out / point.folder
    if (folder / FILE).exists():
        return 0.0
    started = time.monotonic()
    settings = [*point.settings, f"training.seed={point.seed}", f"judges.folder={out / 'judges'}", "training.threads=1"]
    path = RECIPES / point.recipe
    package = train_recipe(path, folder, settings, True, data)
    recipe = read_recipe(path, settings)
    test = load_data(recipe.data, "test", data)
    evaluate_labelled(test, package, folder, test.clean, point.seed, method=point.name)
    return time.monotonic() - started


def gather(experiment: str, out: Path) -> Path:
    """All rows of an experiment in one table under results/; rows of points that are not in ``out`` stay."""
    from crosscodec.evaluate.labelled import FILE
    from crosscodec.evaluate.labelled_scores import read_labelled, write_labelled

    rows = [row for path in sorted((out / experiment).glob(f"*/{FILE}")) for row in read_labelled(path)]
    target = RESULTS / f"digits-{experiment}.tsv"
    kept = {row.key: row for row in (read_labelled(target) if target.exists() else [])}
    kept |= {row.key: row for row in rows}
    write_labelled(target, [kept[key] for key in sorted(kept)], overwrite=True)
    return target


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/digits"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=["A", "B", "C", "F", "G"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--match", default="", help="only points whose name holds this text")
    arguments = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "CROSSCODEC_THREADS": "1"}
    for experiment in arguments.only:
        points = [p for p in points_of(experiment, arguments.seeds) if arguments.match in p.name]
        with ProcessPoolExecutor(arguments.jobs) as pool:
            running = {pool.submit(run_point, p, arguments.out.resolve(), arguments.data): p for p in points}
            for done in as_completed(running):
                error = done.exception()
                text = f"{done.result():.0f} s" if error is None else f"failed: {error}"
                print(f"{running[done].folder}: {text}", flush=True)
        print(gather(experiment, arguments.out), file=sys.stderr)


if __name__ == "__main__":
    main()
