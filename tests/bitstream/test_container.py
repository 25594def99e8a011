import random
import time
import tracemalloc
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscodec.bitstream.appearance import Appearance
from crosscodec.bitstream.coder import decode_symbols, encode_symbols, model_bits
from crosscodec.bitstream.container import (
    LONGEST_NAME,
    MAGIC,
    SYMBOLS_PER_BYTE,
    CodedFile,
    Dither,
    ImageHeader,
    courtesy_name,
    read_coded,
    read_header,
    write_coded,
)
from crosscodec.bitstream.digest import symbol_digest
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.varint import varint
from crosscodec.errors import CorruptData, CrosscodecError, ResourceLimit, UnsupportedData, UsageError

from .plain import plain_decode
from .samples import PACKAGE, PAGE, page_block, sample_file

FULL = CodedFile(
    package_id=bytes.fromhex("a0a1a2a3a4a5a6a7"),
    package_name="tiny",
    quality=3,
    images=(ImageHeader(40, 24, 1), ImageHeader(40, 24, 1), ImageHeader(8, 8, 3)),
    dither=Dither(1, 300),
    symbol_count=14,
    digest=0x01020304,
    payload=bytes.fromhex("b9aed7"),
)
FULL_BYTES = (
    "8958 4344 0d0a 1a0a 10 22 07 a0a1a2a3a4a5a6a7 04 74696e79 03 ac02"
    "01 01 4e 17 00 0f 07 77 04030201 03 9dcafd1d cdb1aee7 b9aed7"
)


def sealed(body: bytes, payload: bytes = b"", version: int = 0x10) -> bytes:
    """A file whose header has these fields and a right CRC."""
    header = MAGIC + bytes([version]) + varint(len(body)) + body
    return header + zlib.crc32(header).to_bytes(4, "little") + payload


def fields(sizes: bytes, symbols: bytes = b"\x00", flags: int = 0x10, payload_bytes: int = 0) -> bytes:
    """Header fields with an empty payload's CRC."""
    return bytes([flags]) + PACKAGE + sizes + symbols + bytes(4) + varint(payload_bytes) + bytes(4)


def page_bytes(name: str) -> bytes:
    return bytes.fromhex("".join(line.split("#")[0] for line in page_block(name).splitlines()))


names = st.text(st.characters(categories=["L", "N", "P"]), max_size=20)
ranges = st.builds(
    lambda low, span, bits: SampleRange(low, low + span, bits), *(st.integers(1, 2**20),) * 2, st.integers(0, 16)
)
files = st.builds(
    CodedFile,
    package_id=st.binary(min_size=8, max_size=8),
    package_name=names,
    quality=st.integers(0, 100),
    images=st.lists(
        st.builds(ImageHeader, st.integers(1, 3000), st.integers(1, 3000), st.sampled_from([1, 3])),
        min_size=1,
        max_size=5,
    ).map(tuple),
    dither=st.none() | st.builds(Dither, st.just(1), st.integers(0, 2**64 - 1)),
    appearance=st.builds(Appearance, st.none() | ranges, *(st.binary(max_size=60),) * 2),
    symbol_count=st.integers(0, 2**18),
    digest=st.integers(0, 2**32 - 1),
    payload=st.binary(min_size=1, max_size=60),
)


@given(files)
def test_files_read_back(coded: CodedFile) -> None:
    data = write_coded(coded)
    assert read_coded(data) == coded
    header = read_header(data[: len(data) - len(coded.payload)])
    assert header.header_bytes + header.payload_bytes == len(data)
    assert header.images == coded.images
    assert header.payload_crc == zlib.crc32(coded.payload)


