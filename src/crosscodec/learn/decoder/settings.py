"""Settings of a recipe of the kind ``decoder``: one frozen dataclass per section. How it is read: learn/recipe.py.

[decoder]    whose files it will read, what it is called
[data]       as in a recipe of the kind ``photo``
[objective]  distortion, features, perception: one weight each
[training]   optimisers, schedule, bookkeeping
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Annotated, Any

from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import DataSettings, LoopSettings
from crosscodec.learn.ranges import Count, Name, Positive, Weight, Whole
from crosscodec.learn.recipe import identity_of


@dataclass(frozen=True)
class DecoderSettings:
    """The decoder, and the package that it is added to."""

    package: str = "photo-denoise"  # name or file: encoder, qualities and tables stay as they are
    name: Annotated[str, Name()] = "perception"
    start: str = "fidelity"  # decoder whose weights training starts from
    start_package: str = ""  # package (name or file) of that decoder; "": the one above
    without: tuple[str, ...] = ()  # its residual blocks that are left out: "synthesis.deep.0"
    notes: tuple[str, ...] = ()  # for the card


@dataclass(frozen=True)
class ObjectiveSettings:
    """Weights of ``lambda_distortion error + lambda_features LPIPS + lambda_perception W1`` (objective.py)."""

    lambda_distortion: Weight = 0.002  # of the squared error, in units of (1/255)^2
    lambda_features: Weight = 1.0  # of LPIPS with the squeeze network; evaluation is with alex
    lambda_perception: Weight = 0.02  # of the critic's estimate of W1 between restored and clean crops


@dataclass(frozen=True)
class TrainingSettings(LoopSettings):
    """Optimisers, schedule and bookkeeping."""

    steps: Count = 4000
    decay_steps: Whole = 1500
    warmup_steps: Whole = 100
    learning_rate: Positive = 2e-4
    critic_learning_rate: Positive = 3e-4
    critic_steps: Count = 1  # steps of the critic for one of the decoder
    critic_width: Count = 32  # channels at 1/2 of the resolution


@dataclass(frozen=True)
class DecoderRecipe:
    """All settings of one run."""

    data: DataSettings = field(default_factory=DataSettings)
    decoder: DecoderSettings = field(default_factory=DecoderSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        if self.decoder.without and not self.decoder.start_package:
            raise UsageError("decoder.without: a package's own decoder has its blocks; name another in start_package")
        weights = dataclasses.asdict(self.objective)
        if not any(weights.values()):
            raise UsageError(f"one of the weights {', '.join(weights)} of the objective is more than 0; all are 0")

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return {"kind": "decoder"} | dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
