import numpy as np
import pytest

from crosscodec.domains.bulk import degrade_all
from crosscodec.domains.degradation import GaussianNoise, parse_degradation
from crosscodec.errors import UsageError


def pictures(count: int, channels: int, height: int = 9, width: int = 12) -> np.ndarray:
    return np.random.default_rng(count).random((count, height, width, channels), dtype=np.float32)


@pytest.mark.parametrize(
    "text",
    [
        "none", "noise:25", "noise:25,clip", "poisson:30,4", "down:2", "down:4,alias", "mask:5,0.5", "blur:1.3",
        "blur:0", "noise:10+noise:10+down:3+blur:0.7+mask:3+poisson:100", "blur:2+noise:5",
    ],
)  # fmt: skip
@pytest.mark.parametrize("channels", [1, 3])
def test_equal_to_the_bit_to_one_by_one(text: str, channels: int) -> None:
    degradation = parse_degradation(text)
    clean = pictures(11, channels)
    before = clean.copy()
    together = degrade_all(degradation, clean, 3, "stream")
    alone = np.stack([degradation.apply(picture, 3, "stream", i) for i, picture in enumerate(clean)])
    assert together.dtype == np.float32
    assert together.tobytes() == alone.tobytes()
    assert np.array_equal(clean, before), "the clean pictures may not be changed"
    assert not np.shares_memory(together, clean)


@pytest.mark.parametrize("text", ["down:2,alias", "blur:1"])
def test_pieces_meet_without_a_seam(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = pictures(10, 3)
    whole = degrade_all(parse_degradation(text), clean, 0, "s")
    monkeypatch.setattr("crosscodec.domains.bulk._PIECE", 3)
    assert degrade_all(parse_degradation(text), clean, 0, "s").tobytes() == whole.tobytes()


def test_equal_pictures_get_draws_of_their_own() -> None:
    flat = np.full((5, 4, 4, 1), 0.5, np.float32)
    assert len({picture.tobytes() for picture in degrade_all(GaussianNoise(25), flat, 0, "s")}) == 5


@pytest.mark.parametrize("text", ["none", "noise:5", "down:2+noise:5", "blur:1"])
def test_no_picture(text: str) -> None:
    assert degrade_all(parse_degradation(text), pictures(0, 3), 0, "s").shape == (0, 9, 12, 3)


def test_errors_of_a_degradation_pass_through() -> None:
    with pytest.raises(UsageError, match="does not fit"):
        degrade_all(parse_degradation("mask:10"), pictures(2, 1), 0, "s")
