"""Reading by content: orientation, profiles, limits, damage, and what is refused."""

import io
import struct
import tracemalloc
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from picturefiles import DEEP, GRAY, PLAIN_TIFF, RGB, png, same, saved, tiff, wide_profile
from PIL import Image, ImageCms, features

from crosscodec.errors import CorruptData, CrosscodecError, InputMissing, ResourceLimit, UnsupportedData
from crosscodec.images.reading import read_picture, read_stack
from crosscodec.images.writing import encode_picture


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_exif_orientation_is_applied(format: str, orientation: int) -> None:
    upright = np.zeros((16, 24, 3), np.uint8)
    upright[:8, :8], upright[8:, 16:] = (255, 0, 0), (0, 0, 255)
    # How the camera stores it: the inverse of what the viewer does, from the EXIF table.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright, 1),
        7: np.rot90(upright, 2).swapaxes(0, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(saved(np.ascontiguousarray(stored), format, exif=exif))
    assert picture.pixels.shape == upright.shape
    assert np.abs(picture.pixels.astype(int) - upright).mean() < 12
    assert picture.notices == (() if orientation == 1 else (f"turned as its EXIF orientation {orientation} asks",))


def test_orientation_of_deep_pictures_and_nonsense_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert np.array_equal(np.rint(read_picture(saved(DEEP, exif=exif)).pixels * 65535), np.rot90(DEEP, -1))
    exif[0x0112] = 77
    assert same(read_picture(saved(RGB, exif=exif)), RGB)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert same(read_picture(saved(RGB, exif=b"Exif\0\0nonsense")), RGB)


def test_animations_give_their_first_frame() -> None:
    frames = [Image.fromarray(np.full((8, 8, 3), level, np.uint8)) for level in (40, 160, 220)]
    kinds = ["GIF", "PNG", "WEBP"] + (["AVIF"] if features.check("avif") else [])
    for format in kinds:
        lossless = {"lossless": True} if format == "WEBP" else {}
        picture = read_picture(saved(frames[0], format, save_all=True, append_images=frames[1:], **lossless))
        assert np.abs(picture.pixels.astype(int) - 40).max() <= 2, format
        assert picture.notices[0] == "the first of 3 frames or pages is used", format
    assert read_picture(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])).notices


OTHER = "colour profile of other colours: pixel values kept, profile dropped"


def test_colour_profiles_are_kept_unless_srgb_or_of_other_colours() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    wide, gray = wide_profile(), wide_profile(b"GRAY")
    for pixels, profile, kept, notices in (
        (RGB, srgb, b"", ()),
        (RGB, wide, wide, ()),
        (GRAY, gray, gray, ()),
        (RGB, lab, b"", (OTHER,)),
        (RGB, gray, b"", (OTHER,)),
        (GRAY, wide, b"", (OTHER,)),
        (RGB, b"nonsense", b"", (OTHER,)),
    ):
        picture = read_picture(saved(pixels, icc_profile=profile))
        assert same(picture, pixels)
        assert (picture.profile, picture.notices) == (kept, notices)
    cmyk = read_picture(saved(Image.fromarray(RGB).convert("CMYK"), "TIFF", icc_profile=wide_profile(b"CMYK")))
    assert (cmyk.profile, cmyk.notices[0]) == (b"", "damaged colour profile of CMYK dropped")


def test_profiles_of_jpeg_2000_are_seen_too() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    data = with_profile(encode_picture(RGB, "jp2"), lab)
    picture = read_picture(data)
    assert same(picture, RGB)
    assert picture.notices == (OTHER,)
    assert read_picture(with_profile(data, wide_profile())).profile == wide_profile()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert read_picture(with_profile(data, srgb)).notices == ()


def with_profile(data: bytes, profile: bytes) -> bytes:
    """A JPEG 2000 file whose colr box (ISO 15444-1, I.5.3.3), inside jp2h, carries this profile."""
    header, colr = data.index(b"jp2h") - 4, data.index(b"colr") - 4
    old = int.from_bytes(data[colr : colr + 4], "big")
    body = struct.pack(">I", 11 + len(profile)) + b"colr\x02\0\0" + profile
    size = int.from_bytes(data[header : header + 4], "big") + len(body) - old
    return data[:header] + struct.pack(">I", size) + data[header + 4 : colr] + body + data[colr + old :]


def test_signed_samples_are_refused() -> None:
    with pytest.raises(UnsupportedData, match="holds signed samples"):
        read_picture(saved(GRAY, "TIFF", tiffinfo={339: 2}))


