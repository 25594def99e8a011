import pytest

from crosscodec.repro import gaussian
from crosscodec.repro.catalogue import find


def test_distortion_figure_has_a_code_near_the_bound_and_the_printed_forms_defects(smoke):
    item = find("gaussian-drc")
    figure = item.make(item, smoke)
    (code,) = figure.select("D(R, C)", kind="measured")
    assert code.y > gaussian.CROSS.distortion(code.x).value
    assert gaussian.CROSS.distortion(code.x - 0.3).value > code.y
    verdicts = {claim.text: (claim.holds, claim.numbers) for claim in figure.claims}
    assert verdicts["distortion falls with rate"][0]
    # (0 - .5)^2 + (1 - 1.5)^2: what is left at infinite rate.
    assert verdicts["distortion vanishes at high rate"] == (False, "the limit is 0.5000: the domains differ")
    assert verdicts["no measured code beats a bound by more than 3 standard errors"][0]


def test_one_file_serves_several_decoders(smoke, monkeypatch):
    monkeypatch.setattr(gaussian, "_SERVED", (0.0, 0.3))
    item = find("gaussian-universal")
    figure = item.make(item, smoke)
    assert [claim.holds for claim in figure.claims] == [True, True, False]
    exact, near = figure.select("D(P)", "code, R = 1", "measured")
    assert exact.y > near.y
    assert exact.bits_payload == near.bits_payload


def test_three_points_cost_two_thirds_of_a_bit():
    assert gaussian.rate_penalty(*gaussian._apart()).penalty == pytest.approx(2 / 3, abs=1e-6)
