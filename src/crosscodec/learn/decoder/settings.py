"""Settings of a recipe of the kind ``decoder``: one frozen dataclass per section. How it is read: learn/recipe.py.

[decoder]    whose files it will read, what it is called
[data]       as in a recipe of the kind ``photo``
[objective]  distortion, features, perception: one weight each
[training]   optimisers, schedule, bookkeeping
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.recipe import identity_of


@dataclass(frozen=True)
class DecoderSettings:
    """The decoder, and the package that it is added to."""

    package: str = "photo-denoise"  # name or file: encoder, qualities and tables stay as they are
    name: str = "perception"
    start: str = "fidelity"  # decoder whose weights training starts from
    start_package: str = ""  # package (name or file) of that decoder; "": the one above
    without: tuple[str, ...] = ()  # its residual blocks that are left out: "synthesis.deep.0"
    notes: tuple[str, ...] = ()  # for the card


@dataclass(frozen=True)
class ObjectiveSettings:
    """Weights of ``lambda_distortion error + lambda_features LPIPS + lambda_perception W1`` (objective.py)."""

    lambda_distortion: float = 0.002  # of the squared error, in units of (1/255)^2
    lambda_features: float = 1.0  # of LPIPS with the squeeze network; evaluation is with alex
    lambda_perception: float = 0.02  # of the critic's estimate of W1 between restored and clean crops


@dataclass(frozen=True)
class TrainingSettings:
    """Optimisers, schedule and bookkeeping."""

    steps: int = 4000
    decay_steps: int = 1500  # the learning rate is constant, then falls to zero over the last decay_steps
    warmup_steps: int = 100
    batch: int = 8
    learning_rate: float = 2e-4
    critic_learning_rate: float = 3e-4
    critic_steps: int = 1  # steps of the critic for one of the decoder
    critic_width: int = 32  # channels at 1/2 of the resolution
    clip: float = 1.0  # largest norm of the decoder's gradient
    average: float = 0.999  # decay of the running average of the weights, which is what is exported
    seed: int = 1
    precision: str = "float32"  # or "bfloat16": networks only
    threads: int = 0  # 0: as many as torch likes; 1: bit-exact resume
    log_every: int = 50
    checkpoint_minutes: float = 4.0
    rollbacks: int = 3  # how often a loss that is no number sends the run back to its last checkpoint


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
        if not any(weights.values()) or min(weights.values()) < 0:
            told = ", ".join(f"{name} = {weight:g}" for name, weight in weights.items())
            raise UsageError(f"weights of the objective are at least 0, and one is more; these are {told}")

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return {"kind": "decoder"} | dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
