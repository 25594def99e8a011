"""Trained codecs on sources with known limits: how far a network is from the bound, by real files.

settings ─► toy_run (trained, coded by two processes) ─► measured        source.limit(decoder) ─► bound
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crosscodec.extras import load_module
from crosscodec.measure.interval import mean_interval
from crosscodec.report.figures import Claim, FigureData, Panel, Point
from crosscodec.repro.item import Item, Request
from crosscodec.repro.points import curve, measured_point
from crosscodec.toy.settings import ToySettings, smoke
from crosscodec.toy.sources import source_of

_LINE = 121  # values of a bound that are drawn
_NUMBERS = {"gaussian": 1, "vector": 2, "bernoulli": 1}  # of a symbol
_NEAR = 0.35  # bits a number: .25 is what scalars with dither lose at best


def make(*settings: ToySettings) -> Callable[[Item, Request], FigureData]:
    """The maker of the figure of these settings: a panel for each decoder, a series for each block and quantiser."""

    def figure(item: Item, request: Request) -> FigureData:
        # Imported on use: training needs torch, and the catalogue does not.
        toy_run = load_module("crosscodec.toy.run").toy_run
        chosen = [smoke(settings[0])] if request.smoke else settings
        runs = {point: [] for point in chosen}  # type: dict[ToySettings, list[Any]]
        for done, point in enumerate(chosen, 1):
            for seed in request.seed_numbers:
                runs[point].append(toy_run(dataclasses.replace(point, seed=seed)))
            request.say(f"{item.key} {done}/{len(chosen)}: {_series(point)} at {point.rate:g} bits")
        decoders = list(dict.fromkeys(found.decoder for group in runs.values() for found in group[0].points))
        points = [bound for decoder in decoders for bound in _bound(settings, decoder)]
        points += [_measured(point, group, name) for point, group in runs.items() for name in _names(group)]
        points += [_found(point, group, name) for point, group in runs.items() for name in _names(group)[1:]]
        panels = tuple(Panel(name, "payload, bits a symbol", f"distortion a symbol, {name}") for name in decoders)
        return FigureData(item.key, item.title, item.paper, panels, tuple(points), _claims(runs), made=_made(settings))

    return figure


def gaussian() -> Callable[[Item, Request], FigureData]:
    """Scalars and blocks of eight, whole numbers with dither; and a codebook at half a bit."""
    rates, books = (0.5, 1.0, 2.0, 3.0), [ToySettings(block=8, quantiser="vector", rate=0.5)]
    return make(*(ToySettings(block=block, rate=rate) for block in (1, 8) for rate in rates), *books)


def vector() -> Callable[[Item, Request], FigureData]:
    """Pairs of correlated normal numbers."""
    return make(*(ToySettings("vector", rate=rate) for rate in (0.5, 1.0, 2.0, 3.0)))


def bernoulli() -> Callable[[Item, Request], FigureData]:
    """Pictures of independent bits."""
    return make(*(ToySettings("bernoulli", rate=rate) for rate in (0.2, 0.5)))


def _series(settings: ToySettings) -> str:
    words = [f"block {settings.block}" if settings.source == "gaussian" else "trained"]
    return ", ".join([*words, "codebook"] if settings.quantiser == "vector" else words)


def _names(group: Sequence[Any]) -> list[str]:
    return [point.decoder for point in group[0].points]


def _bound(settings: Sequence[ToySettings], decoder: str) -> list[Point]:
    rates = np.linspace(0.0, 1.15 * max(point.rate for point in settings), _LINE)
    limit = source_of(settings[0]).limit(decoder)
    return curve(decoder, "D(R)", "bound", rates, np.array([limit.distortion(float(rate)) for rate in rates]))


def _measured(settings: ToySettings, group: Sequence[Any], decoder: str) -> Point:
    found = [run.point(decoder) for run in group]
    model = mean_interval([point.bits_model for point in found]).mean
    point = measured_point(
        decoder,
        _series(settings),
        [point.bits_payload for point in found],
        [point.distortion for point in found],
        mean_interval([point.bits_file for point in found]).mean,
    )
    return dataclasses.replace(point, bits_model=model)


def _found(settings: ToySettings, group: Sequence[Any], decoder: str) -> Point:
    """The bound for the mean and covariance that the outputs have in fact: a learned law falls short of the one owed,
    and its distortion may lie below the bound for that one.
    """
    found = [run.point(decoder) for run in group]
    rate, bound = (mean_interval([getattr(p, name) for p in found]).mean for name in ("bits_payload", "bound"))
    return Point(decoder, f"D(R) at the law of {_series(settings)}", "bound", rate, bound)


def _claims(runs: dict[ToySettings, list[Any]]) -> tuple[Claim, ...]:
    every = [run for group in runs.values() for run in group]
    complaints = [sentence for run in every for sentence in run.complaints]
    count = sum(len(run.points) for run in every)
    gaps = [f"{_series(point)} {point.rate:g}: {_range(point, group)}" for point, group in runs.items()]
    return (
        Claim(
            "no trained point beats its bound by more than 3 standard errors",
            not complaints,
            "; ".join(complaints) or f"0 of {count}",
        ),
        Claim(
            f"a trained codec comes within {_NEAR:g} bit a number of the bound (all decoders)",
            max(_gap(point, found.gap_bits) for point, group in runs.items() for run in group for found in run.points)
            < _NEAR,
            "bits a number beyond the least rate: " + "; ".join(gaps),
        ),
    )


def _gap(settings: ToySettings, bits: float) -> float:
    return bits / _NUMBERS[settings.source]


def _range(settings: ToySettings, group: Sequence[Any]) -> str:
    gaps = [_gap(settings, point.gap_bits) for run in group for point in run.points]
    return f"{min(gaps):.3f} to {max(gaps):.3f}"


def _made(settings: Sequence[ToySettings]) -> dict[str, str]:
    first = settings[0]
    return {"setting": f"{first.source}, {first.steps} steps of training, {first.symbols} symbols a point"}
