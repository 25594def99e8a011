"""Pairs of photos that were recorded, for tests of what is read and of what is cut from it."""

import numpy as np
import pytest
from PIL import Image

from crosscodec.learn.photo.settings import DataSettings


@pytest.fixture
def recorded(tmp_path):
    """Settings of four pairs: ramps, the noisy ones darker by their number; 1 and 3 of one scene, 2 in 16 bits."""
    ramp = np.arange(48 * 40, dtype=np.uint16).reshape(48, 40) % 200 + 50
    for number in range(4):
        for folder, pixels in (("clean", ramp + (number == 0)), ("noisy", ramp - 10 * number - 5)):
            (tmp_path / folder).mkdir(exist_ok=True)
            deep = number == 2
            stored = pixels * np.uint16(257) if deep else np.stack([pixels.astype(np.uint8)] * 3, axis=2)
            Image.fromarray(stored).save(tmp_path / folder / f"{number}.png")
    return DataSettings(
        sets=(),
        crop=32,
        held_out=3,
        degraded_folder=str(tmp_path / "noisy"),
        clean_folder=str(tmp_path / "clean"),
        camera=0.5,
        gray=0.5,
    )
