import numpy as np
import pytest
from PIL import Image

from crosscodec.domains.resize import downsample, upsample


def test_antialiased_reduction_is_pillows_bicubic() -> None:
    planes = np.random.default_rng(0).random((36, 60, 1))
    ours = downsample(planes, 4, antialias=True)[..., 0]
    theirs = Image.fromarray(planes[..., 0].astype(np.float32)).resize((15, 9), Image.Resampling.BICUBIC)
    assert np.abs(ours - np.asarray(theirs)).max() < 1e-6


def test_enlargement_is_pillows_bicubic() -> None:
    planes = np.random.default_rng(1).random((7, 5, 3))
    ours = upsample(planes, 28, 19, antialias=True)
    theirs = Image.fromarray(planes[..., 1].astype(np.float32)).resize((19, 28), Image.Resampling.BICUBIC)
    assert np.abs(ours[..., 1] - np.asarray(theirs)).max() < 1e-6


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize(("height", "width", "factor"), [(1, 1, 4), (1, 9, 2), (13, 7, 3), (28, 28, 4), (5, 5, 64)])
def test_a_flat_picture_stays_flat_at_every_size(height: int, width: int, factor: int, antialias: bool) -> None:
    small = downsample(np.full((height, width, 3), 0.37), factor, antialias)
    assert small.shape == (-(-height // factor), -(-width // factor), 3)
    assert upsample(small, height, width, antialias) == pytest.approx(0.37, abs=1e-12)


def test_without_antialias_it_is_torchs_bicubic() -> None:
    torch = pytest.importorskip("torch")
    planes = np.random.default_rng(1).random((28, 20, 1))
    source = torch.tensor(planes[None, None, ..., 0])
    small = torch.nn.functional.interpolate(source, size=(7, 5), mode="bicubic")
    back = torch.nn.functional.interpolate(small, size=(28, 20), mode="bicubic")
    ours = downsample(planes, 4, antialias=False)
    assert ours[..., 0] == pytest.approx(small[0, 0].numpy(), abs=1e-9)
    assert upsample(ours, 28, 20, antialias=False)[..., 0] == pytest.approx(back[0, 0].numpy(), abs=1e-9)


def test_only_antialias_suppresses_the_finest_stripes() -> None:
    stripes = np.tile(np.arange(32) % 2.0, (32, 1))[..., None]
    smooth, aliased = (downsample(stripes, 3, antialias)[2:-2, 2:-2] for antialias in (True, False))
    assert smooth.std() < 0.05
    assert aliased.std() > 0.2


def test_a_straight_ramp_survives_in_the_interior() -> None:
    ramp = np.tile(np.arange(40.0), (40, 1))[..., None]
    back = upsample(downsample(ramp, 4, antialias=True), 40, 40, antialias=True)
    assert back[:, 16:-16, 0] == pytest.approx(ramp[:, 16:-16, 0], abs=1e-9)


def test_factor_one_changes_nothing() -> None:
    planes = np.random.default_rng(2).random((6, 4, 1))
    assert np.array_equal(downsample(planes, 1, antialias=True), planes)
