"""Settings of a recipe of the kind ``encoder``: one frozen dataclass per section. How it is read: learn/recipe.py.

[encoder]    whose files it will write, how large it is, what it is called
[data]       as in a recipe of the kind ``photo``
[training]   as in a recipe of the kind ``photo``

The objective is that of the package: rate by its tables, error after its first decoder, weights as it was trained with.
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Annotated, Any

from crosscodec.codec.card import require_encoder_name
from crosscodec.codec.package import DEFAULT_ENCODER
from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import AnalysisSettings, DataSettings
from crosscodec.learn.ranges import Count, Sizes, Whole
from crosscodec.learn.recipe import identity_of


@dataclass(frozen=True)
class EncoderSettings:
    """The encoder, and the package that it is added to."""

    package: str = "photo-denoise"  # name or file: decoders, qualities and tables stay as they are
    name: str = "best"  # "default" replaces the encoder that is taken when none is asked for
    start: str = "default"  # encoder of the package whose weights training starts from; "": from nothing
    # Channels at 1/2, 1/4 and 1/8 resolution; (): as in `start`.
    widths: Annotated[tuple[Count, ...], Sizes(0, 3)] = ()
    # Residual blocks, as in ModelSettings; (): as in `start`.
    blocks: Annotated[tuple[Whole, ...], Sizes(0, 5)] = ()
    notes: tuple[str, ...] = ()  # for the card


@dataclass(frozen=True)
class EncoderRecipe:
    """All settings of one run."""

    data: DataSettings = field(default_factory=DataSettings)
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    training: AnalysisSettings = field(default_factory=AnalysisSettings)

    def __post_init__(self) -> None:
        encoder = self.encoder
        if not encoder.start and not (encoder.widths and encoder.blocks):
            raise UsageError(
                "an encoder from nothing needs encoder.widths and encoder.blocks; or name one to start from"
            )
        if encoder.name != DEFAULT_ENCODER:  # before hours of training, not after them
            require_encoder_name(encoder.name)

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return {"kind": "encoder"} | dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
