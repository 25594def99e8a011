"""From a photo package to the same package with context networks: what stays, what is new, refusals."""

from dataclasses import replace

import numpy as np
import pytest
from toypackage import toy_package_bytes

from crosscodec.bitstream.network import NetworkLayout
from crosscodec.codec import decode_bytes, encode_pixels, load_package
from crosscodec.codec.package import NETWORKS, TABLES, pack
from crosscodec.errors import OutputExists, UsageError
from crosscodec.learn.contexts.train import _rows
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.train import read_recipe, train_recipe

pytestmark = pytest.mark.training


def test_the_same_pictures_in_fewer_bytes_and_everything_else_as_it_was(tmp_path, base, recipe):
    before = load_package(base)
    path = train_recipe(recipe, tmp_path / "run", ["training.steps=40", "training.crops=12"])
    assert path.name == base.name
    after = load_package(path)
    assert (after.card.format, after.card.networked, after.card.weighted) == (7, True, False)
    assert set(after.parts) - set(before.parts) == {NETWORKS, TABLES}
    gone = set(before.parts) - set(after.parts)
    assert gone
    assert all(name.startswith(("tables-", "contexts-")) for name in gone)
    assert all(after.parts[name] == before.parts[name] for name in set(after.parts) & set(before.parts))

    drawn = np.random.default_rng(0).integers(0, 256, (16, 12, 3), dtype=np.uint8)
    picture = np.kron(drawn, np.ones((8, 8, 1), np.uint8))
    for quality in (0, 50, 100):
        files = [encode_pixels(picture, package, quality=quality).data for package in (before, after)]
        shown = [decode_bytes(data, package).pixels for data, package in zip(files, (before, after), strict=True)]
        np.testing.assert_array_equal(*shown)
        layout = after.entropy_at(quality).layout
        assert isinstance(layout, NetworkLayout)
        assert layout.quality == quality

    told = after.card.training["contexts"]
    assert told["package"] == before.sha256
    assert told["command"].startswith("crosscodec train contexts.toml")
    assert after.card.notes[-1] == "Small."
    former, rows = before.card.measured, after.card.measured
    assert [(r["sigma"], r["quality"]) for r in rows] == [(r["sigma"], r["quality"]) for r in former]
    assert [r["restored_psnr"] for r in rows] == [r["restored_psnr"] for r in former]
    assert [r["bits_per_pixel"] for r in rows] != [r["bits_per_pixel"] for r in former]
    assert not list((tmp_path / "run").glob("*/symbols*")), "the rows are gone, the networks are kept"


def test_a_package_with_networks_can_have_them_anew(tmp_path, recipe):
    """The same from the same symbols: networks do not depend on the contexts that a package has."""
    first = load_package(train_recipe(recipe, tmp_path / "one"))
    again = load_package(train_recipe(recipe, tmp_path / "two", [f"contexts.package={first.path}"]))
    assert again.parts == first.parts
    assert again.card.measured == first.card.measured
    assert again.card.training["contexts"]["package"] == first.sha256


def test_processes_code_the_crops_that_one_would(tmp_path, recipe):
    package = load_package(read_recipe(recipe, []).contexts.package)
    made = []
    for processes in (1, 4):
        settings = read_recipe(recipe, [f"training.processes={processes}", "training.crops=3"])
        folder = tmp_path / str(processes) / "symbols"
        folder.parent.mkdir()
        pictures = load_training_pictures(settings.data, None).training
        made.append(_rows(settings, package, pictures, folder, (3, 3, 3), None))
        assert list(folder.parent.iterdir()) == [folder]
    for name in ("numbers", "windows", "symbols", "neighbours", "places", "quality"):
        np.testing.assert_array_equal(*(getattr(rows, name) for rows in made))


def test_networks_are_of_one_package(tmp_path, base, recipe):
    """A package that was made anew under its name has other symbols: their networks are not those of the last run."""
    source, settings = tmp_path / "source.xcm", ["training.steps=2", f"contexts.package={tmp_path / 'source.xcm'}"]
    package = load_package(base)
    for note in ("one", "two", "two"):
        source.write_bytes(pack(replace(package.card, notes=(note,)), package.parts))
        train_recipe(recipe, tmp_path / "run", settings)
    assert len(list((tmp_path / "run").glob("contexts-*"))) == 2


def test_what_cannot_be_is_refused(tmp_path, recipe):
    (tmp_path / "toy.xcm").write_bytes(toy_package_bytes())
    with pytest.raises(UsageError, match="toy must be a package with qualities"):
        train_recipe(recipe, tmp_path / "a", [f"contexts.package={tmp_path / 'toy.xcm'}"])
    train_recipe(recipe, tmp_path / "b")
    with pytest.raises(OutputExists, match="holds a run already"):
        train_recipe(recipe, tmp_path / "b", resume=False)
