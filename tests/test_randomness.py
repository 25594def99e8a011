"""Known answers come from an independent Philox in plain integers, itself checked against the vector of Random123."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from crosscodec.errors import UsageError
from crosscodec.randomness import draw_bits, draw_integers, draw_normal, draw_uniform, philox_key

KNOWN_ANSWERS = {
    (0, "", 0): (
        0x0717FD0347EEDCEE,
        0xD6FD450B7FE80C26,
        0xDA8366F440AA3B27,
        0x2031C167B2F53B39,
        0xB45C625F229D1BD7,
        0x9BB55CA735AF5783,
        0x389721E0F56B9DD2,
        0xF9E59B606ADE316F,
    ),
    (0, "dither", 0): (
        0x7F38117D812B936A,
        0x31127EBC69DBEEC7,
        0x406DAD33494EABDB,
        0x8C41FD22A3ED6EDF,
        0x21408DA10E58E9B6,
        0xC1297137349D2C60,
        0xEC7C1F3A31860609,
        0x3F2D3F520919F8DE,
    ),
    (0, "dither", 1): (
        0xD977725F078B2F03,
        0xFC2524CFF75ED0CE,
        0x68E6B56FA9824565,
        0xF7D089171F55279D,
        0x2565D2E7701ADDDB,
        0x338CE54D67199016,
        0x60E5131DE401FEE1,
        0x191E89C5358535D2,
    ),
    (1, "dither", 0): (
        0xEEDA5E532C3E88B9,
        0xDB3701EFAD945003,
        0x303DE0309337F0D9,
        0xEC444FFF823C5CEC,
        0xD4B9059FAA558ED3,
        0x7AE55D92BE1D8789,
        0x4C0C63D2893ACE54,
        0x5BF416BAB5C8167D,
    ),
    (20261120, "degradation/kodak/test", 23): (
        0x5AA1CDECD2C14F93,
        0x4F9BBE543D272A73,
        0x32035AF52C7EADDD,
        0xA9FB6F745F2D7327,
        0xB4BE657D30405516,
        0xD784F2E82359BEBE,
        0xC8F841CA7D181438,
        0xE05D4E2DF3ED6BE6,
    ),
    (18446744073709551615, "dither", 18446744073709551615): (
        0xE749D2CA8207B53A,
        0x7F637591F377DA14,
        0xDEA987AA7830DF3C,
        0x88F2A3C4B9F884F6,
        0x78C14D584E08CB22,
        0xB843C078A8482767,
        0x549CE7A9F6796319,
        0xA2D7E7FB76F4D7DC,
    ),
    (7, "Überraschung", 3): (
        0xA193F52EC83903A7,
        0x4A94C5FB07614E42,
        0x7DFFA1F57ECE8874,
        0x400AD153934EFE65,
        0xE659442FE18A4109,
        0xACD155641EDD13FA,
        0x08518CAADD9BDF97,
        0x0D70944D45D9D341,
    ),
    (7, "a/b", 4): (
        0x6BF7455B3D24639C,
        0x412A3FFE6365DDB0,
        0xC39F22C57E67D8D9,
        0xF55D38F97B8AC06D,
        0x3BB65329122657ED,
        0x9C0C9D79583BB45A,
        0x6145416BC996B4AE,
        0x255701AFF1909D4E,
    ),
}
WORD = st.integers(0, 2**64 - 1)


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x64-10 as printed by Salmon et al. 2011, in Python integers."""
    c, k, mask = list(counter), list(key), 2**64 - 1
    for _ in range(10):
        a, b = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
        c = [(b >> 64) ^ c[1] ^ k[0], b & mask, (a >> 64) ^ c[3] ^ k[1], a & mask]
        k = [(k[0] + 0x9E3779B97F4A7C15) & mask, (k[1] + 0xBB67AE8584CAA73B) & mask]
    return c


def test_reference_implementation_gives_the_vector_of_random123() -> None:
    assert philox([0] * 4, [0] * 2) == [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]


def test_sixty_four_known_answers() -> None:
    assert sum(len(words) for words in KNOWN_ANSWERS.values()) == 64
    for (seed, stream, index), words in KNOWN_ANSWERS.items():
        assert tuple(draw_bits(seed, stream, index, 8).tolist()) == words, (seed, stream, index)


@settings(max_examples=40, deadline=None)
@given(WORD, st.text(max_size=12), WORD, st.integers(0, 40))
def test_bits_agree_with_the_reference_for_any_address(seed: int, stream: str, index: int, count: int) -> None:
    key = list(philox_key(seed, stream))
    expected = [word for block in range(1, 12) for word in philox([block, 0, index, 0], key)][:count]
    assert draw_bits(seed, stream, index, count).tolist() == expected


