"""Gates of costs: memory and start-up of whole processes; and those that a test of the suite measures already."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from gate_record import Measured, command, passing_tests
from PIL import Image

LARGE = 10_000  # both sides of the large picture
RUNS = 7


def info(quick: bool) -> Measured:
    """Wall time of `crosscodec info`, beside the interpreter alone."""
    with tempfile.TemporaryDirectory() as folder:
        coded = _coded(Path(folder))
        return _start_up(["info", str(coded)], 0.25)


def encode(quick: bool) -> Measured:
    """Wall time of `crosscodec encode` of a picture of 256 x 256, beside the interpreter alone."""
    with tempfile.TemporaryDirectory() as folder:
        coded = _coded(Path(folder))
        again = ["encode", str(coded.with_suffix(".png")), str(coded), "--on-exist", "overwrite"]
        return _start_up(again, 0.7)


def _coded(folder: Path) -> Path:
    noisy = np.random.default_rng(0).normal(128, 25, (256, 256, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(folder / "a.png")
    done = command("encode", str(folder / "a.png"), str(folder / "a.xcd"))
    assert done.returncode == 0, done.stderr
    return folder / "a.xcd"


def _start_up(words: list[str], limit: float) -> Measured:
    ours = _median([sys.executable, "-m", "crosscodec.cli.main", *words])
    python = _median([sys.executable, "-c", "pass"])
    numpy = _median([sys.executable, "-c", "import numpy"])
    beside = f"python alone {python:.3f} s, import numpy {numpy:.3f} s, {os.cpu_count()} cores"
    return Measured(f"{ours:.3f} s, median of {RUNS} ({beside})", ours < limit)


def _median(start: list[str]) -> float:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        _peak(start)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _peak(start: list[str]) -> float:
    """Run a process to its end and return its peak memory in GB."""
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(start[0], start, os.environ, file_actions=silent)
    _, status, usage = os.wait4(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0, start
    return usage.ru_maxrss * 1024 / 1e9


def large_encode(quick: bool) -> Measured:
    """Peak memory of `crosscodec encode` of a PNG file of 100 megapixels."""
    with tempfile.TemporaryDirectory() as folder:
        return _large(["encode", str(_large_picture(Path(folder))), str(Path(folder) / "big.xcd")])


def large_decode(quick: bool) -> Measured:
    """Peak memory of `crosscodec decode` to a PNG file of 100 megapixels."""
    with tempfile.TemporaryDirectory() as folder:
        coded = Path(folder) / "big.xcd"
        done = command("encode", str(_large_picture(Path(folder))), str(coded))
        assert done.returncode == 0, done.stderr
        return _large(["decode", str(coded), str(Path(folder) / "out.png")])


def _large(words: list[str]) -> Measured:
    began = time.perf_counter()
    peak = _peak([sys.executable, "-m", "crosscodec.cli.main", *words])
    seconds = time.perf_counter() - began
    return Measured(f"{peak:.2f} GB, {seconds:.0f} s, {LARGE**2 / 1e6 / seconds:.2f} megapixels a second", peak <= 2)


def _large_picture(folder: Path) -> Path:
    """A noisy picture of waves and edges, row by row, so that making it takes no more memory than it does."""
    pixels = np.empty((LARGE, LARGE, 3), np.uint8)
    columns, generator = np.arange(LARGE), np.random.default_rng(0)
    for row in range(LARGE):
        waves = 128 + 60 * np.sin(row / 97) + 40 * np.cos(columns / 53) + 30 * ((columns // 200 + row // 200) % 2)
        pixels[row] = (waves[:, None] + generator.normal(0, 25, (LARGE, 3))).clip(0, 255)
    Image.fromarray(pixels).save(folder / "big.png", compress_level=1)
    return folder / "big.png"


def kills(quick: bool) -> Measured:
    """Writers killed while they write."""
    name = "test_twenty_kills" if quick else "test_two_hundred_kills"
    return passing_tests(f"tests/test_files.py::{name}_leave_whole_files_or_none")


def degradation(quick: bool) -> Measured:
    """Digests of degraded pictures under every batch size and worker count."""
    return passing_tests("tests/domains/test_domain.py::test_same_digest_whatever_the_batch_and_the_workers")


def known_answers(quick: bool) -> Measured:
    """The generator that dithers, against vectors computed by an independent implementation."""
    return passing_tests("tests/test_randomness.py::test_sixty_four_known_answers")


def cluster(quick: bool) -> Measured:
    """A worker killed midway, and a task that kills its worker, on real worker processes."""
    return passing_tests(
        "tests/sweep/test_cluster.py", "tests/cli/test_batch.py::test_a_cluster_does_a_folder_with_one_worker_killed"
    )


def resume(quick: bool) -> Measured:
    """A batch killed and interrupted midway, then started again."""
    return passing_tests("tests/cli/test_batch.py::test_an_interrupted_batch_is_resumed")
