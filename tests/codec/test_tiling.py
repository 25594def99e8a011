import numpy as np
import pytest

from crosscodec.codec.tiling import CORE, analyse_tiled, spans, synthesise_tiled


class LocalMean:
    """A stand-in network: block means of a picture blurred by a 5 x 5 box, which sees 2 pixels beyond its tile."""

    def __init__(self, block):
        self.block = block

    def __call__(self, array):
        padded = np.pad(array, ((0, 0), (0, 0), (2, 2), (2, 2)))
        blurred = sum(padded[:, :, i : i + array.shape[2], j : j + array.shape[3]] for i in range(5) for j in range(5))
        rows, columns = array.shape[2] // self.block, array.shape[3] // self.block
        return blurred.reshape(1, array.shape[1], rows, self.block, columns, self.block).mean((3, 5)).astype(np.float32)


class Enlarge:
    """A stand-in decoder: every symbol becomes a block, averaged with its left neighbour."""

    def __call__(self, array):
        shifted = np.concatenate([array[..., :1], array[..., :-1]], -1)
        mean = ((array + shifted) / 2 / 100).astype(np.float32)
        return mean.repeat(16, 2).repeat(16, 3)


def test_spans_cover_once_and_halos_stop_at_the_ends():
    cut = list(spans(10, 4, 1))
    assert [(s.start, s.stop) for s in cut] == [(0, 4), (4, 8), (8, 10)]
    assert [(s.outer_start, s.outer_stop) for s in cut] == [(0, 5), (3, 9), (7, 10)]


@pytest.mark.parametrize("size", [(16, 16), (CORE, CORE + 16), (2 * CORE + 32, 48)])
def test_tiles_give_what_the_whole_picture_gives(size):
    picture = np.random.default_rng(0).random((3, *size), dtype=np.float32)
    graph = LocalMean(16)
    whole = graph(picture[None])[0]
    np.testing.assert_allclose(analyse_tiled(graph, picture, 16, 16), whole, atol=1e-5)
    assert np.abs(analyse_tiled(graph, picture, 16, 0) - whole).max() > 1e-3 or max(size) <= CORE, "a halo is needed"


def test_synthesis_tiles_give_what_the_whole_gives():
    symbols = np.random.default_rng(1).integers(0, 100, (3, 2, CORE // 16 + 3)).astype(np.int32)
    whole = np.round(np.clip(Enlarge()(symbols[None])[0], 0, 1) * 255).astype(np.uint8)
    np.testing.assert_array_equal(synthesise_tiled(Enlarge(), symbols, 16, 16), whole)


def test_dither_is_added_tile_by_tile_and_planes_may_be_one():
    rng = np.random.default_rng(2)
    symbols = rng.integers(0, 100, (1, 2, CORE // 16 + 3)).astype(np.int32)
    dither = rng.uniform(-0.5, 0.5, symbols.shape).astype(np.float32)
    whole = np.round(np.clip(Enlarge()((symbols + dither)[None].astype(np.float32))[0], 0, 1) * 255).astype(np.uint8)
    result = synthesise_tiled(Enlarge(), symbols, 16, 16, dither, 1)
    assert result.shape == (1, 32, CORE + 48)
    assert np.abs(result.astype(int) - whole).max() <= 1
    assert (result != synthesise_tiled(Enlarge(), symbols, 16, 16, None, 1)).any()


def test_values_are_made_of_the_symbols_tile_by_tile():
    symbols = np.random.default_rng(3).integers(0, 20, (2, 2, CORE // 16 + 3)).astype(np.int32)
    seen = []

    def values(tile):
        seen.append(tile.shape)
        return np.concatenate([tile * np.float32(3), np.full((1, *tile.shape[1:]), 40, np.float32)])

    tiled = synthesise_tiled(Enlarge(), symbols, 16, 16, planes=3, values=values)
    whole = synthesise_tiled(Enlarge(), np.concatenate([3 * symbols, np.full_like(symbols[:1], 40)]), 16, 16)
    np.testing.assert_array_equal(tiled, whole)
    assert len(seen) == 2
