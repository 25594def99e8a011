from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtri

from crosscodec.domains.degradation import (
    Blur,
    CameraNoise,
    Chain,
    Degradation,
    Downsample,
    GaussianNoise,
    PoissonGaussianNoise,
    SquareMask,
    parse_degradation,
)
from crosscodec.errors import UsageError
from crosscodec.randomness import draw_uniform

EVERY: tuple[Degradation, ...] = (
    GaussianNoise(25),
    GaussianNoise(12.5, clip=True),
    PoissonGaussianNoise(30),
    PoissonGaussianNoise(100, 5),
    CameraNoise(300),
    CameraNoise(80.5, 90),
    Downsample(2),
    Downsample(4, antialias=False),
    SquareMask(5),
    SquareMask(8, 0.5),
    Blur(1.5),
    Chain(),
    Chain((GaussianNoise(25), Downsample(2), SquareMask(6), Blur(1.5), PoissonGaussianNoise(30))),
)


KNOWN_NOISE = [0.5121068358, 0.5037957430, 0.4883235991, 0.6204939485]


def gray(level: float, side: int = 64, channels: int = 3) -> NDArray[np.float32]:
    return np.full((side, side, channels), level, np.float32)


def textured(side: int = 33, channels: int = 3) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((side, side + 2, channels), dtype=np.float32)


@pytest.mark.parametrize("degradation", EVERY, ids=lambda d: d.describe())
@pytest.mark.parametrize("channels", [1, 3])
def test_contract_of_every_degradation(degradation: Degradation, channels: int) -> None:
    clean = textured(channels=channels)
    before = clean.copy()
    first, again = (degradation.apply(clean, 3, "s", 5) for _ in range(2))
    assert first.dtype == np.float32
    assert first.shape == clean.shape
    assert np.array_equal(first, again)
    assert np.array_equal(clean, before), "the clean picture may not be changed"
    assert not np.shares_memory(first, clean)
    assert parse_degradation(degradation.describe()) == degradation
    with pytest.raises(FrozenInstanceError):
        setattr(degradation, next(iter(vars(degradation))), 1)


@pytest.mark.parametrize("degradation", [d for d in EVERY if type(d) not in (Downsample, Blur) and d != Chain()])
def test_randomness_depends_on_seed_stream_and_index(degradation: Degradation) -> None:
    clean = textured(200, 1)
    addresses = [(3, "s", 5), (4, "s", 5), (3, "t", 5), (3, "s", 6)]
    assert len({degradation.apply(clean, *address).tobytes() for address in addresses}) == 4


def test_gaussian_noise_is_the_shared_generators_and_has_the_sigma_it_names() -> None:
    noise = GaussianNoise(25).apply(gray(0.5, 200), 1, "s", 2) - 0.5
    assert noise.std() == pytest.approx(25 / 255, rel=0.01)
    assert abs(noise.mean()) < 1e-3
    expected = 25 / 255 * ndtri(draw_uniform(1, "s", 2, 5))
    assert noise.ravel()[:5] == pytest.approx(expected, abs=1e-7)


def test_known_noise() -> None:
    # Numbers rather than a hash: the last place of a float64 logarithm is the C library's.
    noisy = GaussianNoise(25).apply(gray(0.5, 2, 1), 0, "degradation/kodak/test", 0)
    assert noisy.ravel() == pytest.approx(KNOWN_NOISE, abs=1e-6)


def test_noise_is_unclipped_unless_asked() -> None:
    assert GaussianNoise(50).apply(gray(1.0), 0, "s", 0).max() > 1.2
    clipped = GaussianNoise(50, clip=True).apply(gray(1.0), 0, "s", 0)
    assert clipped.max() == 1.0
    assert clipped.min() < 0.9
    assert np.array_equal(GaussianNoise(0).apply(textured(), 0, "s", 0), textured())


