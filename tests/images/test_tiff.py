import struct

import numpy as np
import pytest
from PIL import Image

from crosscodec.images.tiff import begins_with_preview, has_deep_planes, samples_text, tags_of, tiff_refusal

SHORT, LONG = 3, 4
Entries = dict[int, tuple[int, tuple[int, ...]]]
RGB: Entries = {256: (SHORT, (9,)), 257: (SHORT, (6,)), 258: (SHORT, (8, 8, 8)), 277: (SHORT, (3,))}


def directory(entries: Entries, place: int, order: str = "<", big: bool = False) -> bytes:
    """A directory at `place` with its numbers behind it, in a TIFF or a BigTIFF file."""
    word, wide, start, size = ("Q", 8, 8, 20) if big else ("I", 4, 2, 12)
    after = place + start + size * len(entries) + wide
    fields, values = b"", b""
    for tag, (kind, numbers) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(numbers)}{ {1: 'B', SHORT: 'H', LONG: 'I', 16: 'Q'}[kind] }", *numbers)
        if len(packed) > wide:
            packed, values = struct.pack(order + word, after + len(values)), values + packed
        fields += struct.pack(order + "HH" + word, tag, kind, len(numbers)) + packed.ljust(wide, b"\0")
    return struct.pack(order + ("Q" if big else "H"), len(entries)) + fields + bytes(wide) + values


def tiff(entries: Entries, order: str = "<", big: bool = False) -> bytes:
    begin = b"II" if order == "<" else b"MM"
    head = struct.pack(order + ("HHHQ" if big else "HI"), *((43, 8, 0, 16) if big else (42, 8)))
    return begin + head + directory(entries, 16 if big else 8, order, big)


def with_inner(entries: Entries, inner: Entries) -> bytes:
    """A file whose first directory owns another one (SubIFDs)."""
    place = len(tiff(entries | {330: (LONG, (0,))}))
    return tiff(entries | {330: (LONG, (place,))}) + directory(inner, place)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_numbers_are_read_in_both_orders_and_widths(order: str, big: bool) -> None:
    data = tiff(RGB | {254: (LONG, (1,)), 305: (SHORT, (7,))}, order, big)
    assert tags_of(data) == {254: (1,), 256: (9,), 257: (6,), 258: (8, 8, 8), 277: (3,)}  # 305 is not asked for
    assert samples_text(data) == "3 samples of 8 bits a pixel"
    assert begins_with_preview(data)
    assert not begins_with_preview(tiff(RGB, order, big))
    assert ("BigTIFF" in str(tiff_refusal(tiff(RGB, order, big)))) == (big and order == ">")  # Pillow does not read it


def test_what_is_damaged_is_left_to_the_decoder() -> None:
    data = tiff(RGB)
    for cut in range(len(data)):
        assert set(tags_of(data[:cut])) <= set(RGB)
        assert tiff_refusal(data[:cut]) is None
    for hostile in (b"II*\0" + b"\xff" * 40, b"II+\0\x08\0\0\0" + b"\xff" * 40, b"II*\0\x08\0\0\0\xff\xff"):
        assert tags_of(hostile) == {}
    assert tags_of(tiff({258: (SHORT, (8,) * 65)})) == {}  # more numbers than any picture has


@pytest.mark.parametrize(
    "more",
    [
        {254: (LONG, (1,))},
        {254: (LONG, (5,))},
        {255: (SHORT, (2,))},
        {50706: (1, (1, 4, 0, 0))},
    ],
    ids=str,
)
def test_previews_and_raw_files(more: Entries) -> None:
    assert begins_with_preview(tiff(RGB | more))


def test_the_header_of_a_cr2() -> None:
    shifted = b"II*\0" + struct.pack("<I", 16) + b"CR\x02\0" + bytes(4) + directory(RGB, 16)
    assert begins_with_preview(shifted)
    assert not begins_with_preview(shifted.replace(b"CR", b"\0\0"))


@pytest.mark.parametrize("more", [{254: (LONG, (0,))}, {254: (LONG, (2,))}, {255: (SHORT, (1,))}], ids=str)
def test_main_pictures_and_pages(more: Entries) -> None:
    assert not begins_with_preview(tiff(RGB | more))


