import numpy as np
import pytest

from crosscodec.bitstream.coder import model_bits
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.network import LARGEST_LEAN
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec import load_package
from crosscodec.learn.contexts.bank import bank, count, law, lean_edges
from crosscodec.learn.contexts.fit import fit_contexts
from crosscodec.learn.contexts.network import NARROWEST, SCALES_A_UNIT
from crosscodec.learn.contexts.symbols import REACH
from crosscodec.learn.train import read_recipe


def test_laws_are_wider_at_later_scales_and_lie_about_their_middle():
    numbers = np.arange(-REACH, REACH + 1)
    spreads = []
    for scale in (0, 20, 40, 60):
        found = law(scale, 0.0)
        assert found.sum() == pytest.approx(1)
        assert found == pytest.approx(found[::-1])
        spreads.append((found * numbers**2).sum())
    assert spreads == sorted(spreads)
    wide = 40
    width = np.exp(NARROWEST + (wide + 0.5) / SCALES_A_UNIT)
    assert (law(wide, 3.0) * numbers).sum() == pytest.approx(3.0 * width, rel=0.02)


def test_edges_rise():
    edges = lean_edges(64, 10)
    assert edges.shape == (64, 9)
    assert (np.diff(edges, axis=1) > 0).all()
    assert edges.max() <= LARGEST_LEAN
    assert lean_edges(3, 1).shape == (3, 0)
    assert lean_edges(2, 20).shape == (2, 19)


def test_counts_are_of_what_the_walk_codes(tmp_path, recipe, rows, base):
    sizes = (1, *(5,) * 4, load_package(base).entropy.channels - 21)
    settings = read_recipe(recipe, ["contexts.scales=64", "contexts.leans=8"])
    model = fit_contexts(settings, rows, sizes, (3, 1, 2, 1, 1, 1), tmp_path)
    chosen = np.arange(0, len(rows), 3)
    counts = count(model.layout, rows, chosen)
    assert counts.shape == (64 * 8, 2 * REACH + 1)
    assert counts.sum() == np.count_nonzero(np.abs(rows.numbers[chosen].astype(int)) < REACH)
    # In the widest tables too, whose cells have numbers beyond 16 bits.
    assert counts[64 * 8 // 2 :].sum() > 0
    again = bank(model.layout, count(model.layout, rows, np.arange(len(rows))))
    assert again.to_bytes() == model.tables.to_bytes(), "fewer rows than COUNTED: all of them are counted"
    # Tables of what was seen cost less than those of the law alone.
    blind = EntropyModel(bank(model.layout, np.zeros_like(counts)), model.layout)
    assert bits_of(rows, model) < 0.99 * bits_of(rows, blind)


def bits_of(rows, model):
    """What all crops of 6 x 6 positions cost, each at its quality."""
    total = 0.0
    for start in range(0, len(rows), 36):
        symbols = np.ascontiguousarray(rows.numbers[start : start + 36].T).astype(np.int32)
        total += model_bits(symbols, model.at(int(rows.quality[start])), [Grid(6, 6)])
    return total
