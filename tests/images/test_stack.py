"""Which pages of a file are taken, and what is said of all together."""

import io

import numpy as np
import pytest
import tifffile
from picturefiles import RGB, saved, taken
from PIL import Image

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData, UsageError
from crosscodec.images.exif import EXIF_PREFIX
from crosscodec.images.picture import Picture
from crosscodec.images.reading import read_picture, read_stack
from crosscodec.images.stack import ALL_PAGES, FIRST_PAGE, USUAL_PAGES, PageChoice, Stack, listed_numbers, parse_pages
from crosscodec.images.tiffwriting import tiff_file

PAGES = np.random.default_rng(5).integers(0, 65536, (5, 7, 9)).astype(np.uint16)


def tiff_of(pages, **told):
    sink = io.BytesIO()
    tifffile.imwrite(sink, pages, **told)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("3,7-9", [3, 7, 8, 9]), ("0", [0]), ("5-5", [5]), (" 2, 1,1-2 ", [1, 2]), ("65535", [65535])],
)
def test_lists_of_places(text, chosen):
    assert listed_numbers(text, "--only", "pictures") == chosen
    assert parse_pages(text) == PageChoice("", tuple(chosen))
    assert parse_pages("all") is ALL_PAGES


@pytest.mark.parametrize("text", ["", ",", "3,", "-3", "3-", "9-7", "a", "1-2-3", "0-99999999", "²", "9999999999"])
def test_lists_that_name_nothing(text):
    with pytest.raises(UsageError, match="--only"):
        listed_numbers(text, "--only", "pictures")
    with pytest.raises(UsageError, match="--pages"):
        parse_pages(text)


def test_what_is_taken_of_a_file():
    assert USUAL_PAGES.of(5, [0, 1, 3]) == (0, 1, 3)
    assert ALL_PAGES.of(5, [0, 1, 3]) == (0, 1, 2, 3, 4)
    assert FIRST_PAGE.of(5, [0, 1, 3]) == (0,)
    assert PageChoice.numbered([np.int64(4), 2, 4]).of(5, [0, 1, 3]) == (2, 4)
    with pytest.raises(UsageError, match="has pages 0 to 4; there is no page 5"):
        PageChoice.numbered([5]).of(5, [0])
    with pytest.raises(UsageError, match="has one page, 0; there is no page 1"):
        PageChoice.numbered([1]).of(1, [0])
    for wrong in ([], [-1], ["a"], [0.5], 3):
        with pytest.raises(UsageError, match="whole numbers, counted from 0"):
            PageChoice.numbered(wrong)


def test_notices_of_all_pages_are_said_once():
    pages = [Picture(RGB, ("of all", "of one" if k == 3 else "of others", f"own {k}")) for k in range(20)]
    told = Stack(tuple(pages), tuple(range(10, 30)), ("of the file",)).told()
    assert told[:3] == ("of the file", "of all", "pages 10, 11, 12, 14, 15, 16, ...: of others")
    assert told[3] == "page 10: own 0"
    assert told[-1] == "and 14 more notices of single pages"
    assert len(told) == 11
    assert Stack((Picture(RGB, ("a", "b")),)).told() == ("a", "b")


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("order", "<>")
def test_every_page_of_a_tiff(order, compression):
    for pages in (PAGES, PAGES.astype(np.uint8), np.repeat(PAGES[..., None], 3, axis=3) + np.arange(3, dtype="u2")):
        photometric = "rgb" if pages.ndim == 4 else "minisblack"
        data = tiff_of(pages, photometric=photometric, compression=compression, byteorder=order, metadata=None)
        stack = read_stack(data, any_scale=True)
        assert (stack.numbers, stack.told()) == ((0, 1, 2, 3, 4), ())
        for picture, page in zip(stack.pictures, pages, strict=True):
            np.testing.assert_array_equal(picture.samples(), page)
        some = read_stack(data, any_scale=True, pages=PageChoice.numbered([4, 1]))
        assert (some.numbers, some.told()) == ((1, 4), ())
        np.testing.assert_array_equal(some.pictures[1].samples(), pages[4])
        first = read_picture(data, any_scale=True)
        assert first.notices == ("the first of 5 frames or pages is used",)
        np.testing.assert_array_equal(first.samples(), pages[0])


def test_pages_of_several_kinds_keep_their_own_notices():
    sink = io.BytesIO()
    with tifffile.TiffWriter(sink) as file:
        file.write(RGB, photometric="rgb")
        file.write(PAGES[0])
        file.write(RGB[..., 0] > 99)
    stack = read_stack(sink.getvalue())
    assert [picture.pixels.shape for picture in stack.pictures] == [RGB.shape, (7, 9), RGB.shape[:2]]
    assert stack.told() == (
        "page 1: 16-bit gray kept as float32; what is decoded has 8 bits, or with --range full as many",
        "page 2: 1-bit picture taken as black and white gray",
    )


def test_frames_of_an_animation_are_taken_when_asked_for():
    frames = [Image.fromarray(np.full((6, 9, 3), level, np.uint8)) for level in (60, 120, 180)]
    for format in ("PNG", "WEBP", "GIF"):
        data = saved(frames[0], format, save_all=True, append_images=frames[1:], lossless=True)
        usual = read_stack(data)
        assert (usual.numbers, usual.notices) == ((0,), ("the first of 3 frames or pages is used",)), format
        stack = read_stack(data, pages=ALL_PAGES)
        assert [int(picture.pixels.mean()) for picture in stack.pictures] == [60, 120, 180], format
        assert stack.notices == ()


