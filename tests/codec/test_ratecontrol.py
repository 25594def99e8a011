"""The search for a size: what it finds is what trying every quality finds, and as a rule the file is the quality's."""

from dataclasses import replace

import numpy as np
import pytest
from qualitypackage import quality_package_bytes
from toypackage import toy_package_bytes

from crosscodec.bitstream.appearance import Appearance, text_fields
from crosscodec.bitstream.container import read_coded
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec import ratecontrol
from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_many, encode_pixels, picture_latents
from crosscodec.codec.package import ENCODER, load_package, parse_package
from crosscodec.codec.ratecontrol import FILLED, RateChoice, encode_at, shortfall
from crosscodec.domains.photos import builtin_photos
from crosscodec.errors import UnsupportedData, UsageError


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    return parse_package(quality_package_bytes(), tmp_path_factory.mktemp("steps") / "steps.xcm")


@pytest.fixture(scope="module")
def photos():
    """Middles of the photographs inside scikit-image."""
    found = builtin_photos()
    cut = [found.clean(i)[100:260, 100:260] for i in range(len(found))]
    return [picture if picture.shape[2] == 3 else picture[..., 0] for picture in cut]


@pytest.fixture(scope="module")
def every_size(steps, photos):
    """File sizes of each photograph at each quality."""
    return [np.array([len(encode_pixels(p, steps, quality=q).data) for q in range(101)]) for p in photos]


def test_the_search_finds_what_trying_every_quality_finds(steps, photos, every_size):
    for picture, sizes in zip(photos[:3], every_size, strict=False):
        for target in np.geomspace(sizes[0], sizes[-1], 12).astype(int).tolist():
            found = encode_at([picture], steps, RateChoice(target_bytes=target))
            largest = np.flatnonzero(sizes <= target)[-1]
            assert found.target_bytes == target >= len(found.data) >= sizes[largest]
            if sizes[largest] >= FILLED * target:
                assert found.quality == largest
                assert replace(found, target_bytes=None) == encode_pixels(picture, steps, quality=found.quality)
            else:
                assert found.quality in (largest, largest + 1)


def targets(sizes, picture, count):
    pixels = picture.shape[0] * picture.shape[1]
    return np.geomspace(1.05 * 8 * sizes[0] / pixels, 0.95 * 8 * sizes[-1] / pixels, count).tolist()


def test_real_pictures_reach_their_target_within_three_percent(steps, photos, every_size):
    """The toy's tables may change so much from one anchor to the next that no dead zone fills the gap."""
    near = []
    for picture, sizes in zip(photos, every_size, strict=True):
        for bpp in targets(sizes, picture, 8):
            found = encode_at([picture], steps, RateChoice(target_bpp=bpp))
            assert found.bits_per_pixel <= bpp
            near.append(found.bits_per_pixel > 0.97 * bpp)
            assert near[-1] or sizes[found.quality + 1] > 1.03 * sizes[found.quality]
    assert np.mean(near) > 0.9


def test_the_shipped_package_reaches_every_target_within_three_percent(photos):
    package = load_package("photo-denoise")
    for picture in photos[:4]:
        ends = [len(encode_pixels(picture, package, quality=q).data) for q in (0, 100)]
        for bpp in targets(ends, picture, 5):
            assert 0.97 * bpp < encode_at([picture], package, RateChoice(target_bpp=bpp)).bits_per_pixel <= bpp


def test_a_file_that_was_filled_up_lies_between_its_neighbours(steps, photos, every_size):
    """Sizes just below that of a quality leave the step below it unused, unless the dead zone is widened."""
    filled = 0
    for picture, sizes in zip(photos, every_size, strict=True):
        quality = int(np.argmax(sizes[1:] / sizes[:-1])) + 1
        if sizes[quality - 1] >= FILLED * (sizes[quality] - 1):
            continue
        found = encode_at([picture], steps, RateChoice(target_bytes=int(sizes[quality]) - 1))
        filled += found.quality == quality
        assert sizes[quality - 1] < len(found.data) < sizes[quality]
        errors = [np.square(decode_bytes(data, steps).pixels - picture.astype(float)).mean() for data in (
            found.data, encode_pixels(picture, steps, quality=quality - 1).data)]  # fmt: skip
        assert errors[0] < 1.02 * errors[1], "more bytes buy a picture that is as good"
    assert filled


def test_sizes_that_fall_again_are_found(steps, smooth_picture, monkeypatch):
    """File sizes in which bisection alone would stop too early."""
    sizes = [100 + 10 * quality for quality in range(101)]
    sizes[40] = sizes[41] = 700  # more than at 42, where they are 520
    real = ratecontrol.encode_coefficients

    def padded(coefficients, shapes, package, level, appearance):
        return replace(real(coefficients, shapes, package, level, appearance), data=bytes(sizes[level.quality]))

    monkeypatch.setattr(ratecontrol, "encode_coefficients", padded)
    picture = smooth_picture(8, 8)
    assert encode_at([picture], steps, RateChoice(target_bytes=529)).quality == 42
    assert encode_at([picture], steps, RateChoice(target_bytes=519)).quality == 39
    sizes[0] = sizes[1] = 150
    sizes[2] = 90
    assert encode_at([picture], steps, RateChoice(target_bytes=95)).quality == 2
    with pytest.raises(UsageError, match=r"as small as 89 bytes: the smallest has 90 \(quality 2\)"):
        encode_at([picture], steps, RateChoice(target_bytes=89))


def test_the_network_runs_once(steps, photos, monkeypatch):
    runs, network = [], steps.encoder
    monkeypatch.setitem(steps._started, ENCODER, lambda tile: runs.append(1) or network(tile))
    assert encode_at([photos[0]], steps, RateChoice(target_bpp=2.5)).quality > 0
    assert len(runs) == 1


