"""From a photo package to the same package with one encoder more: what stays, what is new, refusals."""

import numpy as np
import pytest
from PIL import Image
from toypackage import toy_package_bytes

from crosscodec.codec import decode_bytes, encode_pixels, load_package
from crosscodec.codec.package import encoder_part
from crosscodec.errors import UsageError
from crosscodec.learn.encoder.settings import EncoderSettings
from crosscodec.learn.encoder.train import starting_analysis
from crosscodec.learn.photo.export import receptive_halo
from crosscodec.learn.photo.start import stored_weights
from crosscodec.learn.photo.trial import RECORDED
from crosscodec.learn.train import train_recipe

pytestmark = pytest.mark.training


@pytest.fixture
def picture():
    drawn = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.kron(drawn, np.ones((8, 8, 1), np.uint8))


def test_one_encoder_more_and_everything_else_as_it_was(tmp_path, base, recipe, picture):
    before = load_package(base)
    path = train_recipe(recipe, tmp_path / "run")
    assert path.name == base.name
    after = load_package(path)
    assert after.encoders == ("default", "wide")
    assert after.card.encoders == {"wide": receptive_halo((1, 1, 1, 1, 1))}
    assert {name: part for name, part in after.parts.items() if name != encoder_part("wide")} == before.parts
    files = {name: encode_pixels(picture, after, quality=70, encoder=name).data for name in after.encoders}
    assert len(files["default"]) == len(encode_pixels(picture, before, quality=70).data)
    default, wide = (decode_bytes(data, after).pixels for data in files.values())
    assert not np.array_equal(default, wide)
    told = after.card.training["encoders"]["wide"]
    assert (told["package"], told["steps"]) == (before.sha256, 8)
    assert told["command"].startswith("crosscodec train more.toml")
    assert after.card.notes[-1] == "Slow."
    rows = [row["encoder"] for row in after.card.measured]
    assert set(rows) == {"default", "wide"}
    assert rows.count("wide") == rows.count("default")


def test_an_encoder_of_that_name_is_replaced_and_goes_on_from_its_weights(tmp_path, recipe):
    first = train_recipe(recipe, tmp_path / "one")
    sets = [f"encoder.package={first}", "encoder.start=wide", "encoder.widths=[]", "encoder.blocks=[]"]
    package, former = load_package(train_recipe(recipe, tmp_path / "two", sets)), load_package(first)
    assert package.encoders == former.encoders
    assert package.card.encoders == former.card.encoders
    assert len(package.card.measured) == len(former.card.measured)
    assert package.parts[encoder_part("wide")] != former.parts[encoder_part("wide")]
    assert {k: v for k, v in package.parts.items() if k != encoder_part("wide")} == {
        k: v for k, v in former.parts.items() if k != encoder_part("wide")
    }


def test_the_default_encoder_can_be_replaced(tmp_path, recipe):
    path = train_recipe(recipe, tmp_path / "run", ["encoder.name=default"])
    package = load_package(path)
    assert package.encoders == ("default",)
    assert package.card.halo >= receptive_halo((1, 1, 1, 1, 1))
    assert stored_weights(package.parts[encoder_part("default")])["net.to_half.weight"].shape[0] == 6


def test_an_encoder_learns_what_was_recorded(tmp_path, base, recipe, smooth_picture):
    """Noise in stripes, which no other encoder knows: it loses less by it than the encoder that it started from."""
    draw = np.random.default_rng(0)
    for number in range(6):
        clean = np.roll(smooth_picture(64, 64), 9 * number, axis=1)
        noise = 40 * draw.standard_normal((64, 1, 1)).repeat(64, axis=1)
        for folder, pixels in (("noisy", clean + noise), ("clean", clean)):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(tmp_path / folder / f"{number}.png")
    sets = [f"data.{key}_folder={tmp_path / name}" for key, name in (("degraded", "noisy"), ("clean", "clean"))]
    sets += ["data.sets=[]", "encoder.name=own", "encoder.start=default", "encoder.widths=[]", "encoder.blocks=[]"]
    path = train_recipe(recipe, tmp_path / "run", [*sets, "training.steps=60", "training.batch=4"])
    rows = [row for row in load_package(path).card.measured if row["set"] == RECORDED]
    assert {row["pictures"] for row in rows} == {1}
    quality = {row["encoder"]: row["restored_psnr"] for row in rows if row["quality"] == 80}
    assert quality["own"] > quality["default"] + 0.5
    again = train_recipe(recipe, tmp_path / "again", [*sets, f"encoder.package={path}", "training.steps=1"])
    assert len([row for row in load_package(again).card.measured if row["set"] == RECORDED]) == len(rows)


def test_it_starts_from_an_encoder_with_blocks_more(base):
    package = load_package(base)
    analysis, blocks = starting_analysis(package, EncoderSettings(blocks=(1, 1, 1, 1, 1)))
    same, there = starting_analysis(package, EncoderSettings())
    assert (blocks, there) == ((1, 1, 1, 1, 1), (1, 0, 1, 1, 1))
    for name, value in same.state_dict().items():
        np.testing.assert_array_equal(analysis.state_dict()[name].numpy(), value.numpy(), err_msg=name)
    assert not analysis.net.down_quarter[0].second.weight.any(), "a block more starts without effect"


def test_what_cannot_be_is_refused(tmp_path, recipe):
    with pytest.raises(UsageError, match="package tiny has no encoder 'sharp'; it has: default"):
        train_recipe(recipe, tmp_path / "a", ["encoder.start=sharp"])
    with pytest.raises(UsageError, match=r"to_half\.weight has shape"):
        train_recipe(recipe, tmp_path / "b", ["encoder.start=default"])
    with pytest.raises(UsageError, match="a further encoder has a name of 1 to 32 lower-case letters"):
        train_recipe(recipe, tmp_path / "c", ["encoder.name=Best One"])
    (tmp_path / "toy.xcm").write_bytes(toy_package_bytes())
    with pytest.raises(UsageError, match="toy must be a package with qualities"):
        train_recipe(recipe, tmp_path / "d", [f"encoder.package={tmp_path / 'toy.xcm'}"])
