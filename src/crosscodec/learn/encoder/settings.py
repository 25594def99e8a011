"""Settings of a recipe of the kind ``encoder``: one frozen dataclass per section. How it is read: learn/recipe.py.

[encoder]    whose files it will write, how large it is, what it is called
[data]       as in a recipe of the kind ``photo``
[training]   as in a recipe of the kind ``photo``

The objective is that of the package: rate by its tables, error after its first decoder, weights as it was trained with.
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from crosscodec.codec.card import require_encoder_name
from crosscodec.codec.package import DEFAULT_ENCODER
from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.recipe import identity_of


@dataclass(frozen=True)
class EncoderSettings:
    """The encoder, and the package that it is added to."""

    package: str = "photo-denoise"  # name or file: decoders, qualities and tables stay as they are
    name: str = "best"  # "default" replaces the encoder that is taken when none is asked for
    start: str = "default"  # encoder of the package whose weights training starts from; "": from nothing
    widths: tuple[int, ...] = ()  # channels at 1/2, 1/4 and 1/8 resolution; (): as in `start`
    blocks: tuple[int, ...] = ()  # residual blocks, as in ModelSettings; (): as in `start`
    notes: tuple[str, ...] = ()  # for the card


@dataclass(frozen=True)
class TrainingSettings:
    """Optimiser, schedule and bookkeeping."""

    steps: int = 10000
    decay_steps: int = 8000  # the learning rate is constant, then falls to zero over the last decay_steps
    warmup_steps: int = 200
    denoise_steps: int = 2000  # from nothing: first the encoder learns to denoise alone
    batch: int = 8
    optimiser: str = "adam"  # or "muon": Muon for the kernels of hidden layers, Adam for all else
    learning_rate: float = 1e-3
    scale_learning_rate: float = 2e-3  # of the shrinkage: one number a channel
    clip: float = 1.0  # largest norm of the gradient
    average: float = 0.999  # decay of the running average of the weights, which is what is exported
    seed: int = 1
    precision: str = "float32"  # or "bfloat16": networks only, the rate and the linear path stay in float32
    threads: int = 0  # 0: as many as torch likes; 1: bit-exact resume
    log_every: int = 50
    checkpoint_minutes: float = 4.0
    rollbacks: int = 3  # how often a loss that is no number sends the run back to its last checkpoint


@dataclass(frozen=True)
class EncoderRecipe:
    """All settings of one run."""

    data: DataSettings = field(default_factory=DataSettings)
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        encoder = self.encoder
        if not encoder.start and not (encoder.widths and encoder.blocks):
            raise UsageError(
                "an encoder from nothing needs encoder.widths and encoder.blocks; or name one to start from"
            )
        for name, count, least in (("widths", 3, 1), ("blocks", 5, 0)):
            given = getattr(encoder, name)
            if given and (len(given) != count or not all(type(n) is int and n >= least for n in given)):
                raise UsageError(f"encoder.{name} are {count} whole numbers, the least {least}, not {list(given)}")
        if encoder.name != DEFAULT_ENCODER:  # before hours of training, not after them
            require_encoder_name(encoder.name)

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return {"kind": "encoder"} | dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
