"""The three functions of the library: arrays and paths in, the same pictures as the command line, typed and lazy."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from picturefiles import wide_profile
from PIL import Image
from qualitypackage import quality_package_bytes

import crosscodec
from crosscodec import api
from crosscodec.cli.main import app
from crosscodec.codec import load_package
from crosscodec.errors import CorruptData, InputMissing, PackageUnavailable, UnsupportedData, UsageError


@pytest.fixture(autouse=True)
def _toy_installed(toy_package, monkeypatch):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))


def test_restore_is_encode_then_decode(smooth_picture):
    noisy = smooth_picture(40, 52)
    encoded = crosscodec.encode(noisy, "toy")
    assert len(encoded.data) == encoded.payload_bytes + encoded.container_bytes
    decoded = crosscodec.decode(encoded.data)
    restored = crosscodec.restore(noisy, "toy")
    assert np.array_equal(restored.pixels, decoded.pixels)
    assert restored.pixels.shape == noisy.shape
    assert (restored.decoder, restored.package_name) == ("fidelity", "toy")


def test_paths_are_read(photo, tmp_path):
    from_array = crosscodec.encode(np.asarray(Image.open(photo)), "toy")
    assert crosscodec.encode(photo, "toy").data == crosscodec.encode(str(photo), "toy").data == from_array.data
    (tmp_path / "a.xcd").write_bytes(from_array.data)
    for coded in (tmp_path / "a.xcd", str(tmp_path / "a.xcd")):
        assert np.array_equal(crosscodec.decode(coded).pixels, crosscodec.decode(from_array.data).pixels)


def test_the_command_line_writes_the_same_file(photo, tmp_path, runner):
    assert runner.invoke(app, ["encode", str(photo), str(tmp_path / "a.xcd"), "-p", "toy"]).exit_code == 0
    assert (tmp_path / "a.xcd").read_bytes() == crosscodec.encode(photo, "toy").data


def test_packages_by_name_path_and_object(toy_package, smooth_picture):
    picture = smooth_picture(9, 9, 1)
    wanted = crosscodec.encode(picture, "toy").data
    for package in (toy_package, str(toy_package), load_package("toy")):
        encoded = crosscodec.encode(picture, package)
        assert encoded.data == wanted
        assert crosscodec.decode(encoded.data, package).pixels.shape == (9, 9)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_of_every_width_are_taken_unclipped(dtype):
    values = np.linspace(-0.25, 1.25, 64).astype(dtype).reshape(8, 8)
    expected = crosscodec.encode(values.astype(np.float32), "toy")
    assert crosscodec.encode(values, "toy").data == expected.data
    assert crosscodec.encode(values[..., None], "toy").data == expected.data


def test_floats_of_bytes_are_refused_as_in_a_npy_file(smooth_picture, tmp_path):
    bytes_as_floats = smooth_picture(8, 8).astype(np.float64)
    np.save(tmp_path / "a.npy", bytes_as_floats)
    for picture, error in ((bytes_as_floats, UsageError), (tmp_path / "a.npy", UnsupportedData)):
        with pytest.raises(error, match=r"holds floats from 38 to 247"):
            crosscodec.restore(picture, "toy")


def test_arrays_that_are_no_pictures_are_told_their_shape(steps):
    for shape in ((8,), (8, 8, 4), (1, 8, 8, 3), (0, 8)):
        with pytest.raises(UsageError, match="a picture is an array"):
            crosscodec.encode(np.zeros(shape, np.uint8), steps)


def test_restore_looks_up_its_decoder_before_it_encodes(smooth_picture, monkeypatch):
    monkeypatch.setattr(api, "encode_at", lambda *given: pytest.fail("encoded before the decoder was looked up"))
    for wrong in ({"decoder": "perceptio"}, {"balance": 0.5}):
        with pytest.raises(UsageError, match="package toy has"):
            crosscodec.restore(smooth_picture(8, 8), "toy", **wrong)


def test_conversions_of_files_are_warned_of_where_the_call_stands(tmp_path, smooth_picture):
    Image.fromarray(smooth_picture(8, 8)).convert("CMYK").save(tmp_path / "a.tiff")
    with pytest.warns(crosscodec.PictureWarning, match=r"a\.tiff: CMYK turned into RGB") as caught:
        crosscodec.encode(tmp_path / "a.tiff", "toy")
    assert caught[0].filename == __file__
    with pytest.warns(crosscodec.PictureWarning) as caught:
        crosscodec.restore(tmp_path / "a.tiff", "toy")
    assert caught[0].filename == __file__


@pytest.fixture
def steps(tmp_path):
    """The file of a package of several qualities."""
    path = tmp_path / "steps.xcm"
    path.write_bytes(quality_package_bytes())
    return path


def test_a_quality_or_a_target(steps, smooth_picture):
    picture = smooth_picture(40, 52)
    for choice in ({"quality": 70}, {"target_bpp": 2.0}, {"target_bytes": 500}):
        encoded = crosscodec.encode(picture, steps, **choice)
        assert crosscodec.encode(picture, steps, quality=encoded.quality).data == encoded.data
        restored = crosscodec.restore(picture, steps, balance=0.5, **choice)
        assert np.array_equal(restored.pixels, crosscodec.decode(encoded.data, steps, balance=0.5).pixels)
    assert len(encoded.data) <= 500 == encoded.target_bytes
    assert crosscodec.encode(picture, steps).quality == 55
    assert crosscodec.encode(picture, "toy").quality is None


def test_another_encoder(tmp_path, smooth_picture):
    picture, package = smooth_picture(40, 52), tmp_path / "two.xcm"
    package.write_bytes(quality_package_bytes(best=True))
    for choice in ({}, {"quality": 70}, {"target_bytes": 500}):
        found = {name: crosscodec.encode(picture, package, encoder=name, **choice) for name in ("default", "best")}
        assert crosscodec.encode(picture, package, **choice).data == found["default"].data != found["best"].data
        for decoder in ("fidelity", "perception"):
            restored = crosscodec.restore(picture, package, encoder="best", decoder=decoder, **choice)
            decoded = crosscodec.decode(found["best"].data, package, decoder=decoder)
            assert np.array_equal(restored.pixels, decoded.pixels)
    assert len(found["best"].data) <= 500
    for call in (crosscodec.encode, crosscodec.restore):
        with pytest.raises(UsageError, match="package steps has no encoder 'fast'; it has: default, best"):
            call(picture, package, encoder="fast")
        with pytest.raises(UsageError, match="package toy has no encoder 'best'; it has: default"):
            call(picture, "toy", encoder="best")


def test_mistakes_about_qualities_are_named(steps, smooth_picture):
    picture = smooth_picture(8, 8)
    for choice, message in (
        ({"quality": 101}, "0 to 100, not 101"),
        ({"quality": 5, "target_bytes": 9}, "exclude one another"),
        ({"target_bytes": 9}, r"as small as 9 bytes: the smallest has \d+ \(quality 0\)"),
        ({"target_bpp": -1.0}, "positive number"),
    ):
        for call in (crosscodec.encode, crosscodec.restore):
            with pytest.raises(UsageError, match=message):
                call(picture, steps, **choice)
    with pytest.raises(UsageError, match="package toy has one quality only"):
        crosscodec.encode(picture, "toy", quality=50)


def test_mistakes_are_named(tmp_path, smooth_picture):
    picture = smooth_picture(8, 8)
    with pytest.raises(UsageError, match="the bytes of a file or the path of a file, not list"):
        crosscodec.encode([[1, 2], [3, 4]], "toy")
    with pytest.raises(UsageError, match="this one is uint16"):
        crosscodec.encode(picture.astype(np.uint16), "toy")
    with pytest.raises(InputMissing):
        crosscodec.restore(tmp_path / "none.png", "toy")
    with pytest.raises(PackageUnavailable):
        crosscodec.encode(picture, "nobody")
    with pytest.raises(CorruptData):
        crosscodec.decode(crosscodec.encode(picture, "toy").data[:-1])
    with pytest.raises(UsageError, match="has no decoder 'perception'"):
        crosscodec.restore(picture, "toy", decoder="perception")


def test_the_package_itself_loads_nothing_heavy():
    code = "import sys, crosscodec; dir(crosscodec); print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "onnxruntime", "PIL", "constriction", "typer"} & set(loaded)


def test_names_are_those_of_the_api_and_of_the_stub():
    assert set(dir(crosscodec)) == {*api.__all__, "CrosscodecError", "__version__"}
    stub = Path(crosscodec.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    for name in api.__all__:
        assert f"import {name} as {name}" in stub
        assert getattr(crosscodec, name) is getattr(api, name)
    with pytest.raises(AttributeError, match="no attribute 'enkode'"):
        crosscodec.enkode  # noqa: B018


TYPED = """
import numpy as np
import crosscodec

