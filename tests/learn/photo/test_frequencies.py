"""Training that starts from a package goes on with more frequencies than it has."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from learn.photo.tiny import DATA, MODEL, OBJECTIVE, RECIPE
from torch.nn.functional import softplus

from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import pack, parse_package
from crosscodec.errors import UsageError
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.export import export_package
from crosscodec.learn.photo.frequencies import KeptFrequencies
from crosscodec.learn.photo.loop import train
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.start import start_from_package

pytestmark = pytest.mark.training

MORE = replace(MODEL, luma=20, chroma=7)
OLD = [*range(15), *range(20, 26), *range(27, 33)]  # where its 34 channels have the 27


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    torch.manual_seed(5)
    model = PhotoCodec(MODEL, OBJECTIVE)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    pictures = load_training_pictures(DATA, None).training
    model.start_tables(pictures.batch(0, 0, 4).degraded)
    return parse_package(export_package(model.eval(), RECIPE, pictures, {}), tmp_path_factory.mktemp("old") / "old.xcm")


def test_old_frequencies_do_what_they_did_and_new_ones_begin_as_the_mean_of_the_highest(package):
    old, wide = PhotoCodec(MODEL, OBJECTIVE), PhotoCodec(MORE, OBJECTIVE)
    start_from_package(old, package)
    start_from_package(wide, package)
    pictures = torch.rand(2, 3, 32, 48)
    for quality in (0, 30, 100):
        before, after = (codec.gains.latents(codec.coefficients(pictures), quality) for codec in (old, wide))
        torch.testing.assert_close(after[:, OLD], before)
    denoised = pictures - 0.5 + wide.analysis.net(pictures - 0.5)[0]
    for new, like in ((range(15, 20), range(15)), (range(26, 27), range(15, 21)), (range(33, 34), range(21, 27))):
        new, like = list(new), list(like)
        shrink = old.analysis.shrink[like].mean(0, keepdim=True)
        torch.testing.assert_close(wide.coefficients(pictures)[:, new], wide.analysis.dct(denoised)[:, new] * shrink)
        for name in ("log_gain", "log_step"):
            mean = getattr(old.gains, name)[:, like].mean(1, keepdim=True).expand(-1, len(new), 1, 1)
            torch.testing.assert_close(getattr(wide.gains, name)[:, new], mean)
        mean = softplus(old.gains.raw_dead[:, like]).mean(1, keepdim=True).expand(-1, len(new), 1, 1)
        torch.testing.assert_close(softplus(wide.gains.raw_dead[:, new]), mean)
    symbols = torch.zeros(1, 34, 2, 3)
    symbols[:, OLD] = torch.randint(-3, 4, (1, 27, 2, 3)).float()
    torch.testing.assert_close(wide.restore(symbols, 50), old.restore(symbols[:, OLD], 50), atol=1e-5, rtol=1e-5)


def test_a_run_goes_on_with_more(package, tmp_path):
    start = tmp_path / "start.xcm"
    start.write_bytes(pack(package.card, package.parts))
    recipe = replace(RECIPE, model=MORE, training=replace(RECIPE.training, start=str(start), steps=2))
    pictures = load_training_pictures(DATA, None)
    found = train(recipe, pictures, tmp_path, resume=False)
    again = parse_package(export_package(found.model, recipe, pictures.training, {}), tmp_path / "more.xcm")
    assert again.encoder(np.zeros((1, 3, 32, 32), np.float32)).shape[1] == 34
    assert encode_pixels(pictures.held_out[0].clean, again, quality=50).data


def test_a_recipe_of_fewer_is_refused(package):
    with pytest.raises(UsageError, match="15 frequencies of luma and 6 of each colour, the recipe 15 and 5"):
        start_from_package(PhotoCodec(replace(MODEL, chroma=5), OBJECTIVE), package)


def test_a_package_whose_card_tells_nothing_has_those_of_the_recipe(package):
    silent = replace(package, card=replace(package.card, training={}))
    assert KeptFrequencies.of(silent, MODEL) == KeptFrequencies((15, 6, 6), (15, 6, 6))
    with pytest.raises(UsageError, match="shape"):
        start_from_package(PhotoCodec(MORE, OBJECTIVE), silent)
