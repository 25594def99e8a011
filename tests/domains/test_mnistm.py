import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from domains.setfiles import write_bsds500, write_mnist

from crosscodec.domains.mnist import mnist
from crosscodec.domains.mnistm import blend, mnist_m
from crosscodec.domains.photos import DATA_VARIABLE, bsds500
from crosscodec.errors import InputMissing, UsageError

needs_data = pytest.mark.skipif(DATA_VARIABLE not in os.environ, reason=f"{DATA_VARIABLE} is not set")


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_the_only_possible_patch_is_blended_by_absolute_difference() -> None:
    patch = photo(32, 32)
    digit = np.random.default_rng(1).integers(0, 256, (1, 28, 28), dtype=np.uint8)
    padded = np.pad(digit[0], 2)[..., None].astype(int)
    assert np.array_equal(blend(digit, [patch], 0, "s")[0], np.abs(patch.astype(int) - padded))
    assert np.array_equal(patch, photo(32, 32)), "the photograph may not be changed"


def test_a_digit_depends_on_seed_stream_and_index_alone() -> None:
    photos = [photo(90, 80), photo(80, 90, 1), photo(70, 70, 2)]
    nothing = np.zeros((9, 28, 28), np.uint8)
    whole = blend(nothing, photos, 7, "s")
    assert np.array_equal(blend(nothing[:4], photos, 7, "s"), whole[:4])
    assert len({picture.tobytes() for picture in whole}) == 9
    for seed, stream in ((6, "s"), (7, "t")):
        assert not np.array_equal(blend(nothing, photos, seed, stream), whole)


def test_every_photograph_and_place_occurs() -> None:
    # Each pixel says where it lies: photograph, row, column.
    photos = [np.stack(np.broadcast_arrays(*np.ogrid[i : i + 1, :h, :w]), -1)[0].astype(np.uint8) for i, (h, w) in
              enumerate([(34, 33), (32, 35)])]  # fmt: skip
    corners = blend(np.zeros((600, 32, 32), np.uint8), photos, 0, "s")[:, 0, 0]
    expected = {(0, row, column) for row in range(3) for column in range(2)} | {(1, 0, column) for column in range(4)}
    assert {tuple(corner.tolist()) for corner in corners} == expected


@pytest.mark.parametrize(
    ("digit", "photos", "answer"),
    [
        ((28, 33), [(40, 40)], "28 x 33 cannot be centred in 32 x 32"),
        ((28, 27), [(40, 40)], "28 x 27 cannot"),
        ((28, 28), [(40, 40), (31, 40)], r"at least 32 x 32, not \(31, 40, 3\)"),
        ((28, 28), [], "not none"),
    ],
)
def test_what_does_not_fit_is_refused(digit: tuple[int, int], photos: list[tuple[int, int]], answer: str) -> None:
    with pytest.raises(UsageError, match=answer):
        blend(np.zeros((1, *digit), np.uint8), [photo(*size) for size in photos], 0, "s")


def test_digits_of_a_split_meet_photographs_of_that_split(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    with pytest.raises(InputMissing, match="BSDS500 train"):
        mnist_m(tmp_path, "train")
    write_bsds500(tmp_path)
    for split in ("train", "test"):
        built, digits = mnist_m(tmp_path, split), mnist(tmp_path, split)
        photos = bsds500(tmp_path, split)
        flat = {int(photos.clean(i)[0, 0, 0]) for i in range(200)}
        assert built.full_name == f"mnist-m:{split}"
        assert built.images.shape == (len(digits), 32, 32, 3)
        assert np.array_equal(built.labels, digits.labels)
        assert {int(picture[0, 0, 0]) for picture in built.images} <= flat
        inner = np.abs(built.images[:, :1, :1].astype(int) - digits.images)
        assert np.array_equal(built.images[:, 2:30, 2:30], inner)


@needs_data
def test_the_real_set_has_one_digest() -> None:
    # Frozen: results on "mnist-m" are about these pictures. A JPEG decoder that rounds otherwise makes another set.
    test = mnist_m(None, "test")
    assert test.images.shape == (10000, 32, 32, 3)
    assert (
        hashlib.sha256(test.images.tobytes()).hexdigest()
        == "6c2abdb48661b08e4f830ce57c28d227e66bc69360bec47a37f48640243a80de"
    )