def test_the_example_of_the_page_is_what_is_written_and_read() -> None:
    tables = FrequencyTables((-1, 0), ((8192, 49152, 8191, 1), (65000, 536)))
    symbols = np.array([line.split() for line in page_block("symbols").splitlines()], np.int32)
    payload = encode_symbols(symbols, tables)
    coded = CodedFile(
        bytes.fromhex("a0a1a2a3a4a5a6a7"), "", 0, (ImageHeader(40, 24, 1),), None, 12, symbol_digest(symbols), payload
    )
    assert tables.to_bytes() == page_bytes("hex tables")
    assert write_coded(coded) == page_bytes("hex file")
    assert read_coded(page_bytes("hex file")) == coded
    assert np.array_equal(plain_decode(payload, 6, tables), symbols)
    assert f"{model_bits(symbols, tables):.2f} bits" in PAGE.read_text("utf-8").replace("\n", " ")


def test_known_bytes_of_a_file_with_every_field() -> None:
    assert write_coded(FULL) == bytes.fromhex(FULL_BYTES)
    assert read_coded(bytes.fromhex(FULL_BYTES)) == FULL


@pytest.mark.parametrize(
    ("height", "width", "count", "payload", "overhead"),
    [
        (512, 768, 491_520, 35_000, 39),
        (28, 28, 320 * 4, 12, 36),
        (1, 1, 320, 3, 36),
        (3000, 4000, 320 * 188 * 250, 900_000, 40),
        (16_384, 16_384, 320 * 2**20, 2**21 - 1, 39),
    ],
)
def test_one_picture_costs_at_most_forty_bytes(
    height: int, width: int, count: int, payload: int, overhead: int
) -> None:
    coded = CodedFile(PACKAGE, "", 0, (ImageHeader(height, width, 3),), None, count, 2**32 - 1, bytes(payload))
    data = write_coded(coded)
    assert read_coded(data) == coded
    assert len(data) - payload == overhead <= 40


def test_a_thousand_equal_pictures_cost_a_constant() -> None:
    def overhead(count: int) -> int:
        images = (ImageHeader(28, 28, 1),) * count
        return len(write_coded(CodedFile(PACKAGE, "", 0, images, None, 16 * count, 0, bytes(2 * count)))) - 2 * count

    assert overhead(1000) <= overhead(2) + 3
    assert 8 * (overhead(1000) - overhead(1)) / 1000 <= 0.1  # bits a picture beyond the file's own
    assert overhead(60_000) <= overhead(2) + 6


def test_the_name_is_written_when_it_costs_less_than_a_hundredth() -> None:
    assert courtesy_name("photo-denoise", 1400) == ""
    assert courtesy_name("photo-denoise", 1401) == "photo-denoise"
    assert courtesy_name("é" * 10, 2101) == "é" * 10
    assert courtesy_name("é" * 10, 2100) == ""


def test_every_bit_of_the_header_is_guarded() -> None:
    coded = sample_file()
    data = write_coded(coded)
    for bit in range(8 * (len(data) - len(coded.payload))):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        # Without the magic's letters it is no coded file; another major version is not ours to judge.
        foreign = bit // 8 < 4 or (bit // 8 == 8 and bit % 8 >= 4)
        with pytest.raises(UnsupportedData if foreign else CorruptData):
            read_coded(bytes(damaged))


def test_two_thousand_flipped_bits_of_the_payload_are_found() -> None:
    payload = random.Random(1).randbytes(5000)
    data = write_coded(replace(sample_file(), payload=payload))
    for bit in random.Random(2).sample(range(8 * len(payload)), 2000):
        damaged = bytearray(data)
        damaged[len(data) - len(payload) + bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptData, match="payload"):
            read_coded(bytes(damaged))


def test_truncation_at_every_byte_and_foreign_bytes_are_found_at_once() -> None:
    data = write_coded(sample_file())
    start = time.perf_counter()
    for end in range(len(data)):
        with pytest.raises(CorruptData, match="cut short"):
            read_coded(data[:end])
    for more in (b"\x00", b"\n", data):
        with pytest.raises(CorruptData, match="foreign bytes"):
            read_coded(data + more)
    assert time.perf_counter() - start < 0.1 * len(data)


