"""What context networks learn from: the symbols that a package's encoders write for training crops.

crops ─► the encoder that suits each ─► gains of several qualities each ─► symbols, numbers, windows: a row a position
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import LARGEST_MAGNITUDE, Grid, Neighbours
from crosscodec.bitstream.interlaced import REACH as REACH_OF_PASS
from crosscodec.bitstream.interlaced import SIDE, Pass
from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.network import GroupNetwork
from crosscodec.bitstream.network_inputs import COARSE, FINE, LARGEST_INPUT, MAGNITUDE, SIGNED, WINDOW_SUM
from crosscodec.bitstream.prediction import take_differences
from crosscodec.bitstream.weighted import windows
from crosscodec.codec.encoding import picture_latents
from crosscodec.codec.package import AUTO, DEFAULT_ENCODER, Package
from crosscodec.codec.pictures import Pixels
from crosscodec.learn.photo.crops import CropSource

REACH = 127  # numbers beyond it count as it


@dataclass(frozen=True)
class Looks:
    """What the network of a pass looks at: ``near``, ``signed``, ``around`` and ``own`` of a `GroupNetwork`."""

    one: Pass
    near: NDArray[np.int64]
    signed: NDArray[np.int64]
    around: NDArray[np.int64]
    own: NDArray[np.int64]

    @classmethod
    def of(cls, network: GroupNetwork, one: Pass) -> "Looks":
        """What a network looks at that was trained."""
        return cls(one, network.near, network.signed, network.around, network.own)

    @property
    def inputs(self) -> int:
        """How many inputs that makes."""
        return 1 + 2 * len(self.near) + len(self.signed) + len(self.around) + len(self.own)


@dataclass(frozen=True)
class SymbolRows:
    """One row a position: what is coded of each channel, int8 (N,C); window sums of magnitudes, uint8 (N,C); of
    predicted channels the symbols, int32 (N,P); where the nine neighbours are, int32 (N,9); row and column, and how
    many of these its picture has, int16 (N,4); the quality, int8 (N,).

    ``passes``: in how many each of the ``predicted`` channels is foretold.
    """

    numbers: NDArray[np.int8]
    windows: NDArray[np.uint8]
    symbols: NDArray[np.int32]
    neighbours: NDArray[np.int32]
    places: NDArray[np.int16]
    quality: NDArray[np.int8]
    predicted: tuple[int, ...]
    passes: tuple[int, ...]
    folder: Path | None = None

    def save(self, path: Path) -> None:
        """Write to a new folder."""
        path.mkdir(parents=True)
        for name in _ARRAYS:
            np.save(path / f"{name}.npy", getattr(self, name))
        np.save(path / "predicted.npy", np.array([self.predicted, self.passes], np.int64))

    @classmethod
    def load(cls, path: Path) -> "SymbolRows":
        """What `save` wrote; several processes share its memory."""
        arrays = {name: np.load(path / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
        predicted, passes = np.load(path / "predicted.npy").tolist()
        return cls(**arrays, predicted=tuple(predicted), passes=tuple(passes), folder=path)

    @classmethod
    def joined(cls, parts: Sequence["SymbolRows"]) -> "SymbolRows":
        """The rows of all parts, one after the other; of one package."""
        starts = np.cumsum([0, *map(len, parts)]).tolist()
        arrays: dict[str, Any] = {n: np.concatenate([getattr(part, n) for part in parts]) for n in _ARRAYS}
        for start, end in pairwise(starts):
            arrays["neighbours"][start:end] += start
        return cls(**arrays, predicted=parts[0].predicted, passes=parts[0].passes)

    def __reduce__(self) -> tuple[Callable[..., "SymbolRows"], tuple[Path]]:
        """How another process is given rows that lie on disk: by their folder."""
        if self.folder is None:
            raise ValueError("rows are given to other processes by their folder; save and load them first")
        return SymbolRows.load, (self.folder,)

    def __len__(self) -> int:
        return len(self.quality)

    def of_pass(self, one: Pass) -> NDArray[np.int64]:
        """The rows of a pass."""
        row, column = self.places[:, 0].astype(np.int64), self.places[:, 1].astype(np.int64)
        return np.flatnonzero(one.holds(row, column))

    def inputs(self, rows: NDArray[np.int64], looks: Looks) -> torch.Tensor:
        """Inputs (N,I) of a context network for some positions: whole numbers, those of bitstream.network."""
        near, signed = looks.near, looks.signed
        own = np.minimum(np.abs(self.numbers[rows][:, near].astype(np.int16)), LARGEST_MAGNITUDE)
        parts: list[NDArray[Any]] = [
            self.quality[rows, None],
            MAGNITUDE[own],
            WINDOW_SUM[self.windows[rows][:, near]],
        ]
        if len(signed):
            channels, which = np.unique(signed[:, 0], return_inverse=True)
            values = self._values(rows, channels)[:, signed[:, 1], which]
            parts.append(np.where(signed[:, 2] == FINE, SIGNED[values + LARGEST_INPUT], values))
        if looks.one.number:
            nearest = looks.one.nearest
            each = [(channel, neighbour, COARSE) for channel in looks.around.tolist() for neighbour in nearest]
            around = np.array(each, np.int64).reshape(-1, 3)
            found = self._own(rows, looks.one, np.concatenate([around, looks.own]))
            sizes = np.minimum(np.abs(found[:, : len(around)]), LARGEST_MAGNITUDE)
            parts.append(WINDOW_SUM[4 * sizes.reshape(len(rows), len(looks.around), len(nearest)).sum(axis=2)])
            parts.append(found[:, len(around) :])
        return torch.from_numpy(np.concatenate([part.astype(np.float32) for part in parts], axis=1))

    def _own(self, rows: NDArray[np.int64], one: Pass, own: NDArray[np.int64]) -> NDArray[np.int16]:
        """Own inputs (N,m) of positions of a pass: those of bitstream.own_passes."""
        channel, neighbour, way = own.T
        there, inside = self._beside(rows, one, neighbour)
        values = self.numbers[there, channel].astype(np.int32)
        nearest, within = self._beside(rows, one, np.array(one.nearest))
        count = within.sum(axis=1)
        for k, foretold in enumerate(self.predicted):
            mine = np.flatnonzero(channel == foretold)
            if mine.size:
                plane = self.symbols[:, k]
                mean = (2 * (plane[nearest] * within).sum(axis=1) + count) // (2 * count)
                values[:, mine] = plane[there[:, mine]] - mean[:, None]
        values = np.clip(values * inside, -LARGEST_INPUT, LARGEST_INPUT).astype(np.int16)
        found: NDArray[np.int16] = np.where(way == FINE, SIGNED[values + LARGEST_INPUT], values)
        return found

    def _beside(
        self, rows: NDArray[np.int64], one: Pass, neighbours: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The rows (N,m) of neighbours as a pass numbers them, and which lie in the picture; for others any row."""
        down, right = ((found - REACH_OF_PASS) * one.step for found in np.divmod(neighbours, SIDE))
        row, column, height, width = self.places[rows].astype(np.int64).T[:, :, None]
        inside = (row + down >= 0) & (row + down < height) & (column + right >= 0) & (column + right < width)
        return rows[:, None] + np.where(inside, down * width + right, 0), inside

    def _values(self, rows: NDArray[np.int64], channels: NDArray[np.int64]) -> NDArray[np.int16]:
        """Symbols (N,9,K) of channels at the neighbours of positions; of predicted ones their differences to the
        position's own.
        """
        around = self.neighbours[rows]
        values = self.numbers[around.reshape(-1)][:, channels].reshape(*around.shape, -1).astype(np.int16)
        for k, channel in enumerate(channels.tolist()):
            if channel in self.predicted:
                plane = self.symbols[:, self.predicted.index(channel)]
                seen = plane[around] - plane[rows][:, None]
                values[:, :, k] = np.clip(seen, -LARGEST_INPUT, LARGEST_INPUT)
        return values


