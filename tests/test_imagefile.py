"""The input policy of docs/pictures.md on real files of every kind, all made here by Pillow."""

import io
import struct
import tracemalloc
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, features

from crosscodec.errors import CorruptData, CrosscodecError, InputMissing, ResourceLimit, UnsupportedData, UsageError
from crosscodec.imagefile import (
    FORMATS,
    Picture,
    encode_picture,
    encode_samples,
    format_of,
    holds_samples,
    read_picture,
    require_sides,
    to_uint8,
)

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
GRAY = RGB[..., 0].copy()
DEEP = np.random.default_rng(1).integers(0, 65536, (6, 9), dtype=np.uint16)
LOSSLESS = ("png", "webp", "jp2", "tiff", "bmp", "npy")

KEPT = "16-bit gray kept as float32; what is decoded has 8 bits, or with --range full as many"


def saved(image: Image.Image | NDArray[np.generic], format: str = "PNG", **options: object) -> bytes:
    sink = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(sink, format, **options)
    return sink.getvalue()


def png(width: int, height: int, depth: int, colour: int, rows: bytes, extra: bytes = b"") -> bytes:
    """A PNG file by hand, for depths that Pillow does not write."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def same(picture: Picture, pixels: NDArray[np.generic]) -> bool:
    return picture.pixels.dtype == pixels.dtype and np.array_equal(picture.pixels, pixels)


@pytest.mark.parametrize("pixels", [RGB, GRAY, RGB[:1, :1], GRAY[:1]], ids=lambda p: str(p.shape))
@pytest.mark.parametrize("format", FORMATS)
def test_written_pictures_read_back(pixels: NDArray[np.uint8], format: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{format}"
    path.write_bytes(encode_picture(pixels, format))
    picture = read_picture(path)
    back = picture.pixels
    if pixels.ndim == 2 and back.ndim == 3 and format in ("webp", "avif"):
        assert np.ptp(back.astype(int), axis=2).max() <= 2
        back = back[..., 0]
    assert back.shape == pixels.shape
    assert back.dtype == np.uint8
    assert picture.notices == ()
    if format in LOSSLESS:
        assert np.array_equal(back, pixels)


def test_lossy_formats_stay_close_on_a_smooth_picture() -> None:
    ramp = np.add.outer(np.arange(64) * 2, np.arange(64)).astype(np.uint8)[..., None].repeat(3, axis=2)
    for format in ("jpg", "avif"):
        assert np.abs(read_picture(encode_picture(ramp, format)).pixels.astype(int) - ramp).mean() < 1.5, format


def test_floats_are_kept_in_npy_and_rounded_elsewhere() -> None:
    floats = np.array([[-0.2, 0.5, 1.3]], np.float32)
    assert same(read_picture(encode_picture(floats, "npy")), floats)
    assert read_picture(encode_picture(floats, "png")).pixels.tolist() == [[0, 128, 255]]


@pytest.mark.parametrize(
    "wrong", [RGB.astype(np.float64), RGB[..., :2], RGB[None], RGB[:0], GRAY.astype(np.int32), np.zeros(3, np.uint8)]
)
def test_arrays_that_are_no_picture_are_not_written(wrong: NDArray[np.uint8]) -> None:
    with pytest.raises(UsageError, match="uint8 or float32"):
        encode_picture(wrong, "png")


def test_pictures_too_large_for_their_format_are_refused() -> None:
    for format, longest in (("webp", 16383), ("jpg", 65500), ("avif", 65536)):
        require_sides((longest, longest, 3), format)
        message = f"{longest + 1} x 1 pixels cannot be written as {format}, whose sides have up to {longest} pixels"
        for refuse in (require_sides, lambda shape, format: encode_picture(np.zeros(shape, np.uint8), format)):
            with pytest.raises(UnsupportedData, match=message):
                refuse((1, longest + 1), format)
    require_sides((2**20, 1), "png")
    with pytest.raises(UsageError, match="choose one of png, jpg"):
        encode_picture(GRAY, "gif")


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


def test_alpha_is_laid_over_white_or_dropped() -> None:
    clear = np.dstack([RGB, np.zeros_like(GRAY)])
    picture = read_picture(saved(clear))
    assert (picture.pixels == 255).all()
    assert picture.notices == ("transparency laid over white",)
    half = read_picture(saved(np.dstack([RGB * 0, np.full_like(GRAY, 51)])))
    assert (half.pixels == 204).all()
    opaque = read_picture(saved(np.dstack([RGB, np.full_like(GRAY, 255)])))
    assert same(opaque, RGB)
    assert opaque.notices == ("opaque alpha channel dropped",)


def test_gray_with_alpha_stays_gray() -> None:
    alpha = np.full_like(GRAY, 255)
    alpha[0] = 0
    picture = read_picture(saved(Image.fromarray(np.dstack([GRAY, alpha]), "LA")))
    assert picture.pixels.shape == GRAY.shape
    assert (picture.pixels[0] == 255).all()
    assert np.array_equal(picture.pixels[1:], GRAY[1:])
    assert picture.notices == ("transparency laid over white",)


def test_cmyk_jpeg() -> None:
    picture = read_picture(saved(Image.fromarray(RGB).resize((64, 64)).convert("CMYK"), "JPEG", quality=100))
    expected = np.asarray(Image.fromarray(RGB).resize((64, 64)).convert("CMYK").convert("RGB"))
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 2
    assert picture.notices == ("CMYK turned into RGB without its colour profile",)


def test_palettes_with_and_without_transparency() -> None:
    palette = Image.fromarray(RGB).quantize(16)
    plain = read_picture(saved(palette))
    assert same(plain, np.asarray(palette.convert("RGB")))
    assert plain.notices == ("palette turned into RGB",)
    first = int(np.asarray(palette)[0, 0])
    keyed = read_picture(saved(palette, transparency=first))
    hidden = np.asarray(palette) == first
    assert (keyed.pixels[hidden] == 255).all()
    assert np.array_equal(keyed.pixels[~hidden], plain.pixels[~hidden])
    assert keyed.notices == ("transparency laid over white",)


def test_key_colours() -> None:
    gray = read_picture(saved(GRAY, transparency=int(GRAY[0, 0])))
    assert gray.pixels.shape == GRAY.shape
    assert gray.pixels[0, 0] == 255
    colour = read_picture(saved(RGB, transparency=tuple(RGB[2, 3].tolist())))
    assert colour.pixels[2, 3].tolist() == [255, 255, 255]
    assert colour.notices == gray.notices == ("transparency laid over white",)


def test_one_bit() -> None:
    picture = read_picture(saved(Image.fromarray(GRAY > 128)))
    assert same(picture, np.where(GRAY > 128, 255, 0).astype(np.uint8))
    assert picture.notices == ("1-bit picture taken as black and white gray",)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG2000"])
def test_sixteen_bit_gray_keeps_every_level(format: str) -> None:
    picture = read_picture(saved(DEEP, format))
    assert picture.pixels.dtype == np.float32
    assert np.array_equal(np.rint(picture.pixels.astype(np.float64) * 65535), DEEP)
    assert picture.notices == (KEPT,)


def test_sixteen_bit_tiff_of_the_other_byte_order() -> None:
    big = Image.frombytes("I;16B", (9, 6), DEEP.astype(">u2").tobytes())
    assert np.array_equal(np.rint(read_picture(saved(big, "TIFF")).pixels * 65535), DEEP)


def test_sixteen_bit_tiff_whose_zero_is_white() -> None:
    data = bytearray(saved(DEEP, "TIFF"))
    entry = data.index(struct.pack("<HHI", 262, 3, 1))
    assert data[entry + 8] == 1
    data[entry + 8] = 0
    assert np.array_equal(np.rint(read_picture(bytes(data)).pixels * 65535), 65535 - DEEP)


def test_sixteen_bit_colour_is_reduced_with_a_notice() -> None:
    samples = np.random.default_rng(2).integers(0, 65536, (2, 3, 3)).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    picture = read_picture(png(3, 2, 16, 2, rows))
    assert np.abs(picture.pixels - samples.astype(float) / 257).max() <= 1
    assert picture.notices == ("16-bit colour reduced to 8 bits",)


def test_animations_give_their_first_frame() -> None:
    frames = [Image.fromarray(np.full((8, 8, 3), level, np.uint8)) for level in (40, 160, 220)]
    kinds = ["GIF", "PNG", "WEBP"] + (["AVIF"] if features.check("avif") else [])
    for format in kinds:
        lossless = {"lossless": True} if format == "WEBP" else {}
        picture = read_picture(saved(frames[0], format, save_all=True, append_images=frames[1:], **lossless))
        assert np.abs(picture.pixels.astype(int) - 40).max() <= 2, format
        assert picture.notices[0] == "the first of 3 frames or pages is used", format
    assert read_picture(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])).notices


def test_still_gif_is_a_palette() -> None:
    picture = read_picture(saved(Image.fromarray(RGB).quantize(16), "GIF"))
    assert picture.pixels.shape == RGB.shape
    assert picture.notices == ("palette turned into RGB",)


def test_colour_profiles_are_noticed_unless_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert read_picture(saved(RGB, icc_profile=srgb)).notices == ()
    picture = read_picture(saved(RGB, icc_profile=lab))
    assert same(picture, RGB)
    assert picture.notices == ("colour profile other than sRGB: pixel values kept, profile dropped",)


def test_profiles_of_jpeg_2000_are_seen_too() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    data = with_profile(encode_picture(RGB, "jp2"), lab)
    picture = read_picture(data)
    assert same(picture, RGB)
    assert picture.notices == ("colour profile other than sRGB: pixel values kept, profile dropped",)
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


@pytest.mark.parametrize("mode", ["I", "F", "LAB"])
def test_pictures_without_a_fixed_scale_are_refused(mode: str) -> None:
    with pytest.raises(UnsupportedData, match="no fixed scale"):
        read_picture(saved(Image.new(mode, (5, 4)), "TIFF"))


def test_content_decides_and_a_wrong_name_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(saved(RGB, "PNG"))
    picture = read_picture(path)
    assert same(picture, RGB)
    assert picture.notices == ("named .jpg but read as png, which it is",)
    bare = tmp_path / "picture"
    bare.write_bytes(saved(RGB, "PNG"))
    assert read_picture(str(bare)).notices == ()


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


def test_both_views_of_a_picture() -> None:
    assert np.array_equal(Picture(GRAY).as_uint8(), GRAY)
    assert np.array_equal(to_uint8(Picture(GRAY).as_float()), GRAY)
    floats = Picture(np.array([[-1.0, 0.5, 2.0]], np.float32))
    assert floats.as_uint8().tolist() == [[0, 128, 255]]
    assert floats.as_float().tolist() == [[-1.0, 0.5, 2.0]]


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("a.png", "png"),
        ("a.b.JPEG", "jpg"),
        ("a.tif", "tiff"),
        ("x/a.npy", "npy"),
        ("-", "png"),
        ("folder/name", "png"),
    ],
)
def test_format_of(path: str, format: str) -> None:
    assert format_of(path) == format
    assert format_of(Path(path)) == format


@pytest.mark.parametrize("path", ["a.gif", "a.txt", "a.xcd"])
def test_formats_that_are_not_written(path: str) -> None:
    with pytest.raises(UsageError, match=r"\.avif, \.bmp"):
        format_of(path)


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


def tiff(tags: dict[int, tuple[int, int]], samples: bytes, width: int = 9, height: int = 6) -> bytes:
    """An uncompressed TIFF by hand: short (3) and long (4) tags of one number each, then the samples."""
    known = {256: (4, width), 257: (4, height), 259: (3, 1), 278: (4, height), 279: (4, len(samples)), **tags}
    known[273] = (4, 8 + 2 + 12 * (len(known) + 1) + 4)
    entries = b"".join(
        struct.pack("<HHI", tag, kind, 1) + struct.pack("<I", value) for tag, (kind, value) in sorted(known.items())
    )
    return b"II*\0" + struct.pack("<IH", 8, len(known)) + entries + bytes(4) + samples


PLAIN_TIFF = {258: (3, 8), 262: (3, 1), 277: (3, 1)}


def test_files_that_begin_with_a_preview_are_refused() -> None:
    assert same(read_picture(tiff(PLAIN_TIFF, GRAY.tobytes())), GRAY)
    for more in ({254: (4, 1)}, {50706: (4, 0x00000401)}):
        with pytest.raises(
            UnsupportedData, match="begins with a preview of the picture, as camera raw and DNG files do"
        ):
            read_picture(tiff(PLAIN_TIFF | more, GRAY.tobytes()))


def test_deep_colours_plane_by_plane_are_refused() -> None:
    sixteen = {258: (3, 16), 262: (3, 2), 277: (3, 3), 284: (3, 2)}
    with pytest.raises(UnsupportedData, match="16-bit colours plane by plane"):
        read_picture(tiff(sixteen, bytes(2 * RGB.size)))


def test_deep_gray_that_is_hardly_used_is_noticed() -> None:
    twelve = (DEEP // 16).astype(np.uint16)
    notices = read_picture(saved(twelve)).notices
    scale = "if these are 12-bit samples, say --range 0,4095, or --range auto"
    expected = f"the largest sample is {twelve.max()} of 65535: {scale}"
    assert notices == (
        KEPT,
        expected,
    )


def test_deep_colour_that_is_hardly_used_is_noticed() -> None:
    twelve = np.random.default_rng(7).integers(0, 4096, (6, 9, 4))
    twelve[0, 0], twelve[..., 3] = 4095, 65535
    scale = "the largest sample is below 4096 of 65535: if these are 12-bit samples, multiply them by 16"
    for colour, used in ((2, twelve[..., :3]), (6, twelve)):
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in used)
        notices = read_picture(png(9, 6, 16, colour, rows)).notices
        assert notices[:2] == ("16-bit colour reduced to 8 bits", scale)


@pytest.mark.parametrize(("bits", "more"), [(10, {}), (14, {}), (16, {277: (3, 2)})])
def test_tiff_files_that_are_not_read_say_what_a_pixel_is(bits: int, more: dict[int, tuple[int, int]]) -> None:
    with pytest.raises(UnsupportedData, match=f"{bits}.bit.*; save 8 bits a sample or 16-bit gray") as raised:
        read_picture(tiff(PLAIN_TIFF | {258: (3, bits)} | more, bytes(4 * GRAY.size)))
    assert ("2 samples of 16 bits a pixel" in str(raised.value)) == bool(more)


def test_gray_of_jpeg_2000_has_the_white_of_its_own_bits() -> None:
    twelve = DEEP // 16
    twelve[0, :2] = 0, 4095
    # Pillow writes 16 bits only: their middle moves to that of 12, which the header then claims (ISO 15444-1, A.5.1).
    data = bytearray(saved((twelve + (2**15 - 2**11)).astype(np.uint16), "JPEG2000", no_jp2=True))
    data[data.index(b"\xff\x4f\xff\x51") + 42] = 12 - 1
    picture = read_picture(bytes(data))
    assert np.array_equal(np.rint(picture.pixels * 4095), twelve)
    assert (picture.pixels.min(), picture.pixels.max()) == (0, 1)
    assert picture.notices == (KEPT.replace("16", "12"),)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"P6\n2 2\n255\n" + bytes(12), r"PNM \(PBM, PGM, PPM\)"),
        (b"8BPS\0\x01", "Photoshop"),
        (b"\xff\x0a\xfa", "JPEG XL"),
    ],
)
def test_kinds_that_are_not_read_are_named(data: bytes, name: str) -> None:
    with pytest.raises(UnsupportedData, match=f"is a {name} file, which is not read; convert it to PNG or TIFF"):
        read_picture(data)


@pytest.mark.parametrize("format", ["png", "tiff", "jp2", "npy"])
def test_sixteen_bits_are_written_and_read_as_they_are(format):
    samples = np.random.default_rng(0).integers(0, 65536, (13, 17)).astype(np.uint16)
    assert holds_samples(format, samples)
    found = read_picture(encode_samples(samples, format), any_scale=True)
    assert (found.bits, found.notices) == (16, ())
    np.testing.assert_array_equal(found.samples(), samples)


@pytest.mark.parametrize("format", ["tiff", "npy"])
def test_floats_of_any_scale_are_written_and_read_as_they_are(format):
    samples = np.random.default_rng(0).normal(0, 1e5, (13, 17)).astype(np.float32)
    data = encode_samples(samples, format)
    found = read_picture(data, any_scale=True)
    assert found.bits == 0
    np.testing.assert_array_equal(found.samples(), samples)
    with pytest.raises(UnsupportedData, match="--range"):
        read_picture(data)


def test_what_a_format_does_not_hold_is_refused():
    deep, floats = np.zeros((4, 4), np.uint16), np.zeros((4, 4, 3), np.float32)
    for format, samples in (("jpg", deep), ("bmp", deep), ("png", deep[..., None].repeat(3, 2)), ("tiff", floats)):
        assert not holds_samples(format, samples)
        with pytest.raises(UsageError, match=f"{format} does not keep samples"):
            encode_samples(samples, format)
    assert holds_samples("npy", floats)
    assert holds_samples("jpg", np.zeros((4, 4, 3), np.uint8))


def test_floats_that_are_no_numbers_are_refused():
    sink = io.BytesIO()
    Image.fromarray(np.array([[np.nan, 1]], np.float32)).save(sink, "TIFF")
    with pytest.raises(UnsupportedData, match="NaN or infinity"):
        read_picture(sink.getvalue(), any_scale=True)


def test_samples_of_eight_bits_are_the_pixels():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert Picture(pixels).samples() is pixels
