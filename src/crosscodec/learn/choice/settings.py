"""Settings of a recipe of the kind ``choice``: one frozen dataclass per section. How it is read: learn/recipe.py.

[choice]     among which encoders of which package `auto` shall choose
[data]       as in a recipe of the kind ``photo``: pictures, and all that may befall those of users
[training]   crops, steps, bookkeeping

The objective is that of the package, bits + lambda x squared error, of real files; networks and tables stay as they
are.
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.ranges import Count, Positive, Seed, Weight, Whole
from crosscodec.learn.recipe import identity_of


@dataclass(frozen=True)
class ChoiceSettings:
    """The package, and its encoders that are alike in all but the pictures that they suit."""

    package: str = "photo-denoise"  # name or file
    among: tuple[str, ...] = ("default", "camera")
    networks: Count = 5  # whose mean chooses: alone each errs on other pictures
    hidden: Count = 32  # units of each
    notes: tuple[str, ...] = ()  # for the card


@dataclass(frozen=True)
class TrainingSettings:
    """Crops, and the networks' training on them."""

    crops: Count = 1600  # each coded by every encoder, at a quality of its own
    tried: Whole = 160  # crops of pictures kept apart, for the card
    steps: Count = 1000  # each on all crops
    learning_rate: Positive = 1e-2  # at most; it rises and falls
    weight_decay: Weight = 0.3
    jitter: Weight = 0.2  # noise on the numbers that the network sees, in their standard deviations
    seed: Seed = 1


@dataclass(frozen=True)
class ChoiceRecipe:
    """All settings of one run."""

    data: DataSettings = field(default_factory=lambda: DataSettings(crop=256, scales=(1.0,)))
    choice: ChoiceSettings = field(default_factory=ChoiceSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        among = self.choice.among
        if len(among) < 2 or len(set(among)) < len(among):
            raise UsageError(f"choice.among are two or more encoders of the package, each once, not {list(among)}")

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return {"kind": "choice"} | dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
