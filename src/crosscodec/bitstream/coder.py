"""Symbols to payload bytes and back with the range coder of constriction.

    symbols (C,N) ─► table of each (context) ─► indices, channel after channel ─► escape codes ─► shortest bytes

The coder's arithmetic is part of the format (docs/format.md, "Payload"); a plain reader in tests/bitstream checks it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import constriction
import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.escapes import read_planes, write_planes
from crosscodec.bitstream.tables import FrequencyTables, TableNumbers
from crosscodec.bitstream.walk import Contexts, EntropyModel, Piece, Turn, walk, walk_known, whole_model
from crosscodec.errors import CorruptData, CrosscodecError, UsageError

_WORD = 2**32
_STATE = 2**64
_FAIR = (2**15, 2**15)  # the table of an escape's bits


def encode_symbols(
    symbols: NDArray[np.int32],
    model: EntropyModel | FrequencyTables,
    grids: Sequence[Grid] | None = None,
    given: Contexts | None = None,
) -> bytes:
    """The payload of symbols (C,N): the shortest bytes that decode to them.

    ``grids`` say how the N positions form pictures, one after the other (default: one row), which matters only to
    contexts; ``given`` are contexts (C,N) that a decoder knows beforehand, in place of those computed from symbols.
    docs/format.md, "Payload". Raises UsageError unless the symbols are int32 in +-2^24, a row a channel, and for given
    contexts that do not suit the model.
    """
    return encode_and_price(symbols, model, grids, given).data


@dataclass(frozen=True)
class Payload:
    """The bytes of symbols, and what the tables say they cost in bits."""

    data: bytes
    model_bits: float


def encode_and_price(
    symbols: NDArray[np.int32],
    model: EntropyModel | FrequencyTables,
    grids: Sequence[Grid] | None = None,
    given: Contexts | None = None,
) -> Payload:
    """The payload of `encode_symbols` and the estimate of `model_bits` from one walk over the symbols.

    docs/format.md, "Payload"; arguments and errors are those of `encode_symbols`.
    """
    model = whole_model(model)
    writer = _Writer(model.tables)
    with library_errors(UsageError, "the range coder refused the symbols"):
        priced = _priced(symbols, model, grids, given, writer.write)
        writer.write_escapes(priced.codes)
        return Payload(writer.data(), priced.bits)


def decode_symbols(
    payload: bytes,
    n: int,
    model: EntropyModel | FrequencyTables,
    grids: Sequence[Grid] | None = None,
    given: Contexts | None = None,
) -> NDArray[np.int32]:
    """The symbols (C,n) of a payload; C is the number of channels, the other arguments are those of `encode_symbols`.

    docs/format.md, "Payload". Raises CorruptData unless the payload is exactly what the encoder writes for what it
    decodes to (before anything is allocated when so many symbols cannot fit), and UsageError for a negative `n`.
    """
    model = whole_model(model)
    if n < 0:
        raise UsageError(f"the number of symbols a channel is 0 or more, not {n}")
    require_room(payload, n, model)
    with library_errors(CorruptData, "the payload does not decode"):
        # A range decoder reads any bytes as some symbols and cannot tell where they end. Encoding again (a sixth of the
        # time) proves that every byte was needed and none is missing.
        again = _Writer(model.tables)
        symbols = _decode(payload, n, model, grids, given, again)
        if again.data() != payload:
            raise CorruptData("the payload is damaged: it is not what the encoder writes for the symbols found in it")
    return symbols


def require_room(payload: bytes, n: int, model: EntropyModel) -> None:
    """Raise CorruptData when n symbols a channel cannot fit in the payload, whatever their contexts.

    For callers that would draw or allocate something for each symbol before they decode.
    """
    # The coder never spends less than the tables say; the factor allows for the rounding of the logarithms.
    if model.least_bits(n) * (1 - 1e-9) > 8 * len(payload):
        raise CorruptData(f"{n} symbols a channel do not fit in a payload of {len(payload)} bytes")


def model_bits(
    symbols: NDArray[np.int32],
    model: EntropyModel | FrequencyTables,
    grids: Sequence[Grid] | None = None,
    given: Contexts | None = None,
) -> float:
    """What the symbols (C,N) cost by the tables in bits, escapes included: the model estimate of the rate.

    -log2(f / 2^16) for each index and 2 k + 1 for each escape code (docs/format.md, "Payload").
    """
    return _priced(symbols, whole_model(model), grids, given, lambda turn: None).bits


@dataclass(frozen=True)
class _Priced:
    """What symbols cost in bits, and the codes of the escapes among them."""

    bits: float
    codes: NDArray[np.int64]


def _priced(
    symbols: NDArray[np.int32],
    model: EntropyModel,
    grids: Sequence[Grid] | None,
    given: Contexts | None,
    visit: Callable[[Turn], None],
) -> _Priced:
    """Walk over known symbols and price them; ``visit`` sees every turn, filled in."""
    tables, bits, codes = model.tables, 0.0, [np.empty(0, np.int64)]
    for turn in walk_known(symbols, model, grids, given):
        visit(turn)
        escaped = turn.listed[1]
        escapes = np.empty(0, np.int64)
        if escaped.any():
            escapes = tables.escape_codes(turn.coded(turn.part(symbols))[escaped], turn.rows[escaped])
            codes.append(escapes)
        bits += tables.index_bits(turn.indices, turn.rows, escapes)
    return _Priced(bits, np.concatenate(codes))


class _Models(dict[int, Any]):
    """The coder's models of tables by number: made when first asked for, which takes longer than to use them, and kept
    with the tables. Models are immutable, and threads may share them.
    """

    def __init__(self, tables: FrequencyTables) -> None:
        self._frequencies = tables.frequencies

    def __missing__(self, number: int) -> Any:
        found = self[number] = _model(self._frequencies[number])
        return found

    @classmethod
    def of(cls, tables: FrequencyTables) -> "_Models":
        """Those of these tables."""
        found: _Models = tables.kept.setdefault("models", cls(tables))
        return found


def _model(frequencies: tuple[int, ...]) -> Any:
    """The coder's model of one table, exactly: entry i has probability frequencies[i] / 2^16.

    constriction takes weights w_i, floats, and gives entry i the interval of 2^24 that starts at
    floor(scale * (w_0 + … + w_(i-1))) + i with scale = (2^24 - n) / sum(w): one unit goes to each of the n entries, so
    that none is impossible, and the rest in proportion. With w_i = 256 f_i - 1 the sum is 2^24 - n, the scale is
    exactly 1, every float a whole number below 2^24, and the start exactly 256 (f_0 + … + f_(i-1)). Passing f_i / 2^16
    instead shifts nearly every boundary by a unit or more. `perfect=False` selects this rule; the other one searches
    with logarithms. tests/bitstream/test_coder.py reads the intervals back from the coder's state.
    """
    return constriction.stream.model.Categorical(256.0 * np.array(frequencies, np.float64) - 1.0, perfect=False)


class _Writer:
    """The range encoder, turn after turn."""

    def __init__(self, tables: FrequencyTables) -> None:
        self._models = _Models.of(tables)
        self._encoder = constriction.stream.queue.RangeEncoder()
        self._begun = False

    def write(self, turn: Turn) -> None:
        """Code the indices of a turn, filled in."""
        self.write_cut(turn.pieces, turn.cut)

    def write_cut(self, pieces: list[Piece], cut: list[NDArray[np.int32]]) -> None:
        """Code the indices of a turn's pieces, each by itself."""
        encode, models = self._encoder.encode, self._models
        for (table, _), indices in zip(pieces, cut, strict=True):
            encode(indices, models[table])
        self._begun = self._begun or bool(pieces)

    def write_escapes(self, codes: NDArray[np.int64]) -> None:
        """Code the escapes of all turns, which come last."""
        if codes.size:
            fair = _model(_FAIR)
            write_planes(codes, lambda bits: self._encoder.encode(bits, fair))

    def data(self) -> bytes:
        """The shortest bytes of what was written; none for nothing."""
        return _shortest(self._encoder) if self._begun else b""


