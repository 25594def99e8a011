"""Stacks of microscopes and scanned letters, by command and library: every page comes back, and what it was told."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import crosscodec
from crosscodec.cli.main import app

# Smooth enough for the toy package, whose networks are averages: rows, columns, and pages differ.
PAGES = np.add.outer(np.arange(5) * 300, np.add.outer(np.arange(16) * 40, np.arange(24) * 20)).astype(np.uint16) + 100
NEAR = 150  # half of what pages differ by: averages of 4 x 4 differ from their corners by less


@pytest.fixture
def invoke(runner, toy_package, monkeypatch, tmp_path):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("stack.tif", PAGES, imagej=True, resolution=(4.5, 4.5), metadata={"unit": "um", "axes": "ZYX"})
    tifffile.imwrite("letter.tif", (PAGES // 16).astype(np.uint8), resolution=(300, 300), resolutionunit=2)
    return lambda *words, **more: runner.invoke(app, [str(word) for word in words], **more)


@pytest.fixture
def coded(invoke):
    result = invoke("encode", "stack.tif", "stack.xcd", "-p", "toy", "--range", "auto", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_stack_comes_back_as_the_hyperstack_that_it_was(invoke, coded):
    assert (coded["images"], coded["pages"], coded["notices"]) == (5, [0, 1, 2, 3, 4], [])
    assert coded["encoders"] == ["default"] * 5
    result = invoke("decode", "stack.xcd", "clean.tif")
    assert result.exit_code == 0, result.output
    assert "5 pages, 24 x 16, decoder fidelity" in result.stdout
    with tifffile.TiffFile("stack.tif") as before, tifffile.TiffFile("clean.tif") as after:
        assert after.is_imagej
        assert after.imagej_metadata == before.imagej_metadata
        assert after.pages[0].tags[282].value == before.pages[0].tags[282].value == (9, 2)
        assert (after.series[0].axes, after.asarray().dtype) == ("ZYX", np.uint16)
        assert np.abs(after.asarray().astype(int) - PAGES).max() < NEAR


def test_some_pages_each_way(invoke, coded):
    assert invoke("encode", "stack.tif", "some.xcd", "-p", "toy", "--range", "auto", "--pages", "1,3-4").exit_code == 0
    assert invoke("decode", "some.xcd", "some.npy").exit_code == 0
    some = np.load("some.npy")
    assert some.shape == (3, 16, 24)
    assert np.abs(some.astype(int) - PAGES[[1, 3, 4]]).max() < NEAR
    result = invoke("decode", "stack.xcd", "two.tif", "--only", "1-2", "--json")
    assert json.loads(result.stdout)["indices"] == [1, 2]
    assert np.abs(tifffile.imread("two.tif").astype(int) - PAGES[1:3]).max() < NEAR
    with tifffile.TiffFile("two.tif") as file:
        assert not file.is_imagej, "that there are five pages is not true of two"
        assert file.pages[0].tags[282].value == (9, 2)
    assert invoke("decode", "stack.xcd", "folder", "--format", "tiff").exit_code == 0
    assert sorted(path.name for path in Path("folder").iterdir()) == [f"{i:05d}.tiff" for i in range(5)]
    assert not any(tifffile.TiffFile(path).is_imagej for path in Path("folder").iterdir())
    assert invoke("decode", "stack.xcd", "one.png", "--only", "2").exit_code == 0
    assert np.asarray(Image.open("one.png")).shape == (16, 24)


def test_a_letter_keeps_its_pages_and_their_resolution(invoke):
    result = invoke("restore", "letter.tif", "clean.tif", "-p", "toy", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert (facts["images"], facts["pages"], facts["notices"]) == (5, [0, 1, 2, 3, 4], [])
    with Image.open("clean.tif") as image:
        assert (image.n_frames, image.info["dpi"]) == (5, (300, 300))
    assert invoke("restore", "letter.tif", "page.png", "-p", "toy", "--pages", "4").exit_code == 0
    with Image.open("page.png") as image:
        assert [round(side, 1) for side in image.info["dpi"]] == [300, 300]


def test_through_pipes(invoke):
    coded = invoke("encode", "-", "-", "-p", "toy", input=Path("letter.tif").read_bytes())
    assert coded.exit_code == 0, coded.stderr
    assert "5 pages in" in coded.stderr
    decoded = invoke("decode", "-", "-", "--format", "tiff", input=coded.stdout_bytes)
    assert tifffile.imread(io.BytesIO(decoded.stdout_bytes)).shape == (5, 16, 24)


def test_a_folder_with_stacks_goes_both_ways(invoke):
    Path("in").mkdir()
    Path("letter.tif").rename("in/letter.tif")
    Image.fromarray(np.asarray(PAGES[0] // 16, np.uint8)).save("in/photo.png")
    assert invoke("encode", "in", "coded", "-p", "toy").exit_code == 0
    assert invoke("decode", "coded", "tiffs", "--format", "tiff").exit_code == 0
    assert tifffile.imread("tiffs/letter.tiff").shape == (5, 16, 24)
    assert tifffile.imread("tiffs/photo.tiff").shape == (16, 24)
    result = invoke("decode", "coded", "pngs")
    assert result.exit_code == 1
    assert "letter.xcd: it has 5 pages, and a png file holds one: take tiff or npy, or decode it alone" in result.stderr
    assert [path.name for path in Path("pngs").iterdir()] == ["photo.png"]
    assert invoke("encode", "in", "all.xcd", "--pack", "-p", "toy", "--json").exit_code == 0
    packed = json.loads(invoke("encode", "in", "again.xcd", "--pack", "-p", "toy", "--json").stdout)
    assert packed["names"] == [*(f"letter.tif:{page}" for page in range(5)), "photo.png"]
    first = json.loads(invoke("encode", "in", "first.xcd", "--pack", "-p", "toy", "--pages", "0", "--json").stdout)
    assert first["names"] == ["letter.tif", "photo.png"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("restore", "letter.tif", "o.png", "-p", "toy"), 65, "it has 5 pages, and a png file holds one: take tiff"),
        (
            ("encode", "letter.tif", "o.xcd", "-p", "toy", "--pages", "3,5"),
            2,
            "letter.tif has pages 0 to 4; there is no",
        ),
        (("encode", "letter.tif", "o.xcd", "-p", "toy", "--pages", "3;5"), 2, "--pages takes numbers and ranges like"),
        (("decode", "stack.xcd", "o.webp"), 2, "a file that holds pages (.tif, .npy), not o.webp"),
        (("decode", "stack.xcd", "-"), 2, "a file that holds pages (.tif, .npy), not -"),
        (("decode", "stack.xcd", "o.tif", "--only", "7"), 2, "pictures 0 to 4; there is no picture 7"),
        (("decode", "stack.xcd", "stack.tif"), 73, "exists already"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(invoke, coded, words, code, said):
    before = sorted(Path().iterdir())
    result = invoke(*words)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert sorted(Path().iterdir()) == before


def test_pages_of_several_sizes(invoke):
    with tifffile.TiffWriter("sizes.tif") as file:
        file.write((PAGES[0] // 16).astype(np.uint8))
        file.write((PAGES[1, :8] // 16).astype(np.uint8))
    assert invoke("encode", "sizes.tif", "sizes.xcd", "-p", "toy").exit_code == 0
    assert invoke("decode", "sizes.xcd", "clean.tif").exit_code == 0
    with tifffile.TiffFile("clean.tif") as file:
        assert [page.shape for page in file.pages] == [(16, 24), (8, 24)]
    result = invoke("decode", "sizes.xcd", "clean.npy")
    assert result.exit_code == 65
    assert "2 pages have 2 shapes" in result.stderr


@pytest.mark.filterwarnings("error")
def test_the_library_does_the_same(invoke, coded):
    encoded = crosscodec.encode_stack("stack.tif", "toy", sample_range="auto")
    assert encoded.data == Path("stack.xcd").read_bytes()
    assert crosscodec.encode_stack(PAGES, "toy", sample_range="auto", pages=[4, 0]).shapes == ((16, 24),) * 2
    restored = crosscodec.decode_stack("stack.xcd", pages=[3, 1])
    again = crosscodec.restore_stack(Path("stack.tif").read_bytes(), "toy", sample_range="auto")
    assert len(again) == 5
    for found, page in zip(restored, (1, 3), strict=True):
        np.testing.assert_array_equal(found.samples, again[page].samples)
        assert np.abs(found.samples.astype(int) - PAGES[page]).max() < NEAR
    small = (PAGES // 16).astype(np.uint8)
    several = crosscodec.restore_stack([small[0], Image.fromarray(small[1]), small[2, :8, :, None]], "toy")
    assert [picture.pixels.shape for picture in several] == [(16, 24), (16, 24), (8, 24)]
    with pytest.raises(crosscodec.CrosscodecError, match="decode_stack a list"):
        crosscodec.decode(encoded.data)


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        (np.zeros((16, 24), np.uint8), "one picture is for encode"),
        (np.zeros((16, 24, 3), np.uint8), "one picture is for encode"),
        ([], "at least one picture"),
        (7, "not int"),
    ],
    ids=["gray", "colour", "none", "number"],
)
def test_what_is_no_stack(invoke, stack, message):
    with pytest.raises(crosscodec.CrosscodecError, match=message):
        crosscodec.encode_stack(stack, "toy")


def test_the_library_tells_what_became_of_pages(invoke):
    with pytest.warns(crosscodec.PictureWarning) as told:
        crosscodec.encode_stack(["letter.tif", PAGES[0].astype(np.uint8)], "toy")
    assert [str(warning.message) for warning in told] == [
        "picture: page 0: the first of 5 frames or pages is used",
        "picture: EXIF data dropped: pictures of one file share theirs, and these do not",
    ]
    assert {warning.filename for warning in told} == {__file__}
    with pytest.raises(crosscodec.CrosscodecError, match="there is no picture 5"):
        crosscodec.decode_stack(crosscodec.encode_stack("letter.tif", "toy").data, pages=[5])
    with pytest.raises(crosscodec.CrosscodecError, match="whole numbers, counted from 0"):
        crosscodec.decode_stack(b"", pages=["a"])
