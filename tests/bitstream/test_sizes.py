import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscodec.bitstream.sizes import (
    MOST_IMAGES,
    ImageHeader,
    Run,
    read_runs,
    read_symbol_count,
    runs_of,
    size_fields,
    symbol_code,
)
from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, ResourceLimit

LIMIT = 2**28
images = st.lists(
    st.builds(ImageHeader, st.integers(1, 70), st.integers(1, 70), st.sampled_from([1, 3])), min_size=1, max_size=8
)


def read(data: bytes, one: bool = False, limit: int = LIMIT) -> list[Run]:
    reader = ByteReader(data, "the test")
    runs = read_runs(reader, one, True, limit)
    assert reader.remaining == 0
    return runs


@given(images)
def test_sizes_read_back(pictures: list[ImageHeader]) -> None:
    runs = runs_of(tuple(pictures))
    assert [run.image for run in runs for _ in range(run.count)] == pictures
    reader = ByteReader(b"".join(size_fields(runs)), "the test")
    assert read_runs(reader, len(pictures) == 1, pictures[0].channels == 3, LIMIT) == runs
    assert reader.remaining == 0


@given(images, st.integers(0, 2**20))
def test_symbol_counts_read_back(pictures: list[ImageHeader], count: int) -> None:
    runs = runs_of(tuple(pictures))
    reader = ByteReader(varint(symbol_code(count, runs)), "the test")
    assert read_symbol_count(reader, runs, LIMIT) == count


def test_cells_cover_each_picture_on_its_own() -> None:
    assert Run(3, ImageHeader(17, 16, 1)).cells(4) == 6
    assert Run(3, ImageHeader(17, 16, 1)).cells(0) == 816
    assert Run(1, ImageHeader(1, 1, 1)).cells(6) == 1


def test_a_count_by_the_cell_is_short() -> None:
    runs = [Run(1, ImageHeader(512, 768, 3))]
    assert symbol_code(491_520, runs) == 5 << 3 | 1  # 320 channels of 32 x 48 are 5 a cell of 2 x 2
    assert symbol_code(491_521, runs) == 491_521 << 3 | 7
    assert symbol_code(320 * 188 * 250, [Run(1, ImageHeader(3000, 4000, 3))]) == 320 << 3 | 4


def test_equal_pictures_are_one_run() -> None:
    few = size_fields(runs_of((ImageHeader(28, 28, 1),) * 2))
    many = size_fields(runs_of((ImageHeader(28, 28, 1),) * 1000))
    assert len(b"".join(few)) == 4
    assert len(b"".join(many)) == 5


@pytest.mark.parametrize(
    ("count", "height", "width"),
    [(2**16 + 1, 1, 1), (2**63, 1, 1), (2, 2**14, 2**14), (2**16, 2**6, 2**7), (2, 2**32, 2**32)],
)
def test_claims_beyond_the_limits_are_refused(count: int, height: int, width: int) -> None:
    with pytest.raises(ResourceLimit, match="claims"):
        read(varint(0) + varint(count - 1) + varint(2 * (height - 1)) + varint(width - 1))


def test_the_limit_itself_is_read() -> None:
    assert read(varint(2**14 - 1) + varint(2**14 - 1), one=True)[0].image.width == 2**14
    with pytest.raises(ResourceLimit, match=r"268,451,840 pixels; the limit is 268,435,456"):
        read(varint(2**14 - 1) + varint(2**14), one=True)
    assert read(varint(0) + varint(MOST_IMAGES - 1) + varint(0) + varint(0))[0].count == MOST_IMAGES


def test_symbols_beyond_the_limit_are_refused() -> None:
    runs = [Run(1, ImageHeader(10, 10, 1))]
    most = 4 * 100 + 2**20
    assert read_symbol_count(ByteReader(varint(most << 3 | 7), "the test"), runs, 100) == most
    with pytest.raises(ResourceLimit, match="symbols"):
        read_symbol_count(ByteReader(varint((most + 1) << 3 | 7), "the test"), runs, 100)
    with pytest.raises(ResourceLimit, match="symbols"):
        read_symbol_count(ByteReader(varint(2**40 << 3 | 0), "the test"), runs, 100)


@pytest.mark.parametrize(
    "data",
    [
        varint(0) + varint(0) + varint(0) + varint(0),
        varint(1) + (varint(0) + varint(8) + varint(4)) * 2,
        varint(2**16),
        varint(1) + varint(0) + varint(8) + varint(4),
        varint(0) + varint(1) + varint(2**33) + varint(4),
    ],
    ids=["one as several", "a run in two", "too many runs", "cut short", "too high"],
)
def test_other_spellings_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptData):
        read(data)
