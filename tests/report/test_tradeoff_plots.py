"""Pictures of trade-offs: every kind is drawn, the same numbers give the same file, regimes are coloured."""

import io

import numpy as np
import pytest
from PIL import Image

from crosscodec.errors import UsageError
from crosscodec.report.tradeoff_plots import COLOURS, KINDS, Axis, TradeoffPicture, draw_tradeoff, kind_of

X = np.linspace(0, 1, 21)
Y = np.linspace(0, 2, 15)


def curve():
    value = np.where(X < 0.2, np.nan, 1 - X)
    binding = np.where(X < 0.6, "rate", "transport").astype(object)
    return TradeoffPicture("title", "distortion", [Axis("rate", X)], value, binding, 0.9 - X)


def surface():
    value = 3 - X[:, None] - Y
    value[:4] = np.nan
    binding = np.where(X[:, None] + Y < 1, "classification", "perception").astype(object)
    return TradeoffPicture("title", "distortion", [Axis("rate", X), Axis("perception", Y)], value, binding)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_and_repeatable(kind):
    heads = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".html": b"<!doctype html>"}
    for picture in (curve(), surface()):
        data = draw_tradeoff(picture, kind)
        assert data.startswith(heads[kind])
        assert draw_tradeoff(picture, kind) == data


@pytest.mark.parametrize(("picture", "names"), [(curve(), ("rate", "transport")), (surface(), ())])
def test_colours_tell_the_regimes(picture, names):
    pixels = np.asarray(Image.open(io.BytesIO(draw_tradeoff(picture, ".png"))).convert("RGB")).reshape(-1, 3)
    seen = {tuple(colour) for colour in np.unique(pixels, axis=0)}
    for name in names:
        assert tuple(bytes.fromhex(COLOURS[name][1:])) in seen
    assert (237, 237, 237) in seen or not names or np.isfinite(picture.value).all() or len(seen) > 50


def test_page_holds_the_numbers_and_needs_no_network():
    page = draw_tradeoff(surface(), ".html").decode()
    assert "classification" in page
    # One surface for each regime, in its own plain colour.
    assert page.count('"type":"surface"') - page.count('"surface":[{') >= 2
    for name in ("classification", "perception"):
        assert f'[[0,"{COLOURS[name]}"],[1,"{COLOURS[name]}"]]' in page
    assert 'src="http' not in page


def test_refusals():
    with pytest.raises(UsageError, match=r"a plot is written as one of \.svg, \.png, \.pdf, \.html"):
        draw_tradeoff(curve(), ".gif")
    with pytest.raises(UsageError, match=r"curve\.jpg: a plot"):
        kind_of("curve.jpg")
    nothing = TradeoffPicture("t", "q", [], np.array(1.0), np.array("rate", dtype=object))
    with pytest.raises(UsageError, match="one or two limits that vary, this has 0"):
        draw_tradeoff(nothing, ".svg")
