import numpy as np
import pytest

from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.package import load_package
from crosscodec.toy.export import as_blocks, as_pictures, picture_rows, repeated

pytestmark = pytest.mark.training


@pytest.mark.parametrize("width", [1, 2, 8, 16])
def test_blocks_become_pictures_of_64_numbers_and_back(width):
    blocks = np.random.default_rng(0).normal(size=(3 * picture_rows(width), width))
    pictures = as_pictures(blocks, False)
    assert pictures.shape == (3, 64 // width, width, 1)
    assert pictures.min() > 0
    assert pictures.max() < 1
    np.testing.assert_allclose(as_blocks(pictures, False), blocks, atol=2e-6)


def test_bits_stay_bits():
    bits = np.array([[0.0, 1.0] * 8] * 4)
    np.testing.assert_array_equal(as_blocks(as_pictures(bits, True), True), bits)


@pytest.mark.parametrize("contexts", [1, 2])
def test_tables_are_repeated_row_after_row(contexts):
    counts = [[1, 2, 3], [3, 2, 1]] * contexts
    tables = FrequencyTables.from_counts(counts, [-1] * len(counts))
    none = ((),) * 2
    model = EntropyModel(tables, ContextLayout(contexts, (1, 1), none, none))
    wide = repeated(model, 3)
    assert wide.channels == 6
    assert wide.tables.frequencies == tables.frequencies * 3


def test_the_package_is_one_of_the_house(tiny_run, tiny_folder):
    package = load_package(str(tiny_folder / "package.xcm"))
    assert package.decoders == ("fidelity", "perception", "target")
    assert package.card.size == (64, 1)
    assert package.card.dither is not None
    assert package.card.dither.common
    assert package.card.training["settings"] == tiny_run.settings.as_dict()
