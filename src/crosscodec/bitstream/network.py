"""Contexts by small networks of whole numbers: for each symbol how wide its law is, and to which side it leans.

    group by group, pass by pass:
    numbers of earlier groups ─┬─► magnitudes, of the position and of its 3x3 window ─┐
                               ├─► signed symbols of the position and its neighbours ─┤
    of the group, passes before ─► signed symbols around the position ────────────────┴─► network of group and pass
    network ─► for each channel: scale, lean ─► one of the bank's scales x leans tables; a lean below 0 turns the sign

Weighted contexts (weighted.py) ask how large a symbol may be. These ask also which sign it has: the means of blocks
foretell their slopes, and those the finer frequencies. Low frequencies continue from block to block, and their groups
are coded in passes (interlaced.py), each seeing those before it. One network serves all qualities, which are among its
inputs, and one bank of tables all channels.

All numbers are whole and every sum stays below 2^24, so that float32 holds it exactly: a product of matrices, which
adds in an order of its own on every machine, gives the same integers on all of them. docs/format.md, "Context
networks".
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import MOST_GROUPS
from crosscodec.bitstream.interlaced import MOST_PASSES, Pass
from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.network_inputs import COARSE, FINE, LARGEST_INPUT, NEIGHBOURS, InputRows, OwnRows
from crosscodec.bitstream.sealed import seal, unseal
from crosscodec.bitstream.varint import ByteReader, unzigzag, varint, zigzag
from crosscodec.bitstream.weighted import EXACT, MOST_CHANNELS
from crosscodec.errors import CorruptData, UsageError

MAGIC = b"XCDN"
VERSION = 2
WITHOUT_PASSES = 1  # the version in which every group has one network, and no own symbols
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

    def __call__(self, *inputs: Floats) -> Floats:
        """Whole numbers (O,N) for whole inputs (I,N), which may come in several pieces."""
        weights, bias = self._scaled
        start = len(inputs[0])
        found: Floats = weights[:, :start] @ inputs[0]
        found += bias
        for piece in inputs[1:]:
            found += weights[:, start : start + len(piece)] @ piece
            start += len(piece)
        return np.floor(found, out=found)


@dataclass(frozen=True, eq=False)
class GroupNetwork:
    """The network of a pass over a group of ``size`` channels. Its inputs, in this order: the quality; magnitudes of
    the channels ``near`` (k,), then their windows; of the rows of ``signed`` (n,3), channel of an earlier group,
    neighbour 0 … 8 and way of counting each, the symbols. Of passes before: of the channels ``around`` (j,) of the
    group itself the magnitudes of the four nearest; of the rows of ``own`` (m,3), channel of the group itself,
    neighbour as `Pass.known` numbers them and way, the symbols.

    Each hidden layer is given what the one before it gives, cut to 0 … 127; the last layer that of the last hidden one
    and then the inputs again. It gives the scales of the channels, then their leans.
    """

    size: int
    near: NDArray[np.int64]
    signed: NDArray[np.int64]
    hidden: tuple[Layer, ...]
    last: Layer
    around: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    own: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), np.int64))

    def __post_init__(self) -> None:
        shapes = self.near.ndim == self.around.ndim == 1 and self.signed.ndim == self.own.ndim == 2
        if not shapes or self.signed.shape[1] != 3 or self.own.shape[1] != 3 or self.inputs > MOST_UNITS:
            raise UsageError(
                f"a context network has up to {MOST_UNITS} inputs, near (k,), signed (n,3), around (j,) and own (m,3), "
                f"not {self.inputs}"
            )
        width = self.inputs
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
        neighbour, way = self.signed[:, 1], np.concatenate([self.signed[:, 2], self.own[:, 2]])
        if not _within(neighbour, 0, NEIGHBOURS - 1) or not _within(way, FINE, COARSE):
            raise UsageError(f"signed inputs have a neighbour 0 to {NEIGHBOURS - 1} and count in way 0 or 1")

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return 1 + 2 * len(self.near) + len(self.signed) + len(self.around) + len(self.own)

    @property
    def watched(self) -> NDArray[np.int64]:
        """The channels of earlier groups that it looks at."""
        return np.union1d(self.near, self.signed[:, 0])

    def __call__(self, inputs: Floats) -> tuple[Floats, Floats]:
        """Scales and leans, whole numbers (g,N) each, for inputs (I,N)."""
        units = inputs
        for layer in self.hidden:
            units = layer(units)
            np.clip(units, 0, LARGEST_INPUT, out=units)
        found = self.last(units, inputs) if self.hidden else self.last(inputs)
        return found[: self.size], found[self.size :]


@dataclass(frozen=True, eq=False)
class NetworkLayout:
    """Networks of all groups, one for each of a group's passes, and how their numbers choose a table of the bank:
    number ``scale * leans + lean``, where the scale is cut to the number of scales, and the lean is how many ``edges``
    (scales, leans - 1) of its scale the second number reaches in size.

    ``predicted``: channels whose numbers are differences (prediction.py), in groups of an odd number of passes.
    ``quality``: at which it is used. Raises UsageError for parts that do not go together.
    """

    predicted: tuple[int, ...]
    edges: NDArray[np.int32]
    groups: tuple[tuple[GroupNetwork, ...], ...]
    quality: int = 0

    def __post_init__(self) -> None:
        edges = self.edges
        if edges.dtype != np.int32 or edges.ndim != 2 or not 1 <= len(edges) <= MOST_SCALES:
            raise UsageError(f"edges are int32 (1 to {MOST_SCALES} scales, leans - 1), not {edges.dtype} {edges.shape}")
        rising = edges.size == 0 or (edges.min() >= 0 and edges.max() <= LARGEST_LEAN)
        if not rising or edges.shape[1] >= MOST_LEANS or (np.diff(edges, axis=1) < 0).any():
            raise UsageError(f"edges lie in 0 to {LARGEST_LEAN} and do not fall; there are fewer than {MOST_LEANS}")
        if not 1 <= len(self.groups) <= MOST_GROUPS or not all(self.groups) or self.channels > MOST_CHANNELS:
            raise UsageError(
                f"context networks have 1 to {MOST_GROUPS} groups, each of a pass or more, and up to {MOST_CHANNELS} "
                f"channels, not {len(self.groups)} groups"
            )
        within = all(0 <= channel < self.channels for channel in self.predicted)
        if not within or any(low >= high for low, high in pairwise(self.predicted)):
            raise UsageError(f"predicted channels rise and are below {self.channels}, not {self.predicted}")
        first = 0
        for number, group in enumerate(self.groups):
            self._require_passes(number, group, first)
            first += group[0].size
        if not 0 <= self.quality <= BEST_QUALITY:
            raise UsageError(f"a quality is 0 to {BEST_QUALITY}, not {self.quality}")

    def _require_passes(self, number: int, group: tuple[GroupNetwork, ...], first: int) -> None:
        size = group[0].size
        for one, network in zip((Pass(k, len(group)) for k in range(len(group))), group, strict=True):
            if network.size != size or size < 1 or not _within(network.watched, 0, first - 1):
                raise UsageError(
                    f"group {number} has a channel at least, the same in all passes, and looks at those of groups "
                    f"before it"
                )
            channel, neighbour = np.concatenate([network.around, network.own[:, 0]]), network.own[:, 1]
            known = np.isin(neighbour, one.known).all() and (one.number > 0 or not network.around.size)
            if not known or not _within(channel, first, first + size - 1):
                raise UsageError(
                    f"group {number}, pass {one.number}: own inputs are of channels {first} to {first + size - 1} at "
                    f"neighbours {list(one.known)}"
                )
        if len(group) % 2 == 0 and any(first <= channel < first + size for channel in self.predicted):
            raise UsageError(
                f"group {number} has a predicted channel and needs an odd number of passes, not {len(group)}"
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of channels of each group, in coding order."""
        return tuple(group[0].size for group in self.groups)

    @cached_property
    def predicted_passes(self) -> tuple[int, ...]:
        """Number of passes of each predicted channel."""
        passes = np.repeat([len(group) for group in self.groups], self.sizes).tolist()
        return tuple(passes[channel] for channel in self.predicted)

    @property
    def channels(self) -> int:
        """Number of channels in all groups."""
        return sum(self.sizes)

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
        place = np.clip(scale, 0, self.scales - 1)
        place *= LARGEST_LEAN + 1
        place += np.minimum(np.abs(lean), LARGEST_LEAN)
        return self._choices.take(place.astype(np.intp), mode="clip"), 1 - 2 * (lean < 0).view(np.int8)

    @cached_property
    def _choices(self) -> NDArray[np.uint16]:
        """The table of each scale and size of a lean."""
        sizes = np.arange(LARGEST_LEAN + 1)
        steps = [np.searchsorted(row, sizes, side="right") for row in self.edges]
        numbers = np.arange(self.scales)[:, None] * self.leans + np.array(steps)
        return numbers.reshape(-1).astype(np.uint16)

    @cached_property
    def rows(self) -> InputRows:
        """Where a watch keeps what the networks look at, group after group and pass after pass."""
        networks, owns, first = [], [], 0
        for group in self.groups:
            for number, network in enumerate(group):
                networks.append(network)
                owns.append(OwnRows.of(network.around, network.own, Pass(number, len(group)).nearest, first))
            first += group[0].size
        return InputRows.of([n.near for n in networks], [n.signed for n in networks], owns, self.predicted)

    def to_bytes(self) -> bytes:
        """The layout as the part of a package holds it: docs/format.md, "Context networks"."""
        parts = [varint(len(self.predicted)), *map(varint, self.predicted)]
        parts += [varint(self.scales), varint(self.leans), *map(varint, self.edges.ravel().tolist())]
        parts.append(varint(len(self.groups)))
        for group in self.groups:
            parts += [varint(group[0].size), varint(len(group))]
            for network in group:
                parts += [varint(len(network.near)), *map(varint, network.near.tolist())]
                for rows in (network.signed, network.around, network.own):
                    parts += [varint(len(rows)), *map(varint, rows.ravel().tolist())]
                parts.append(varint(len(network.hidden)))
                parts += [varint(len(layer.weights)) for layer in network.hidden]
                for layer in (*network.hidden, network.last):
                    parts += [layer.weights.tobytes(), layer.shift.tobytes()]
                    parts += [varint(zigzag(b)) for b in layer.bias.tolist()]
        return seal(MAGIC, VERSION, *parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The layout in ``data``, checked; the inverse of `to_bytes`.

        docs/format.md, "Context networks". Raises CorruptData, or UnsupportedData for an undamaged later version.
        """
        version = WITHOUT_PASSES if data[4:5] == bytes([WITHOUT_PASSES]) else VERSION
        body = unseal(data, MAGIC, version, "context networks", least=1)
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
            groups = tuple(_read_group(reader, version) for _ in range(count))
            if reader.remaining:
                raise CorruptData(f"the context networks are followed by {reader.remaining} foreign bytes")
            return cls(predicted, edges.reshape(scales, leans - 1), groups)
        except UsageError as error:
            raise CorruptData(f"the context networks are damaged: {error}") from None


def _within(values: NDArray[np.int64], least: int, most: int) -> bool:
    return values.size == 0 or bool(values.min() >= least and values.max() <= most)


def _read_group(reader: ByteReader, version: int) -> tuple[GroupNetwork, ...]:
    size = reader.varint("size of a group", MOST_CHANNELS)
    passes = 1 if version == WITHOUT_PASSES else reader.varint("number of passes", MOST_PASSES)
    if not passes:
        raise CorruptData("a group of the context networks has no pass")
    return tuple(_read_network(reader, size, version) for _ in range(passes))


def _read_network(reader: ByteReader, size: int, version: int) -> GroupNetwork:
    near = [reader.varint("channel", MOST_CHANNELS) for _ in range(reader.varint("number of channels", MOST_UNITS))]
    signed = _read_symbols(reader, "signed input")
    around: list[int] = []
    own: list[int] = []
    if version != WITHOUT_PASSES:
        around = [reader.varint("channel", MOST_CHANNELS) for _ in range(reader.varint("channels around", MOST_UNITS))]
        own = _read_symbols(reader, "own input")
    widths = [
        reader.varint("units of a layer", MOST_UNITS) for _ in range(reader.varint("number of layers", MOST_LAYERS))
    ]
    inputs = 1 + 2 * len(near) + len(signed) // 3 + len(around) + len(own) // 3
    layers, before = [], inputs
    for units in widths:
        layers.append(_read_layer(reader, units, before))
        before = units
    last = _read_layer(reader, 2 * size, inputs + (before if widths else 0))
    rows = [np.array(found, np.int64).reshape(-1, 3) for found in (signed, own)]
    channels = np.array(near, np.int64), np.array(around, np.int64)
    return GroupNetwork(size, channels[0], rows[0], tuple(layers), last, channels[1], rows[1])


def _read_symbols(reader: ByteReader, what: str) -> list[int]:
    return [reader.varint(what, MOST_CHANNELS) for _ in range(3 * reader.varint(f"number of {what}s", MOST_UNITS))]


def _read_layer(reader: ByteReader, units: int, inputs: int) -> Layer:
    weights = np.frombuffer(reader.take(units * inputs), np.int8).reshape(units, inputs)
    shift = np.frombuffer(reader.take(units), np.uint8)
    bias = [unzigzag(reader.varint("bias", 2 * EXACT)) for _ in range(units)]
    return Layer(weights, np.array(bias, np.int32), shift)
