from dataclasses import replace

import numpy as np
import pytest
from smallpackage import SIZE, STEPS, quarters, small_package_bytes

from crosscodec.codec.batching import BATCH, analyse_batches, slices, synthesise_batches
from crosscodec.codec.blend import Blend
from crosscodec.codec.package import parse_package
from crosscodec.errors import CorruptData


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return parse_package(small_package_bytes(noise=4), tmp_path_factory.mktemp("small") / "small.xcm")


class Counting:
    """A network that notes the batches it is given."""

    def __init__(self, network):
        self.network = network
        self.batches = []

    def __call__(self, array, *more):
        self.batches.append(len(array))
        return self.network(array, *more)


@pytest.mark.parametrize("count", [1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH + 7])
def test_slices_cover_once_and_are_no_longer_than_a_batch(count):
    cut = list(slices(count))
    assert [i for piece in cut for i in range(piece.start, piece.stop)] == list(range(count))
    assert max(piece.stop - piece.start for piece in cut) <= BATCH


def test_latents_are_those_of_each_picture(package):
    planes = np.random.default_rng(0).random((BATCH + 3, 1, *SIZE), dtype=np.float32)
    encoder = Counting(package.encoder)
    latents = analyse_batches(encoder, planes, 4)
    assert encoder.batches == [BATCH, 3]
    expected = np.array([STEPS * quarters(image[0]) for image in planes]).T
    np.testing.assert_allclose(latents, expected, rtol=1e-5)


def test_planes_do_not_depend_on_the_batch(package):
    values = np.random.default_rng(1).integers(0, 9, (4, BATCH + 3)).astype(np.float32)
    blend = Counting(Blend.of(package, "perception", None, 5))
    blend.name = "perception"
    pictures = list(range(100, 100 + BATCH + 3))
    planes = np.concatenate(list(synthesise_batches(blend, values, pictures, package.card)))
    assert blend.batches == [BATCH, 3]
    for i in (0, BATCH - 1, BATCH, BATCH + 2):
        alone = next(synthesise_batches(blend, values[:, [i]], [pictures[i]], package.card))
        np.testing.assert_allclose(alone[0], planes[i], rtol=1e-6)


def test_networks_of_other_shapes_are_named(package):
    with pytest.raises(CorruptData, match=r"encoder of the package gives shape \(2, 4, 1, 1\); .* \(2, 5, 1"):
        analyse_batches(package.encoder, np.zeros((2, 1, *SIZE), np.float32), 5)
    blend, wide = Blend.of(package, "fidelity", None, 0), replace(package.card, size=(6, 9))
    with pytest.raises(CorruptData, match=r"decoder fidelity of the package gives shape \(1, 1, 6, 8\)"):
        list(synthesise_batches(blend, np.zeros((4, 1), np.float32), [0], wide))