def test_key_is_the_documented_hash() -> None:
    digest = hashlib.sha256(b"crosscodec/randomness/1\x00" + (5).to_bytes(8, "little") + b"dither").digest()
    assert philox_key(5, "dither") == (int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little"))


def test_longer_draws_begin_with_shorter_ones() -> None:
    assert np.array_equal(draw_bits(1, "s", 2, 100)[:37], draw_bits(1, "s", 2, 37))
    assert np.array_equal(draw_uniform(1, "s", 2, (10, 10)).ravel()[:7], draw_uniform(1, "s", 2, 7))
    assert np.array_equal(draw_normal(1, "s", 2, (10, 10)).ravel()[:7], draw_normal(1, "s", 2, 7))
    assert np.array_equal(draw_integers(1, "s", 2, 99, 0, 10)[:7], draw_integers(1, "s", 2, 7, 0, 10))


def test_every_part_of_the_address_matters() -> None:
    addresses = [(0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1), (0, "", 0), (256, "a", 0)]
    assert len({draw_bits(*address, 4).tobytes() for address in addresses}) == len(addresses)


def test_uniform_is_centred_and_never_reaches_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    extremes = np.array([0, 2**64 - 1], np.uint64)
    monkeypatch.setattr("crosscodec.randomness.draw_bits", lambda *_: extremes)
    low, high = draw_uniform(0, "s", 0, 2).tolist()
    assert low == 2.0**-53
    assert high == 1.0 - 2.0**-53
    assert low + high == 1.0
    assert np.isfinite(draw_normal(0, "s", 0, 2)).all()
    assert draw_integers(0, "s", 0, 2, -3, 4).tolist() == [-3, 3]


def test_distributions() -> None:
    assert kstest(draw_uniform(11, "test", 0, 20000), "uniform").pvalue > 1e-3
    assert kstest(draw_normal(11, "test", 0, 20000), "norm").pvalue > 1e-3
    counts = np.bincount(draw_integers(11, "test", 0, 70000, 0, 7), minlength=7)
    assert counts.size == 7
    assert np.sum((counts - 10000.0) ** 2 / 10000.0) < 22.5  # chi-square with 6 degrees of freedom, 99.9 %


def test_streams_are_uncorrelated() -> None:
    draws = np.stack([draw_normal(3, "a", i, 10000) for i in range(4)] + [draw_normal(3, "b", 0, 10000)])
    assert np.abs(np.corrcoef(draws) - np.eye(5)).max() < 0.05


@settings(max_examples=40, deadline=None)
@given(st.integers(-(2**40), 2**40), st.integers(1, 2**32))
def test_integers_are_the_upper_half_of_the_exact_product(low: int, span: int) -> None:
    expected = [low + (word * span >> 64) for word in draw_bits(4, "i", 9, 20).tolist()]
    assert draw_integers(4, "i", 9, 20, low, low + span).tolist() == expected


def test_shapes_and_types() -> None:
    assert draw_uniform(0, "s", 0, ()).shape == ()
    assert draw_normal(0, "s", 0, (2, 3)).shape == (2, 3)
    assert draw_integers(0, "s", 0, (0,), 0, 2).size == 0
    assert draw_bits(0, "s", 0, 3).dtype == np.uint64
    assert draw_integers(0, "s", 0, 3, 0, 2).dtype == np.int64


@pytest.mark.parametrize(
    "arguments", [(-1, "s", 0, 1), (2**64, "s", 0, 1), (0, "s", -1, 1), (0, "s", 2**64, 1), (0, "s", 0, -1)]
)
def test_addresses_outside_64_bits_are_refused(arguments: tuple[int, str, int, int]) -> None:
    with pytest.raises(UsageError):
        draw_bits(*arguments)


@pytest.mark.parametrize(("low", "high"), [(3, 3), (4, 3), (0, 2**32 + 1), (-(2**63) - 1, 0), (2**63 - 1, 2**63 + 1)])
def test_impossible_integer_ranges_are_refused(low: int, high: int) -> None:
    with pytest.raises(UsageError, match="low < high"):
        draw_integers(0, "s", 0, 1, low, high)


def test_integers_use_all_64_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    third = 2**64 // 3
    monkeypatch.setattr("crosscodec.randomness.draw_bits", lambda *_: np.array([third, third + 1], np.uint64))
    assert draw_integers(0, "s", 0, 2, 0, 3).tolist() == [0, 1]
