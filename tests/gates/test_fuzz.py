"""Fuzz targets: whatever the bytes, the readers of files answer with the library's errors or with what was written.

Hypothesis looks for the bytes; the slow suite gives it a hundred times as long.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from gate_files import sealed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toypackage import toy_package_bytes

from crosscodec.bitstream.container import read_coded, read_header, write_coded
from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.weighted import WeightedLayout
from crosscodec.codec import verify_bytes
from crosscodec.codec.card import parse_card
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import CARD, TABLES, parse_package
from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData, UsageError
from crosscodec.images.reading import read_stack
from crosscodec.images.tiffwriting import tiff_file


def plain_tiff(pages: np.ndarray) -> bytes:
    """Pages that are not compressed, as ImageJ stores them."""
    sink = io.BytesIO()
    tifffile.imwrite(sink, pages, imagej=True)
    return sink.getvalue()


GOLDEN = (Path(__file__).parents[1] / "codec" / "golden" / "v1-rgb.xcd").read_bytes()
HEADER = read_header(GOLDEN).header_bytes
TOY = toy_package_bytes()
PACKAGE = parse_package(TOY, Path("toy.xcm"))
CODED = read_coded(encode_pixels(np.arange(48, dtype=np.uint8).reshape(4, 12), PACKAGE).data)
with zipfile.ZipFile(io.BytesIO(TOY)) as archive:
    CARD_TEXT = archive.read(CARD)
WEIGHTED = WeightedLayout(
    3,
    (np.zeros((1, 0), np.int8), np.array([[1], [-2]], np.int8)),
    (np.zeros((1, 0), np.int8), np.array([[0], [1]], np.int8)),
    ((), (16, 40), (-20,)),
)
PAGES = np.random.default_rng(0).integers(0, 65536, (3, 6, 9, 3)).astype(np.uint16)
STACKS = (
    tiff_file([*PAGES]),
    tiff_file([*PAGES[..., 0]], exif=b"II*\0\x08\0\0\0\0\0\0\0\0\0"),
    plain_tiff(PAGES[..., 0]),
)
REFUSALS = (CorruptData, UnsupportedData, ResourceLimit)
TARGETS: dict[str, tuple[tuple[st.SearchStrategy, ...], Callable[..., None]]] = {}

edits = st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def edited(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    out = bytearray(data)
    for place, value in changes:
        out[place % len(out)] = value
    return bytes(out)


def read_container(data: bytes) -> None:
    try:
        read = read_coded(data)
    except REFUSALS:
        return
    assert read_coded(write_coded(read)) == read


def fuzz(name: str, examples: int) -> None:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    strategies, check = TARGETS[name]
    # Hypothesis marks what it is given: each run gets a function of its own.
    limited = settings(max_examples=examples, deadline=None, suppress_health_check=slow)
    limited(given(st.tuples(*strategies))(lambda drawn: check(*drawn)))()


def target(*strategies: st.SearchStrategy) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def added(check: Callable[..., None]) -> Callable[..., None]:
        TARGETS[check.__name__] = (strategies, check)
        return check

    return added


@target(st.binary(max_size=120))
def container_of_any_bytes(body: bytes) -> None:
    read_container(body)
    read_container(sealed(body))
    read_container(sealed(body) + body)


@target(edits)
def container_of_edited_headers(changes: list[tuple[int, int]]) -> None:
    # The CRC is made right again, so that the edit reaches the parser behind it.
    read_container(sealed(edited(GOLDEN[10 : HEADER - 4], changes)) + GOLDEN[HEADER:])


@target(st.binary(max_size=200))
def payload_of_any_bytes(payload: bytes) -> None:
    # As few symbols as any payload may hold, so that the refusal comes from the entropy decoder or the digest.
    coded = replace(CODED, payload=payload)
    try:
        verify_bytes(write_coded(coded), PACKAGE)
    except (*REFUSALS, UsageError):  # UsageError: what the writer knows not to fit is not written at all
        return
    assert payload == CODED.payload


@target(edits)
def tables_of_edited_bytes(changes: list[tuple[int, int]]) -> None:
    body = b"XCDT" + edited(PACKAGE.parts[TABLES][4:-4], changes)
    data = body + zlib.crc32(body).to_bytes(4, "little")
    try:
        assert FrequencyTables.from_bytes(data).to_bytes() == data
    except REFUSALS:
        return


@target(st.sampled_from(STACKS), edits)
def pages_of_edited_bytes(stack: bytes, changes: list[tuple[int, int]]) -> None:
    try:
        found = read_stack(edited(stack, changes), pixel_limit=2**20, any_scale=True)
    except REFUSALS:
        return
    assert len(found.pictures) == len(found.numbers) > 0
    assert all(np.isfinite(picture.pixels).all() for picture in found.pictures)


@target(edits)
def package_of_edited_bytes(changes: list[tuple[int, int]]) -> None:
    try:
        parse_package(edited(TOY, changes), Path("toy.xcm"))
    except REFUSALS:
        return


@target(st.dictionaries(st.sampled_from(["contexts", "sizes", "sources", "thresholds", "more"]), values))
def layout_of_any_json(fields: dict[str, object]) -> None:
    try:
        ContextLayout.from_bytes(json.dumps(fields).encode())
    except REFUSALS:
        return


@target(edits)
def weighted_contexts_of_edited_bytes(changes: list[tuple[int, int]]) -> None:
    body = b"XCDW" + edited(WEIGHTED.to_bytes()[4:-4], changes)
    data = body + zlib.crc32(body).to_bytes(4, "little")
    try:
        assert WeightedLayout.from_bytes(data).to_bytes() == data
    except REFUSALS:
        return


@target(st.text(max_size=6), values)
def card_of_edited_fields(name: str, value: object) -> None:
    good = json.loads(CARD_TEXT)
    for key in (*good, name):
        try:
            parse_card(json.dumps(good | {key: value}).encode(), Path("toy.xcm"))
        except REFUSALS:
            continue


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's
def test_readers_refuse_or_read(name):
    fuzz(name, 40)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_readers_refuse_or_read_for_long(name):
    fuzz(name, 4000)