def test_other_files_are_named_as_such() -> None:
    for other in (b"\x89PNG\r\n\x1a\n" + bytes(50), b"\xff\xd8\xff\xe0" + bytes(50), b"PK\x03\x04"):
        with pytest.raises(UnsupportedData, match="not a coded file"):
            read_coded(other)
    data = write_coded(sample_file())
    with pytest.raises(CorruptData, match="line ends"):
        read_coded(data.replace(b"\r\n", b"\n"))
    with pytest.raises(CorruptData, match="cut short"):
        read_coded(b"")


def test_later_versions_and_features() -> None:
    body, payload = fields(b"\x07\x07"), b""
    assert read_coded(sealed(body, payload)).images == (ImageHeader(8, 8, 1),)
    assert read_coded(sealed(body, payload, 0x15)).images == (ImageHeader(8, 8, 1),)
    with pytest.raises(UnsupportedData, match=r"version 2\.0; this release reads 1\.x: update crosscodec"):
        read_coded(sealed(body, payload, 0x20))
    with pytest.raises(UnsupportedData, match="no such version"):
        read_coded(sealed(body, payload, 0x00))
    for flags in (0x18, 0x1C, 0x20):
        with pytest.raises(UnsupportedData, match="later version"):
            read_coded(sealed(fields(b"\x07\x07", flags=flags)))
    for more in (0x04, 0x80, 0x05):
        with pytest.raises(UnsupportedData, match=f"later version .flags 10010000 {more:08b}.: update"):
            read_coded(sealed(b"\x90" + bytes([more]) + fields(b"\x07\x07")[1:]))
    with pytest.raises(CorruptData, match="further flags, of which none is set"):
        read_coded(sealed(b"\x90\x00" + fields(b"\x07\x07")[1:]))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        fields(b"\x07\x07")[:-1],
        fields(b"\x07\x07") + b"\x00",
        b"\x11" + PACKAGE + b"\x00" + fields(b"\x07\x07")[9:],
        b"\x11" + PACKAGE + b"\x02\xff\xfe" + fields(b"\x07\x07")[9:],
        b"\x11" + PACKAGE + b"\x02\x1b[" + fields(b"\x07\x07")[9:],
        b"\x11" + PACKAGE + varint(LONGEST_NAME + 1) + b"a" * (LONGEST_NAME + 1) + fields(b"\x07\x07")[9:],
        b"\x12" + PACKAGE + varint(101) + fields(b"\x07\x07")[9:],
        b"\x12" + PACKAGE + varint(0) + fields(b"\x07\x07")[9:],
        fields(b"\x07\x07", b"\x08"),
        fields(b"\x07\x07", varint(SYMBOLS_PER_BYTE + 1 << 3 | 7), payload_bytes=1),
    ],
    ids=[
        *("empty", "short", "long", "no name", "no UTF-8", "control", "long name", "quality", "quality 0"),
        *("no payload", "too many"),
    ],
)
def test_well_sealed_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(CorruptData):
        read_header(sealed(body))


BOMBS = {
    "one huge picture": (ResourceLimit, fields(varint(2**32 - 1) + varint(2**32 - 1))),
    "just too large": (ResourceLimit, fields(varint(2**14 - 1) + varint(2**14))),
    "many pictures": (ResourceLimit, fields(varint(0) + varint(2**60) + varint(0) + varint(0), flags=0)),
    "many large ones": (ResourceLimit, fields(varint(0) + varint(2**16 - 1) + varint(2**13) + varint(2**13), flags=0)),
    "symbols a cell": (ResourceLimit, fields(varint(2**13) + varint(2**13), varint(2**50 << 3))),
    "symbols in all": (ResourceLimit, fields(varint(0) + varint(0), varint(2**50 << 3 | 7))),
    "symbols without bytes": (CorruptData, fields(varint(2**13) + varint(2**13), varint(2 << 3))),
    "a huge payload": (CorruptData, fields(varint(0) + varint(0), payload_bytes=2**47)),
    "a huge name": (CorruptData, b"\x11" + PACKAGE + varint(2**62)),
    "many runs": (CorruptData, fields(varint(2**16 - 1), flags=0)),
}


