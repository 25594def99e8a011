"""encode, decode and restore as users run them, on a package whose networks are averages."""

import io
import json
import os
import pickle
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from picturefiles import RGB, taken, wide_profile
from PIL import Image
from qualitypackage import quality_package_bytes
from smallpackage import SIZE, small_package_bytes

import crosscodec
from crosscodec.bitstream.appearance import Appearance
from crosscodec.bitstream.container import read_coded
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.cli import transcoding
from crosscodec.cli.batch import Task
from crosscodec.cli.main import app
from crosscodec.cli.transcoding import encoded_product, how_to_encode
from crosscodec.codec import DitherCard, encode_many, encode_pixels, load_package
from crosscodec.codec.ratecontrol import RateChoice
from crosscodec.codec.samples import to_unit
from crosscodec.codec.scaling import KEEP_ALL
from crosscodec.images.reading import read_picture
from crosscodec.measure.distortion import psnr


@pytest.fixture
def invoke(runner, toy_package, monkeypatch, tmp_path):
    """Run a command in an empty folder; the toy package is installed by name."""
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    monkeypatch.chdir(tmp_path)
    return lambda *words, **more: runner.invoke(app, [str(word) for word in words], **more)


@pytest.fixture
def coded(invoke, photo, tmp_path):
    """A coded file of the small photo."""
    result = invoke("encode", photo, tmp_path / "photo.xcd", "-p", "toy")
    assert result.exit_code == 0, result.output
    return tmp_path / "photo.xcd"


