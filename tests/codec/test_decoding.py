"""Decode with the toy package and those of several qualities, in other processes and with other threads."""

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
from qualitypackage import (
    quality_package_bytes,
)
from smallpackage import small_package_bytes

from crosscodec.bitstream.appearance import Appearance
from crosscodec.bitstream.container import read_coded, write_coded
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec import (
    decode_bytes,
    decode_many,
    encode_many,
    encode_pixels,
    tiling,
    verify_bytes,
)
from crosscodec.codec.encoding import picture_latents
from crosscodec.codec.opening import open_coded
from crosscodec.codec.package import (
    decoder_part,
    pack,
    parse_package,
)
from crosscodec.codec.samples import to_unit
from crosscodec.errors import CorruptData, PackageUnavailable, UsageError


def noisy(clean, sigma=25.0, seed=0):
    noise = np.random.default_rng(seed).standard_normal(clean.shape) * sigma / 255
    return (clean.astype(np.float32) / 255 + noise).astype(np.float32)


SCRIPT = """
import hashlib, sys, numpy as np
from crosscodec.codec import load_package
from crosscodec.codec.opening import open_coded
print(hashlib.sha256(open_coded(open(sys.argv[1], "rb").read(), None).symbols.tobytes()).hexdigest())
"""


def test_another_process_with_another_thread_count_reads_the_same_symbols(shipped, smooth_picture, tmp_path):
    encoded = encode_pixels(noisy(smooth_picture(150, 210)), shipped)
    (tmp_path / "a.xcd").write_bytes(encoded.data)
    here = open_coded(encoded.data, shipped).symbols
    coefficients = picture_latents(noisy(smooth_picture(150, 210)), shipped)
    symbols = shipped.qualities.at(shipped.card.qualities.default).symbols(coefficients)
    np.testing.assert_array_equal(here, symbols.reshape(len(here), -1))
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


def test_wrong_package_is_named(toy, shipped, smooth_picture):
    encoded = encode_pixels(smooth_picture(20, 20), toy)
    with pytest.raises(PackageUnavailable, match=rf"SHA-256 {toy.identity.hex()}.*not by photo-denoise"):
        decode_bytes(encoded.data, shipped)
    with pytest.raises(PackageUnavailable, match="is not installed"):
        decode_bytes(encoded.data)


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


def test_the_decoder_is_told_the_level(steps, smooth_picture, tmp_path):
    plain = parse_package(quality_package_bytes(), tmp_path / "plain.xcm")
    picture = smooth_picture(16, 16) // 2
    for quality in (0, 40, 100):
        bright, dark = (
            decode_bytes(encode_pixels(picture, package, quality=quality).data, package).pixels.astype(float)
            for package in (steps, plain)
        )
        assert (bright - dark).mean() == pytest.approx(255 * 0.25 * quality / 100, abs=1)


def test_a_balance_mixes_decoders_of_a_quality(steps, smooth_picture):
    data = encode_pixels(smooth_picture(20, 33), steps, quality=90).data
    bright, dark = (decode_bytes(data, steps, name).pixels.astype(float) for name in steps.decoders)
    mixed = decode_bytes(data, steps, balance=0.5)
    assert (mixed.decoder, mixed.package_name) == ("balance 0.5", "steps")
    inside = (bright < 255) & (dark < 255)
    assert np.abs(mixed.pixels - (bright + dark) / 2)[inside].max() <= 1


def test_tiles_of_a_quality_join_without_a_seam(steps, smooth_picture, monkeypatch):
    picture = smooth_picture(50, 70)
    whole = encode_pixels(picture, steps, quality=37)
    restored = decode_bytes(whole.data, steps).pixels
    monkeypatch.setattr(tiling, "CORE", 16)
    assert encode_pixels(picture, steps, quality=37).data == whole.data
    np.testing.assert_array_equal(decode_bytes(whole.data, steps).pixels, restored)


