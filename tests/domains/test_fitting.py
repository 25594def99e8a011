import numpy as np
import pytest
from PIL import Image

from crosscodec.domains.fitting import fit
from crosscodec.errors import UsageError

COLOURS = np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)


def test_a_picture_of_the_size_comes_back_as_it_is() -> None:
    assert fit(COLOURS, (12, 20)) is COLOURS


def test_the_centred_part_is_resized() -> None:
    cut = fit(COLOURS, (6, 6))
    middle = Image.fromarray(COLOURS).resize((6, 6), Image.Resampling.LANCZOS, box=(4, 0, 16, 12))
    assert np.array_equal(cut, np.asarray(middle))
    assert fit(COLOURS, (24, 10)).shape == (24, 10, 3)


@pytest.mark.parametrize("pixels", [COLOURS, COLOURS[..., 0]])
def test_floats_follow_the_bytes_and_keep_what_leaves_the_scale(pixels: np.ndarray) -> None:
    floats = pixels.astype(np.float32) / np.float32(255)
    fitted = fit(floats * 3 - 1, (6, 9))
    assert fitted.dtype == np.float32
    assert fitted.shape == (6, 9, *pixels.shape[2:])
    rounded = np.clip(np.rint((fitted + 1) / 3 * 255), 0, 255)
    assert np.abs(rounded - fit(pixels, (6, 9)).astype(float)).max() <= 2, (
        "Pillow rounds bytes between rows and columns"
    )
    assert fitted.min() < 0


@pytest.mark.parametrize("size", [(0, 4), (4, -1)])
def test_sizes_below_one_pixel_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        fit(COLOURS, size)