@pytest.mark.parametrize("level", [0.0, 0.05, 0.5, 1.0])
def test_photon_noise_has_the_variance_of_its_mean(level: float) -> None:
    noisy = PoissonGaussianNoise(30, 5).apply(gray(level, 150), 1, "s", 2)
    assert noisy.mean() == pytest.approx(level, abs=0.004)
    assert noisy.var() == pytest.approx(level / 30 + (5 / 255) ** 2, rel=0.03)
    counts = PoissonGaussianNoise(30).apply(gray(level, 20), 1, "s", 2) * 30
    assert counts == pytest.approx(np.rint(counts), abs=1e-4)


def test_photon_noise_takes_negative_light_as_none() -> None:
    assert not PoissonGaussianNoise(30).apply(gray(-0.5), 0, "s", 0).any()


@pytest.mark.parametrize("quality", [None, 90])
def test_a_camera_gives_bytes_with_more_noise_for_fewer_electrons(quality: int | None) -> None:
    clean = gray(0.4, 96)
    spreads = []
    for electrons in (50, 200, 800):
        photo = CameraNoise(electrons, quality).apply(clean, 0, "s", 0)
        np.testing.assert_allclose(255 * photo, np.rint(255 * photo), atol=1e-4)
        assert photo.mean() == pytest.approx(0.4, abs=0.04)  # the curve of sRGB is bent
        spreads.append(255 * photo.std())
    assert spreads[0] > 1.7 * spreads[1] > 2.5 * spreads[2] > 0
    # Values that were interpolated go with those that were not: a grain, which white noise has not.
    noise = CameraNoise(200).apply(clean, 0, "s", 0)[..., 0] - 0.4
    assert np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1] > 0.3


def test_the_mosaic_of_a_camera_begins_where_the_index_says() -> None:
    clean = textured()
    photos = [CameraNoise(1e6).apply(clean, 3, "s", index) for index in range(24)]
    kinds = {photo.tobytes()[:40] for photo in photos}
    assert len(kinds) >= 4, "four patterns, and hardly any noise"
    np.testing.assert_array_equal(photos[5], CameraNoise(1e6).apply(clean, 3, "s", 5))


def test_a_camera_for_gray_pictures_has_white_noise_of_photons_and_read_out() -> None:
    photo = CameraNoise(500).apply(gray(0.5, 150, 1), 1, "s", 2)[..., 0].astype(np.float64)
    light = ((photo + 0.055) / 1.055) ** 2.4
    mean = ((0.5 + 0.055) / 1.055) ** 2.4
    assert light.var() == pytest.approx(mean / 500 + (2 / 500) ** 2, rel=0.05)
    noise = photo - photo.mean()
    assert abs(np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1]) < 0.03


def test_what_no_camera_can_take_is_named() -> None:
    for wrong in ("camera:0", "camera:100,0", "camera:100,101"):
        with pytest.raises(UsageError, match=r"camera: .* is outside"):
            parse_degradation(wrong)
    with pytest.raises(UsageError, match="not a whole number"):
        parse_degradation("camera:100,x")
    with pytest.raises(UsageError, match="camera: a picture of 2 channels"):
        CameraNoise(100).apply(textured(channels=2), 0, "s", 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.integers(20, 40), st.integers(20, 40), st.integers(0, 2**32))
def test_mask_is_one_whole_square_inside_the_picture(size: int, height: int, width: int, index: int) -> None:
    clean = np.ones((height, width, 3), np.float32)
    painted = SquareMask(size, 0.25).apply(clean, 0, "s", index)[..., 0] == 0.25
    assert painted.sum() == size * size
    rows, columns = np.flatnonzero(painted.any(axis=1)), np.flatnonzero(painted.any(axis=0))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (size, size)


def test_mask_reaches_every_place_and_is_refused_when_too_large() -> None:
    corners = {SquareMask(3).corner(5, 4, 0, "s", index) for index in range(200)}
    assert corners == {(top, left) for top in range(3) for left in range(2)}
    with pytest.raises(UsageError, match="does not fit into a picture of 8 x 4"):
        SquareMask(5).apply(np.zeros((8, 4, 1), np.float32), 0, "s", 0)