encoded: crosscodec.Encoded = crosscodec.encode(np.zeros((4, 4), np.uint8))
restored: crosscodec.Restored = crosscodec.decode(encoded.data, decoder="fidelity")
reveal_type(crosscodec.restore("a.png", package="photo-denoise").pixels)
crosscodec.restore(3)
"""


@pytest.mark.slow
def test_type_checkers_see_the_signatures(tmp_path):
    (tmp_path / "user.py").write_text(TYPED)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "user.py"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False).stdout
    assert "unsignedinteger" in said
    assert '"restore" has incompatible type "int"' in said
    assert said.count("error:") == 1


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32, np.float64, np.uint8])
def test_samples_on_another_scale_come_back_on_it(dtype, smooth_picture):
    samples = (100 + 0.5 * smooth_picture(40, 52, 1)).astype(dtype)
    restored = crosscodec.restore(samples, "toy", sample_range=(100, 228))
    kind = dtype if dtype in (np.uint16, np.uint8) else np.float32
    assert restored.samples.dtype == kind
    assert np.abs(restored.samples - samples.astype(float)).max() < 30
    assert restored.pixels.dtype == np.uint8
    assert np.abs(restored.pixels / 255 - (restored.samples - 100.0) / 128).max() < 0.01
    assert crosscodec.encode(samples, "toy", sample_range="auto").sample_range.low == samples.min()


def test_no_range_is_an_error(smooth_picture):
    for wish, message in (("wide", "full, auto"), ((3, 2), "up to a larger one"), ("full", "floats have no full")):
        with pytest.raises(UsageError, match=message):
            crosscodec.encode(np.zeros((4, 4), np.float32), "toy", sample_range=wish)
    with pytest.raises(UsageError, match="infinite or not a number"):
        crosscodec.encode(np.full((4, 4), np.nan), "toy", sample_range=(0, 1))


def test_a_file_of_sixteen_bits_with_a_range_is_read_without_a_warning(tmp_path, recwarn):
    Image.fromarray(np.full((20, 30), 3000, np.uint16)).save(tmp_path / "a.png")
    restored = crosscodec.restore(tmp_path / "a.png", "toy", sample_range="full")
    assert restored.samples.dtype == np.uint16
    assert not recwarn.list


def test_bytes_and_images_of_pillow_are_pictures_too(photo):
    expected = crosscodec.encode(photo, "toy").data
    whole = photo.read_bytes()
    for given in (whole, bytearray(whole), memoryview(whole), Image.open(photo)):
        assert crosscodec.encode(given, "toy").data == expected
    for coded in (expected, bytearray(expected), memoryview(expected)):
        assert np.array_equal(crosscodec.decode(coded).pixels, crosscodec.decode(expected).pixels)


def test_an_image_of_pillow_is_turned_and_keeps_its_profile(smooth_picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(smooth_picture(12, 20)).save(tmp_path / "a.png", exif=exif, icc_profile=wide_profile())
    with pytest.warns(crosscodec.PictureWarning, match="turned as its EXIF orientation 6 asks"):
        from_image = crosscodec.restore(Image.open(tmp_path / "a.png"), "toy")
    with pytest.warns(crosscodec.PictureWarning, match=r"a\.png: turned as its EXIF orientation 6 asks"):
        from_file = crosscodec.restore(tmp_path / "a.png", "toy")
    assert np.array_equal(from_image.pixels, from_file.pixels)
    assert from_image.profile == from_file.profile == wide_profile()
    profiled = Image.fromarray(smooth_picture(12, 20))
    profiled.info["icc_profile"] = wide_profile()
    with pytest.warns(crosscodec.PictureWarning, match="picture: colour profile dropped"):
        assert crosscodec.restore(profiled, "toy", keep_profile=False).profile == b""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"picture": [[1, 2]]}, "an image of Pillow, the bytes of a file or the path of a file, not list"),
        ({"package": 3}, "a package is a Package, a name or the path of a file, not int"),
        ({"target_bpp": "1"}, "a positive number of bits a pixel, not '1'"),
        ({"target_bytes": "20k"}, "a number of bytes, at least one, not '20k'"),
        ({"target_bytes": float("inf")}, "a number of bytes, at least one, not inf"),
        ({"encoder": 3}, "encoders and decoders have names"),
        ({"decoder": None}, "encoders and decoders have names"),
        ({"balance": "half"}, r"a number between 0 \(fidelity\) and 1 \(perception\), not 'half'"),
        ({"sample_range": 5}, "or two numbers"),
        ({"sample_range": (1, "x")}, "or two numbers"),
        ({"sample_range": (1,)}, "or two numbers"),
    ],
)
def test_arguments_of_other_types_are_told_what_would_be_right(wrong, message, smooth_picture, steps):
    with pytest.raises(UsageError, match=message):
        crosscodec.restore(**{"picture": smooth_picture(8, 8), "package": steps} | wrong)
    with pytest.raises(crosscodec.CrosscodecError, match="a coded file is bytes or the path of a file, not NoneType"):
        crosscodec.decode(None)


def test_a_target_may_be_any_kind_of_number(smooth_picture, steps):
    wanted = crosscodec.encode(smooth_picture(40, 40), steps, target_bytes=900).data
    for target in (900.0, 900.9, np.int64(900), np.float32(900)):
        assert crosscodec.encode(smooth_picture(40, 40), steps, target_bytes=target).data == wanted
