from crosscodec.repro.coded import Coded
from crosscodec.simulate.rows import Report, bound_row, plan_row


def report(rate: float, distortion: float) -> Report:
    rows = (plan_row("rate [bit]", 1.0, rate, 0.1), bound_row("distortion", 0.2, distortion, 0.01))
    return Report("", rows, {"file_bits_per_symbol": rate + 0.1})


def test_seeds_become_one_point_over_rate_or_turned():
    coded = Coded("code", [report(1.0, 0.3), report(1.2, 0.5)])
    point = coded.point("p", coded.distortion)
    assert (point.series, point.x, point.y, point.seeds, point.bits_file) == ("code", 1.1, 0.4, 2, 1.1)
    turned = coded.turned("p")
    assert (turned.x, turned.y, turned.bits_payload) == (0.4, 1.1, 1.1)
    assert coded.measured("rate") == [1.0, 1.2]
