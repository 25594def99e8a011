"""What a reader refuses before any network runs, and what it draws for the symbols it has."""

import time
from dataclasses import replace

import numpy as np
import pytest
from qualitypackage import quality_package_bytes
from smallpackage import SIZE, small_package_bytes
from toypackage import toy_package_bytes

from crosscodec.bitstream.container import Dither, ImageHeader, read_coded, write_coded
from crosscodec.bitstream.contexts import Grid
from crosscodec.codec import dither as dither_module
from crosscodec.codec import opening
from crosscodec.codec.arrays import encode_arrays
from crosscodec.codec.card import DitherCard
from crosscodec.codec.dither import PRIVATE_STREAM, STREAM, draw_levels, offsets
from crosscodec.codec.encoding import encode_many
from crosscodec.codec.opening import latent_grid, open_coded
from crosscodec.codec.package import parse_package
from crosscodec.errors import CorruptData, UsageError

COMMON, PRIVATE = DitherCard(5, True), DitherCard(5, False)
IMAGES = np.random.default_rng(0).random((40, *SIZE, 1), dtype=np.float32)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Maker of loaded small packages by their dither."""
    folder = tmp_path_factory.mktemp("small")
    return lambda dither=None, **more: parse_package(small_package_bytes(dither, **more), folder / "small.xcm")


def rewritten(data, **changes):
    """A coded file with fields of its header changed and all checksums right again."""
    return write_coded(replace(read_coded(data), **changes))


def test_a_picture_of_fixed_size_has_one_position(small):
    card = small().card
    assert latent_grid(ImageHeader(6, 8, 1), card) == Grid(1, 1)
    assert latent_grid(ImageHeader(6, 9, 1), replace(card, size=None, block=4, noise={})) == Grid(2, 3)


def test_levels_of_a_common_dither_are_drawn_again_from_the_header(small):
    package = small(COMMON)
    opened = open_coded(encode_arrays(IMAGES, package, seed=2**64 - 1).data, package)
    assert opened.coded.dither == Dither(1, 2**64 - 1)
    drawn = draw_levels(2**64 - 1, STREAM, 5, 4, [Grid(1, 1)] * 40, range(40))
    np.testing.assert_array_equal(opened.levels, drawn)
    np.testing.assert_array_equal(opened.dither([3, 1], seed=12345), offsets(drawn[:, [3, 1]], 5))


def test_a_private_dither_is_drawn_from_the_digest_or_as_asked(small):
    package = small(PRIVATE)
    opened = open_coded(encode_arrays(IMAGES, package, seed=7).data, package)
    assert opened.coded.dither is None, "the encoder's seed is its own"
    assert opened.levels is None
    for seed, used in ((None, opened.coded.digest), (7, 7)):
        drawn = draw_levels(used, PRIVATE_STREAM, 5, 4, [Grid(1, 1)] * 40, [3, 1])
        np.testing.assert_array_equal(opened.dither([3, 1], seed), offsets(drawn, 5))


def test_without_dither_nothing_is_added(small):
    package = small()
    opened = open_coded(encode_arrays(IMAGES, package).data, package)
    assert opened.dither([0], 1) is None


def test_places_of_pictures_of_several_sizes(tmp_path, smooth_picture):
    package = parse_package(toy_package_bytes(), tmp_path / "toy.xcm")
    opened = open_coded(
        encode_many([smooth_picture(4, 8), smooth_picture(8, 8), smooth_picture(3, 3)], package).data, package
    )
    assert [opened.span(i) for i in range(3)] == [slice(0, 2), slice(2, 6), slice(6, 7)]
    assert opened.places([2, 0]).tolist() == [6, 0, 1]
    assert opened.places([]).size == 0
    assert opened.chosen(None) == [0, 1, 2]
    assert opened.chosen([2, 0]) == [2, 0]
    for wrong in (-1, 3):
        with pytest.raises(UsageError, match=f"pictures 0 to 2; there is no picture {wrong}"):
            opened.chosen([0, wrong])


def test_a_damaged_seed_of_the_dither_is_refused(small):
    package = small(COMMON)
    data = encode_arrays(IMAGES, package, seed=1).data
    for seed in (0, 2, 3, 2**63):
        with pytest.raises(CorruptData, match=r"digest|not what the encoder writes"):
            open_coded(rewritten(data, dither=Dither(1, seed)), package)
    flipped = bytearray(data)
    flipped[data.index(read_coded(data).package_id) + 8] ^= 1  # the seed itself
    with pytest.raises(CorruptData, match="CRC"):
        open_coded(bytes(flipped), package)


def test_the_digest_stops_a_seed_whose_tables_give_other_symbols(small):
    """Two pictures are so few that payloads of other tables often end as they should."""
    package = small(COMMON)
    data = encode_arrays(IMAGES[:2], package, seed=1).data
    symbols, refusals = open_coded(data, package).symbols, []
    for seed in range(300):
        try:
            np.testing.assert_array_equal(open_coded(rewritten(data, dither=Dither(1, seed)), package).symbols, symbols)
        except CorruptData as refusal:
            refusals.append(str(refusal))
    assert len(refusals) > 250
    assert any("do not match the digest" in refusal for refusal in refusals)


@pytest.mark.parametrize(
    ("dither", "changes", "message"),
    [
        (COMMON, {"dither": None}, "lacks the dither that package small always writes"),
        (PRIVATE, {"dither": Dither(1, 0)}, "claims a dither that package small never writes"),
        (None, {"dither": Dither(1, 0)}, "claims a dither that package small never writes"),
        (None, {"images": (ImageHeader(6, 8, 3),) * 40}, "claims an RGB picture; package small writes gray alone"),
        (None, {"images": (ImageHeader(8, 6, 1),) * 40}, "claims a picture of 8 x 6; package small writes 6 x 8 alone"),
        (None, {"images": (ImageHeader(6, 8, 1),) * 39}, "its pictures need 156"),
    ],
)
def test_files_that_the_package_cannot_have_written(small, dither, changes, message):
    package = small(dither)
    with pytest.raises(CorruptData, match=message):
        open_coded(rewritten(encode_arrays(IMAGES, package).data, **changes), package)


def test_a_quality_of_a_package_of_one_quality_is_refused(small):
    package = small()
    with pytest.raises(CorruptData, match="claims quality 1; package small has one quality, written as 0"):
        open_coded(rewritten(encode_arrays(IMAGES, package).data, quality=1), package)


def test_an_opened_file_knows_its_quality(small, tmp_path, smooth_picture):
    steps = parse_package(quality_package_bytes(), tmp_path / "steps.xcm")
    opened = open_coded(encode_many([smooth_picture(9, 9)], steps, quality=63).data, steps)
    assert (opened.quality, opened.level.quality, opened.level.anchor) == (63, 63, 5)
    assert opened.entropy is steps.entropy_at(70)
    plain = open_coded(encode_arrays(IMAGES, small()).data, small())
    assert (plain.quality, plain.level) == (None, None)


def test_nothing_is_drawn_for_symbols_that_cannot_be_there(small, monkeypatch):
    package = small(COMMON)
    many = (ImageHeader(*SIZE, 1),) * 65_536
    coded = replace(read_coded(encode_arrays(IMAGES, package).data), images=many, symbol_count=4 * 65_536)
    bomb = write_coded(replace(coded, payload=b"\0" * 100))
    monkeypatch.setattr(opening, "draw_levels", None)
    assert dither_module.draw_levels is not None
    started = time.perf_counter()
    with pytest.raises(CorruptData, match="do not fit"):
        open_coded(bomb, package)
    assert time.perf_counter() - started < 2