def test_arrays_of_pictures():
    sink = io.BytesIO()
    np.save(sink, PAGES)
    stack = read_stack(sink.getvalue(), any_scale=True, pages=PageChoice.numbered([0, 2]))
    assert (stack.numbers, stack.told()) == ((0, 2), ())
    np.testing.assert_array_equal(stack.pictures[1].samples(), PAGES[2])
    first = read_picture(sink.getvalue(), any_scale=True)
    assert first.notices == ("the first of 5 frames or pages is used",)


def test_previews_and_masks_are_no_pages():
    sink = io.BytesIO()
    with tifffile.TiffWriter(sink) as file:
        file.write(PAGES[0], subfiletype=0)
        file.write(PAGES[0, ::2, ::2], subfiletype=1)
        file.write(PAGES[1], subfiletype=2)
        file.write(PAGES[1] > 99, subfiletype=4)
    stack = read_stack(sink.getvalue(), any_scale=True)
    assert stack.numbers == (0, 2)
    assert stack.notices == ("2 of 4 pages left out, previews or masks of others: 1, 3",)
    (preview,) = read_stack(sink.getvalue(), any_scale=True, pages=PageChoice.numbered([1])).pictures
    assert preview.pixels.shape == (4, 5)


def test_all_pages_together_keep_to_the_limit():
    data = tiff_of(PAGES, metadata=None)
    assert len(read_stack(data, pixel_limit=5 * 63).pictures) == 5
    with pytest.raises(ResourceLimit, match="page 4 of picture goes beyond the limit of 314 pixels"):
        read_stack(data, pixel_limit=5 * 63 - 1)
    assert read_stack(data, 5 * 63 - 1, pages=PageChoice.numbered([1, 2])).numbers == (1, 2)
    sink = io.BytesIO()
    np.save(sink, PAGES)
    with pytest.raises(ResourceLimit, match="5 times 9 x 7 pixels"):
        read_stack(sink.getvalue(), pixel_limit=5 * 63 - 1)


def test_damage_behind_the_first_page_is_told_with_its_page(tmp_path):
    good = tiff_of(PAGES, metadata=None, compression="zlib")
    with tifffile.TiffFile(io.BytesIO(good)) as file:
        second, third = file.pages[1], file.pages[2]
        strip, link = second.dataoffsets[0], second.offset + 2 + 12 * len(second.tags)
        bits = third.tags[258].offset + 8
    broken = bytearray(good)
    broken[strip : strip + 20] = b"\xff" * 20
    path = tmp_path / "broken.tif"
    path.write_bytes(broken)
    with pytest.raises(CorruptData, match=r"^page 1 of .*broken.tif is a damaged tiff file"):
        read_stack(path)
    assert read_stack(path, pages=PageChoice.numbered([0, 2])).numbers == (0, 2)
    unread = bytearray(good)
    unread[bits : bits + 2] = (10).to_bytes(2, "little")
    with pytest.raises(UnsupportedData, match="page 2 of picture holds 10-bit samples"):
        read_stack(bytes(unread))
    for place, what in ((len(good), "directory of page 2 lies outside"), (len(good) - 1, "outside")):
        cut = bytearray(good)
        cut[link : link + 4] = place.to_bytes(4, "little")
        with pytest.raises(CorruptData, match=what):
            read_stack(bytes(cut))
    looped = bytearray(good)
    looped[link : link + 4] = second.offset.to_bytes(4, "little")
    assert read_stack(bytes(looped)).numbers == (0, 1)


def test_what_imagej_and_ome_say_holds_of_whole_stacks():
    for told in ({"imagej": True, "resolution": (4.5, 4.5), "metadata": {"unit": "um"}}, {"ome": True}):
        data = tiff_of(PAGES, **told)
        account = b"images=5" if "imagej" in told else b"<OME"
        whole = read_stack(data, any_scale=True)
        assert account in whole.pictures[0].exif
        assert all(picture.exif == whole.pictures[0].exif for picture in whole.pictures)
        assert account not in read_stack(data, any_scale=True, pages=PageChoice.numbered([0, 1])).pictures[0].exif
        assert account not in read_stack(data).pictures[0].exif, "8 bits come back, which it may not be true of"
        assert account not in read_picture(data, any_scale=True).exif


def test_exif_data_are_those_that_all_pages_have():
    photo = read_picture(saved(RGB, exif=taken().tobytes())).exif
    first = read_stack(tiff_file([RGB] * 3, exif=photo))  # the first page alone has them
    assert [picture.exif for picture in first.pictures] == [photo] * 3
    sink = io.BytesIO()
    with tifffile.TiffWriter(sink) as file:
        for minute in range(3):
            tags = {"datetime": f"2026:11:28 10:0{minute}:00", "extratags": [(271, 2, 0, "M", True)]}
            file.write(RGB, photometric="rgb", **tags)
    loaded = Image.Exif()
    loaded.load(EXIF_PREFIX + read_stack(sink.getvalue()).pictures[0].exif)
    assert dict(loaded) == {271: "M"}
