"""The draws are those of docs/format.md, redone here word by word; the error is what the theorem says."""

import re
from pathlib import Path

import numpy as np
import pytest

from crosscodec.bitstream.coder import encode_symbols
from crosscodec.bitstream.contexts import ContextLayout, Grid
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.dither import PRIVATE_STREAM, STREAM, SYMBOL_LIMIT, draw_levels, offsets, quantise
from crosscodec.errors import UsageError
from crosscodec.randomness import draw_bits

PAGE = Path(__file__).parents[2] / "docs" / "format.md"


def page_rows(name, kind):
    """The rows of a block of the page that specifies the format."""
    block = re.search(rf"```{name} dither\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]
    return [[kind(word) for word in line.split()] for line in block.splitlines()]


def test_known_answers():
    """Numbers of a Philox in plain integers, apart from NumPy's."""
    drawn = draw_levels(7, STREAM, 64, 2, [Grid(2, 4)] * 2, [0, 1])
    assert drawn.tolist() == [
        KNOWN[0][:8] + KNOWN[1][:8],
        KNOWN[0][8:] + KNOWN[1][8:],
    ]
    assert draw_levels(7, PRIVATE_STREAM, 64, 1, [Grid(1, 8)], [0])[0].tolist() == KNOWN_PRIVATE


def test_levels_are_upper_halves_of_products_with_the_words_of_the_page():
    for seed, picture, levels in ((0, 0, 3), (2**64 - 1, 9, 7), (123, 5, 64), (4, 1, 1)):
        words = draw_bits(seed, "dither", picture, 12).tolist()
        grids = [Grid(2, 2)] * (picture + 1)
        drawn = draw_levels(seed, STREAM, levels, 3, grids, [picture])
        assert drawn.reshape(-1).tolist() == [word * levels >> 64 for word in words]


def test_a_picture_draws_the_same_wherever_it_is_asked_for():
    grids = [Grid(1, 2), Grid(2, 2), Grid(1, 1)]
    whole = draw_levels(3, STREAM, 8, 2, grids, range(3))
    assert whole.shape == (2, 7)
    np.testing.assert_array_equal(draw_levels(3, STREAM, 8, 2, grids, [1]), whole[:, 2:6])
    np.testing.assert_array_equal(draw_levels(3, STREAM, 8, 2, grids, [2, 0]), whole[:, [6, 0, 1]])
    assert draw_levels(3, STREAM, 8, 2, grids, []).shape == (2, 0)
    assert (draw_levels(4, STREAM, 8, 2, grids, range(3)) != whole).any()
    with pytest.raises(UsageError, match="seed"):
        draw_levels(2**64, STREAM, 8, 2, grids, [0])


def test_offsets_are_the_centres_of_equal_cells():
    assert offsets(np.arange(4), 4).tolist() == [-0.375, -0.125, 0.125, 0.375]
    assert offsets(np.array([0]), 1).tolist() == [0.0]
    assert offsets(np.arange(3), 3).dtype == np.float32


def test_rounding_without_dither_is_to_the_nearest_and_halves_to_even():
    latents = np.array([[0.5, 1.5, -0.5, 2.4, -2.6, 1e9, -1e9]], np.float32)
    assert quantise(latents).tolist() == [[0, 2, 0, 2, -3, SYMBOL_LIMIT, -SYMBOL_LIMIT]]


def test_levels_cut_each_channel_by_itself():
    latents = np.array([[-3.0, 1.0, 9.0], [-3.0, 4.4, 9.0]], np.float32)
    symbols = quantise(latents, None, (2, 5))
    assert symbols.tolist() == [[0, 1, 1], [0, 4, 4]]
    assert symbols.dtype == np.int32


COUNT, LEVELS = 20_000, 16


def dithers():
    """The encoder's dither, and one of a decoder that does not know it."""
    drawn = (draw_levels(11, stream, LEVELS, 1, [Grid(1, COUNT)], [0]) for stream in (STREAM, PRIVATE_STREAM))
    return [offsets(levels, LEVELS) for levels in drawn]


def test_the_error_of_a_common_dither_is_uniform_and_free_of_the_latent():
    dither, _ = dithers()
    latents = np.random.default_rng(0).normal(0, 0.2, (1, COUNT)).astype(np.float32)
    error = quantise(latents, dither) + dither - latents
    assert np.abs(error).max() <= 0.5 + 1e-6
    assert error.var() == pytest.approx(1 / 12, rel=0.03)
    assert abs(np.corrcoef(error[0], latents[0])[0, 1]) < 0.03
    plain = quantise(latents) - latents
    assert np.corrcoef(plain[0], latents[0])[0, 1] < -0.8, "without dither the error follows the latent"


def test_without_common_randomness_the_variance_is_three_times_as_large():
    dither, own = dithers()
    latents = np.random.default_rng(0).normal(0, 20, (1, COUNT)).astype(np.float32)
    symbols = quantise(latents, dither)
    assert (symbols + dither - latents).var() == pytest.approx(1 / 12, rel=0.03)
    assert (symbols - latents).var() == pytest.approx(2 / 12, rel=0.03)
    assert (symbols + own - latents).var() == pytest.approx(3 / 12, rel=0.03)
    assert np.abs(symbols + own - latents).max() > 1


def test_the_example_of_the_page():
    grids = [Grid(1, 1)] * 3
    levels = draw_levels(7, STREAM, 4, 2, grids, range(3))
    assert levels.tolist() == page_rows("levels", int)
    dither = offsets(levels, 4)
    symbols = quantise(np.array(page_rows("latents", float), np.float32), dither, (3, 3))
    assert symbols.tolist() == page_rows("symbols", int)
    assert (symbols + dither).tolist() == page_rows("values", float)
    rows = tuple((4096 * (k + 1), 16384, 2**16 - 16384 - 4096 * (k + 1) - 1, 1) for _ in range(2) for k in range(4))
    model = EntropyModel(FrequencyTables((0,) * 8, rows), ContextLayout(4, (1, 1), ((), ()), ((), ())))
    payload = encode_symbols(symbols, model, grids, levels)
    assert payload.hex(" ").split() == page_rows("hex", str)[0]


KNOWN = (
    [46, 31, 25, 34, 57, 34, 3, 27, 59, 51, 22, 60, 27, 10, 18, 35],
    [47, 54, 27, 10, 49, 23, 57, 33, 63, 14, 26, 52, 7, 27, 60, 60],
)
KNOWN_PRIVATE = [40, 29, 63, 15, 49, 25, 59, 16]
