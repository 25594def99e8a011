"""How the curves of the photo benchmark are named and told apart."""

import pytest
from photo_plot import draw_curves, title_of
from photo_tables import Mean, Report

OURS = ("steps", "steps:perception", "steps+best", "steps+best:perception")


@pytest.mark.parametrize(
    ("method", "title"),
    [
        ("steps", "crosscodec"),
        ("steps:perception", "crosscodec, perception decoder"),
        ("steps+best", "crosscodec, encoder best"),
        ("steps+best:perception", "crosscodec, encoder best, perception decoder"),
        ("noisy", "noisy picture"),
        ("bm3d", "BM3D, no codec"),
        ("avif", "AVIF of the noisy picture"),
        ("nlm-avif", "non-local means, then AVIF"),
    ],
)
def test_titles(method, title):
    assert title_of(method, "steps") == title


def report(*methods: str) -> Report:
    def mean(method: str, bpp: float) -> Mean:
        values = {"bpp": bpp, "psnr": 30 + bpp, "ssim": 0.8, "lpips": None, "niqe": None}
        return Mean(method, f"{bpp}", "abc" if method in OURS else "", 1, values)

    means = tuple(mean(method, bpp) for method in methods for bpp in (0.2, 0.4))
    return Report(25.0, ("one",), "avif", means, (), (), (), "steps")


def test_four_of_ours_have_four_colours(monkeypatch):
    seen = {}

    def plot(axes, *points, label, **style):
        seen[label] = style

    monkeypatch.setattr("matplotlib.axes.Axes.plot", plot)
    draw_curves(report(*OURS, "avif"))
    ours = [seen[title_of(method, "steps")] for method in OURS]
    assert len({style["color"] for style in seen.values()}) == len(seen) == 5
    assert {style["linewidth"] for style in ours} == {2.6} != {seen[title_of("avif", "steps")]["linewidth"]}


def test_the_same_report_gives_the_same_picture():
    assert draw_curves(report(*OURS)) == draw_curves(report(*OURS))
