"""Encode with the shipped package, the toy package, and those of several qualities."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from qualitypackage import (
    ANCHORS,
    CHANNELS,
    choosing_package_bytes,
    quality_card,
    quality_package_bytes,
    quality_parts,
)
from smallpackage import small_package_bytes

from crosscodec.bitstream.coder import encode_symbols
from crosscodec.bitstream.container import read_coded
from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.codec import (
    DitherCard,
    decode_bytes,
    decode_many,
    encode_many,
    encode_pixels,
    tiling,
    verify_bytes,
)
from crosscodec.codec.encoding import encode_coefficients, picture_latents, picture_symbols
from crosscodec.codec.opening import open_coded
from crosscodec.codec.package import (
    CONTEXTS,
    ENCODER,
    TABLES,
    encoder_part,
    pack,
    parse_package,
    tables_part,
)
from crosscodec.domains.degradation import CameraNoise, parse_degradation
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import builtin_photos
from crosscodec.errors import CorruptData, UnsupportedData, UsageError


def noisy(clean, sigma=25.0, seed=0):
    noise = np.random.default_rng(seed).standard_normal(clean.shape) * sigma / 255
    return (clean.astype(np.float32) / 255 + noise).astype(np.float32)


def psnr(a, b):
    return -10 * np.log10(np.square(a.astype(np.float64) / 255 - b.astype(np.float64) / 255).mean())


def test_a_noisy_picture_comes_back_cleaner_and_small(shipped, smooth_picture):
    clean = smooth_picture(200, 300)
    encoded = encode_pixels(noisy(clean), shipped)
    restored = decode_bytes(encoded.data)
    assert restored.pixels.shape == clean.shape
    assert restored.pixels.dtype == np.uint8
    assert psnr(restored.pixels, clean) > 30 > psnr(np.clip(noisy(clean) * 255, 0, 255), clean)
    assert encoded.bits_per_pixel < 1
    assert encoded.payload_bytes + encoded.container_bytes == len(encoded.data)


def test_payload_keeps_to_the_model_estimate(shipped, smooth_picture):
    encoded = encode_pixels(noisy(smooth_picture(160, 240), 50.0), shipped)
    assert encoded.model_bits - 8 <= 8 * encoded.payload_bytes <= 1.001 * encoded.model_bits + 64


def test_container_of_one_image(toy, shipped, smooth_picture):
    assert encode_pixels(smooth_picture(16, 16), toy).container_bytes <= 40
    large = encode_pixels(noisy(smooth_picture(512, 768)), shipped)
    assert large.container_bytes <= 40 + 1 + len("photo-denoise")


@pytest.mark.parametrize("quality", [None, 90])
def test_the_encoder_camera_knows_the_grain_of_a_camera(shipped, quality):
    """The shipped package: a photo comes back closer than with the default encoder, from a file half as large."""
    clean = builtin_photos().clean(1)[100:356, 100:484].astype(np.float32) / 255
    seen = CameraNoise(150, quality).apply(clean, 0, "test", 0)
    sizes, errors = [], []
    for encoder in ("default", "camera"):
        data = encode_pixels(seen, shipped, quality=60, encoder=encoder).data
        sizes.append(len(data))
        errors.append(psnr(255 * clean, decode_bytes(data, shipped).pixels))
    assert errors[1] > max(errors[0], psnr(255 * clean, 255 * seen)) + 2
    assert sizes[1] < 0.6 * sizes[0]


def test_auto_chooses_for_each_picture_of_a_file(tmp_path):
    package = parse_package(choosing_package_bytes(), tmp_path / "steps.xcm")
    flat = np.full((32, 40, 3), 120, np.uint8)
    grainy = np.random.default_rng(0).integers(90, 150, (32, 40, 3), dtype=np.uint8)
    both = encode_many([flat, grainy], package, quality=60, encoder="auto")
    assert both.encoders == ("default", "best")
    for picture, encoder, name in ((flat, "auto", "default"), (grainy, "auto", "best"), (grainy, "default", "default")):
        encoded = encode_pixels(picture, package, quality=60, encoder=encoder)
        assert encoded.encoders == (name,)
        assert encoded.data == encode_pixels(picture, package, quality=60, encoder=name).data
    with pytest.raises(UsageError, match=r"with H, W >= 1; this one has shape \(3,\)"):
        encode_pixels(np.zeros(3, np.uint8), package, encoder="auto")
    with pytest.raises(UsageError, match="infinite or not a number"):
        encode_pixels(np.full((9, 9), np.nan, np.float32), package, encoder="auto")


@pytest.mark.parametrize(("kind", "encoder"), [("noise:25", "default"), ("none", "default"), ("camera:150", "camera")])
def test_the_shipped_package_chooses_by_the_noise(shipped, kind, encoder):
    domain = Domain(builtin_photos(), parse_degradation(kind), 0)
    for picture in range(len(builtin_photos())):
        assert shipped.encoder_for(domain.sample(picture).degraded, "auto") == encoder


@pytest.mark.parametrize("channels", [1, 3])
def test_all_small_sizes_come_back(toy, smooth_picture, channels):
    for height in (1, 2, 3, 4, 5, 31, 65):
        for width in (1, 4, 7, 64, 65):
            picture = smooth_picture(height, width, channels)
            assert decode_bytes(encode_pixels(picture, toy).data, toy).pixels.shape == picture.shape


def test_gray_and_rgb_of_the_shipped_package(shipped, smooth_picture):
    for channels in (1, 3):
        clean = smooth_picture(65, 97, channels)
        restored = decode_bytes(encode_pixels(noisy(clean), shipped).data, shipped).pixels
        assert restored.shape == clean.shape
        assert psnr(restored, clean) > 26


def test_many_pictures_share_one_header(toy, smooth_picture, monkeypatch):
    pictures = [smooth_picture(8, 12)] * 5 + [smooth_picture(9, 3, 1)]
    encoded = encode_many(pictures, toy)
    assert [r.pixels.shape for r in decode_many(encoded.data, toy)] == [p.shape for p in pictures]
    alone = decode_bytes(encode_pixels(pictures[-1], toy).data, toy).pixels
    np.testing.assert_array_equal(decode_many(encoded.data, toy)[-1].pixels, alone)
    monkeypatch.setattr("crosscodec.codec.decoding.open_coded", lambda *given: pytest.fail("decoded before counting"))
    with pytest.raises(UsageError, match="holds 6 pictures: `crosscodec decode` makes one"):
        decode_bytes(encoded.data, toy)


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
    parts = toy.parts | {TABLES: tables.to_bytes(), CONTEXTS: layout.to_bytes()}
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


def test_a_picture_of_another_size_than_the_card_s(tmp_path, smooth_picture):
    small = parse_package(small_package_bytes(), tmp_path / "small.xcm")
    with pytest.raises(UnsupportedData, match=r"takes pictures of 6 x 8 pixels \(height x width\), not 8 x 6"):
        encode_pixels(smooth_picture(8, 6, 1), small)
    with pytest.raises(UnsupportedData, match="not 7 x 8"):
        encode_many([smooth_picture(6, 8, 1), smooth_picture(7, 8, 1)], small, force=True)


@pytest.mark.parametrize("channels", [1, 3])
def test_every_quality_comes_back(steps, smooth_picture, channels):
    picture = smooth_picture(22, 17, channels)
    coefficients = picture_latents(picture, steps)
    for quality in range(101):
        encoded = encode_pixels(picture, steps, quality=quality)
        level = steps.qualities.at(quality)
        opened = open_coded(encoded.data, steps)
        assert (encoded.quality, opened.quality, opened.coded.quality) == (quality,) * 3
        symbols = level.symbols(coefficients)
        np.testing.assert_array_equal(opened.symbols, symbols.reshape(CHANNELS, -1))
        assert opened.coded.payload == encode_symbols(opened.symbols, steps.entropy_at(quality), opened.grids)
        planes = steps.decoder("fidelity")(level.values(symbols)[np.newaxis])[0, :, :22, :17]
        expected = planes.transpose(1, 2, 0) if channels == 3 else planes.mean(0)
        restored = decode_bytes(encoded.data, steps).pixels
        assert restored.shape == picture.shape
        assert np.abs(restored - np.clip(expected, 0, 1) * 255).max() <= 1
        assert verify_bytes(encoded.data, steps).quality == quality


def test_predicted_channels_change_the_payload_and_nothing_else(steps, smooth_picture, tmp_path):
    """One file of two pictures: symbols, digest and pixels are those of the package that predicts nothing."""
    card = replace(quality_card(), predicted=(0, 1, 2, 5))
    foretelling = parse_package(pack(card, quality_parts(glow=0.25)), tmp_path / "foretelling.xcm")
    pictures = [smooth_picture(50, 61), smooth_picture(33, 40)]
    for quality in (10, 90):
        plain, found = (encode_many(pictures, package, quality=quality) for package in (steps, foretelling))
        opened, expected = open_coded(found.data, foretelling), open_coded(plain.data, steps)
        np.testing.assert_array_equal(opened.symbols, expected.symbols)
        assert opened.coded.digest == expected.coded.digest
        assert opened.coded.payload != expected.coded.payload
        assert not np.array_equal(opened.numbers[0], opened.symbols[0])
        for one, other in zip(decode_many(found.data, foretelling), decode_many(plain.data, steps), strict=True):
            np.testing.assert_array_equal(one.pixels, other.pixels)
        assert verify_bytes(found.data, foretelling).model_bits == pytest.approx(found.model_bits)
        assert found.model_bits != plain.model_bits


def test_a_card_that_predicts_what_is_not_there_is_refused(tmp_path, smooth_picture):
    card = replace(quality_card(), predicted=(0, CHANNELS))
    package = parse_package(pack(card, quality_parts()), tmp_path / "steps.xcm")
    with pytest.raises(CorruptData, match=f"the card predicts channel {CHANNELS}, and there are {CHANNELS}"):
        encode_pixels(smooth_picture(8, 8), package)


def test_higher_qualities_are_larger_and_closer(smooth_picture, tmp_path):
    plain = parse_package(quality_package_bytes(), tmp_path / "plain.xcm")
    picture = smooth_picture(64, 96)
    coded = [encode_pixels(picture, plain, quality=quality) for quality in (0, 30, 60, 100)]
    sizes, found = [len(c.data) for c in coded], [psnr(decode_bytes(c.data, plain).pixels, picture) for c in coded]
    assert sizes == sorted(sizes)
    assert sizes[3] > 3 * sizes[0]
    assert found == sorted(found)
    assert found[3] > 35


def test_without_a_quality_it_is_the_default_of_the_card(steps, smooth_picture):
    picture = smooth_picture(20, 20)
    assert encode_pixels(picture, steps).data == encode_pixels(picture, steps, quality=55).data
    assert encode_pixels(picture, steps).quality == 55
    assert read_coded(encode_pixels(picture, steps, quality=0).data).quality == 0


def test_the_payload_is_that_of_a_package_of_one_quality_with_the_same_tables(steps, smooth_picture):
    """Tables do not know of qualities: a plain package whose encoder gives the scaled latents writes the same bytes."""
    picture, place = smooth_picture(40, 52), ANCHORS.index(70)
    encoded = encode_pixels(picture, steps, quality=70)
    latents = picture_latents(picture, steps)
    level = steps.qualities.at(70)
    scaled = latents * level.gain[:, None, None]
    scaled = np.sign(scaled) * np.maximum(np.abs(scaled) - level.dead[:, None, None], 0)
    parts = {name: part for name, part in quality_parts().items() if name[0] not in "qtc"}
    parts |= {TABLES: steps.parts[tables_part(place)], CONTEXTS: steps.parts[f"contexts-{place}.json"]}
    plain = parse_package(pack(replace(quality_card("plain"), qualities=None), parts), steps.path)
    plain._started[ENCODER] = lambda planes: scaled[np.newaxis]
    assert read_coded(encode_pixels(picture, plain).data).payload == read_coded(encoded.data).payload
    assert encode_pixels(picture, plain).quality is None


def test_pictures_of_a_pack_share_a_quality(steps, smooth_picture):
    pictures = [smooth_picture(8, 12), smooth_picture(9, 3, 1), smooth_picture(30, 30)]
    encoded = encode_many(pictures, steps, quality=80)
    for place, restored in enumerate(decode_many(encoded.data, steps)):
        alone = decode_bytes(encode_pixels(pictures[place], steps, quality=80).data, steps)
        np.testing.assert_array_equal(restored.pixels, alone.pixels)
    np.testing.assert_array_equal(decode_many(encoded.data, steps, only=[2])[0].pixels, restored.pixels)


def test_coefficients_once_and_any_quality_of_them(steps, smooth_picture):
    pictures = [smooth_picture(8, 12), smooth_picture(9, 30, 1)]
    coefficients = [picture_latents(picture, steps) for picture in pictures]
    for quality in (0, 33, 100):
        shapes = tuple(picture.shape for picture in pictures)
        encoded = encode_coefficients(coefficients, shapes, steps, steps.qualities.at(quality))
        # Coefficients do not say which encoder gave them.
        assert replace(encoded, encoders=("default",) * 2) == encode_many(pictures, steps, quality=quality)


def test_symbols_are_made_tile_by_tile(steps, smooth_picture, monkeypatch):
    """The coefficients of a large picture are never all there, unless a size is asked for."""
    monkeypatch.setattr(tiling, "CORE", 16)
    largest, network = [], steps.encoder
    monkeypatch.setitem(steps._started, ENCODER, lambda tile: largest.append(tile.shape[2:]) or network(tile))
    assert picture_symbols(smooth_picture(64, 64), steps, quality=50).dtype == np.int32
    assert len(largest) == 16
    assert set(largest) == {(16, 16)}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The package with a further encoder, which sees a block around each block."""
    data = quality_package_bytes(glow=0.25, best=True)
    return parse_package(data, tmp_path_factory.mktemp("two") / "steps.xcm")


