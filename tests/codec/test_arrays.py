"""Thousands of small pictures in one file: the fast path, and that it is the same path."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from smallpackage import SIZE, STEPS, quarters, small_package_bytes
from toypackage import toy_package_bytes

from crosscodec.codec import DitherCard, decode_arrays, decode_many, encode_arrays, encode_many, verify_bytes
from crosscodec.codec.opening import open_coded
from crosscodec.codec.package import parse_package
from crosscodec.errors import CrosscodecError, UnsupportedData, UsageError

DITHERS = {"none": None, "common": DitherCard(4, True), "private": DitherCard(4, False)}
IMAGES = np.random.default_rng(0).random((1000, *SIZE, 1), dtype=np.float32)
MEANS = np.array([quarters(image[..., 0]) for image in IMAGES])


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Maker of loaded small packages."""
    folder = tmp_path_factory.mktemp("small")
    return lambda dither=None, **more: parse_package(small_package_bytes(dither, **more), folder / "small.xcm")


def errors(restored):
    """What the decoder's latents are off by, in steps (N,4)."""
    return np.array([STEPS * quarters(image[..., 0]) for image in restored]) - STEPS * MEANS


def bright(restored):
    """Latents that clipping of pictures to 0..1 leaves as they are."""
    return ((restored > 0) & (restored < 1)).all((1, 2, 3))


@pytest.mark.parametrize("name", DITHERS)
def test_arrays_and_lists_of_pictures_give_the_same_file_and_the_same_pictures(small, name):
    package = small(DITHERS[name], noise=4)
    encoded = encode_arrays(IMAGES, package, seed=9)
    assert encode_many(list(IMAGES[..., 0]), package, seed=9).data == encoded.data
    assert encoded.shapes == (SIZE,) * 1000
    for decoder in package.decoders:
        restored = decode_arrays(encoded.data, package, decoder)
        assert restored.shape == (1000, *SIZE, 1)
        assert restored.dtype == np.float32
        assert 0 <= restored.min() < restored.max() <= 1
        listed = np.array([r.pixels for r in decode_many(encoded.data, package, decoder)])
        np.testing.assert_array_equal(np.round(restored[..., 0] * np.float32(255)).astype(np.uint8), listed)


def test_a_thousand_pictures_cost_little_more_than_their_payload(small):
    for dither in DITHERS.values():
        encoded = encode_arrays(IMAGES, small(dither))
        assert 8 * encoded.container_bytes / 1000 < 0.5
        assert encoded.container_bytes <= 50
        assert encoded.model_bits - 8 <= 8 * encoded.payload_bytes <= 1.001 * encoded.model_bits + 64
        assert verify_bytes(encoded.data, small(dither)).model_bits == pytest.approx(encoded.model_bits)


def test_with_a_common_dither_the_decoder_knows_what_the_encoder_subtracted(small):
    package = small(DITHERS["common"], levels=False)
    restored = decode_arrays(encode_arrays(IMAGES, package, seed=3).data, package)
    known = bright(restored)
    assert known.mean() > 0.5
    assert np.abs(errors(restored)[known]).max() <= 0.5 + 1e-5


def test_without_common_randomness_it_does_not(small):
    """The same encoder seed, and the decoder even told it: its dither is another, and errors pass half a step."""
    package = small(DITHERS["private"], levels=False)
    data = encode_arrays(IMAGES, package, seed=3).data
    for seed in (None, 3):
        restored = decode_arrays(data, package, seed=seed)
        wrong = np.abs(errors(restored)[bright(restored)])
        assert (wrong > 0.5).mean() > 0.1
        assert wrong.max() > 0.8


def test_common_and_private_dither_give_the_same_symbols_of_one_seed(small):
    """What differs is who knows it, not what the encoder does."""
    opened = [
        open_coded(encode_arrays(IMAGES, small(dither), seed=3).data, small(dither))
        for dither in (DITHERS["common"], DITHERS["private"])
    ]
    np.testing.assert_array_equal(opened[0].symbols, opened[1].symbols)


def test_a_file_decodes_as_ever_and_another_seed_is_another_sample(small):
    for dither, decoder in ((DITHERS["private"], "fidelity"), (None, "perception")):
        package = small(dither, noise=4)
        data = encode_arrays(IMAGES[:50], package).data
        first = decode_arrays(data, package, decoder)
        np.testing.assert_array_equal(first, decode_arrays(data, package, decoder))
        samples = [decode_arrays(data, package, decoder, seed=seed) for seed in (1, 2, 1)]
        np.testing.assert_array_equal(samples[0], samples[2])
        for other in (samples[0], samples[1]):
            assert np.abs(first - other).mean() > 0.01
        assert np.abs(samples[0] - samples[1]).mean() > 0.01


def test_another_seed_of_the_encoder_is_another_file(small):
    for name, differs in (("none", False), ("common", True), ("private", True)):
        package = small(DITHERS[name])
        files = {encode_arrays(IMAGES[:50], package, seed=seed).data for seed in (0, 1)}
        assert (len(files) == 2) == differs


