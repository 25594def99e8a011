"""The sizes of a coded file's pictures, and how many symbols they have, as the header spells them.

    pictures ─► runs of equal ones ─► a few bytes a run          symbol count ─► so many a cell of 2^step pixels squared

A thousand equal pictures cost what three different ones do not: at 4 to 32 bits a picture their headers are the rate.
"""

from dataclasses import dataclass
from itertools import groupby, pairwise

from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, ResourceLimit

MOST_IMAGES = 2**16
LARGEST_SIDE = 2**32
_LARGEST_SYMBOLS = 2**60
_PLAIN_COUNT = 7  # in place of a step: the symbol count is given as it is


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Size of one picture in pixels; channels is 1 (gray) or 3 (RGB)."""

    height: int
    width: int
    channels: int


@dataclass(frozen=True)
class Run:
    """Pictures of one size in a row."""

    count: int
    image: ImageHeader

    def cells(self, step: int) -> int:
        """Cells of 2^step by 2^step pixels that cover the pictures, each on its own."""
        return self.count * -(-self.image.height >> step) * -(-self.image.width >> step)


def runs_of(images: tuple[ImageHeader, ...]) -> list[Run]:
    """Runs of equal pictures, in order.

    docs/format.md, "Sizes".
    """
    return [Run(len(list(same)), image) for image, same in groupby(images)]


def size_fields(runs: list[Run]) -> list[bytes]:
    """The bytes of the sizes: two numbers for one picture, else the number of runs and three numbers each.

    docs/format.md, "Sizes".
    """
    if len(runs) == 1 and runs[0].count == 1:
        return [varint(runs[0].image.height - 1), varint(runs[0].image.width - 1)]
    fields = [varint(len(runs) - 1)]
    for run in runs:
        shape = 2 * (run.image.height - 1) + (run.image.channels == 3)
        fields += [varint(run.count - 1), varint(shape), varint(run.image.width - 1)]
    return fields


def symbol_code(count: int, runs: list[Run]) -> int:
    """The symbol count as 8 t + step, that is t symbols for each cell of 2^step by 2^step pixels.

    docs/format.md, "Sizes". A network with strides gives such a count; it takes one or two bytes instead of up to five.
    """
    codes = [count << 3 | _PLAIN_COUNT]
    for step in range(_PLAIN_COUNT):
        each, rest = divmod(count, sum(run.cells(step) for run in runs))
        if rest == 0:
            codes.append(each << 3 | step)
    return min(codes)


def read_runs(reader: ByteReader, one: bool, rgb: bool, pixel_limit: int) -> list[Run]:
    """The runs of sizes at the front of `reader`; `one` and `rgb` are flags of the header.

    docs/format.md, "Sizes". Raises ResourceLimit, before anything is allocated, for more than 65,536 pictures or more
    pixels than `pixel_limit`, and CorruptData for a spelling that the writer does not use.
    """
    if one:
        height = reader.varint("height", LARGEST_SIDE - 1) + 1
        width = reader.varint("width", LARGEST_SIDE - 1) + 1
        runs = [Run(1, ImageHeader(height, width, 3 if rgb else 1))]
    else:
        runs = [_read_run(reader) for _ in range(reader.varint("number of sizes", MOST_IMAGES - 1) + 1)]
        if any(before.image == after.image for before, after in pairwise(runs)):
            raise CorruptData("the header of the coded file lists one size twice in a row")
    images = sum(run.count for run in runs)
    pixels = sum(run.cells(0) for run in runs)
    if images > MOST_IMAGES:
        raise ResourceLimit(f"the coded file claims {images:,} pictures; at most {MOST_IMAGES:,} are read")
    if pixels > pixel_limit:
        raise ResourceLimit(f"the coded file claims {pixels:,} pixels; the limit is {pixel_limit:,}")
    if images == 1 and not one:
        raise CorruptData("the header of the coded file lists one picture as if there were several")
    return runs


def _read_run(reader: ByteReader) -> Run:
    count = reader.varint("number of pictures") + 1
    shape = reader.varint("height", 2 * LARGEST_SIDE - 1)
    width = reader.varint("width", LARGEST_SIDE - 1) + 1
    return Run(count, ImageHeader(shape // 2 + 1, width, 3 if shape % 2 else 1))


def read_symbol_count(reader: ByteReader, runs: list[Run], pixel_limit: int) -> int:
    """The symbol count at the front of `reader`; the inverse of `symbol_code`.

    docs/format.md, "Sizes". Raises ResourceLimit for more than four symbols a pixel of the limit and 2^20.
    """
    code = reader.varint("symbol count", _LARGEST_SYMBOLS)
    each, step = code >> 3, code & 7
    count = each if step == _PLAIN_COUNT else each * sum(run.cells(step) for run in runs)
    most = 4 * pixel_limit + 2**20
    if count > most:
        raise ResourceLimit(f"the coded file claims {count:,} symbols; at most {most:,} are read")
    return count
