import numpy as np
import pytest
from smallpackage import SIZE, STEPS, small_package_bytes
from toypackage import toy_package_bytes

from crosscodec.codec.blend import Blend
from crosscodec.codec.package import parse_package
from crosscodec.errors import UsageError
from crosscodec.randomness import draw_normal


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return parse_package(small_package_bytes(noise=4), tmp_path_factory.mktemp("small") / "small.xcm")


VALUES = np.arange(12, dtype=np.float32).reshape(3, 4, 1, 1)
CORNERS = np.s_[:, 0, ::3, ::4]  # one pixel of each quarter


def corners(planes):
    return planes[CORNERS].reshape(len(planes), 4)


def test_one_decoder_is_its_network(package):
    planes = Blend.of(package, "fidelity", None, 0)(VALUES, range(3))
    assert planes.shape == (3, 1, *SIZE)
    np.testing.assert_array_equal(corners(planes), VALUES[..., 0, 0] / STEPS)


def test_private_noise_is_that_of_the_page_and_goes_with_the_picture(package):
    planes = Blend.of(package, "perception", None, 21)(VALUES, [4, 0, 9])
    for row, picture, values in zip(corners(planes), [4, 0, 9], VALUES[..., 0, 0], strict=True):
        noise = draw_normal(21, "decoder/perception", picture, 4).astype(np.float32)
        np.testing.assert_allclose(row, values * 1.1 / STEPS + noise / 4, rtol=1e-5)


def test_a_balance_is_the_straight_line_between_the_ends(package):
    ends = [corners(Blend.of(package, "fidelity", b, 3)(VALUES, range(3))) for b in (0, 1)]
    for name, end in zip(("fidelity", "perception"), ends, strict=True):
        np.testing.assert_array_equal(end, corners(Blend.of(package, name, None, 3)(VALUES, range(3))))
    middle = Blend.of(package, "fidelity", 0.25, 3)
    assert middle.name == "balance 0.25"
    np.testing.assert_allclose(corners(middle(VALUES, range(3))), 0.75 * ends[0] + 0.25 * ends[1], rtol=1e-5)


@pytest.mark.parametrize("balance", [-0.01, 1.01, float("nan")])
def test_a_balance_outside_is_refused(package, balance):
    with pytest.raises(UsageError, match="between 0"):
        Blend.of(package, "fidelity", balance, 0)


def test_a_balance_needs_both_decoders_and_no_third(package, tmp_path):
    with pytest.raises(UsageError, match="do not ask for decoder perception as well"):
        Blend.of(package, "perception", 0.5, 0)
    toy = parse_package(toy_package_bytes(), tmp_path / "toy.xcm")
    with pytest.raises(UsageError, match="package toy has: fidelity"):
        Blend.of(toy, "fidelity", 0.5, 0)
    with pytest.raises(UsageError, match="has no decoder 'task'"):
        Blend.of(package, "task", None, 0)
