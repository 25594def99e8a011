import dataclasses
from types import SimpleNamespace

import pytest

from crosscodec.repro import toy
from crosscodec.repro.catalogue import find
from crosscodec.repro.item import Request
from crosscodec.toy.settings import ToySettings
from crosscodec.toy.sources import source_of


def ran(settings: ToySettings, beats: bool = False):
    """A run as the trainer would return it, at twice the least distortion, or below it."""
    source = source_of(settings)
    points = [
        SimpleNamespace(
            decoder=name,
            bits_model=settings.rate - 0.01,
            bits_payload=settings.rate + 0.01 * settings.seed,
            bits_file=settings.rate + 0.1,
            distortion=(0.5 if beats else 2.0) * source.limit(name).distortion(settings.rate),
            bound=0.9 * source.limit(name).distortion(settings.rate),
            gap_bits=0.1 * settings.seed,
        )
        for name in source.owed
    ]
    complaints = ("distortion beats the bound",) if beats else ()
    return SimpleNamespace(
        points=points, complaints=complaints, point=lambda name: next(p for p in points if p.decoder == name)
    )


@pytest.fixture
def quick(monkeypatch):
    seen = []

    def run(settings):
        seen.append(settings)
        return ran(settings)

    monkeypatch.setattr(toy, "load_module", lambda name: SimpleNamespace(toy_run=run))
    return seen


def test_seeds_and_rates_become_series_beside_their_bound(quick, tmp_path):
    item = find("toy-gaussian")
    figure = item.make(item, Request("small", 2, tmp_path))
    assert [panel.name for panel in figure.panels] == ["fidelity", "perception", "target"]
    assert {point.seed for point in quick} == {1, 2}
    blocks = figure.select("fidelity", "block 8")
    assert [point.x for point in blocks] == pytest.approx([0.515, 1.015, 2.015, 3.015])
    assert all(point.seeds == 2 and point.bits_file > point.bits_payload for point in blocks)
    (book,) = figure.select("fidelity", "block 8, codebook")
    bound = figure.select("fidelity", kind="bound")
    below = min((abs(point.x - 0.5), point.y) for point in bound)[1]
    assert book.y == pytest.approx(2 * below, rel=0.02)
    (at_law,) = figure.select("target", "D(R) at the law of block 1")[:1]
    assert at_law.kind == "bound"
    assert at_law.y < min((abs(point.x - 0.5), point.y) for point in figure.select("target", "D(R)"))[1]
    assert not figure.select("fidelity", "D(R) at the law of block 1")  # no law is owed
    assert [claim.holds for claim in figure.claims] == [True, True]
    assert "block 1 0.5: 0.100 to 0.200" in figure.claims[1].numbers


def test_a_point_that_beats_its_bound_fails(monkeypatch, tmp_path):
    run = SimpleNamespace(toy_run=lambda settings: ran(settings, beats=True))
    monkeypatch.setattr(toy, "load_module", lambda name: run)
    item = find("toy-bernoulli")
    figure = item.make(item, Request("small", 1, tmp_path))
    assert figure.claims[0].holds is False
    assert "beats the bound" in figure.claims[0].numbers


def test_smoke_trains_one_point_in_seconds(quick, smoke):
    item = find("toy-vector")
    item.make(item, smoke)
    (settings,) = quick
    assert settings.source == "vector"
    assert settings.steps < dataclasses.replace(ToySettings()).steps
