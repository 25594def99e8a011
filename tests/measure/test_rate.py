import math

import pytest

from crosscodec.errors import UsageError
from crosscodec.measure.rate import RateLine, total_rate

LINE = RateLine(bound=310.0, model_bits=497.0, payload_bits=504, file_bits=824, pixels=1000)


def test_rates_per_pixel() -> None:
    assert (LINE.bpp, LINE.payload_bpp, LINE.model_bpp, LINE.bound_bpp) == (0.824, 0.504, 0.497, 0.31)
    assert LINE.describe() == "0.824 bpp file (payload 0.504, model 0.497, bound 0.310)"
    unknown = RateLine(None, 1.0, 8, 8, 2)
    assert unknown.bound_bpp is None
    assert "bound unknown" in unknown.describe()


def test_budget_is_the_model_estimate_plus_64_bits_and_a_thousandth() -> None:
    assert RateLine(None, 100_000.0, 100_164, 200_000, 1).within_budget
    assert not RateLine(None, 100_000.0, 100_165, 200_000, 1).within_budget
    assert RateLine(None, 0.0, 64, 64, 1).within_budget


def test_a_payload_below_its_bound_is_a_bug() -> None:
    assert not LINE.below_bound
    assert RateLine(505.0, 497.0, 504, 824, 1000).below_bound
    assert not RateLine(None, 0.0, 0, 0, 1).below_bound


def test_total() -> None:
    total = total_rate([LINE, RateLine(10.0, 3.0, 16, 176, 1000)])
    assert total == RateLine(320.0, 500.0, 520, 1000, 2000)
    assert total_rate([LINE]) == LINE
    assert total_rate([LINE, RateLine(None, 3.0, 16, 176, 10)]).bound is None
    with pytest.raises(UsageError):
        total_rate([])


@pytest.mark.parametrize(
    "numbers",
    [
        (None, -1.0, 0, 0, 1),
        (None, math.nan, 0, 0, 1),
        (math.inf, 0.0, 0, 0, 1),
        (None, 0.0, -8, 0, 1),
        (None, 0.0, 9, 8, 1),
        (None, 0.0, 0, 0, 0),
    ],
)
def test_impossible_numbers_are_refused(numbers: tuple[float | None, float, int, int, int]) -> None:
    with pytest.raises(UsageError):
        RateLine(*numbers)