@pytest.mark.parametrize(("refusal", "body"), BOMBS.values(), ids=BOMBS.keys())
def test_header_bombs_are_refused_without_memory_or_time(refusal: type[CrosscodecError], body: bytes) -> None:
    data = sealed(body)
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(refusal):
        read_coded(data)
    elapsed = time.perf_counter() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10e6
    assert elapsed < 0.05


def test_a_header_longer_than_any_is_refused_unread() -> None:
    with pytest.raises(CorruptData, match="length of the header"):
        read_header(MAGIC + b"\x10" + varint(2**40))


def test_as_many_pictures_as_are_read_take_little_memory() -> None:
    data = write_coded(CodedFile(PACKAGE, "", 0, (ImageHeader(28, 28, 1),) * 2**16, None, 2**20, 0, b"\x01" * 9))
    tracemalloc.start()
    assert len(read_coded(data).images) == 2**16
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10e6


def test_the_pixel_limit_is_the_callers() -> None:
    data = write_coded(sample_file())
    assert read_coded(data, pixel_limit=96 * 160).images[0].width == 160
    with pytest.raises(ResourceLimit, match=r"15,360 pixels; the limit is 15,359"):
        read_coded(data, pixel_limit=96 * 160 - 1)


def random_files(count: int, seed: int) -> None:
    """Random bytes behind a valid magic, half of them with a right version and CRC."""
    rng = random.Random(seed)
    good = write_coded(FULL)
    for i in range(count):
        body = rng.randbytes(rng.randrange(60))
        if i % 4 == 0:
            data = MAGIC + body
        elif i % 4 == 1:
            data = sealed(body, rng.randbytes(rng.randrange(9)))
        elif i % 4 == 2:
            data = sealed(bytes([rng.choice((0x00, 0x01, 0x10, 0x11, 0x16, 0x30, 0x37))]) + body)
        else:
            mutant = bytearray(good[10:-7])
            mutant[rng.randrange(len(mutant))] = rng.randrange(256)
            data = sealed(bytes(mutant), good[-3:])
        try:
            read = read_coded(data)
        except (CorruptData, UnsupportedData, ResourceLimit):
            continue
        assert read_coded(write_coded(read)) == read


def test_two_thousand_random_files_raise_library_errors_only() -> None:
    random_files(2000, 1)


@pytest.mark.slow
def test_ten_thousand_random_files_raise_library_errors_only() -> None:
    random_files(10_000, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"package_id": b"1234567"},
        {"package_name": "a" * 101},
        {"package_name": "a\nb"},
        {"quality": -1},
        {"quality": 101},
        {"images": ()},
        {"images": (ImageHeader(0, 1, 1),)},
        {"images": (ImageHeader(1, 2**32 + 1, 1),)},
        {"images": (ImageHeader(1, 1, 2),)},
        {"images": (ImageHeader(1, 1, 1),) * (2**16 + 1)},
        {"dither": Dither(0, 1)},
        {"dither": Dither(2, 1)},
        {"dither": Dither(1, 2**64)},
        {"symbol_count": -1},
        {"symbol_count": 10**9},
        {"digest": 2**32},
    ],
    ids=str,
)
def test_what_the_format_cannot_hold_is_not_written(change: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        write_coded(replace(FULL, **change))


def test_a_file_carries_symbols_from_one_end_to_the_other() -> None:
    tables = FrequencyTables((-1, 0), ((8192, 49152, 8191, 1), (65000, 536)))
    coded = read_coded(page_bytes("hex file"))
    symbols = decode_symbols(coded.payload, coded.symbol_count // tables.count, tables)
    assert symbol_digest(symbols) == coded.digest