_ARRAYS = ("numbers", "windows", "symbols", "neighbours", "places", "quality")


def signed_choices(channels: range, predicted: tuple[int, ...]) -> NDArray[np.int64]:
    """All rows of ``GroupNetwork.signed`` that can be of use: of channels at nine places, of predicted ones around the
    position, in both ways of counting.
    """
    rows = []
    for channel in channels:
        foretold = channel in predicted
        for neighbour in range(9):
            if not foretold:
                rows.append((channel, neighbour, FINE))
            elif neighbour != 4:
                rows += [(channel, neighbour, FINE), (channel, neighbour, COARSE)]
    return np.array(rows, np.int64).reshape(-1, 3)


def own_choices(channels: range, predicted: tuple[int, ...], one: Pass) -> NDArray[np.int64]:
    """All rows of ``GroupNetwork.own`` that can be of use to a pass over these channels."""
    rows = [
        (channel, neighbour, way)
        for channel in channels
        for neighbour in one.known
        for way in ((FINE, COARSE) if channel in predicted else (FINE,))
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def symbol_rows(
    package: Package, pictures: CropSource, crops: range, qualities: int, seed: int, passes: tuple[int, ...]
) -> SymbolRows:
    """The rows of the crops of these numbers, each coded by the encoder that `writer` tells at ``qualities`` qualities;
    ``passes`` of the package's predicted channels.

    The rows of 0 to n are those of 0 to m and of m to n, joined.
    """
    draw = np.random.Generator(np.random.Philox(key=[seed, 0]))
    order = np.concatenate([draw.permutation(BEST_QUALITY + 1) for _ in range(crops.stop * qualities // 101 + 1)])
    pieces: list[tuple[NDArray[np.float32], list[int]]] = []
    for crop in crops:
        batch = pictures.batch(seed, crop + 1, 1)
        degraded = batch.degraded[0].permute(1, 2, 0).contiguous().numpy()
        latents = picture_latents(degraded, package, encoder=writer(package, degraded, crop))
        pieces.append((latents, order[crop * qualities : (crop + 1) * qualities].tolist()))
    return rows_of(package, pieces, passes)


def writer(package: Package, picture: Pixels, turn: int) -> str:
    """The encoder whose file of a picture is learnt from: what `auto` takes. Those that `auto` never takes (larger ones
    for the same noise) stand in for the default one by turns.
    """
    taken = package.encoder_for(picture, AUTO)
    if taken != DEFAULT_ENCODER:
        return taken
    for_asking = [name for name in package.encoders if name not in (DEFAULT_ENCODER, *package.card.automatic)]
    return (DEFAULT_ENCODER, *for_asking)[turn % (1 + len(for_asking))]


def rows_of(
    package: Package, pieces: list[tuple[NDArray[np.float32], list[int]]], passes: tuple[int, ...]
) -> SymbolRows:
    """The rows of latents (C,h,w) of pictures, each at the qualities beside it."""
    predicted = package.card.predicted
    numbers, sums, symbols, around, where, told = [], [], [], [], [], []
    start = 0
    for latents, qualities in pieces:
        grid = Grid(*latents.shape[1:])
        near = Neighbours.of([grid])
        row, column = np.divmod(np.arange(grid.rows * grid.columns), max(1, grid.columns))
        size = np.full_like(row, grid.rows), np.full_like(row, grid.columns)
        places = np.stack(
            [
                side[row]
                for row in (near.above, np.arange(len(near.left)), near.below)
                for side in (near.left, np.arange(len(near.left)), near.right)
            ],
            axis=1,
        )
        for quality in qualities:
            level = package.level(quality)
            if level is None:
                raise ValueError("a photo package has several qualities")
            coded = level.symbols(latents).reshape(len(latents), -1)
            symbols.append(coded[list(predicted)].T.copy())
            take_differences(coded, [grid], predicted, passes)
            numbers.append(np.clip(coded, -REACH, REACH).astype(np.int8).T)
            seen = np.minimum(np.abs(coded), LARGEST_MAGNITUDE).astype(np.uint8)
            sums.append(windows(seen.reshape(-1, grid.rows, grid.columns)).reshape(len(seen), -1).T)
            where.append(np.stack([row, column, *size], axis=1).astype(np.int16))
            around.append((places + start).astype(np.int32))
            told.append(np.full(len(places), quality, np.int8))
            start += len(places)
    return SymbolRows(
        np.concatenate(numbers),
        np.concatenate(sums),
        np.concatenate(symbols),
        np.concatenate(around),
        np.concatenate(where),
        np.concatenate(told),
        predicted,
        passes,
    )