def test_a_size_is_kept_with_a_further_encoder(photos, tmp_path):
    two = parse_package(quality_package_bytes(best=True), tmp_path / "steps.xcm")
    for picture in photos[:2]:
        sizes = [len(encode_pixels(picture, two, quality=q, encoder="best").data) for q in range(101)]
        found = encode_at([picture], two, RateChoice(target_bytes=sizes[60]), encoder="best")
        assert 0.97 * sizes[60] < len(found.data) <= sizes[60] == found.target_bytes
        if found.data != encode_at([picture], two, RateChoice(found.quality), encoder="best").data:
            assert sizes[found.quality] > sizes[60], "filled up: the encoder rounds more to zero"
    with pytest.raises(UsageError, match="has no encoder 'fast'; it has: default, best"):
        encode_at([photos[0]], two, RateChoice(target_bpp=2.0), encoder="fast")


def test_pictures_of_a_pack_share_the_target(steps, smooth_picture):
    pictures = [smooth_picture(40, 52), smooth_picture(33, 20, 1)]
    found = encode_at(pictures, steps, RateChoice(target_bpp=1.5))
    assert found.target_bytes == int(1.5 * (40 * 52 + 33 * 20) / 8) >= len(found.data)
    sizes = [len(encode_many(pictures, steps, quality=q).data) for q in (found.quality - 1, found.quality)]
    assert sizes[0] < len(found.data) <= sizes[1]


def test_a_target_that_is_too_small_names_the_smallest_file(steps, smooth_picture):
    picture = smooth_picture(40, 40)
    smallest = len(encode_pixels(picture, steps, quality=0).data)
    with pytest.raises(UsageError, match=rf"as small as 20 bytes: the smallest has {smallest} \(quality 0\)"):
        encode_at([picture], steps, RateChoice(target_bytes=20))
    assert encode_at([picture], steps, RateChoice(target_bytes=smallest)).quality in range(4)


def test_more_than_the_highest_quality_takes_is_said(steps, smooth_picture):
    picture = smooth_picture(40, 40)
    largest = encode_pixels(picture, steps, quality=100)
    found = encode_at([picture], steps, RateChoice(target_bytes=10**6))
    assert found.data == largest.data
    said = f"quality 100, the highest, takes {len(largest.data):,} bytes of the 1,000,000 allowed"
    assert shortfall(found) == said
    assert shortfall(encode_at([picture], steps, RateChoice(target_bytes=len(largest.data)))) is None
    assert shortfall(encode_at([picture], steps, RateChoice(target_bytes=len(largest.data) // 2))) is None
    assert shortfall(largest) is None


def test_a_quality_or_nothing_is_no_search(steps, smooth_picture, monkeypatch):
    monkeypatch.setattr(ratecontrol, "picture_latents", None)
    picture = smooth_picture(12, 12)
    assert encode_at([picture], steps, RateChoice(33)) == encode_pixels(picture, steps, quality=33)
    assert encode_at([picture], steps) == encode_pixels(picture, steps)
    assert picture_latents is not None


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"quality": 3, "target_bpp": 1.0}, "exclude one another"),
        ({"target_bpp": 1.0, "target_bytes": 9}, "exclude one another"),
        ({"quality": 0, "target_bytes": 9}, "exclude one another"),
        ({"target_bpp": 0.0}, "positive number of bits a pixel, not 0"),
        ({"target_bpp": -1.0}, "not -1"),
        ({"target_bpp": float("nan")}, "not nan"),
        ({"target_bpp": float("inf")}, "not inf"),
        ({"target_bytes": 0}, "at least one, not 0"),
    ],
)
def test_choices_that_cannot_be(choice, message):
    with pytest.raises(UsageError, match=message):
        RateChoice(**choice)


def test_a_package_of_one_quality_has_no_choice(tmp_path, smooth_picture):
    toy = parse_package(toy_package_bytes(), tmp_path / "toy.xcm")
    for choice in (RateChoice(50), RateChoice(0), RateChoice(target_bpp=1.0), RateChoice(target_bytes=99)):
        with pytest.raises(UsageError, match="package toy has one quality only"):
            encode_at([smooth_picture(8, 8)], toy, choice)
    assert encode_at([smooth_picture(8, 8)], toy) == encode_pixels(smooth_picture(8, 8), toy)


def test_what_encoding_refuses_a_search_refuses(steps, smooth_picture):
    colour = replace(steps, card=replace(steps.card, channels=("rgb",)))
    choice = RateChoice(target_bpp=4.0)
    with pytest.raises(UnsupportedData, match="made for rgb pictures"):
        encode_at([smooth_picture(20, 20, 1)], colour, choice)
    assert encode_at([smooth_picture(20, 20, 1)], colour, choice, force=True).data
    with pytest.raises(UsageError, match="at least one picture"):
        encode_at([], steps, choice)
    with pytest.raises(UsageError, match="0 to 100, not 101"):
        encode_at([smooth_picture(8, 8)], steps, RateChoice(101))


def test_the_appearance_counts_towards_the_target(steps, smooth_picture):
    picture, found = smooth_picture(64, 64), Appearance(SampleRange(100, 3000, 16), bytes(range(200)))
    encoded = encode_at([picture], steps, RateChoice(target_bytes=1200), appearance=found)
    assert len(encoded.data) <= 1200
    assert read_coded(encoded.data).appearance == encoded.appearance == found
    beside = len(text_fields(found.profile))
    with pytest.raises(UsageError, match=rf"\(quality 0\), {beside} of them colour profile and EXIF data"):
        encode_at([picture], steps, RateChoice(target_bytes=beside), appearance=found)
