"""The card of a package: what it is for, and what its networks take and give. JSON in the file, checked when read.

    format 1   name, task, channels, block, decoders, … measured, notes, SHA-256 of the parts
    format 2   the same and, where they differ from their defaults:
               planes, size       small pictures of one size, a latent of one position each
               levels, dither     what becomes of a latent before it is coded
               noise              normal numbers that a decoder draws for itself
               classes, judges    labels, and networks that guess them
    format 3   qualities          several qualities in one package, for pictures of any size
    format 4   predicted          channels whose symbols are coded as differences to their neighbours'
    format 5   weighted           contexts are those of each channel's own weights (bitstream.weighted)
    format 6   encoders           further encoders for the same files
    format 7   networked          tables are chosen by context networks (bitstream.network), one bank for all qualities
               parities           which coefficients change sign when a picture is mirrored
    format 8   automatic          encoders of which one is chosen by the grain of a picture (codec.grain)
    format 9   grain              numbers of it that they are chosen by

A card is written in the lowest format that holds it, so that older releases read what they can and say "update" to
the rest. docs/format.md, "Card".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from crosscodec.bitstream.limits import BEST_QUALITY, LARGEST_SYMBOL, MOST_CONTEXTS, MOST_TABLES
from crosscodec.errors import CorruptData, UnsupportedData, UsageError

FORMAT = 9
KINDS = ("gray", "rgb")
MOST_NOISE = 2**16  # normal numbers a picture
LARGEST_HALO = 1024  # pixels
DEFAULT_ENCODER = "default"
AUTO = "auto"  # whichever encoder of a card's `automatic` ones suits the picture; the default one where there are none
GRAINS = 12, 18  # how many numbers codec.grain has of a picture: without those of its mosaic, with them
ENCODER_NAME = re.compile("[a-z0-9-]{1,32}")
MOST_ANCHORS = 32  # qualities with tables of their own


@dataclass(frozen=True)
class DitherCard:
    """Subtractive dither (Zamir & Feder 1992) at ``levels`` equally likely offsets within a step.

    ``common``: the seed is in the coded file, and decoder and tables know the level of each symbol. Otherwise the
    encoder's dither is its own secret, and the decoder adds one of its own.
    """

    levels: int
    common: bool

    def __post_init__(self) -> None:
        if not _is_whole(self.levels, 1, MOST_CONTEXTS) or not isinstance(self.common, bool):
            raise UsageError(
                f"dither has 1 to {MOST_CONTEXTS} levels and is common or not; these are {self.levels!r}, "
                f"{self.common!r}"
            )


@dataclass(frozen=True)
class QualityCard:
    """The qualities 0 … 100 of a package: those with settings and tables of their own, and the one taken if none is
    asked for.

    ``anchors`` rise from 0 to 100, 2 to 32 of them; what lies between two is interpolated (qualities.py).
    """

    anchors: tuple[int, ...]
    default: int

    def __post_init__(self) -> None:
        whole = all(_is_whole(anchor, 0, BEST_QUALITY) for anchor in (*self.anchors, self.default))
        ends = (self.anchors[0], self.anchors[-1]) if self.anchors else ()
        rising = whole and all(low < high for low, high in pairwise(self.anchors))
        if not rising or ends != (0, BEST_QUALITY) or len(self.anchors) > MOST_ANCHORS:
            raise UsageError(
                f"qualities have 2 to {MOST_ANCHORS} anchors, whole numbers that rise from 0 to {BEST_QUALITY}, and a "
                f"default between them; these are {self.anchors}, {self.default!r}"
            )


@dataclass(frozen=True)
class PackageCard:
    """What a package says of itself. ``block`` is the side in pixels of one latent position, ``halo`` how far
    networks see; with a ``size`` neither counts.

    ``size``: the only (height, width) taken; the latent has one position, and the networks take batches. ``planes``:
    channels of pictures at the networks, 1 or 3. ``levels``: symbols of channel c are cut to 0 … levels[c] − 1.
    ``noise``: for a decoder's name the number of standard normal inputs appended to its symbols. ``judges``: networks
    from pictures to a number for each of the ``classes``. ``qualities``: several qualities, of a package without size,
    levels, dither and noise. ``predicted``: channels of which differences are coded (bitstream.prediction), of such a
    package too. ``weighted``: contexts are those of bitstream.weighted, without common dither. ``encoders``: further
    encoders, of pictures of any size, whose files the same decoders read; for each its own halo. ``networked``: the
    tables of symbols are chosen by bitstream.network, of a package with qualities. ``parities``: for each channel 1 if
    its coefficients change sign when a picture is mirrored left to right, plus 2 if top to bottom (codec.mirrored).
    ``automatic``: two or more of the encoders, of which `auto` takes the one that suits the grain of a picture, by
    ``grain`` numbers of it.
    Raises UsageError for fields that contradict each other.
    """

    name: str
    task: str
    degradation: str
    training_data: tuple[str, ...]
    channels: tuple[str, ...]  # "gray", "rgb"
    block: int
    halo: int
    decoders: tuple[str, ...]
    licence: str
    training: dict[str, Any] = field(default_factory=dict)  # resolved recipe, steps, seconds, command
    measured: tuple[dict[str, Any], ...] = ()  # rows of numbers with the command that gave them
    notes: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)  # SHA-256 of every other part
    format: int = 1  # of the file that it was read from; writing chooses by itself
    planes: int = 3
    size: tuple[int, int] | None = None
    levels: tuple[int, ...] | None = None
    dither: DitherCard | None = None
    noise: dict[str, int] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    qualities: QualityCard | None = None
    predicted: tuple[int, ...] = ()
    weighted: bool = False
    encoders: dict[str, int] = field(default_factory=dict)  # further ones, and how far each sees: its halo
    networked: bool = False
    parities: tuple[int, ...] = ()
    automatic: tuple[str, ...] = ()
    grain: int = GRAINS[0]  # numbers that choice.onnx takes

    def __post_init__(self) -> None:
        if not _is_whole(self.planes, 1, 3) or self.planes == 2 or (self.planes == 1 and "rgb" in self.channels):
            raise UsageError(f"a package has 3 planes, or 1 for gray alone; not {self.planes} for {self.channels}")
        if self.size is not None and (len(self.size) != 2 or not all(_is_whole(n, 1, 2**14) for n in self.size)):
            raise UsageError(f"the size of a package's pictures is (height, width) up to 2^14, not {self.size}")
        if self.levels is not None and not all(_is_whole(n, 1, LARGEST_SYMBOL) for n in self.levels):
            raise UsageError(f"levels are whole numbers of 1 to {LARGEST_SYMBOL} a channel, not {self.levels}")
        self._require_noise()
        if self.judges and not self.classes:
            raise UsageError(f"judges {', '.join(self.judges)} guess classes, and the card names none")
        others = [key for key in ("size", "levels", "dither", "noise") if getattr(self, key) not in (None, {})]
        if self.qualities is not None and others:
            raise UsageError(f"a package with qualities has no {', '.join(others)}")
        self._require_predicted()
        self._require_encoders()
        if not all(_is_whole(parity, 0, 3) for parity in self.parities) or (self.parities and self.qualities is None):
            raise UsageError(f"parities are whole numbers of 0 to 3, of a package with qualities; not {self.parities}")
        if not isinstance(self.weighted, bool) or (self.weighted and self.dither is not None and self.dither.common):
            raise UsageError("contexts are weighted or not, and with common dither they are the levels of the dither")
        if not isinstance(self.networked, bool) or (self.networked and (self.weighted or self.qualities is None)):
            raise UsageError("contexts are by networks or not, of a package with qualities, and not weighted as well")

    def require_quality(self, quality: int) -> None:
        """Raise CorruptData unless a coded file of this package can have that quality in its header.

        docs/format.md, "Several qualities".
        """
        if quality and self.qualities is None:
            raise CorruptData(f"the header claims quality {quality}; package {self.name} has one quality, written as 0")

    def _require_predicted(self) -> None:
        whole = all(_is_whole(channel, 0, MOST_TABLES - 1) for channel in self.predicted)
        if not whole or any(low >= high for low, high in pairwise(self.predicted)):
            raise UsageError(f"predicted channels are whole numbers from 0 that rise, not {self.predicted}")
        if self.predicted and self.qualities is None:
            raise UsageError("predicted channels are for packages with qualities; the card names none")

    def _require_encoders(self) -> None:
        if self.encoders and self.size is not None:
            raise UsageError("further encoders are for packages of pictures of any size; the card names one size")
        for name, halo in self.encoders.items():
            require_encoder_name(name)
            if not _is_whole(halo, 0, LARGEST_HALO):
                raise UsageError(f"the halo of encoder {name} is 0 to {LARGEST_HALO} pixels, not {halo!r}")
        there = (DEFAULT_ENCODER, *self.encoders)
        known = all(there.count(name) == 1 and self.automatic.count(name) == 1 for name in self.automatic)
        if self.automatic and (not known or len(self.automatic) < 2):
            raise UsageError(
                f"automatic are two or more of the encoders {', '.join(there)}, each once; not {list(self.automatic)}"
            )
        if type(self.grain) is not int or self.grain not in GRAINS or (self.grain > GRAINS[0] and not self.automatic):
            raise UsageError(
                f"a grain of {' or '.join(map(str, GRAINS))} numbers chooses among automatic encoders, not "
                f"{self.grain!r} among {len(self.automatic)}"
            )

    def _require_noise(self) -> None:
        if self.noise and self.size is None:
            raise UsageError("private noise is for packages of one picture size; the card names none")
        for name, count in self.noise.items():
            if name not in self.decoders or not _is_whole(count, 1, MOST_NOISE):
                raise UsageError(
                    f"noise is 1 to {MOST_NOISE} numbers for one of {', '.join(self.decoders)}; "
                    f"not {count!r} for {name!r}"
                )


def require_encoder_name(name: str) -> None:
    """Raise UsageError unless a further encoder can have this name."""
    if not ENCODER_NAME.fullmatch(name) or name in (DEFAULT_ENCODER, AUTO):
        raise UsageError(
            "a further encoder has a name of 1 to 32 lower-case letters, digits and '-', which is not "
            f"{DEFAULT_ENCODER!r} or {AUTO!r}; not {name!r}"
        )


def _later_fields() -> dict[str, Any]:
    """Names and defaults of the fields that format 1 does not have."""
    listed = list(fields(PackageCard))
    first = [f.name for f in listed].index("planes")
    return {f.name: f.default_factory() if f.default_factory is not MISSING else f.default for f in listed[first:]}


LATER_FIELDS: Mapping[str, Any] = _later_fields()
# The format that each of these came with; the others came with format 2.
_CAME_WITH = {
    "qualities": 3,
    "predicted": 4,
    "weighted": 5,
    "encoders": 6,
    "networked": 7,
    "parities": 7,
    "automatic": 8,
    "grain": 9,
}


def card_json(card: PackageCard, parts: dict[str, str]) -> bytes:
    """The card as JSON with these hashes of parts, in the lowest format that holds it.

    docs/format.md, "Card".
    """
    later = {name for name, default in LATER_FIELDS.items() if getattr(card, name) != default}
    lowest = max((_CAME_WITH.get(name, 2) for name in later), default=1)
    whole = asdict(replace(card, parts=parts, format=lowest))
    kept = {key: value for key, value in whole.items() if key not in LATER_FIELDS or key in later}
    return json.dumps(kept, indent=1).encode()


def parse_card(text: bytes, path: Path, newest: int = FORMAT) -> PackageCard:
    """The card in ``text``; ``path`` is for messages, ``newest`` the latest format that is read.

    docs/format.md, "Card". Raises UnsupportedData for a later format and CorruptData for anything else that is wrong.
    """
    try:
        card = json.loads(text)
        if card["format"] > newest:
            raise UnsupportedData(
                f"{path} has package format {card['format']}; this release reads up to {newest}: update crosscodec"
            )
        unknown = {name for name in LATER_FIELDS if _CAME_WITH.get(name, 2) > card["format"]}
        if early := sorted(unknown.intersection(card)):
            raise ValueError(f"format {card['format']} has no {', '.join(early)}")
        for key in ("training_data", "channels", "decoders", "measured", "notes"):
            card[key] = tuple(card[key])
        for key in ("size", "levels", "classes", "judges", "predicted", "parities", "automatic"):
            if key in card:
                card[key] = tuple(card[key])
        if "dither" in card:
            card["dither"] = DitherCard(**card["dither"])
        if "qualities" in card:
            card["qualities"] = QualityCard(**card["qualities"] | {"anchors": tuple(card["qualities"]["anchors"])})
        return PackageCard(**card)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptData(f"{path}: card.json cannot be read: {error}") from None


def _is_whole(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high
