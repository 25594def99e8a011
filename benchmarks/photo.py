"""Kodak denoising and compression: curves of rate and quality from real files, ours beside what a user would do.

    python benchmarks/photo.py --data DIR --out runs/photo-bench --sigma 25 [--pictures 1 5 8] [--methods ...]
    python benchmarks/photo.py --data DIR --out runs/photo-bench --sigma 15 25 50 --report

    photo_plan.py      methods and settings        ┐
    photo_methods.py   one picture, all methods    ├─► runs/photo-bench/rows.tsv ─► photo_tables.py  means, BD-rates
    photo_rows.py      rows that are kept          ┘                            ├─► photo_plot.py    curves
                                                                                └─► photo_page.py    one HTML page

Rows that are there are never measured again, so that a run may be interrupted, extended by a method or a package, and
reported in seconds. Those of peers on Kodak come with the repository, results/photo-peers.tsv, and a report adds what
is new. Without them BM3D (`pip install bm3d`, for non-commercial use only) takes most of a run: some 50 CPU seconds a
picture and sigma; `--peers none` measures all of them anew. JPEG XL needs `pip install imagecodecs`. Methods whose
library is missing are left out and named. The report writes results/photo-<sigma>.tsv, -bdrate.tsv and .svg, and
photo.html, which holds pictures of the set, into --out.
"""

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from photo_methods import judges, picture_bench
from photo_page import write_page
from photo_plan import METHODS, NOISY, OURS, PLAIN, Bench
from photo_plot import draw_curves
from photo_rows import append_row, known_rows, write_rows
from photo_tables import Report, report_rows, write_tables

from crosscodec.domains.degradation import GaussianNoise
from crosscodec.domains.photos import photo_set
from crosscodec.errors import UsageError
from crosscodec.evaluate.peers import NLM, check_peers

RESULTS = Path(__file__).resolve().parent.parent / "results"


def measure(bench: Bench, pictures: list[int], sigmas: list[float], jobs: int) -> None:
    """Measure what is missing, a picture and sigma to a process at a time."""
    done = {row.key for row in known_rows(bench.peers, bench.rows)}
    tasks = [(index, sigma) for sigma in sigmas for index in pictures]
    tasks = [task for task in tasks if picture_bench(bench, *task).missing(done)]
    # Fresh processes read the number of threads that main() sets; forks would keep this one's.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(measure_picture, bench, *task): task for task in tasks}
        for finished in as_completed(running):
            index, sigma = running[finished]
            print(f"picture {index + 1}, sigma {sigma:g}: {finished.result()} rows", flush=True)


def measure_picture(bench: Bench, index: int, sigma: float) -> int:
    """Append the rows that a picture lacks; how many there were."""
    done = {row.key for row in known_rows(bench.peers, bench.rows)}
    return picture_bench(bench, index, sigma).measure(done, lambda row: append_row(bench.rows, row))


def report(bench: Bench, pictures: list[int], sigmas: list[float], arguments: argparse.Namespace) -> None:
    """Tables and curves into the folder of results, the page into that of the rows."""
    names = [photo_set(bench.photos, bench.data).names[index] for index in pictures]
    known = known_rows(bench.peers, bench.rows)
    if bench.peers is not None:
        write_rows(bench.peers, [row for row in known if not row.package])
    reports = []
    for sigma in sigmas:
        found = report_rows(known, bench, sigma, names, arguments.anchor)
        if found.incomplete:
            print(f"sigma {sigma:g}, left out because pictures are missing: {', '.join(found.incomplete)}")
        if not found.means:
            print(f"sigma {sigma:g}: no method has rows of all {len(names)} pictures")
            continue
        for path in write_tables(found, arguments.results):
            print(path)
        path = arguments.results / f"photo-{sigma:g}.svg"
        path.write_bytes(draw_curves(found))
        print(path)
        reports.append(found)
    if reports:
        print(page(bench, pictures[0], reports, arguments))


