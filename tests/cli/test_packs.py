"""Many pictures in one file, as users pack and unpack them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from smallpackage import SIZE, small_package_bytes

from crosscodec.cli.main import app
from crosscodec.cli.packs import coded_input, folder_stacks, pack_plan, picture_count, unpack_plan
from crosscodec.codec import DitherCard, decode_many, encode_many, load_package
from crosscodec.errors import InputMissing, UsageError

COUNT = 12
PICTURES = [np.random.default_rng(i).integers(0, 256, SIZE).astype(np.uint8) for i in range(COUNT)]


@pytest.fixture
def package(tmp_path):
    """A small package with a common dither and private noise, on disk."""
    path = tmp_path / "packages" / "small.xcm"
    path.parent.mkdir()
    path.write_bytes(small_package_bytes(DitherCard(3, True), noise=4))
    return path


@pytest.fixture
def invoke(runner, package, monkeypatch, tmp_path):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(package.parent))
    monkeypatch.chdir(tmp_path)
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path):
    """Pictures whose names are not in the order in which they were made, and what is no picture."""
    (tmp_path / "in").mkdir()
    for i in reversed(range(COUNT)):
        Image.fromarray(PICTURES[i]).save(tmp_path / "in" / f"{i:03d}.png")
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    (tmp_path / "in" / ".hidden.png").write_text("no picture")
    return tmp_path / "in"


@pytest.fixture
def pack(invoke, folder):
    result = invoke("encode", folder, "all.xcd", "--pack", "-p", "small", "--seed", "5")
    assert result.exit_code == 0, result.output
    return Path("all.xcd")


def pixels(path) -> np.ndarray:
    return np.asarray(Image.open(path))


def made(folder) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def test_a_pack_is_the_pictures_of_the_folder_in_the_order_of_names(pack, package):
    assert pack.read_bytes() == encode_many(PICTURES, load_package(package), seed=5).data
    assert pack.read_bytes() != encode_many(PICTURES, load_package(package), seed=6).data


def test_what_packing_says(invoke, folder):
    result = invoke("encode", folder, "all.xcd", "--pack", "-p", "small", "--json")
    facts = json.loads(result.stdout)
    size = Path("all.xcd").stat().st_size
    assert facts["names"] == [f"{i:03d}.png" for i in range(COUNT)]
    assert (facts["images"], facts["file_bytes"], facts["height"], facts["width"]) == (COUNT, size, *SIZE)
    assert facts["file_bits_per_picture"] == pytest.approx(8 * size / COUNT, abs=1e-3)
    said = invoke("encode", folder, "all.xcd", "--pack", "-p", "small", "--on-exist", "overwrite").stdout
    assert f"{COUNT} pictures in {size:,} bytes" in said


def test_a_pack_decodes_into_a_folder(invoke, pack, package):
    result = invoke("decode", pack, "out", "--json")
    assert result.exit_code == 0, result.output
    assert made("out") == [f"{i:05d}.png" for i in range(COUNT)]
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["index"] for record in records] == list(range(COUNT))
    for i, restored in enumerate(decode_many(pack.read_bytes(), load_package(package))):
        np.testing.assert_array_equal(pixels(f"out/{i:05d}.png"), restored.pixels)


def test_only_some_pictures(invoke, pack):
    assert invoke("decode", pack, "all", "--decoder", "perception").exit_code == 0
    assert (
        invoke("decode", pack, "some", "--decoder", "perception", "--only", "3,7-9", "--format", "bmp").exit_code == 0
    )
    assert made("some") == ["00003.bmp", "00007.bmp", "00008.bmp", "00009.bmp"]
    for i in (3, 7, 8, 9):
        np.testing.assert_allclose(pixels(f"some/{i:05d}.bmp").astype(int), pixels(f"all/{i:05d}.png"), atol=1)
    assert invoke("decode", pack, "seven.png", "--decoder", "perception", "--only", "7").exit_code == 0
    np.testing.assert_array_equal(pixels("seven.png"), pixels("some/00007.bmp"))


def test_balance_and_seed_reach_the_decoder(invoke, pack, package):
    assert invoke("decode", pack, "out", "--balance", "0.5", "--seed", "9").exit_code == 0
    expected = decode_many(pack.read_bytes(), load_package(package), balance=0.5, seed=9)
    for i, restored in enumerate(expected):
        np.testing.assert_array_equal(pixels(f"out/{i:05d}.png"), restored.pixels)
    other = decode_many(pack.read_bytes(), load_package(package), balance=0.5)
    assert any((a.pixels != b.pixels).any() for a, b in zip(expected, other, strict=True))


def test_pictures_that_are_there_may_be_skipped(invoke, pack):
    assert invoke("decode", pack, "out", "--only", "0-3").exit_code == 0
    result = invoke("decode", pack, "out", "--json")
    assert result.exit_code == 1
    result = invoke("decode", pack, "out", "--on-exist", "skip", "--json")
    assert result.exit_code == 0
    assert {json.loads(line)["status"] for line in result.stdout.splitlines()} == {"skipped"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("encode", "in/000.png", "o.xcd", "--pack"), 2, "in/000.png is no folder"),
        (("encode", "none", "o.xcd", "--pack"), 66, "none does not exist"),
        (("encode", "packages", "o.xcd", "--pack"), 66, "packages holds no picture directly; -r"),
        (("encode", "in", "all.xcd", "--pack"), 73, "exists already"),
        (
            ("decode", "all.xcd", "o.png"),
            2,
            "gives 12 pictures; name a folder for them, or a file that holds pages",
        ),
        (("decode", "all.xcd", "-"), 2, "gives 12 pictures"),
        (("decode", "all.xcd", "new.xcd"), 2, "new.xcd must be a folder, and is named like a file"),
        (("decode", "all.xcd", ""), 2, "OUT is empty"),
        (("encode", "in", "in/000.png", "--pack", "--on-exist", "overwrite"), 2, "in/000.png is named like an input"),
        (("encode", "in", "", "--pack"), 2, "OUT is empty"),
        (("encode", "", "o.xcd", "--pack"), 2, "IN is empty"),
        (("decode", "all.xcd", "out", "--only", "3,12"), 2, "pictures 0 to 11; there is no picture 12"),
        (("decode", "all.xcd", "out", "--only", "3;4"), 2, "--only takes numbers and ranges"),
        (("decode", "in", "out", "--only", "3"), 2, "--only chooses pictures of one coded file"),
        (("decode", "all.xcd", "out", "--balance", "2"), 2, "between 0"),
        (("decode", "all.xcd", "out", "--balance", "0.5", "--decoder", "perception"), 2, "do not ask"),
        (("decode", "flipped.xcd", "out"), 65, "damaged"),
    ],
)
def test_each_mistake_has_its_own_code_and_no_output(invoke, pack, tmp_path, words, code, said):
    data = pack.read_bytes()
    (tmp_path / "flipped.xcd").write_bytes(data[:-3] + bytes([data[-3] ^ 4]) + data[-2:])
    before = sorted(tmp_path.rglob("*"))
    result = invoke(*words, *(("-p", "small") if words[0] == "encode" else ()))
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_a_pack_through_standard_streams(folder, package, tmp_path):
    def command(*words, data=b""):
        environment = os.environ | {"CROSSCODEC_PACKAGES": str(package.parent)}
        line = [sys.executable, "-m", "crosscodec.cli.main", *words]
        return subprocess.run(line, input=data, capture_output=True, check=True, env=environment).stdout

    coded = command("encode", str(folder), "-", "--pack", "-p", "small")
    command("decode", "-", str(tmp_path / "out"), data=coded)
    assert len(made(tmp_path / "out")) == COUNT


def test_pictures_of_folders_inside_are_named_by_their_paths(folder):
    (folder / "deep").mkdir()
    Image.fromarray(PICTURES[0]).save(folder / "deep" / "a.png")
    own = [f"{i:03d}.png" for i in range(COUNT)]
    assert list(folder_stacks(str(folder), False, ".xcd")[0]) == own
    pictures, left_out = folder_stacks(str(folder), True, ".xcd")
    assert list(pictures) == [*own, "deep/a.png"]
    assert left_out == ("1 file of other kinds not taken (.txt 1)",)
    assert folder_stacks(str(folder), True, ".txt")[1] == ()
    (folder / "deep" / "a.png").unlink()
    with pytest.raises(InputMissing, match="holds no picture"):
        folder_stacks(str(folder / "deep"), True, ".xcd")


def test_a_pack_goes_into_a_folder_under_the_name_of_its_own(folder, tmp_path):
    (tmp_path / "coded").mkdir()
    assert pack_plan(str(folder), str(tmp_path / "coded"), ".xcd").tasks[0].target == str(tmp_path / "coded" / "in.xcd")
    assert pack_plan(str(folder), "new/", ".xcd").makes_folders
    with pytest.raises(UsageError, match="no folder"):
        pack_plan("-", "o.xcd", ".xcd")


def test_what_is_read_before_the_plan(pack, folder):
    assert coded_input(str(folder)) is None
    assert coded_input("none.xcd") is None
    data = coded_input(str(pack))
    assert picture_count(data) == COUNT
    plan = unpack_plan(str(pack), "out", ".png", [4])
    assert (plan.batch, plan.tasks[0].target, plan.tasks[0].index) == (True, str(Path("out/00004.png")), 4)


def test_one_picture_goes_into_what_is_written_like_a_folder(invoke, pack):
    assert invoke("decode", pack, "one.png/", "--only", "3").exit_code == 0
    assert made("one.png") == ["00003.png"]


def test_only_what_is_missing_is_decoded(invoke, pack, monkeypatch):
    assert invoke("decode", pack, "out", "--only", "0-3").exit_code == 0
    asked = []

    def decode(data, package, decoder, balance, seed, chosen):
        asked.append(list(chosen))
        return decode_many(data, package, decoder, balance, seed, chosen)

    monkeypatch.setattr("crosscodec.cli.packs.decode_many", decode)
    assert invoke("decode", pack, "out", "--only", "2-5", "--on-exist", "skip").exit_code == 0
    assert invoke("decode", pack, "out", "--only", "2-5", "--on-exist", "skip").exit_code == 0
    assert asked == [[4, 5]]


def test_a_pack_has_every_picture_of_its_folder_or_is_not_made(invoke, folder, monkeypatch):
    (folder / "deep").mkdir()
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    result = invoke("encode", "in", "new.xcd", "--pack", "-r", "-p", "small")
    assert result.exit_code == 74
    assert "deep cannot be read: Permission denied" in result.stderr
    assert not Path("new.xcd").exists()


def test_what_is_not_packed_is_told(invoke, folder):
    result = invoke("encode", "in", "new.xcd", "--pack", "-p", "small")
    assert "in: note: 1 file of other kinds not taken (.txt 1)" in result.stderr