def test_a_flipped_quality_is_refused(steps, smooth_picture):
    """The CRC of the header sees the flip; a well sealed file of another quality fails at payload or digest."""
    data = encode_pixels(smooth_picture(40, 40), steps, quality=70).data
    for quality in (0, 24, 54, 84, 100):
        with pytest.raises(CorruptData):
            verify_bytes(write_coded(replace(read_coded(data), quality=quality)), steps)


QUALITY_SCRIPT = """
import sys
import numpy as np
from crosscodec.codec import decode_bytes, encode_pixels, load_package
package = load_package(sys.argv[2])
if sys.argv[1] == "encode":
    encoded = encode_pixels(np.load(sys.argv[3]), package, quality=int(sys.argv[5]))
    open(sys.argv[4], "wb").write(encoded.data)
else:
    np.save(sys.argv[4], decode_bytes(open(sys.argv[3], "rb").read(), package).pixels)
"""


def test_one_process_encodes_and_another_decodes(steps, smooth_picture, tmp_path):
    (tmp_path / "steps.xcm").write_bytes(quality_package_bytes(glow=0.25))
    np.save(tmp_path / "in.npy", noisy(smooth_picture(50, 61)))
    for quality in ("0", "41", "100"):
        names = [str(tmp_path / name) for name in ("steps.xcm", "in.npy", "a.xcd", "out.npy")]
        for words in (("encode", names[0], *names[1:3], quality), ("decode", names[0], *names[2:4])):
            subprocess.run([sys.executable, "-c", QUALITY_SCRIPT, *words], check=True)
        data = (tmp_path / "a.xcd").read_bytes()
        assert data == encode_pixels(noisy(smooth_picture(50, 61)), steps, quality=int(quality)).data
        np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), decode_bytes(data, steps).pixels)


def test_samples_come_back_on_their_range(steps, smooth_picture):
    """What a decoder gives is the same; on a range it is not rounded to 256 levels."""
    for channels in (1, 3):
        picture = smooth_picture(50, 61, channels).astype(np.float32) / np.float32(255)
        plain = decode_bytes(encode_pixels(picture, steps, quality=80).data, steps)
        coded = encode_pixels(picture, steps, quality=80, appearance=Appearance(SampleRange(100, 3000, 16)))
        found = decode_bytes(coded.data, steps)
        assert found.sample_range == coded.sample_range == SampleRange(100, 3000, 16)
        assert found.samples.dtype == np.uint16
        np.testing.assert_array_equal(plain.samples, plain.pixels)
        assert np.abs(found.pixels.astype(int) - plain.pixels).max() <= 1
        inside = (plain.pixels > 0) & (plain.pixels < 255)  # on a range nothing is cut at its ends
        assert np.abs(found.samples - (100 + 2900 * (plain.pixels / 255)))[inside].max() <= 2900 / 255
        assert len(np.unique(found.samples)) > len(np.unique(plain.samples))
        floats = encode_pixels(picture, steps, quality=80, appearance=Appearance(SampleRange(-1, 1, 0)))
        whole = to_unit(found.samples, found.sample_range)
        np.testing.assert_allclose(decode_bytes(floats.data, steps).samples, 2 * whole - 1, atol=1.1 / 2900)
    assert plain.sample_range is None


def test_small_pictures_have_ranges_too(smooth_picture):
    package = parse_package(small_package_bytes(), Path("small.xcm"))
    pictures = [smooth_picture(6, 8, 1), smooth_picture(6, 8, 1)[::-1].copy()]
    coded = encode_many(pictures, package, appearance=Appearance(SampleRange(0, 4095, 12)))
    restored = decode_many(coded.data, package)
    assert [r.samples.dtype for r in restored] == [np.uint16] * 2
    plain = decode_many(encode_many(pictures, package).data, package)
    for with_range, without in zip(restored, plain, strict=True):
        assert np.abs(with_range.samples / 4095 - without.pixels / 255).max() <= 0.5 / 255 + 1e-3
