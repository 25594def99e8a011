"""Encode and decode with the shipped package, the toy package, and across processes and thread counts."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from PIL import Image
from smallpackage import small_package_bytes
from toypackage import toy_package_bytes

from crosscodec.bitstream.container import read_coded, write_coded
from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.codec import (
    DitherCard,
    decode_bytes,
    decode_many,
    encode_many,
    encode_pixels,
    load_package,
    verify_bytes,
)
from crosscodec.codec.coding import open_coded, picture_latents
from crosscodec.codec.package import CONTEXTS, TABLES, decoder_part, pack, parse_package
from crosscodec.errors import CorruptData, PackageUnavailable, UnsupportedData, UsageError


@pytest.fixture(scope="module")
def photo():
    return load_package("photo-denoise")


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return parse_package(toy_package_bytes(), tmp_path_factory.mktemp("toy") / "toy.xcm")


def noisy(clean, sigma=25.0, seed=0):
    noise = np.random.default_rng(seed).standard_normal(clean.shape) * sigma / 255
    return (clean.astype(np.float32) / 255 + noise).astype(np.float32)


def psnr(a, b):
    return -10 * np.log10(np.square(a.astype(np.float64) / 255 - b.astype(np.float64) / 255).mean())


def test_a_noisy_picture_comes_back_cleaner_and_small(photo, smooth_picture):
    clean = smooth_picture(200, 300)
    encoded = encode_pixels(noisy(clean), photo)
    restored = decode_bytes(encoded.data)
    assert restored.pixels.shape == clean.shape
    assert restored.pixels.dtype == np.uint8
    assert psnr(restored.pixels, clean) > 30 > psnr(np.clip(noisy(clean) * 255, 0, 255), clean)
    assert encoded.bits_per_pixel < 1
    assert encoded.payload_bytes + encoded.container_bytes == len(encoded.data)


def test_payload_keeps_to_the_model_estimate(photo, smooth_picture):
    encoded = encode_pixels(noisy(smooth_picture(160, 240), 50.0), photo)
    assert encoded.model_bits - 8 <= 8 * encoded.payload_bytes <= 1.001 * encoded.model_bits + 64


def test_container_of_one_image(toy, photo, smooth_picture):
    assert encode_pixels(smooth_picture(16, 16), toy).container_bytes <= 40
    large = encode_pixels(noisy(smooth_picture(512, 768)), photo)
    assert large.container_bytes <= 40 + 1 + len("photo-denoise")


@pytest.mark.parametrize("channels", [1, 3])
def test_all_small_sizes_come_back(toy, smooth_picture, channels):
    for height in (1, 2, 3, 4, 5, 31, 65):
        for width in (1, 4, 7, 64, 65):
            picture = smooth_picture(height, width, channels)
            assert decode_bytes(encode_pixels(picture, toy).data, toy).pixels.shape == picture.shape


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 3])
def test_every_size_up_to_65_comes_back(photo, smooth_picture, channels):
    for height in range(1, 66):
        for width in range(1, 66):
            picture = smooth_picture(height, width, channels)
            assert decode_bytes(encode_pixels(picture, photo).data, photo).pixels.shape == picture.shape


def test_gray_and_rgb_of_the_shipped_package(photo, smooth_picture):
    for channels in (1, 3):
        clean = smooth_picture(65, 97, channels)
        restored = decode_bytes(encode_pixels(noisy(clean), photo).data, photo).pixels
        assert restored.shape == clean.shape
        assert psnr(restored, clean) > 26


def test_many_pictures_share_one_header(toy, smooth_picture):
    pictures = [smooth_picture(8, 12)] * 5 + [smooth_picture(9, 3, 1)]
    encoded = encode_many(pictures, toy)
    assert [r.pixels.shape for r in decode_many(encoded.data, toy)] == [p.shape for p in pictures]
    alone = decode_bytes(encode_pixels(pictures[-1], toy).data, toy).pixels
    np.testing.assert_array_equal(decode_many(encoded.data, toy)[-1].pixels, alone)
    with pytest.raises(UsageError, match="holds 6 pictures"):
        decode_bytes(encoded.data, toy)


SCRIPT = """
import hashlib, sys, numpy as np
from crosscodec.codec import load_package
from crosscodec.codec.coding import open_coded
print(hashlib.sha256(open_coded(open(sys.argv[1], "rb").read(), None).symbols.tobytes()).hexdigest())
"""


def test_another_process_with_another_thread_count_reads_the_same_symbols(photo, smooth_picture, tmp_path):
    encoded = encode_pixels(noisy(smooth_picture(150, 210)), photo)
    (tmp_path / "a.xcd").write_bytes(encoded.data)
    here = open_coded(encoded.data, photo).symbols
    latents = picture_latents(noisy(smooth_picture(150, 210)), photo)
    np.testing.assert_array_equal(here, np.rint(latents).reshape(len(here), -1))
    digests = set()
    for threads in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path / "a.xcd")],
            env=os.environ | {"CROSSCODEC_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout.strip())
    assert digests == {hashlib.sha256(here.tobytes()).hexdigest()}


def test_verify_reports_and_refuses(toy, smooth_picture):
    encoded = encode_pixels(smooth_picture(20, 20), toy)
    checked = verify_bytes(encoded.data, toy)
    assert (checked.package_name, checked.images, checked.symbols) == ("toy", 1, 75)
    assert checked.payload_bytes == encoded.payload_bytes
    flipped = bytearray(encoded.data)
    flipped[-1] ^= 1
    with pytest.raises(CorruptData):
        verify_bytes(bytes(flipped), toy)


def test_symbols_of_another_table_are_noticed(toy, smooth_picture):
    """The digest catches a payload that decodes, but not to what was encoded."""
    coded = read_coded(encode_pixels(smooth_picture(20, 20), toy).data)
    other = read_coded(encode_pixels(255 - smooth_picture(20, 20), toy).data)
    with pytest.raises(CorruptData, match="digest"):
        verify_bytes(write_coded(replace(coded, payload=other.payload)), toy)
    with pytest.raises(CorruptData):
        verify_bytes(write_coded(replace(coded, symbol_count=coded.symbol_count - 3)), toy)


def test_wrong_package_is_named(toy, photo, smooth_picture):
    encoded = encode_pixels(smooth_picture(20, 20), toy)
    with pytest.raises(PackageUnavailable, match=rf"SHA-256 {toy.identity.hex()}.*not by photo-denoise"):
        decode_bytes(encoded.data, photo)
    with pytest.raises(PackageUnavailable, match="is not installed"):
        decode_bytes(encoded.data)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((4, 4, 4), np.uint8), r"shape \(4, 4, 4\)"),
        (np.zeros((0, 4), np.uint8), r"shape \(0, 4\)"),
        (np.zeros(4, np.uint8), r"shape \(4,\)"),
        (np.zeros((4, 4), np.float64), "this one is float64"),
        (np.full((4, 4), np.nan, np.float32), "not a number"),
    ],
)
def test_wrong_arrays_are_named(toy, picture, message):
    with pytest.raises(UsageError, match=message):
        encode_pixels(picture, toy)


def test_a_picture_outside_the_card_needs_force(toy, smooth_picture):
    narrow = replace(toy, card=replace(toy.card, channels=("rgb",)))
    with pytest.raises(UnsupportedData, match="made for rgb pictures, not gray"):
        encode_pixels(smooth_picture(8, 8, 1), narrow)
    assert encode_pixels(smooth_picture(8, 8, 1), narrow, force=True).data
    with pytest.raises(UsageError, match="at least one picture"):
        encode_many([], toy)


def dithered_toy(toy, dither):
    """The toy package, which takes pictures of any size, with a dither."""
    contexts = dither.levels if dither.common else 1
    tables = FrequencyTables.from_counts([np.ones(192)] * 3 * contexts, [-64] * 3 * contexts)
    layout = ContextLayout(contexts, (1,) * 3, ((),) * 3, ((),) * 3)
    parts = toy.parts | {TABLES: tables.to_bytes(), CONTEXTS: layout.to_json()}
    return parse_package(pack(replace(toy.card, dither=dither), parts), toy.path)


@pytest.mark.parametrize("common", [True, False])
def test_pictures_of_any_size_are_dithered_too(toy, smooth_picture, common):
    package = dithered_toy(toy, DitherCard(8, common))
    pictures = [smooth_picture(20, 33), smooth_picture(9, 40, 1), smooth_picture(1, 1)]
    encoded = encode_many(pictures, package, seed=4)
    restored = [r.pixels for r in decode_many(encoded.data, package)]
    assert [r.shape for r in restored] == [p.shape for p in pictures]
    latents = np.hstack([picture_latents(p, package).reshape(3, -1) for p in pictures])
    opened = open_coded(encoded.data, package)
    error = np.abs(opened.symbols + opened.dither(range(3), None) - latents)
    assert (error.max() <= 0.5 + 1e-4) == common
    for place in (2, 0):
        np.testing.assert_array_equal(decode_many(encoded.data, package, only=[place])[0].pixels, restored[place])
    other = decode_many(encoded.data, package, seed=1)[0].pixels
    assert np.array_equal(other, restored[0]) == common, "a decoder that knows the dither has nothing to draw"
    assert encode_many(pictures, package, seed=5).data != encoded.data


def test_only_pictures_that_are_there(toy, smooth_picture):
    data = encode_many([smooth_picture(8, 8)] * 3, toy).data
    assert decode_many(data, toy, only=[]) == []
    with pytest.raises(UsageError, match="pictures 0 to 2; there is no picture 3"):
        decode_many(data, toy, only=[1, 3])


def test_a_balance_of_a_package_for_any_size_mixes_tile_by_tile(toy, smooth_picture):
    darker = toy.parts[decoder_part("fidelity")]
    model = onnx.load_from_string(darker)
    kernel = numpy_helper.to_array(model.graph.initializer[0])
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(kernel / 2, "kernel"))
    parts = toy.parts | {decoder_part("perception"): model.SerializeToString()}
    package = parse_package(pack(replace(toy.card, decoders=("fidelity", "perception")), parts), toy.path)
    data = encode_pixels(smooth_picture(20, 33), package).data
    bright, dark = (decode_bytes(data, package, name).pixels.astype(float) for name in package.decoders)
    mixed = decode_bytes(data, package, balance=0.5)
    assert mixed.decoder == "balance 0.5"
    assert (bright - dark).max() > 50
    assert np.abs(mixed.pixels - (bright + dark) / 2).max() <= 1
    with pytest.raises(UsageError, match="package toy has: fidelity"):
        decode_bytes(encode_pixels(smooth_picture(8, 8), toy).data, toy, balance=0.5)


def test_a_picture_of_another_size_than_the_card_s(tmp_path, smooth_picture):
    small = parse_package(small_package_bytes(), tmp_path / "small.xcm")
    with pytest.raises(UnsupportedData, match=r"takes pictures of 6 x 8 pixels \(height x width\), not 8 x 6"):
        encode_pixels(smooth_picture(8, 6, 1), small)
    with pytest.raises(UnsupportedData, match="not 7 x 8"):
        encode_many([smooth_picture(6, 8, 1), smooth_picture(7, 8, 1)], small, force=True)


GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("kind", ["rgb", "gray"])
def test_golden_files_of_version_one_decode_as_ever(kind):
    """Files written on 2026-11-20 by the shipped package: symbols exact (their digest), pixels within one step."""
    data = (GOLDEN / f"v1-{kind}.xcd").read_bytes()
    assert verify_bytes(data).package_name == "photo-denoise"
    expected = np.asarray(Image.open(GOLDEN / f"v1-{kind}.png")).astype(int)
    assert np.abs(decode_bytes(data).pixels.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("kind", ["rgb", "gray"])
def test_every_flipped_header_bit_of_a_golden_file_is_refused(kind, photo):
    data = (GOLDEN / f"v1-{kind}.xcd").read_bytes()
    for bit in range(8 * 60):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CorruptData, UnsupportedData)):
            verify_bytes(bytes(flipped), photo)


def test_flipped_payload_bits_and_cuts_of_a_golden_file_are_refused(photo):
    data = (GOLDEN / "v1-rgb.xcd").read_bytes()
    places = np.random.default_rng(0).integers(8 * 60, 8 * len(data), 2000)
    for bit in places.tolist():
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptData):
            verify_bytes(bytes(flipped), photo)
    for length in range(len(data)):
        with pytest.raises(CorruptData):
            verify_bytes(data[:length], photo)
    with pytest.raises(CorruptData):
        verify_bytes(data + b"\0", photo)
