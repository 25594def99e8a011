"""What a reproduction is, and what it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crosscodec.errors import UsageError
from crosscodec.report.figures import FigureData
from crosscodec.repro.workers import Workers

SCALES = {
    "smoke": "seconds: the whole way with tiny settings and built-in data; the numbers mean nothing",
    "small": "what two processor cores do in hours: the tables that are committed",
    "full": "as long as the papers trained; a GPU job",
}

OT = "Cross-domain lossy compression via rate- and classification-constrained optimal transport, ICLR 2026"
UNIVERSAL = "Universal representations for classification-enhanced lossy compression, arXiv:2504.13191"
MEC = "Cross-domain lossy compression via constrained minimum entropy coupling, arXiv:2605.09833"


@dataclass(frozen=True)
class Request:
    """How to reproduce: scale, seeds 1..K, where figures go, where data sets lie, how many processes.

    `work` keeps trainings and coded files, by default `out`. `say` takes a line of progress. `workers` are processes
    that outlive a figure; without them each starts `jobs` of its own.
    """

    scale: str
    seeds: int
    out: Path
    data: Path | None = None
    work: Path | None = None
    jobs: int = 1
    say: Callable[[str], None] = lambda line: None
    workers: Workers | None = None

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise UsageError(f"scale {self.scale!r}: there are {', '.join(SCALES)}")
        if self.seeds < 1:
            raise UsageError(f"{self.seeds} seeds: at least one is needed")

    @property
    def smoke(self) -> bool:
        """Whether this only shows that everything works."""
        return self.scale == "smoke"

    @property
    def runs(self) -> Path:
        """Where trainings and coded files are kept."""
        return self.work or self.out

    @property
    def seed_numbers(self) -> range:
        """The seeds to run: one is enough to show that everything works."""
        return range(1, (1 if self.smoke else self.seeds) + 1)


@dataclass(frozen=True)
class Item:
    """One figure or table: its key, title and paper, the data sets it needs, and how it is made.

    `sets` are folders of the data folder; at the scale smoke nothing is needed.
    """

    key: str
    title: str
    paper: str
    make: Callable[["Item", Request], FigureData]
    sets: tuple[str, ...] = ()
