"""Settings of a recipe of the kind ``contexts``: one frozen dataclass per section. How it is read: learn/recipe.py.

[contexts]   whose symbols, and how large the networks are
[data]       as in a recipe of the kind ``photo``; larger crops have fewer positions at an edge
[training]   crops, steps, bookkeeping

The objective is the bits of the symbols that the package's encoders write; networks and qualities stay as they are.
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Annotated, Any

from crosscodec.bitstream.interlaced import MOST_PASSES
from crosscodec.bitstream.network import MOST_LAYERS, MOST_LEANS, MOST_SCALES, MOST_UNITS
from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.ranges import Between, Count, Positive, Processes, Seed, Whole
from crosscodec.learn.recipe import identity_of

Passes = tuple[Annotated[int, Between(1, MOST_PASSES)], ...]


@dataclass(frozen=True)
class ContextSettings:
    """The networks, and the package whose contexts they replace."""

    package: str = "photo-denoise"  # name or file
    # Units of each hidden layer, in every group.
    hidden: tuple[Annotated[int, Between(1, MOST_UNITS)], ...] = (96, 48)
    near: Whole = 24  # earlier channels whose magnitudes a group looks at, those that tell most about its own
    signed: Whole = (
        64  # symbols, of earlier channels and of its own in earlier passes, that it looks at with their sign
    )
    # How many passes the first groups of luma and of each colour plane have; the means of blocks come first, and an odd
    # number of passes serves them. The other groups have one.
    luma_passes: Passes = (5, 3, 2, 2, 2, 2, 2, 2, 2, 2)
    chroma_passes: Passes = (5, 2)
    scales: Annotated[int, Between(2, MOST_SCALES)] = 64  # widths of a law that have tables of their own
    leans: Annotated[int, Between(1, MOST_LEANS)] = 12  # tables of each width
    notes: tuple[str, ...] = ()  # for the card


@dataclass(frozen=True)
class TrainingSettings:
    """Optimiser, schedule and bookkeeping."""

    crops: Count = 6400  # each coded at `qualities` of them, by the encoder that suits it
    qualities: Count = 3
    steps: Count = 12000  # of each pass over a group
    batch: Count = 2048  # positions
    learning_rate: Positive = 2e-2  # at most; it rises and falls
    seed: Seed = 1
    processes: Processes = 1  # groups trained side by side, one thread each


@dataclass(frozen=True)
class ContextsRecipe:
    """All settings of one run."""

    data: DataSettings = field(default_factory=lambda: DataSettings(crop=256))
    contexts: ContextSettings = field(default_factory=ContextSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        chosen = self.contexts
        if len(chosen.hidden) >= MOST_LAYERS:
            raise UsageError(f"contexts.hidden are up to {MOST_LAYERS - 1} layers, not {list(chosen.hidden)}")
        if 1 + 2 * chosen.near + chosen.signed > MOST_UNITS:
            raise UsageError(
                f"contexts.near and contexts.signed make 1 + 2 near + signed inputs, at most {MOST_UNITS}; not "
                f"{1 + 2 * chosen.near + chosen.signed}"
            )
        for name in ("luma_passes", "chroma_passes"):
            passes = getattr(chosen, name)
            if not all(count % 2 for count in passes[:1]):
                raise UsageError(f"contexts.{name}: the first is odd, as it serves the means; not {list(passes)}")

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return {"kind": "contexts"} | dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
