"""Contexts by small networks of whole numbers: for each symbol how wide its law is, and to which side it leans.

    group by group:
    numbers of earlier groups ─┬─► magnitudes, of the position and of its 3x3 window ─┐
                               └─► signed symbols of the position and its neighbours ─┴─► network of the group
    network ─► for each channel: scale, lean ─► one of the bank's scales x leans tables; a lean below 0 turns the sign

Weighted contexts (weighted.py) ask how large a symbol may be. These ask also which sign it has: the means of blocks
foretell their slopes, and those the finer frequencies. One network serves all qualities, which are among its inputs,
and one bank of tables all channels.

All numbers are whole and every sum stays below 2^24, so that float32 holds it exactly: a product of matrices, which
adds in an order of its own on every machine, gives the same integers on all of them. docs/format.md, "Context
networks".
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import MOST_GROUPS
from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.network_inputs import COARSE, FINE, LARGEST_INPUT, NEIGHBOURS, InputRows
from crosscodec.bitstream.sealed import seal, unseal
from crosscodec.bitstream.varint import ByteReader, unzigzag, varint, zigzag
from crosscodec.bitstream.weighted import EXACT, MOST_CHANNELS
from crosscodec.errors import CorruptData, UsageError

MAGIC = b"XCDN"
VERSION = 1
MOST_UNITS = 2**10  # inputs of a network, or units of a layer
MOST_LAYERS = 4
MOST_SHIFT = 23
MOST_SCALES = 64
MOST_LEANS = 32
LARGEST_LEAN = 2**10 - 1  # larger ones count as this


Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Layer:
    """``floor((weights @ inputs + bias) / 2^shift)``: int8 (O,I), int32 (O,), uint8 (O,)."""

    weights: NDArray[np.int8]
    bias: NDArray[np.int32]
    shift: NDArray[np.uint8]

    def __post_init__(self) -> None:
        kinds = [of.dtype for of in (self.weights, self.bias, self.shift)] == [
            np.dtype(k) for k in (np.int8, np.int32, np.uint8)
        ]
        shapes = self.weights.ndim == 2 and self.bias.shape == self.shift.shape == (len(self.weights),)
        if not kinds or not shapes or not self.bias.size:
            raise UsageError(
                f"a layer has int8 weights (O,I), int32 bias (O,) and uint8 shift (O,), not "
                f"{self.weights.dtype} {self.weights.shape}, {self.bias.dtype} {self.bias.shape}, "
                f"{self.shift.dtype} {self.shift.shape}"
            )
        sums = LARGEST_INPUT * np.abs(self.weights.astype(np.int64)).sum(axis=1) + np.abs(self.bias.astype(np.int64))
        if sums.max() >= EXACT or self.shift.max() > MOST_SHIFT:
            raise UsageError(
                f"a unit's sum can reach {sums.max()} and its shift is {self.shift.max()}: they must stay below "
                f"{EXACT} and {MOST_SHIFT + 1}"
            )

    @cached_property
    def _scaled(self) -> tuple[Floats, Floats]:
        """Weights and bias over 2^shift, which is as exact as whole numbers are."""
        worth = np.ldexp(np.float32(1), -self.shift.astype(np.int32))[:, None]
        return self.weights.astype(np.float32) * worth, self.bias.astype(np.float32)[:, None] * worth

    def __call__(self, inputs: Floats) -> Floats:
        """Whole numbers (O,N) for whole inputs (I,N)."""
        weights, bias = self._scaled
        found: Floats = weights @ inputs
        found += bias
        return np.floor(found, out=found)


@dataclass(frozen=True, eq=False)
class GroupNetwork:
    """The network of a group of ``size`` channels. Its inputs, in this order: the quality; magnitudes of the channels
    ``near`` (k,), then their windows; of the rows of ``signed`` (n,3), channel, neighbour 0 … 8 and way of counting
    each, the symbols.

    Each hidden layer is given what the one before it gives, cut to 0 … 127; the last layer that of the last hidden one
    and then the inputs again. It gives the scales of the channels, then their leans.
    """

    size: int
    near: NDArray[np.int64]
    signed: NDArray[np.int64]
    hidden: tuple[Layer, ...]
    last: Layer

    def __post_init__(self) -> None:
        width = self.inputs
        if self.near.ndim != 1 or self.signed.ndim != 2 or self.signed.shape[1] != 3 or width > MOST_UNITS:
            raise UsageError(f"a context network has up to {MOST_UNITS} inputs, near (k,), signed (n,3); not {width}")
        if len(self.hidden) >= MOST_LAYERS:
            raise UsageError(f"a context network has up to {MOST_LAYERS} layers, not {len(self.hidden) + 1}")
        for layer in self.hidden:
            if layer.weights.shape[1] != width or len(layer.weights) > MOST_UNITS:
                raise UsageError(
                    f"a layer of a context network takes the {width} numbers before it and gives up to {MOST_UNITS}; "
                    f"this one has weights {layer.weights.shape}"
                )
            width = len(layer.weights)
        if self.last.weights.shape != (2 * self.size, (width if self.hidden else 0) + self.inputs):
            raise UsageError(
                f"the last layer of a context network for {self.size} channels has weights {self.last.weights.shape}"
            )
        if self.signed.size:
            _, neighbour, way = self.signed.T
            if neighbour.min() < 0 or neighbour.max() >= NEIGHBOURS or way.min() < FINE or way.max() > COARSE:
                raise UsageError(f"signed inputs have a neighbour 0 to {NEIGHBOURS - 1} and count in way 0 or 1")

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return 1 + 2 * len(self.near) + len(self.signed)

    @property
    def watched(self) -> NDArray[np.int64]:
        """The channels that it looks at."""
        return np.union1d(self.near, self.signed[:, 0])

    def __call__(self, inputs: Floats) -> tuple[Floats, Floats]:
        """Scales and leans, whole numbers (g,N) each, for inputs (I,N)."""
        units = inputs
        for layer in self.hidden:
            units = layer(units)
            np.clip(units, 0, LARGEST_INPUT, out=units)
        found = self.last(np.concatenate([units, inputs]) if self.hidden else inputs)
        return found[: self.size], found[self.size :]


@dataclass(frozen=True, eq=False)
class NetworkLayout:
    """Networks of all groups, and how their numbers choose a table of the bank: number ``scale * leans + lean``, where
    the scale is cut to the number of scales, and the lean is how many ``edges`` (scales, leans - 1) of its scale the
    second number reaches in size.

    ``predicted``: channels whose numbers are differences (prediction.py). ``quality``: at which it is used. Raises
    UsageError for parts that do not go together.
    """

    predicted: tuple[int, ...]
    edges: NDArray[np.int32]
    groups: tuple[GroupNetwork, ...]
    quality: int = 0

    def __post_init__(self) -> None:
        edges = self.edges
        if edges.dtype != np.int32 or edges.ndim != 2 or not 1 <= len(edges) <= MOST_SCALES:
            raise UsageError(f"edges are int32 (1 to {MOST_SCALES} scales, leans - 1), not {edges.dtype} {edges.shape}")
        rising = edges.size == 0 or (edges.min() >= 0 and edges.max() <= LARGEST_LEAN)
        if not rising or edges.shape[1] >= MOST_LEANS or (np.diff(edges, axis=1) < 0).any():
            raise UsageError(f"edges lie in 0 to {LARGEST_LEAN} and do not fall; there are fewer than {MOST_LEANS}")
        if not 1 <= len(self.groups) <= MOST_GROUPS or self.channels > MOST_CHANNELS:
            raise UsageError(
                f"context networks have 1 to {MOST_GROUPS} groups and up to {MOST_CHANNELS} channels, not "
                f"{len(self.groups)} and {self.channels}"
            )
        first = 0
        for number, group in enumerate(self.groups):
            watched = group.watched
            if group.size < 1 or (watched.size and (watched.min() < 0 or watched.max() >= first)):
                raise UsageError(f"group {number} has a channel at least and looks at those of groups before it")
            first += group.size
        within = all(0 <= channel < first for channel in self.predicted)
        if not within or any(low >= high for low, high in pairwise(self.predicted)):
            raise UsageError(f"predicted channels rise and are below {first}, not {self.predicted}")
        if not 0 <= self.quality <= BEST_QUALITY:
            raise UsageError(f"a quality is 0 to {BEST_QUALITY}, not {self.quality}")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of channels of each group, in coding order."""
        return tuple(group.size for group in self.groups)

    @property
    def channels(self) -> int:
        """Number of channels in all groups."""
        return sum(group.size for group in self.groups)

    @property
    def scales(self) -> int:
        """Number of scales."""
        return len(self.edges)

    @property
    def leans(self) -> int:
        """Number of leans of each scale."""
        return int(self.edges.shape[1]) + 1

    @property
    def tables(self) -> int:
        """Number of tables of the bank."""
        return self.scales * self.leans

    def at(self, quality: int) -> "NetworkLayout":
        """The layout for the symbols of a quality."""
        found = replace(self, quality=quality)
        vars(found).update(rows=self.rows, _choices=self._choices)  # the same for all
        return found

    def choose(self, scale: Floats, lean: Floats) -> tuple[NDArray[np.uint16], NDArray[np.int8]]:
        """Tables, and what symbols are multiplied by before they are coded, 1 or -1, for whole numbers (g,N)."""
        place = np.clip(scale, 0, self.scales - 1) * np.float32(LARGEST_LEAN + 1)
        place += np.minimum(np.abs(lean), LARGEST_LEAN)
        return self._choices[place.astype(np.int32)], 1 - 2 * (lean < 0).view(np.int8)

    @cached_property
    def _choices(self) -> NDArray[np.uint16]:
        """The table of each scale and size of a lean."""
        sizes = np.arange(LARGEST_LEAN + 1)
        steps = [np.searchsorted(row, sizes, side="right") for row in self.edges]
        numbers = np.arange(self.scales)[:, None] * self.leans + np.array(steps)
        return numbers.reshape(-1).astype(np.uint16)

    @cached_property
    def rows(self) -> InputRows:
        """Where a watch keeps what the networks look at."""
        return InputRows.of([g.near for g in self.groups], [g.signed for g in self.groups], self.predicted)

    def to_bytes(self) -> bytes:
        """The layout as the part of a package holds it: docs/format.md, "Context networks"."""
        parts = [varint(len(self.predicted)), *map(varint, self.predicted)]
        parts += [varint(self.scales), varint(self.leans), *map(varint, self.edges.ravel().tolist())]
        parts.append(varint(len(self.groups)))
        for group in self.groups:
            parts += [varint(group.size), varint(len(group.near)), *map(varint, group.near.tolist())]
            parts += [varint(len(group.signed)), *map(varint, group.signed.ravel().tolist())]
            parts.append(varint(len(group.hidden)))
            parts += [varint(len(layer.weights)) for layer in group.hidden]
            for layer in (*group.hidden, group.last):
                parts += [layer.weights.tobytes(), layer.shift.tobytes()]
                parts += [varint(zigzag(b)) for b in layer.bias.tolist()]
        return seal(MAGIC, VERSION, *parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The layout in ``data``, checked; the inverse of `to_bytes`.

        docs/format.md, "Context networks". Raises CorruptData, or UnsupportedData for an undamaged later version.
        """
        body = unseal(data, MAGIC, VERSION, "context networks", least=1)
        reader = ByteReader(body, "the context networks")

        def whole(what: str, most: int) -> int:
            return reader.varint(what, most)

        try:
            predicted = tuple(
                whole("predicted channel", MOST_CHANNELS) for _ in range(whole("number of predictions", MOST_CHANNELS))
            )
            scales, leans = whole("number of scales", MOST_SCALES), whole("number of leans", MOST_LEANS)
            if not scales or not leans:
                raise CorruptData("the context networks have no tables")
            edges = np.array([whole("edge", LARGEST_LEAN) for _ in range(scales * (leans - 1))], np.int32)
            count = whole("number of groups", MOST_GROUPS)
            groups = tuple(_read_group(reader) for _ in range(count))
            if reader.remaining:
                raise CorruptData(f"the context networks are followed by {reader.remaining} foreign bytes")
            return cls(predicted, edges.reshape(scales, leans - 1), groups)
        except UsageError as error:
            raise CorruptData(f"the context networks are damaged: {error}") from None


def _read_group(reader: ByteReader) -> GroupNetwork:
    size = reader.varint("size of a group", MOST_CHANNELS)
    near = [reader.varint("channel", MOST_CHANNELS) for _ in range(reader.varint("number of channels", MOST_UNITS))]
    count = reader.varint("number of signed inputs", MOST_UNITS)
    signed = [reader.varint("signed input", MOST_CHANNELS) for _ in range(3 * count)]
    widths = [
        reader.varint("units of a layer", MOST_UNITS) for _ in range(reader.varint("number of layers", MOST_LAYERS))
    ]
    inputs = 1 + 2 * len(near) + count
    layers, before = [], inputs
    for units in widths:
        layers.append(_read_layer(reader, units, before))
        before = units
    last = _read_layer(reader, 2 * size, inputs + (before if widths else 0))
    return GroupNetwork(size, np.array(near, np.int64), np.array(signed, np.int64).reshape(-1, 3), tuple(layers), last)


def _read_layer(reader: ByteReader, units: int, inputs: int) -> Layer:
    weights = np.frombuffer(reader.take(units * inputs), np.int8).reshape(units, inputs)
    shift = np.frombuffer(reader.take(units), np.uint8)
    bias = [unzigzag(reader.varint("bias", 2 * EXACT)) for _ in range(units)]
    return Layer(weights, np.array(bias, np.int32), shift)