def test_a_further_encoder_writes_another_file_for_the_same_decoders(two, steps, smooth_picture):
    pictures = [smooth_picture(50, 61), smooth_picture(33, 40, 1)]
    for quality in (0, 41, 100):
        default, best = (encode_many(pictures, two, quality=quality, encoder=name) for name in two.encoders)
        plain = encode_many(pictures, steps, quality=quality)
        assert read_coded(default.data).payload == read_coded(plain.data).payload != read_coded(best.data).payload
        assert encode_many(pictures, two, quality=quality) == default
        symbols = [picture_symbols(p, two, quality=quality, encoder="best").reshape(CHANNELS, -1) for p in pictures]
        np.testing.assert_array_equal(open_coded(best.data, two).symbols, np.hstack(symbols))
        assert verify_bytes(best.data, two).model_bits == pytest.approx(best.model_bits)
        for decoder in two.decoders:
            found = [restored.pixels for restored in decode_many(best.data, two, decoder)]
            assert [pixels.shape for pixels in found] == [(50, 61, 3), (33, 40)]
    assert encode_pixels(pictures[0], two, encoder="best").data != encode_pixels(pictures[0], two).data


def test_tiles_of_a_further_encoder_have_its_own_halo(two, smooth_picture, monkeypatch):
    picture = smooth_picture(64, 50)
    whole, coefficients = (make(picture, two, encoder="best") for make in (encode_pixels, picture_latents))
    monkeypatch.setattr(tiling, "CORE", 16)
    for name, part, largest in (("default", ENCODER, 16), ("best", encoder_part("best"), 16 + 2 * 4)):
        tiles, network = [], two.encoder_named(name)
        with monkeypatch.context() as patch:
            patch.setitem(two._started, part, lambda tile, n=network, t=tiles: t.append(tile.shape[2:]) or n(tile))
            encode_pixels(picture, two, encoder=name)
        assert max(tiles) == (largest, largest)
        assert len(tiles) == 4 * 4
    assert encode_pixels(picture, two, encoder="best").data == whole.data
    np.testing.assert_allclose(picture_latents(picture, two, encoder="best"), coefficients, atol=1e-5)