def page(bench: Bench, first: int, reports: list[Report], arguments: argparse.Namespace) -> Path:
    """The page about all levels of noise, with details of one picture."""
    shown = first if arguments.crop_picture is None else arguments.crop_picture - 1
    if photo_set(bench.photos, bench.data).names[shown] not in reports[0].pictures:
        raise SystemExit("--crop-picture must be one of the pictures that are reported")
    path = bench.out / "photo.html"
    write_page(path, bench, reports, shown, arguments.crop_at, arguments.crop_bpp)
    return path


def peers_table(asked: str | None, photos: str) -> Path | None:
    """Where rows of peers are kept: with other sets nowhere unless it is said, so that the repository's are Kodak's."""
    if asked is None:
        return RESULTS / "photo-peers.tsv" if photos == "kodak" else None
    return None if asked == "none" else Path(asked)


def available(methods: list[str], sigma: float) -> tuple[str, ...]:
    """The methods that can run here; the others are named on stderr. UsageError for an unknown one."""
    kept = []
    for method in methods:
        try:
            if method in PLAIN:
                if method not in (NOISY, NLM):
                    check_peers((f"{method}-avif",), GaussianNoise(sigma))
            elif method != OURS:
                check_peers((method,), GaussianNoise(sigma))
            kept.append(method)
        except UsageError as error:
            if "not installed" not in str(error):
                raise
            print(f"{method} is left out: {error}", file=sys.stderr)
    return tuple(kept)


def main() -> None:
    """Do what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/photo-bench"))
    parser.add_argument("--sigma", type=float, nargs="+", default=[25.0])
    parser.add_argument("--set", default="kodak", help="another photo set, or a folder of pictures")
    parser.add_argument("--pictures", type=int, nargs="+", help="numbers from 1; all by default")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), help=f"of {', '.join(METHODS)}, or other peers")
    parser.add_argument("--package", default="photo-denoise", help="name or .xcm file of ours")
    parser.add_argument("--qualities", type=int, nargs="+", default=list(range(0, 101, 10)), help="of ours")
    parser.add_argument("--jobs", type=int, default=1, help="pictures at a time, one thread each")
    parser.add_argument("--report", action="store_true", help="measure nothing; tables, curves, page of what is there")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for tables and curves")
    parser.add_argument("--peers", help="table of peers' rows, or none; results/photo-peers.tsv for kodak")
    parser.add_argument("--anchor", default="bm3d-avif", help="method that BD-rates compare with")
    parser.add_argument("--crop-picture", type=int, help="number of the picture whose details are shown")
    parser.add_argument("--crop-at", type=int, nargs=2, metavar=("ROW", "COLUMN"), help="corner; the middle by default")
    parser.add_argument("--crop-bpp", type=float, default=0.4, help="bits a pixel of ours that are shown")
    arguments = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}
    os.environ |= {"CROSSCODEC_THREADS": "1"}
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.results.mkdir(parents=True, exist_ok=True)
    methods = arguments.methods if arguments.report else available(arguments.methods, arguments.sigma[0])
    bench = Bench(
        arguments.data.resolve(),
        arguments.out.resolve(),
        arguments.package,
        arguments.set,
        tuple(arguments.qualities),
        tuple(methods),
        peers=peers_table(arguments.peers, arguments.set),
    )
    absent = [name for name, judge in vars(judges(bench.data)).items() if judge is None]
    if absent:
        print(f"no {', no '.join(absent)}: {bench.data}/metric-weights does not hold the weights", file=sys.stderr)
    count = len(photo_set(bench.photos, bench.data))
    pictures = [number - 1 for number in arguments.pictures or range(1, count + 1)]
    if arguments.report:
        report(bench, pictures, arguments.sigma, arguments)
    else:
        measure(bench, pictures, arguments.sigma, arguments.jobs)


if __name__ == "__main__":
    main()