def test_a_larger_picture_below_makes_the_first_a_preview() -> None:
    wide = {256: (SHORT, (90,)), 257: (SHORT, (60,))}
    assert begins_with_preview(with_inner(RGB, RGB | wide))
    # A pyramid, as microscopes write it: the picture first, smaller copies below.
    assert not begins_with_preview(with_inner(RGB | wide, RGB))


@pytest.mark.parametrize("bits", [9, 10, 14, 24, 64])
def test_numbers_of_bits_that_are_not_read_are_named(bits: int) -> None:
    expected = f"holds {bits}-bit samples, which are not read in TIFF files; save gray or RGB of 8 or 16 bits a sample"
    assert tiff_refusal(tiff({258: (SHORT, (bits,))})) == expected


def test_planes_that_pillow_reads_wrong() -> None:
    deep: Entries = {258: (SHORT, (16,) * 4), 262: (SHORT, (2,)), 277: (SHORT, (4,)), 284: (SHORT, (2,))}
    assert "16-bit colours plane by plane" in str(tiff_refusal(tiff(deep)))
    assert tiff_refusal(tiff(deep | {259: (SHORT, (8,))})) is None  # libtiff unpacks them, and knows their width
    assert tiff_refusal(tiff(deep | {284: (SHORT, (1,))})) is None
    assert tiff_refusal(tiff(deep | {277: (SHORT, (1,))})) is None
    reversed_bits = RGB | {266: (SHORT, (2,)), 284: (SHORT, (2,))}
    assert "colours with reversed bits plane by plane" in str(tiff_refusal(tiff(reversed_bits)))
    assert tiff_refusal(tiff(RGB | {284: (SHORT, (2,))})) is None


def test_colours_plane_by_plane_that_tifffile_reads() -> None:
    deep: Entries = {258: (SHORT, (16,) * 3), 262: (SHORT, (2,)), 277: (SHORT, (3,)), 284: (SHORT, (2,))}
    for more in ({}, {259: (SHORT, (8,))}, {266: (SHORT, (1,)), 339: (SHORT, (1,) * 3)}):
        assert has_deep_planes(tags_of(tiff(deep | more)))
        assert tiff_refusal(tiff(deep | more)) is None
    other: list[Entries] = [
        {259: (SHORT, (5,))}, {258: (SHORT, (8,) * 3)}, {258: (SHORT, (16, 16, 8))}, {262: (SHORT, (8,))},
        {277: (SHORT, (4,))}, {284: (SHORT, (1,))}, {266: (SHORT, (2,))}, {339: (SHORT, (2,) * 3)},
    ]  # fmt: skip
    assert not any(has_deep_planes(tags_of(tiff(deep | changed))) for changed in other)


def test_methods_of_compression_that_are_not_read_are_named() -> None:
    for method, name in ((34712, "JPEG 2000"), (50002, "JPEG XL"), (60000, "method 60000")):
        expected = f"is compressed by {name}, which is not read in TIFF files; save it with deflate or LZW"
        assert tiff_refusal(tiff(RGB | {259: (SHORT, (method,))})) == expected
    assert tiff_refusal(tiff(RGB | {259: (SHORT, (5,))})) is None


def test_channels_of_gray_plane_by_plane() -> None:
    channels: Entries = {258: (SHORT, (8, 8)), 262: (SHORT, (1,)), 277: (SHORT, (2,)), 284: (SHORT, (2,))}
    assert "channels of gray plane by plane" in str(tiff_refusal(tiff(channels)))
    assert tiff_refusal(tiff(channels | {259: (SHORT, (8,))})) is None  # the first is read, with a notice


def test_signed_samples() -> None:
    assert "holds signed samples" in str(tiff_refusal(tiff(RGB | {339: (SHORT, (2, 2, 2))})))
    assert tiff_refusal(tiff(RGB | {339: (SHORT, (1, 1, 1))})) is None


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"big_tiff": True}], ids=str)
def test_what_pillow_writes_is_read(options: dict[str, object], tmp_path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(np.zeros((6, 9, 3), np.uint8)).save(path, **options)
    data = path.read_bytes()
    assert tags_of(data)[258] == (8, 8, 8)
    assert (tags_of(data)[256], tags_of(data)[257]) == ((9,), (6,))
    assert tiff_refusal(data) is None