def pixels(path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_encode_then_decode_gives_the_picture_back(invoke, photo, coded, tmp_path):
    result = invoke("decode", coded, tmp_path / "clean.png")
    assert result.exit_code == 0, result.output
    assert pixels(tmp_path / "clean.png").shape == (48, 64, 3)
    assert psnr(pixels(photo), pixels(tmp_path / "clean.png")) > 20


def test_the_line_counts_the_file_on_disk(invoke, photo, tmp_path):
    line = invoke("encode", photo, tmp_path / "a.xcd", "-p", "toy").stdout
    size = (tmp_path / "a.xcd").stat().st_size
    assert f"{size:,} bytes, {8 * size / (48 * 64):.3f} bpp file (payload" in line


def test_json_facts_are_those_of_the_file(invoke, photo, tmp_path, toy_package):
    result = invoke("encode", photo, tmp_path / "a.xcd", "--package", toy_package, "--json")
    facts = json.loads(result.stdout)
    size = (tmp_path / "a.xcd").stat().st_size
    assert facts["file_bytes"] == size == facts["payload_bytes"] + facts["container_bytes"]
    assert facts["bpp"] == pytest.approx(8 * size / (48 * 64), abs=1e-5)
    assert (facts["height"], facts["width"], facts["channels"]) == (48, 64, 3)
    assert facts["package"] == "toy"
    assert facts["status"] == "written"


def test_restore_is_encode_then_decode(invoke, photo, coded, tmp_path):
    invoke("decode", coded, tmp_path / "two-steps.png")
    result = invoke("restore", photo, tmp_path / "one-step.png", "-p", "toy")
    assert result.exit_code == 0, result.output
    assert np.array_equal(pixels(tmp_path / "one-step.png"), pixels(tmp_path / "two-steps.png"))
    assert f"{coded.stat().st_size:,} bytes" in result.stdout
    assert "bound unknown" in result.stdout


def test_gray_stays_gray(invoke, smooth_picture, tmp_path):
    Image.fromarray(smooth_picture(20, 31, 1)).save(tmp_path / "gray.png")
    assert invoke("restore", tmp_path / "gray.png", tmp_path / "out.png", "-p", "toy").exit_code == 0
    assert pixels(tmp_path / "out.png").shape == (20, 31)


def test_folders_are_mirrored_and_decoded_back(invoke, photo, tmp_path):
    for name in ("in/a.png", "in/deep/b.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(photo.read_bytes())
    (tmp_path / "in/broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    result = invoke("encode", "in", "coded", "-r", "--jobs", "2", "-p", "toy", "--json")
    assert result.exit_code == 1
    assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == ["written", "failed", "written"]
    assert invoke("decode", "coded", "out", "-r", "--format", "webp").exit_code == 0
    made = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "out").rglob("*.webp"))
    assert made == ["out/a.webp", "out/deep/b.webp"]


def test_standard_streams(photo, toy_package, tmp_path):
    def command(*words, data):
        done = subprocess.run(
            [sys.executable, "-m", "crosscodec.cli.main", *words],
            input=data,
            capture_output=True,
            check=True,
            env=os.environ | {"CROSSCODEC_PACKAGES": str(toy_package.parent)},
        )
        return done.stdout, done.stderr.decode()

    coded, said = command("encode", "-", "-", "-p", "toy", data=photo.read_bytes())
    assert "bpp" in said  # the line for people leaves stdout to the bytes
    restored, _ = command("decode", "-", "-", data=coded)
    assert np.asarray(Image.open(io.BytesIO(restored))).shape == (48, 64, 3)


def test_a_new_folder_is_made_for_a_single_result(invoke, photo, coded, tmp_path):
    results = {"encode": (photo, "photo.xcd"), "decode": (coded, "photo.png"), "restore": (photo, "photo.png")}
    for command_name, (source, name) in results.items():
        package = () if command_name == "decode" else ("-p", "toy")
        result = invoke(command_name, source, f"new/{command_name}/", *package)
        assert result.exit_code == 0, result.output
        assert [path.name for path in (tmp_path / "new" / command_name).iterdir()] == [name]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("encode", "none.png", "o.xcd"), 66, "none.png does not exist"),
        (("encode", "text.png", "o.xcd"), 65, "not a picture"),
        (("encode", "text.png", "new/"), 65, "not a picture"),
        (("encode", "photo.png", "text.png/"), 74, "text.png is no folder"),
        (("encode", "photo.png", "there.xcd"), 73, "exists already"),
        (("encode", "photo.png", "o.xcd", "-p", "nobody"), 69, "nobody"),
        (("encode", "photo.png", "o.xcd", "-p", "none.xcm"), 69, "none.xcm"),
        (("encode", "photo.png", "no/folder/o.xcd"), 74, "does not exist"),
        (("encode", "photo.png", "-", "--json"), 2, "stdout"),
        (("decode", "none.xcd", "o.png"), 66, "none.xcd does not exist"),
        (("decode", "text.png", "o.png"), 65, "text.png: not a coded file"),
        (("decode", "cut.xcd", "o.png"), 65, "cut.xcd: the coded file is cut short"),
        (("decode", "cut.xcd", "new/"), 65, "cut.xcd: the coded file is cut short"),
        (("decode", "flipped.xcd", "o.png"), 65, "flipped.xcd: the payload of the coded file is damaged"),
        (("decode", "photo.xcd", "o.png", "--decoder", "perception"), 2, "fidelity"),
        (("decode", "photo.xcd", "o.png", "--balance", "0.5"), 2, "package toy has: fidelity"),
        (("decode", "photo.xcd", "o.docx"), 2, ".docx"),
        (("decode", "photo.xcd", "o.png", "--format", "gif"), 2, "gif"),
        (("decode", "photo.xcd", "o.tiff", "--format", "webp"), 2, "tiff by its name and webp by --format"),
        (("restore", "photo.png", "o.tiff", "--format", "webp"), 2, "tiff by its name and webp by --format"),
        (("restore", "photo.png", "photo.png", "--on-exist", "overwrite"), 2, "replaced by its own result"),
        (("encode", "photo.png", "photo.png", "--on-exist", "overwrite"), 2, "named like an input"),
        (("decode", "photo.xcd", "photo.xcd", "--on-exist", "overwrite"), 2, "named like an input"),
        (("decode", "photo.xcd", "o.png", "--package", "photo.png"), 65, "photo.png is not a codec package"),
        (("restore", "photo.png", "no/folder/o.png"), 74, "folder no/folder does not exist"),
        (("restore", "photo.png", "there.xcd"), 73, "exists already"),
    ],
)
def test_each_mistake_has_its_own_code_and_no_output(invoke, coded, tmp_path, words, code, said):
    (tmp_path / "text.png").write_text("this is no picture")
    (tmp_path / "there.xcd").write_bytes(b"old")
    data = coded.read_bytes()
    (tmp_path / "cut.xcd").write_bytes(data[: len(data) // 2])
    (tmp_path / "flipped.xcd").write_bytes(data[:-9] + bytes([data[-9] ^ 4]) + data[-8:])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    package = () if words[0] == "decode" or "-p" in words else ("-p", "toy")
    result = invoke(*words, *package)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert result.stderr.count("\n") == 1, "one line"
    if "-" not in words:
        records = [json.loads(line) for line in invoke(*words, *package, "--json").stdout.splitlines()]
        assert [(record["input"], record["exit_code"]) for record in records] == [(words[1], code)]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_picture_too_large_for_its_format_is_told_before_the_work(invoke, tmp_path, monkeypatch):
    Image.new("L", (16384, 1)).save(tmp_path / "wide.png")
    assert invoke("encode", "wide.png", "wide.xcd", "-p", "toy").exit_code == 0
    monkeypatch.setattr(transcoding, "encode_at", lambda *given: pytest.fail("encoded before the format was looked at"))
    monkeypatch.setattr(transcoding, "decode_many", lambda *given: pytest.fail("decoded before it was looked at"))
    for words in (("restore", "wide.png", "o.webp", "-p", "toy"), ("decode", "wide.xcd", "o.webp")):
        result = invoke(*words)
        assert result.exit_code == 65, result.output
        assert "16384 x 1 pixels cannot be written as webp" in result.stderr


@pytest.mark.parametrize("words", [("--decoder", "perceptio"), ("--balance", "2"), ("--decoder", "fidelity-x3")])
def test_decoders_are_looked_up_before_the_work(invoke, photo, coded, tmp_path, monkeypatch, words):
    monkeypatch.setattr(transcoding, "input_stack", lambda *given: pytest.fail("read before the decoder was looked up"))
    monkeypatch.setattr(transcoding, "decode_many", lambda *given: pytest.fail("decoded before it was looked up"))
    for command_name, source in (("restore", photo), ("restore", tmp_path), ("decode", coded), ("decode", tmp_path)):
        result = invoke(command_name, source, "out/", "-p", "toy", *words)
        assert result.exit_code == 2, result.output
        assert result.stderr.count("\n") == 1


def test_a_file_of_a_package_that_is_not_installed(invoke, coded, tmp_path, monkeypatch, toy_package):
    monkeypatch.delenv("CROSSCODEC_PACKAGES")
    result = invoke("decode", coded, tmp_path / "o.png")
    assert result.exit_code == 69
    assert "--package" in result.stderr
    assert invoke("decode", coded, tmp_path / "o.png", "--package", toy_package).exit_code == 0


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A package of small pictures with a common dither and private noise, installed by name."""
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "small.xcm").write_bytes(small_package_bytes(DitherCard(5, True), noise=4))
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(tmp_path / "packages"))
    Image.fromarray(np.random.default_rng(0).integers(0, 256, SIZE).astype(np.uint8)).save(tmp_path / "digit.png")


def test_the_seed_of_the_dither_reaches_the_file(invoke, small, tmp_path):
    for seed in (3, 2**64 - 1):
        assert invoke("encode", "digit.png", f"{seed}.xcd", "-p", "small", "--seed", seed).exit_code == 0
        assert read_coded((tmp_path / f"{seed}.xcd").read_bytes()).dither.seed == seed
    for wrong in (-1, 2**64):
        assert invoke("encode", "digit.png", "o.xcd", "-p", "small", "--seed", wrong).exit_code == 2


def test_restore_takes_balance_and_seed_as_encode_and_decode_do(invoke, small, tmp_path):
    words = ("-p", "small", "--seed", "3")
    assert invoke("encode", "digit.png", "a.xcd", *words).exit_code == 0
    assert invoke("decode", "a.xcd", "two-steps.png", "--balance", "0.7").exit_code == 0
    assert invoke("restore", "digit.png", "one-step.png", *words, "--balance", "0.7").exit_code == 0
    assert np.array_equal(pixels(tmp_path / "one-step.png"), pixels(tmp_path / "two-steps.png"))
    assert invoke("decode", "a.xcd", "other.png", "--balance", "0.7", "--seed", "1").exit_code == 0
    assert not np.array_equal(pixels(tmp_path / "one-step.png"), pixels(tmp_path / "other.png"))


def test_a_picture_of_another_size_is_refused(invoke, small, photo):
    result = invoke("encode", photo, "o.xcd", "-p", "small")
    assert result.exit_code == 65
    assert "6 x 8" in result.stderr
    assert "48 x 64" in result.stderr


@pytest.fixture
def steps(invoke, monkeypatch, tmp_path, toy_package):
    """A package of several qualities, installed beside the toy package."""
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "steps.xcm").write_bytes(quality_package_bytes())
    monkeypatch.setenv("CROSSCODEC_PACKAGES", os.pathsep.join([str(folder), str(toy_package.parent)]))
    return load_package(folder / "steps.xcm")


def test_a_quality_reaches_the_file(invoke, steps, photo, tmp_path):
    for quality in (0, 40, 100):
        result = invoke("encode", photo, f"{quality}.xcd", "-p", "steps", "--quality", quality)
        assert result.exit_code == 0, result.output
        assert (tmp_path / f"{quality}.xcd").read_bytes() == encode_pixels(pixels(photo), steps, quality=quality).data
        assert f", quality {quality}\n" in result.stdout
        assert invoke("decode", f"{quality}.xcd", f"{quality}.png").exit_code == 0
    errors = [psnr(pixels(photo), pixels(tmp_path / f"{quality}.png")) for quality in (0, 40, 100)]
    assert errors == sorted(errors)
    assert ", quality 55\n" in invoke("encode", photo, "default.xcd", "-p", "steps").stdout


@pytest.mark.parametrize(("option", "value", "most"), [("--target-bpp", "2.5", 960), ("--target-size", "0.96kB", 960)])
def test_a_target_is_kept(invoke, steps, photo, tmp_path, option, value, most):
    result = invoke("encode", photo, "a.xcd", "-p", "steps", option, value, "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    data = (tmp_path / "a.xcd").read_bytes()
    assert (facts["target_bytes"], facts["file_bytes"]) == (most, len(data))
    assert 0.9 * most < len(data) <= most
    assert data == encode_pixels(pixels(photo), steps, quality=facts["quality"]).data
    assert facts["notices"] == []
    said = invoke("encode", photo, "b.xcd", "-p", "steps", option, value).stdout
    assert f"{len(data)} bytes" in said
    assert f"quality {facts['quality']}, the highest within 960 bytes" in said


def test_restore_takes_quality_and_targets(invoke, steps, photo, tmp_path):
    assert invoke("encode", photo, "a.xcd", "-p", "steps", "--target-size", "900").exit_code == 0
    assert invoke("decode", "a.xcd", "two-steps.png", "--balance", "0.5").exit_code == 0
    quality = str(read_coded((tmp_path / "a.xcd").read_bytes()).quality)
    for name, words in (("target", ("--target-size", "900")), ("quality", ("--quality", quality))):
        result = invoke("restore", photo, f"{name}.png", "-p", "steps", "--balance", "0.5", *words)
        assert f"quality {quality}" in result.stdout
    assert np.array_equal(pixels(tmp_path / "target.png"), pixels(tmp_path / "two-steps.png"))
    # The file of the target may have a wider dead zone than that of its quality.
    assert psnr(pixels(tmp_path / "quality.png"), pixels(tmp_path / "target.png")) > 30


def test_each_file_of_a_folder_has_its_own_quality(invoke, steps, photo, smooth_picture, tmp_path):
    (tmp_path / "in").mkdir()
    rough = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    for name, picture in (("rough", rough), ("smooth", smooth_picture(48, 64))):
        Image.fromarray(picture).save(tmp_path / "in" / f"{name}.png")
    result = invoke("encode", "in", "out", "-p", "steps", "--target-bpp", "9", "--json", "--jobs", "2")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["status"] for line in lines] == ["written", "written"], result.output
    assert lines[0]["quality"] < 60 < lines[1]["quality"]
    assert max(line["file_bytes"] for line in lines) <= lines[0]["target_bytes"] == 3456
    result = invoke("encode", "in", "tight", "-p", "steps", "--target-size", "2k", "--json")
    assert result.exit_code == 1
    assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == ["failed", "written"]


def test_a_pack_has_one_quality_and_one_target(invoke, steps, smooth_picture, tmp_path):
    (tmp_path / "in").mkdir()
    pictures = [smooth_picture(20, 31), smooth_picture(9, 40)]
    for place, picture in enumerate(pictures):
        Image.fromarray(picture).save(tmp_path / "in" / f"{place}.png")
    for words, quality in ((("--quality", "70"), 70), (("--target-size", "600"), None)):
        result = invoke("encode", "in", "a.xcd", "--pack", "-p", "steps", "--json", "--on-exist", "overwrite", *words)
        facts = json.loads(result.stdout)
        quality = facts["quality"] if quality is None else quality
        assert (tmp_path / "a.xcd").read_bytes() == encode_many(pictures, steps, quality=quality).data
        assert facts["quality"] == quality
    assert facts["file_bytes"] <= 600 == facts["target_bytes"]


def test_more_than_the_best_quality_takes_is_noticed(invoke, steps, photo, tmp_path):
    for words in (("encode", photo, "a.xcd"), ("restore", photo, "a.png")):
        result = invoke(*words, "-p", "steps", "--target-size", "1MB")
        assert result.exit_code == 0
        size = len(encode_pixels(pixels(photo), steps, quality=100).data)
        assert f"note: quality 100, the highest, takes {size:,} bytes of the 1,000,000 allowed" in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-p", "steps", "--quality", "101"), 2, "'--quality'"),
        (("-p", "steps", "--quality", "-1"), 2, "'--quality'"),
        (("-p", "steps", "--quality", "best"), 2, "'--quality'"),
        (("-p", "steps", "--quality", "5", "--target-bpp", "1"), 2, "--quality and --target-bpp exclude one another"),
        (("-p", "steps", "--target-size", "9k", "--target-bpp", "1"), 2, "--target-bpp and --target-size exclude"),
        (("-p", "steps", "--target-bpp", "0"), 2, "positive number of bits a pixel"),
        (("-p", "steps", "--target-bpp", "nan"), 2, "positive number of bits a pixel"),
        (("-p", "steps", "--target-size", "12 apples"), 2, "'12 apples'"),
        (
            ("-p", "steps", "--target-size", "60"),
            2,
            "no file of package steps is as small as 60 bytes",
        ),
        (("-p", "toy", "--quality", "50"), 2, "package toy has one quality only"),
        (("-p", "toy", "--target-size", "9k"), 2, "package toy has one quality only"),
    ],
)
def test_mistakes_about_qualities_and_targets(invoke, steps, photo, tmp_path, words, code, said):
    before = sorted(tmp_path.rglob("*"))
    for command in (("encode", photo, "o.xcd"), ("restore", photo, "o.png")):
        result = invoke(*command, *words)
        assert result.exit_code == code, result.output
        assert said in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_a_package_that_cannot_ends_a_batch_before_it_begins(invoke, steps, photo, tmp_path):
    (tmp_path / "in").mkdir()
    photo.rename(tmp_path / "in" / "a.png")
    assert invoke("encode", "in", "out", "-p", "toy", "--quality", "50").exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_choice_travels_to_the_workers_of_a_cluster(steps, photo):
    how = how_to_encode("steps", RateChoice(target_bytes=900), False, 0, "default", None, None, KEEP_ALL)
    sent = pickle.dumps(partial(encoded_product, how=how))
    assert len(sent) < 1000
    product = pickle.loads(sent)(Task(str(photo), "a.xcd"))
    assert product.facts["quality"] == read_coded(product.data).quality > 0


@pytest.fixture
def two(steps):
    """The package of several qualities with a further encoder, in place of the one without."""
    steps.path.write_bytes(quality_package_bytes(best=True))
    return load_package(steps.path)


def test_a_further_encoder_writes_the_file(invoke, two, photo, tmp_path):
    for name in two.encoders:
        words = ("-p", "steps", "--quality", "40", "--encoder", name)
        assert invoke("encode", photo, f"{name}.xcd", *words).exit_code == 0
        wanted = encode_pixels(pixels(photo), two, quality=40, encoder=name)
        assert (tmp_path / f"{name}.xcd").read_bytes() == wanted.data
        assert invoke("decode", f"{name}.xcd", f"{name}.png").exit_code == 0
        assert invoke("restore", photo, f"{name}-at-once.png", *words).exit_code == 0
        assert np.array_equal(pixels(tmp_path / f"{name}.png"), pixels(tmp_path / f"{name}-at-once.png"))
    assert not np.array_equal(pixels(tmp_path / "default.png"), pixels(tmp_path / "best.png"))
    assert invoke("encode", photo, "plain.xcd", "-p", "steps", "--quality", "40").exit_code == 0
    assert (tmp_path / "plain.xcd").read_bytes() == (tmp_path / "default.xcd").read_bytes()


def test_a_further_encoder_keeps_to_a_target_and_writes_packs(invoke, two, photo, tmp_path):
    words = ("-p", "steps", "--encoder", "best")
    result = invoke("encode", photo, "a.xcd", *words, "--target-size", "900", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    data = (tmp_path / "a.xcd").read_bytes()
    assert len(data) == facts["file_bytes"] <= 900 == facts["target_bytes"]
    assert data == crosscodec.encode(photo, two, target_bytes=900, encoder="best").data
    (tmp_path / "in").mkdir()
    photo.rename(tmp_path / "in" / "a.png")
    assert invoke("encode", "in", "all.xcd", "--pack", *words).exit_code == 0
    wanted = encode_many([pixels(tmp_path / "in" / "a.png")], two, encoder="best")
    assert (tmp_path / "all.xcd").read_bytes() == wanted.data


def test_an_encoder_that_is_not_there_is_named_before_a_file_is_read(invoke, two, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "text.png").write_text("this is no picture")
    before = sorted(tmp_path.rglob("*"))
    for package, there in (("steps", "default, best"), ("toy", "default")):
        for command in ("encode in out", "encode in all.xcd --pack", "restore in/text.png o.png"):
            result = invoke(*command.split(), "-p", package, "--encoder", "fast")
            assert result.exit_code == 2, result.output
            assert f"package {package} has no encoder 'fast'; it has: {there}" in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_an_encoder_travels_to_the_workers_of_a_cluster(two, photo):
    how = how_to_encode("steps", RateChoice(40), False, 0, "best", None, "auto", KEEP_ALL)
    product = pickle.loads(pickle.dumps(partial(encoded_product, how=how)))(Task(str(photo), "a.xcd"))
    coded = read_coded(product.data)
    found = to_unit(pixels(photo), coded.appearance.sample_range)
    assert product.data == encode_pixels(found, two, False, 0, 40, "best", coded.appearance).data


@pytest.fixture
def cells(tmp_path):
    """12-bit samples in a 16-bit TIFF: 100 to 3000, smooth."""
    samples = np.linspace(100, 3000, 40 * 52).reshape(40, 52).astype(np.uint16)
    samples[0, :2], samples[-1, -2:] = 100, 3000
    Image.fromarray(samples).save(tmp_path / "cells.tif")
    return samples


def test_samples_of_more_than_8_bits_come_back_with_a_range(invoke, cells, tmp_path):
    result = invoke("encode", "cells.tif", "a.xcd", "-p", "toy", "--range", "100,3000", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["sample_range"] == {"low": 100.0, "high": 3000.0, "bits": 16}
    assert facts["notices"] == []
    assert "range      100 to 3000 of 16-bit samples" in invoke("info", "a.xcd").stdout
    assert json.loads(invoke("info", "a.xcd", "--json").stdout)["sample_range"] == facts["sample_range"]
    for name in ("a.png", "a.tif", "a.npy"):
        assert invoke("decode", "a.xcd", name).stderr == ""
        found = read_picture(tmp_path / name, any_scale=True)
        assert found.bits == 16
        assert np.abs(found.samples() - cells.astype(float)).max() < 400
    told = invoke("decode", "a.xcd", "a.jpg")
    assert "jpg holds no uint16 samples of this picture: 100 to 3000 of 16-bit samples became 0 to 255" in told.stderr
    assert np.asarray(Image.open(tmp_path / "a.jpg")).mean() > 100
    restored = invoke("restore", "cells.tif", "b.tif", "-p", "toy", "--range", "auto")
    assert "range 100 to 3000 of 16-bit samples" in restored.stdout
    assert np.asarray(Image.open(tmp_path / "b.tif")).dtype == np.uint16


def test_without_a_range_8_bits_come_back_and_the_way_out_is_named(invoke, cells, tmp_path):
    result = invoke("encode", "cells.tif", "a.xcd", "-p", "toy")
    assert "what is decoded has 8 bits, or with --range full as many" in result.stderr
    assert "if these are 12-bit samples, say --range 0,4095, or --range auto" in result.stderr
    invoke("decode", "a.xcd", "a.png")
    assert np.asarray(Image.open(tmp_path / "a.png")).dtype == np.uint8


def test_a_pack_has_one_range(invoke, cells, tmp_path):
    (tmp_path / "many").mkdir()
    for name, shift in (("1.tif", 0), ("2.tif", 500)):
        Image.fromarray(cells + np.uint16(shift)).save(tmp_path / "many" / name)
    assert invoke("encode", "many", "all.xcd", "-p", "toy", "--pack", "--range", "auto").exit_code == 0
    assert read_coded((tmp_path / "all.xcd").read_bytes()).appearance == Appearance(SampleRange(100, 3500, 16))
    assert invoke("decode", "all.xcd", "out").exit_code == 0
    assert np.asarray(Image.open(tmp_path / "out" / "00001.png")).dtype == np.uint16


def test_floats_of_any_scale_need_a_range(invoke, tmp_path):
    counts = np.linspace(-200, 90000, 600).reshape(20, 30).astype(np.float32)
    np.save(tmp_path / "counts.npy", counts)
    result = invoke("encode", "counts.npy", "a.xcd", "-p", "toy")
    assert result.exit_code == 65
    assert "--range" in result.stderr
    assert invoke("restore", "counts.npy", "b.npy", "-p", "toy", "--range", "auto").exit_code == 0
    back = np.load(tmp_path / "b.npy")
    assert back.dtype == np.float32
    assert np.abs(back - counts).max() < 15000
    wrong = invoke("encode", "counts.npy", "a.xcd", "-p", "toy", "--range", "full")
    assert wrong.exit_code == 2
    assert "floats have no full range" in wrong.stderr
    assert invoke("encode", "counts.npy", "a.xcd", "-p", "toy", "--range", "1-2").exit_code == 2


def test_a_colour_profile_goes_through_the_file(invoke, tmp_path):
    profile = wide_profile()
    Image.fromarray(RGB).save(tmp_path / "wide.png", icc_profile=profile)
    assert invoke("degrade", "wide.png", "noisy.png").stderr == ""
    result = invoke("encode", "noisy.png", "a.xcd", "-p", "toy", "--json")
    facts = json.loads(result.stdout)
    assert facts["profile"] == "Wide built-in"
    assert facts["notices"] == []
    assert f"profile    Wide built-in, {len(profile)} bytes" in invoke("info", "a.xcd").stdout
    assert json.loads(invoke("info", "a.xcd", "--json").stdout)["profile"] == "Wide built-in"
    for name in ("a.png", "a.jpg", "a.webp", "a.avif", "a.tif"):
        assert invoke("decode", "a.xcd", name).stderr == ""
        assert read_picture(tmp_path / name).profile == profile
    for name in ("a.bmp", "a.npy", "a.jp2"):
        told = invoke("decode", "a.xcd", name)
        assert "holds no colour profile of this picture: its pixel values are Wide built-in" in told.stderr
    restored = invoke("restore", "noisy.png", "b.png", "-p", "toy", "--range", "full", "--no-profile")
    assert "colour profile dropped, pixel values kept" in restored.stderr
    assert read_picture(tmp_path / "b.png").profile == b""
    assert "profile Wide built-in" in invoke("restore", "noisy.png", "c.png", "-p", "toy").stdout


def test_a_profile_of_gray_is_kept_where_there_is_gray(invoke, tmp_path):
    Image.fromarray(RGB[..., 0]).save(tmp_path / "gray.png", icc_profile=wide_profile(b"GRAY"))
    assert invoke("encode", "gray.png", "a.xcd", "-p", "toy").stderr == ""
    assert invoke("decode", "a.xcd", "a.png").stderr == ""
    assert read_picture(tmp_path / "a.png").profile == wide_profile(b"GRAY")
    assert "webp holds no colour profile" in invoke("decode", "a.xcd", "a.webp").stderr


def test_exif_data_go_through_the_file(invoke, tmp_path):
    Image.fromarray(RGB).save(tmp_path / "photo.jpg", exif=taken().tobytes())
    turned = "crosscodec: photo.jpg: note: turned as its EXIF orientation 6 asks\n"
    assert invoke("degrade", "photo.jpg", "noisy.png").stderr == turned
    assert invoke("encode", "noisy.png", "bare.xcd", "-p", "toy", "--no-exif").stderr == ""
    facts = json.loads(invoke("encode", "noisy.png", "a.xcd", "-p", "toy", "--json").stdout)
    assert 100 < facts["exif_bytes"] < 400
    size = (tmp_path / "a.xcd").stat().st_size - (tmp_path / "bare.xcd").stat().st_size
    assert 50 < size < facts["exif_bytes"]
    assert f"exif       {facts['exif_bytes']} bytes" in invoke("info", "a.xcd").stdout
    for name in ("a.png", "a.jpg", "a.webp", "a.avif", "a.tif"):
        assert invoke("decode", "a.xcd", name).stderr == ""
        with Image.open(tmp_path / name) as image:
            image.load()
            found = image.getexif()
            assert (found[272], found.get_ifd(0x8769)[36867]) == ("Camera 1", "2026:11:27 22:33:00")
            assert 274 not in found  # it is upright
    for name in ("a.bmp", "a.npy", "a.jp2"):
        assert "holds no EXIF data of this picture" in invoke("decode", "a.xcd", name).stderr
    assert invoke("decode", "bare.xcd", "b.png").stderr == ""
    assert read_picture(tmp_path / "b.png").exif == b""
    told = invoke("restore", "photo.jpg", "deep.tif", "-p", "toy", "--range", "0,300").stderr
    assert "holds no EXIF data" not in told  # 8 bits are all that a TIFF file of 8-bit colour needs


def test_a_pack_has_no_exif_data_of_its_pictures(invoke, tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(2):
        Image.fromarray(RGB).save(tmp_path / "many" / f"{number}.png", exif=taken(f"Camera {number}").tobytes())
    told = invoke("encode", "many", "all.xcd", "-p", "toy", "--pack").stderr
    assert "EXIF data dropped: pictures of one file share theirs" in told
