import math

import numpy as np
import pytest

from crosscodec.repro.item import Request
from crosscodec.repro.points import coded_rates, curve, limits_text, measured_point, simulated_symbols


def test_no_value_where_no_code_exists():
    first, second = curve("p", "s", "bound", np.array([0.0, 1.0]), np.array([np.nan, 2.0]))
    assert (first.x, first.y) == (0.0, None)
    assert (second.x, second.y, second.kind) == (1.0, 2.0, "bound")


def test_means_over_seeds_have_an_interval_and_one_seed_has_none():
    point = measured_point("p", "s", [1.0, 1.2], [0.4, 0.6], 1.3)
    assert (point.x, point.y, point.seeds) == (pytest.approx(1.1), 0.5, 2)
    # Student's t with one degree of freedom: 12.706 standard errors of .1.
    assert point.high - point.y == pytest.approx(1.2706, abs=1e-3)
    assert (point.bits_payload, point.bits_file) == (pytest.approx(1.1), 1.3)
    assert measured_point("p", "s", [1.0], [0.4]).low is None
    assert measured_point("p", "s", [1.0], [0.4], rate_is_y=True).bits_payload == 0.4


def test_limits_as_names():
    assert limits_text("C", 0.8) == "C = 0.8"
    assert limits_text("P", math.inf) == "no limit P"


def test_scales_of_codes(tmp_path):
    smoke, small = Request("smoke", 1, tmp_path), Request("small", 1, tmp_path)
    assert simulated_symbols(smoke) < simulated_symbols(small) == 10**6
    assert list(coded_rates((0.5, 1.0, 2.0), smoke)) == [1.0]
    assert list(coded_rates((0.5, 1.0, 2.0), small)) == [0.5, 1.0, 2.0]
