import math

import numpy as np
import pytest

from crosscodec.repro import bernoulli
from crosscodec.repro.catalogue import find
from crosscodec.theory.entropy import mutual_information


def test_distortion_figure_has_bounds_printed_lines_and_a_code_on_the_bound(smoke):
    item = find("bernoulli-drc")
    figure = item.make(item, smoke)
    codes = figure.select("D(R, C)", kind="measured")
    assert len(codes) == 2
    for code in codes:
        bound = bernoulli.PROBLEM.distortion(code.x).value
        assert code.y == pytest.approx(bound, abs=0.02)
        assert code.bits_payload == code.x
        assert code.bits_file > code.x
    verdicts = {claim.text: claim.holds for claim in figure.claims}
    assert verdicts["distortion falls with rate"] is True
    # Section 7 of the theory page: neither holds of the printed form.
    assert verdicts["the printed D(R, C) is reached by some code"] is False
    assert any(holds is False for text, holds in verdicts.items() if text.startswith("a limit C"))
    assert {point.series for point in figure.select("D(R, C)", kind="printed")} >= {"no limit C", "C = 0.8"}
    assert all(point.y is None or point.y >= 0.1 - 1e-12 for point in figure.select("D(R, C)", kind="bound"))


def test_information_of_a_measured_joint_law():
    joint = np.array([[0.5, 0.2], [0.1, 0.2]])  # rows X, P(X = 1) = .3
    found = bernoulli._information(float(joint[:, 1].sum()), float(joint[0, 1] + joint[1, 0]))
    assert found == pytest.approx(mutual_information(joint))


def test_limits_without_a_code_are_left_out(smoke):
    assert bernoulli._coded(0.5, 0.2, smoke) is None
    assert bernoulli.PROBLEM.distortion(0.2, math.inf).feasible