def _decode(
    payload: bytes,
    n: int,
    model: EntropyModel,
    grids: Sequence[Grid] | None,
    given: Contexts | None = None,
    again: _Writer | None = None,
) -> NDArray[np.int32]:
    """The walk of a decoder, which reads the indices from the payload and hands them to ``again``."""
    # Zeros complete the last word and the coder's first two; the encoder's bytes mean the same whatever follows them.
    padded = payload + bytes(8 + -len(payload) % 4)
    decoder = constriction.stream.queue.RangeDecoder(np.frombuffer(padded, ">u4").astype(np.uint32))

    tables, models, decode = model.tables, _Models.of(model.tables), decoder.decode
    symbols = np.empty((model.channels, n), np.int32)
    # Of the escapes, whose values come last: where they are, their tables, and their signs.
    places, signs = [np.empty(0, np.int64)], [np.empty(0, np.int8)]
    rows: list[TableNumbers] = [np.empty(0, np.int32)]
    for turn in walk(model, n, grids, given):
        cut = [decode(models[table], count) for table, count in turn.pieces]
        if cut:
            np.concatenate(cut, out=turn.ordered)
        if again is not None:
            again.write_cut(turn.pieces, cut)
        found, escaped = turn.listed
        turn.put(found, symbols)
        if escaped.any():
            places.append(turn.places_of(escaped, n))
            rows.append(turn.rows[escaped])
            signs.append(np.ones(rows[-1].size, np.int8) if turn.signs is None else turn.signs[escaped])
    fair = _model(_FAIR)
    place = np.concatenate(places)
    codes = read_planes(place.size, lambda count: decoder.decode(fair, count))
    if again is not None:
        again.write_escapes(codes)
    symbols.reshape(-1)[place] = tables.unlisted(np.concatenate(rows), codes) * np.concatenate(signs)
    return symbols


def _shortest(encoder: Any) -> bytes:
    """The fewest bytes that lie in the encoder's final interval whatever bytes follow them.

    constriction ends a stream with one or two whole words; small pictures cannot afford those. Its state tells the
    interval: `lower` and `width` are the last 64 bits of a number whose leading words are written already.
    """
    words = encoder.get_compressed()
    lower, width = map(int, encoder.pos()[1])
    # constriction ends with the first word of lower + 2^32 - 1, and a zero word if the interval ends inside that word.
    point = (lower + _WORD - 1) % _STATE // _WORD
    written = len(words) - int((lower + width) % _STATE // _WORD == point)
    number = int.from_bytes(words[:written].astype(">u4").tobytes(), "big") << 32
    start = number - (point * _WORD - lower) % _STATE
    dropped = 8
    while True:  # ends at 3 bytes at the latest, since the width is at least 2^32
        dropped -= 1
        shift = 8 * dropped
        value = (start + (1 << shift) - 1) >> shift  # the first multiple of 2^shift in the interval
        if (value + 1) << shift <= start + width:
            return value.to_bytes(4 * written + 4 - dropped, "big")


@contextmanager
def library_errors(kind: type[CrosscodecError], message: str) -> Iterator[None]:
    """Turn what constriction raises into `kind`; its PanicException is no Exception and would pass every handler."""
    try:
        yield
    except (CrosscodecError, MemoryError):
        raise
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise kind(f"{message}: {error}") from None
        raise