def test_blur_keeps_the_mean_and_the_channels_apart() -> None:
    clean = gray(0.0, 41)
    clean[20, 20] = (1.0, 0.5, 0.0)
    blurred = Blur(2).apply(clean, 0, "s", 0)
    assert blurred.sum(axis=(0, 1)) == pytest.approx([1.0, 0.5, 0.0], abs=1e-5)
    assert blurred[20, 20, 0] == pytest.approx(1 / (2 * np.pi * 4), rel=0.02)


def test_downsample_removes_fine_detail_only() -> None:
    clean = textured(64)
    low = Downsample(4).apply(clean, 0, "s", 0)
    assert low.std() < 0.5 * clean.std()
    assert low.mean() == pytest.approx(clean.mean(), abs=0.01)


def test_chain_goes_from_left_to_right_with_a_stream_for_each_step() -> None:
    clean = gray(0.5)
    chain = Chain((GaussianNoise(25), SquareMask(9)))
    by_hand = SquareMask(9).apply(GaussianNoise(25).apply(clean, 3, "s/0", 5), 3, "s/1", 5)
    assert np.array_equal(chain.apply(clean, 3, "s", 5), by_hand)
    twice = Chain((GaussianNoise(25), GaussianNoise(25))).apply(gray(0.5, 200), 0, "s", 0)
    assert twice.std() == pytest.approx(np.sqrt(2) * 25 / 255, rel=0.01), "equal draws would give a factor of 2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("noise:25", GaussianNoise(25.0)),
        (" noise:25,clip ", GaussianNoise(25.0, clip=True)),
        ("noise:25+down:2", Chain((GaussianNoise(25.0), Downsample(2)))),
        ("poisson:30,2.5", PoissonGaussianNoise(30.0, 2.5)),
        ("down:4,alias", Downsample(4, antialias=False)),
        ("mask:16,1", SquareMask(16, 1.0)),
        ("none", Chain()),
    ],
)
def test_parse(text: str, expected: Degradation) -> None:
    assert parse_degradation(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noise",
        "noise:",
        "noise:x",
        "noise:-1",
        "noise:nan",
        "noise:inf",
        "noise:25,klip",
        "down:2.5",
        "down:0",
        "mask:0",
        "mask:16,2",
        "fog:3",
        "noise:25++down:2",
        "none+noise:3",
        "poisson:0",
        "poisson:nan",
        "blur:1,2",
        "blur:-1",
        "noise=25",
    ],
)
def test_parse_refuses_with_a_message_that_names_the_part(text: str) -> None:
    with pytest.raises(UsageError):
        parse_degradation(text)


def test_unknown_kinds_are_answered_with_the_grammar() -> None:
    with pytest.raises(UsageError, match=r"'fog:3'.*noise:SIGMA.*mask:SIZE"):
        parse_degradation("noise:25+fog:3")


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 2550), st.floats(0, 100), st.integers(1, 64), st.floats(1e-3, 1e6))
def test_description_reads_back_exactly(sigma: float, blur: float, factor: int, peak: float) -> None:
    chain = Chain((GaussianNoise(sigma), Blur(blur), Downsample(factor), PoissonGaussianNoise(peak, sigma)))
    assert parse_degradation(chain.describe()) == chain


@pytest.mark.parametrize("degradation", EVERY, ids=lambda d: d.describe())
@pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.float32), np.zeros((4, 4, 3)), np.zeros((4, 4, 3), np.uint8)])
def test_only_float32_pictures_with_channels_are_taken(degradation: Degradation, wrong: NDArray[np.float32]) -> None:
    with pytest.raises(UsageError, match="float32"):
        degradation.apply(wrong, 0, "s", 0)
