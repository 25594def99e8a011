"""What the rows of a package are called, and which of its networks each name stands for."""

from dataclasses import replace
from itertools import product

import pytest
from photo_plan import PEERS, PLAIN, Bench, loaded, our_name, our_networks, pairs
from qualitypackage import choosing_package_bytes, quality_package_bytes

from crosscodec.codec.package import pack

NAMES = {
    ("default", "fidelity"): "steps",
    ("default", "perception"): "steps:perception",
    ("best", "fidelity"): "steps+best",
    ("best", "perception"): "steps+best:perception",
}


@pytest.fixture
def bench(tmp_path) -> Bench:
    (tmp_path / "two.xcm").write_bytes(quality_package_bytes(best=True))
    return Bench(tmp_path, tmp_path, str(tmp_path / "two.xcm"), "none", (10, 60), ("ours",))


def test_names_stand_for_networks(bench):
    package = loaded(bench.package)
    assert {networks: our_name(package, *networks) for networks in product(package.encoders, package.decoders)} == NAMES
    assert {our_networks("steps", name): name for name in NAMES.values()} == NAMES
    for method in (*PLAIN, *PEERS, "other", "other+best:perception", "steps-avif"):
        assert our_networks("steps", method) is None


def test_every_encoder_and_decoder_is_a_method(bench):
    points = [(method, setting) for method, setting, _ in bench.points()]
    assert len(points) == len(set(points))
    assert set(points) == set(product(NAMES.values(), ("10", "60")))
    assert {package for _, _, package in bench.points()} == {loaded(bench.package).sha256[:16]}


def test_a_package_that_knows_its_parities_is_measured_in_four_passes_too(bench, tmp_path):
    package = loaded(bench.package)
    card = replace(package.card, parities=(0,) * package.qualities.channels)
    (tmp_path / "mirrored.xcm").write_bytes(pack(card, package.parts))
    mirrored = loaded(str(tmp_path / "mirrored.xcm"))
    assert pairs(package) == list(NAMES)
    assert pairs(mirrored) == [*NAMES, ("best-x4", "fidelity-x4")]
    assert our_name(mirrored, "best-x4", "fidelity-x4") == "steps+best-x4:fidelity-x4"
    assert our_networks("steps", "steps+best-x4:fidelity-x4") == ("best-x4", "fidelity-x4")


def test_all_networks_are_started(bench):
    assert len(loaded(bench.package)._started) == 4


def test_an_encoder_for_other_noise_is_left_out(tmp_path):
    (tmp_path / "choosing.xcm").write_bytes(choosing_package_bytes())
    package = loaded(str(tmp_path / "choosing.xcm"))
    assert pairs(package) == [("default", "fidelity"), ("default", "perception")]
