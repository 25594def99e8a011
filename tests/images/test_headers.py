import io

import numpy as np
import pytest
from PIL import Image

from crosscodec.images.headers import (
    Kind,
    damaged_chunk,
    foreign_kind,
    jp2_profile,
    kind_of,
    missing_end,
    sample_bits,
    webp_canvas,
)

PIXELS = np.random.default_rng(0).integers(0, 256, (21, 34, 3), dtype=np.uint8)


def saved(format: str, **options: object) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(PIXELS).save(sink, format, **options)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("format", "kind"),
    [
        ("PNG", "png"),
        ("JPEG", "jpg"),
        ("WEBP", "webp"),
        ("TIFF", "tiff"),
        ("BMP", "bmp"),
        ("JPEG2000", "jp2"),
        ("AVIF", "avif"),
        ("GIF", "gif"),
    ],
)
def test_kinds_are_told_from_content(format: str, kind: Kind) -> None:
    assert kind_of(saved(format)) == kind
    assert kind_of(saved(format)[1:]) is None
    assert missing_end(saved(format), kind) is None


def test_other_kinds() -> None:
    sink = io.BytesIO()
    np.save(sink, PIXELS)
    assert kind_of(sink.getvalue()) == "npy"
    assert kind_of(saved("JPEG2000", no_jp2=True)) == "jp2"
    assert kind_of(saved("TIFF", big_tiff=True)) == "tiff"
    assert kind_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf") == "avif"
    assert kind_of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic") == "heic"
    assert kind_of(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == "heic"
    for raw in (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", b"FUJIFILMCCD-RAW 0201", b"IIU\0\x08", b"IIRO\x08", b"FOVb"):
        assert kind_of(raw) == "raw"
    for other in (b"", b"PNG", b"hello", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypmp42", b"%PDF-1.7"):
        assert kind_of(other) is None


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}])
def test_canvas_of_every_kind_of_webp(options: dict[str, object]) -> None:
    data = saved("WEBP", **options)
    assert webp_canvas(data) == (34, 21)
    assert webp_canvas(data[:16]) is None


def test_sample_bits() -> None:
    sink = io.BytesIO()
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(sink, "PNG")
    assert sample_bits(sink.getvalue(), "png") == 16
    assert sample_bits(saved("PNG"), "png") == 8
    sink = io.BytesIO()
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(sink, "JPEG2000")
    assert sample_bits(sink.getvalue(), "jp2") == 16
    assert sample_bits(saved("JPEG2000"), "jp2") == 8
    assert sample_bits(saved("AVIF"), "avif") == 8
    ten, twelve = (b"\0\0\0\x1cftypavif" + b"av1C\x81\x04" + bytes([flags]) for flags in (0x40, 0x60))
    assert (sample_bits(ten, "avif"), sample_bits(twelve, "avif")) == (10, 12)


@pytest.mark.parametrize("kind", ["png", "jp2", "avif", "jpg"])
def test_cut_headers_have_eight_bits(kind: Kind) -> None:
    assert sample_bits(b"\x89PNG", kind) == 8


@pytest.mark.parametrize(("format", "kind", "cut"), [("PNG", "png", 1), ("JPEG", "jpg", 1), ("WEBP", "webp", 3)])
def test_missing_ends(format: str, kind: Kind, cut: int) -> None:
    assert missing_end(saved(format)[:-cut], kind)


def test_profile_of_a_jpeg_2000_header() -> None:
    box = (11 + 5).to_bytes(4, "big") + b"colr\x02\0\0hello"
    assert jp2_profile(b"...." + box + b"\0\0\0\0jp2c...") == b"hello"
    assert jp2_profile(b"...." + box.replace(b"\x02", b"\x01") + b"\0\0\0\0jp2c...") is None
    assert jp2_profile(b"\0\0\0\0jp2c" + box) is None  # behind the header it is no box
    assert jp2_profile(saved("JPEG2000")) is None
    assert jp2_profile(saved("JPEG2000", no_jp2=True)) is None
    assert jp2_profile(b"") is None


def test_foreign_kinds() -> None:
    assert foreign_kind(b"\0\0\0\x18ftypmp42\0\0\0\0isom") == "video"
    assert foreign_kind(bytes(128) + b"DICM") == "DICOM"
    assert foreign_kind(b"P5\t1") == "PNM (PBM, PGM, PPM)"
    for other in (b"", b"P", b"Paris", b"This is"):
        assert foreign_kind(other) is None


def test_damaged_chunks() -> None:
    data = saved("PNG")
    assert damaged_chunk(data) is None
    assert damaged_chunk(data + b"more") is None  # what follows the end is not looked at
    body = data.index(b"IDAT") + 6
    assert damaged_chunk(data[:body] + bytes([data[body] ^ 1]) + data[body + 1 :]) == "IDAT"
    assert damaged_chunk(data[:16] + b"\x7f" + data[17:]) == "IHDR"
    length = data.index(b"IDAT") - 4
    assert damaged_chunk(data[:length] + b"\x7f" + data[length + 1 :]) == "IDAT"
    # The length of a text is wrong, so that what follows is not seen as chunks, and the end is nowhere.
    assert damaged_chunk(data[:33] + b"\0\0\0\4tEXta\0bcWRNG" + data[33:-12] + bytes(4) + b"iend" + bytes(4)) == "IEND"
    text = b"\0\0\0\4tEXta\0bcWRNG"
    assert damaged_chunk(data[:33] + text + data[33:]) is None  # a text, which makes no pixel