@pytest.mark.parametrize("name", DITHERS)
def test_chosen_pictures_are_those_of_the_whole_file(small, name):
    package = small(DITHERS[name], noise=4)
    data = encode_arrays(IMAGES, package).data
    chosen = [999, 3, 3, 500]
    for decoder in package.decoders:
        whole = decode_arrays(data, package, decoder)
        np.testing.assert_allclose(decode_arrays(data, package, decoder, only=chosen), whole[chosen], rtol=1e-6)
    assert decode_arrays(data, package, only=[]).shape == (0, *SIZE, 1)


def test_a_balance_mixes_before_clipping(small):
    package = small(noise=4)
    data = encode_arrays(IMAGES, package).data
    ends = [decode_arrays(data, package, name) for name in ("fidelity", "perception")]
    middle = decode_arrays(data, package, balance=0.25)
    inside = bright(ends[0]) & bright(ends[1])
    assert inside.sum() > 50
    np.testing.assert_allclose(middle[inside], 0.75 * ends[0][inside] + 0.25 * ends[1][inside], atol=1e-6)
    clipped = np.abs(middle - (0.75 * ends[0] + 0.25 * ends[1])).max()
    assert clipped > 0.05, "clipped ends would mix to something else"


def test_gray_and_rgb_in_three_planes(small):
    package = small(planes=3)
    rgb = np.repeat(IMAGES[:20], 3, axis=3)
    gray = encode_arrays(IMAGES[:20], package)
    assert decode_arrays(gray.data, package).shape == (20, *SIZE, 3)
    assert {r.pixels.shape for r in decode_many(gray.data, package)} == {SIZE}
    colour = encode_arrays(rgb, package)
    assert colour.shapes == ((*SIZE, 3),) * 20
    assert {r.pixels.shape for r in decode_many(colour.data, package)} == {(*SIZE, 3)}
    np.testing.assert_array_equal(decode_arrays(gray.data, package), decode_arrays(colour.data, package))
    mixed = encode_many([IMAGES[0, ..., 0], rgb[1]], package)
    assert [r.pixels.shape for r in decode_many(mixed.data, package)] == [SIZE, (*SIZE, 3)]


def test_rgb_into_one_plane_comes_back_gray_if_forced(small):
    package, rgb = small(), np.repeat(IMAGES[:3], 3, axis=3)
    with pytest.raises(UnsupportedData, match="made for gray pictures, not rgb"):
        encode_arrays(rgb, package)
    data = encode_arrays(rgb, package, force=True).data
    assert data == encode_arrays(IMAGES[:3], package).data
    assert decode_many(data, package)[0].pixels.shape == SIZE


def test_a_package_for_any_size_is_for_other_functions(tmp_path, smooth_picture):
    toy = parse_package(toy_package_bytes(), tmp_path / "toy.xcm")
    with pytest.raises(UsageError, match="package toy takes pictures of any size"):
        encode_arrays(IMAGES, toy)
    with pytest.raises(UsageError, match="package toy takes pictures of any size"):
        decode_arrays(encode_many([smooth_picture(6, 8)], toy).data, toy)


SCRIPT = """
import hashlib, sys
from crosscodec.codec import decode_arrays, load_package
from crosscodec.codec.opening import open_coded
data, package = open(sys.argv[1], "rb").read(), load_package(sys.argv[2])
opened = open_coded(data, package)
restored = decode_arrays(data, package, "perception")
for array in (opened.symbols, opened.dither(range(1000), None), (restored * 255).round().astype("uint8")):
    print(hashlib.sha256(array.tobytes()).hexdigest())
"""


@pytest.mark.parametrize("name", ["common", "private"])
def test_another_process_with_another_thread_count_decodes_the_same(small, name, tmp_path):
    package = small(DITHERS[name], noise=4)
    (tmp_path / "small.xcm").write_bytes(small_package_bytes(DITHERS[name], noise=4))
    encoded = encode_arrays(IMAGES, package, seed=5)
    (tmp_path / "a.xcd").write_bytes(encoded.data)
    opened = open_coded(encoded.data, package)
    restored = (decode_arrays(encoded.data, package, "perception") * 255).round().astype(np.uint8)
    here = [opened.symbols, opened.dither(range(1000), None), restored]
    for threads in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path / "a.xcd"), str(tmp_path / "small.xcm")],
            env=os.environ | {"CROSSCODEC_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == [hashlib.sha256(array.tobytes()).hexdigest() for array in here]


GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("decoder", ["fidelity", "perception", "task"])
def test_the_golden_pack_of_forty_digits_decodes_as_ever(decoder):
    """One file, one byte a digit; the private noise of `perception` follows from the file."""
    data = (GOLDEN / "digits-superres.xcd").read_bytes()
    assert verify_bytes(data).images == 40
    pictures = decode_arrays(data, None, decoder)[..., 0]
    sheet = np.concatenate([np.concatenate(list(row), axis=1) for row in pictures.reshape(5, 8, 28, 28)])
    expected = np.asarray(Image.open(GOLDEN / f"digits-superres-{decoder}.png")).astype(float)
    assert np.abs(np.round(sheet * 255) - expected).max() <= 1


def test_every_flipped_bit_of_the_golden_pack_is_refused():
    data = (GOLDEN / "digits-superres.xcd").read_bytes()
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CrosscodecError):
            verify_bytes(bytes(damaged))