def test_an_encoder_that_is_not_there_is_named(two, toy, tmp_path, smooth_picture):
    for call in (encode_pixels, picture_latents, picture_symbols):
        with pytest.raises(UsageError, match="package steps has no encoder 'fast'; it has: default, best"):
            call(smooth_picture(8, 8), two, encoder="fast")
    with pytest.raises(UsageError, match="package toy has no encoder 'best'; it has: default"):
        encode_pixels(smooth_picture(8, 8), toy, encoder="best")
    small = parse_package(small_package_bytes(), tmp_path / "small.xcm")
    with pytest.raises(UsageError, match="package small has no encoder 'best'; it has: default"):
        encode_pixels(smooth_picture(6, 8, 1), small, encoder="best")


def test_a_further_encoder_of_one_quality_with_and_without_dither(toy, smooth_picture):
    model = onnx.load_from_string(toy.parts[ENCODER])
    kernel = numpy_helper.to_array(model.graph.initializer[0])
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(kernel / 2, "kernel"))
    for package in (toy, dithered_toy(toy, DitherCard(8, True))):
        card = replace(package.card, encoders={"half": 0})
        parts = package.parts | {encoder_part("half"): model.SerializeToString()}
        both = parse_package(pack(card, parts), toy.path)
        whole, half = (decode_bytes(encode_pixels(smooth_picture(20, 33), both, encoder=name).data, both).pixels
                       for name in both.encoders)  # fmt: skip
        assert np.abs(whole / 2 - half).max() <= 255 / 32 + 1


def test_a_package_of_one_quality_takes_none(toy, smooth_picture):
    with pytest.raises(UsageError, match="package toy has one quality only"):
        encode_pixels(smooth_picture(8, 8), toy, quality=50)
    encoded = encode_pixels(smooth_picture(8, 8), toy)
    assert (encoded.quality, verify_bytes(encoded.data, toy).quality) == (None, None)


@pytest.mark.parametrize("quality", [-1, 101, 50.0, "50"])
def test_other_qualities_than_0_to_100_there_are_none(steps, smooth_picture, quality):
    with pytest.raises(UsageError, match="a quality is a whole number of 0 to 100"):
        encode_pixels(smooth_picture(8, 8), steps, quality=quality)


def test_networks_rest_after_a_picture_of_several_tiles(toy, smooth_picture):
    """What they worked in was as large as all symbols, and stayed while these were coded."""
    small, large = smooth_picture(40, 52), smooth_picture(40, 1040)
    before = encode_pixels(small, toy).data
    assert toy._started
    coded = encode_pixels(large, toy).data
    assert not toy._started
    assert encode_pixels(large, toy).data == coded
    assert encode_pixels(small, toy).data == before
    assert decode_bytes(coded, toy).pixels.shape == large.shape