def test_files_that_are_no_picture(tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("This is not a picture.")
    with pytest.raises(UnsupportedData, match=r"text\.png is not a picture: it begins with b'This is '"):
        read_picture(text)
    text.write_bytes(b"")
    with pytest.raises(CorruptData, match="empty"):
        read_picture(text)
    with pytest.raises(InputMissing):
        read_picture(tmp_path / "no.png")


@pytest.mark.parametrize("format", ["png", "jpg", "webp", "avif", "jp2", "tiff", "bmp", "npy"])
def test_files_cut_short_are_refused(format: str) -> None:
    data = encode_picture(np.random.default_rng(3).integers(0, 256, (40, 40, 3), dtype=np.uint8), format)
    for cut in {1, 2, 12, 13, 30, len(data) // 3, len(data) // 2, len(data) - 40, len(data) - 2, len(data) - 1}:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises((CorruptData, UnsupportedData)):
                read_picture(data[:cut])


@pytest.mark.parametrize("format", ["png", "jpg", "webp", "avif", "jp2", "tiff", "bmp", "npy", "gif"])
def test_damaged_files_raise_only_our_errors(format: str) -> None:
    data = saved(RGB, "GIF") if format == "gif" else encode_picture(RGB, format)
    generator = np.random.default_rng(4)
    for _ in range(60):
        damaged = bytearray(data)
        for place in generator.integers(0, len(data), 3):
            damaged[place] ^= 1 << int(generator.integers(8))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                read_picture(bytes(damaged), pixel_limit=10**6)
            except CrosscodecError:
                continue


def bomb(format: str) -> bytes:
    """A small file whose header claims 40,000 × 40,000 pixels, or 16,384 × 16,384 for WebP."""
    if format == "png":
        return png(40000, 40000, 8, 2, b"")
    if format == "npy":
        text = b"{'descr': '|u1', 'fortran_order': False, 'shape': (40000, 40000), }\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
    if format == "webp":
        body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + b"\xff\x3f\x00\xff\x3f\x00"
        return b"RIFF" + struct.pack("<I", len(body)) + body
    data = bytearray(encode_picture(RGB, format))
    if format == "jpg":
        start = data.index(b"\xff\xc0")
        data[start + 5 : start + 9] = struct.pack(">HH", 40000, 40000)
    elif format == "bmp":
        data[18:26] = struct.pack("<ii", 40000, 40000)
    elif format == "tiff":
        for tag in (256, 257):
            entry = next(i for i in range(8, len(data)) if data[i : i + 2] == struct.pack("<H", tag))
            data[entry : entry + 12] = struct.pack("<HHII", tag, 4, 1, 40000)
    return bytes(data)


@pytest.mark.parametrize("format", ["png", "npy", "webp", "jpg", "bmp", "tiff"])
def test_headers_above_the_limit_are_refused_before_allocation(format: str) -> None:
    data = bomb(format)
    limit = 2**28 - 1 if format == "webp" else 2**28
    tracemalloc.start()
    try:
        # Decoding first would end in another error: none of these files has the pixels it claims.
        with pytest.raises(ResourceLimit, match=r"claims .* pixels"):
            read_picture(data, limit)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_the_limit_is_inclusive_and_counts_pixels() -> None:
    for data in (saved(RGB), saved(RGB, "WEBP"), encode_picture(RGB, "npy")):
        assert read_picture(data, 54).pixels.shape == RGB.shape
        with pytest.raises(ResourceLimit, match="9 x 6 pixels, more than the limit of 53"):
            read_picture(data, 53)


@pytest.mark.slow
def test_pillows_own_lower_limit_does_not_apply() -> None:
    side = 13500
    assert side * side > 2 * (Image.MAX_IMAGE_PIXELS or 0)
    big = png(side, side, 1, 0, (b"\0" + b"\0" * ((side + 7) // 8)) * side)
    assert read_picture(big).pixels.shape == (side, side)


def test_npy_refusals_reach_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "objects.npy"
    np.save(path, np.array([[{}]], dtype=object), allow_pickle=True)
    with pytest.raises(UnsupportedData, match="never loaded"):
        read_picture(path)
    np.save(path, np.full((2, 2), np.nan, np.float32))
    with pytest.raises(UnsupportedData, match="NaN"):
        read_picture(path)


def test_a_damaged_png_is_refused_wherever_it_is_hit() -> None:
    data = encode_picture(np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8), "png")
    holed = bytearray(data)
    holed[len(data) // 2 : len(data) // 2 + 400] = bytes(400)
    with pytest.raises(CorruptData, match="its chunk IDAT is not what its checksum says"):
        read_picture(bytes(holed))
    for place in np.random.default_rng(6).integers(8, len(data), 60).tolist():
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        with pytest.raises((CorruptData, UnsupportedData)):
            read_picture(bytes(flipped))


def test_pixels_that_do_not_unpack_are_no_damaged_exif() -> None:
    # The checksum is right, what it is of is not: the writer was interrupted, or made an error.
    rows = zlib.compress(b"\0" + bytes(range(27)))
    with pytest.raises(CorruptData, match="damaged png"):
        read_picture(png(9, 6, 8, 2, b"")[:-28] + chunk_of(rows[:-9]))


def chunk_of(body: bytes) -> bytes:
    whole = struct.pack(">I", len(body)) + b"IDAT" + body + struct.pack(">I", zlib.crc32(b"IDAT" + body))
    return whole + b"\0\0\0\0IEND\xaeB`\x82"


def test_channels_that_no_tag_explains_are_noticed() -> None:
    for extra, told in (([], ()), (["unspecified"], ("the first 3 channels of 4 are used",))):
        layers = np.concatenate([RGB, *(GRAY[..., None] for _ in extra)], axis=2)
        for planes, samples in (("contig", layers), ("separate", np.moveaxis(layers, 2, 0).copy())):
            sink = io.BytesIO()
            tifffile.imwrite(
                sink, samples, photometric="rgb", planarconfig=planes, extrasamples=extra, compression="zlib"
            )
            picture = read_picture(sink.getvalue())
            assert same(picture, RGB)
            assert picture.notices == told
    sink = io.BytesIO()
    channels = np.stack([DEEP, DEEP // 2])
    tifffile.imwrite(sink, channels, photometric="minisblack", planarconfig="separate", compression="zlib")
    picture = read_picture(sink.getvalue(), any_scale=True)
    assert np.array_equal(picture.samples(), DEEP)
    assert picture.notices == ("the first channel of 2 is used",)


def test_jpeg_of_twelve_bits_is_not_damaged() -> None:
    data = bytearray(saved(RGB, "JPEG"))
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(UnsupportedData, match="cannot handle 12-bit"):
        read_picture(bytes(data))


ZIP = {"compression": "zlib"}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("how", [{}, ZIP, ZIP | {"predictor": True}, {"rowsperstrip": 2}])
def test_deep_colours_plane_by_plane(order, how) -> None:
    # What tifffile made of a stack of three, as long as nobody told it otherwise.
    deep = np.random.default_rng(0).integers(0, 65536, (2, 3, 20, 30)).astype(np.uint16)
    sink = io.BytesIO()
    with tifffile.TiffWriter(sink, byteorder=order) as file:
        for planes in deep:
            file.write(planes, photometric="rgb", planarconfig="separate", metadata=None, **how)
    stack = read_stack(sink.getvalue(), any_scale=True)
    assert stack.told() == ()
    for picture, planes in zip(stack.pictures, deep, strict=True):
        np.testing.assert_array_equal(picture.samples(), np.moveaxis(planes, 0, 2))


def test_deep_colours_with_alpha_plane_by_plane_are_refused() -> None:
    sixteen = {258: (3, 16), 262: (3, 2), 277: (3, 4), 284: (3, 2)}
    with pytest.raises(UnsupportedData, match="16-bit colours plane by plane"):
        read_picture(tiff(sixteen, bytes(2 * RGB.size)))


def test_deep_colours_plane_by_plane_that_end_early_are_damaged() -> None:
    sink = io.BytesIO()
    tifffile.imwrite(sink, np.zeros((3, 20, 30), np.uint16), photometric="rgb", planarconfig="separate", metadata=None)
    with pytest.raises(CorruptData, match="damaged tiff"):
        read_picture(sink.getvalue()[:-900])


@pytest.mark.parametrize(("bits", "more"), [(10, {}), (14, {}), (16, {277: (3, 2)})])
def test_tiff_files_that_are_not_read_say_what_a_pixel_is(bits: int, more: dict[int, tuple[int, int]]) -> None:
    with pytest.raises(UnsupportedData, match=f"{bits}.bit.*; save gray or RGB of 8 or 16 bits a sample") as raised:
        read_picture(tiff(PLAIN_TIFF | {258: (3, bits)} | more, bytes(4 * GRAY.size)))
    assert ("2 samples of 16 bits a pixel" in str(raised.value)) == bool(more)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x18ftypmp42\0\0\0\0isom", "video"),
        (b"P6\n2 2\n255\n" + bytes(12), r"PNM \(PBM, PGM, PPM\)"),
        (b"8BPS\0\x01", "Photoshop"),
        (b"\xff\x0a\xfa", "JPEG XL"),
    ],
)
def test_kinds_that_are_not_read_are_named(data: bytes, name: str) -> None:
    with pytest.raises(UnsupportedData, match=f"is a {name} file, which is not read; convert it to PNG or TIFF"):
        read_picture(data)
