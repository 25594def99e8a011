"""The binary figures: closed forms, the formulas as printed, and codes that reach the bound by real files.

limits ─► BernoulliTransport ─► bound        plan ─► SharedSeedCode, two processes ─► measured
   └────► theory.printed ─────► printed
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.report.figures import Claim, FigureData, Panel, Point
from crosscodec.repro.coded import Coded
from crosscodec.repro.item import Item, Request
from crosscodec.repro.points import coded_rates, curve, limits_text, simulated_symbols
from crosscodec.simulate import simulate_maps
from crosscodec.simulate.rows import OK
from crosscodec.theory import BernoulliTransport
from crosscodec.theory.entropy import binary_entropy
from crosscodec.theory.printed import bernoulli_distortion, coupling_information, coupling_information_labelled

SOURCE, TARGET, NOISE = 0.3, 0.4, 0.1
PROBLEM = BernoulliTransport(SOURCE, TARGET, NOISE)
LABEL_LIMITS = (math.inf, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6)
PRINTED_LIMITS = (math.inf, 0.8, 0.7, 0.6)
CODED_RATES = (0.2, 0.4, 0.6, 0.8)
_SETTING = f"Bern({SOURCE}) to Bern({TARGET}), label noise {NOISE}"

Array = NDArray[np.float64]


def distortion_over_rate(item: Item, request: Request) -> FigureData:
    """D(R, C), one-shot (Theorem 2): curves over R for several C, printed ones, and measured codes."""
    rates = np.linspace(0.0, 1.0, 21 if request.smoke else 201)
    points: list[Point] = []
    below, printed_pairs, impossible = 0.0, 0, 0
    for limit in LABEL_LIMITS:
        name = limits_text("C", limit)
        true = np.asarray(PROBLEM.distortion(rates, limit).value)
        points += curve("D(R, C)", name, "bound", rates, true)
        if limit not in PRINTED_LIMITS:
            continue
        printed = np.asarray(bernoulli_distortion(SOURCE, TARGET, NOISE, rates, limit))
        points += curve("D(R, C)", name, "printed", rates, printed)
        below = max(below, float(np.nanmax(true - printed)))
        printed_pairs += int(np.isfinite(printed).sum())
        impossible += int((np.isfinite(printed) & np.isnan(true)).sum())
    coded = [_coded(limit, rate, request) for limit in (math.inf, 0.8) for rate in coded_rates(CODED_RATES, request)]
    points += [code.point("D(R, C)", code.distortion) for code in coded if code is not None]
    free = np.asarray(PROBLEM.distortion(rates).value)
    claims = (
        Claim("distortion falls with rate", bool((np.diff(free) <= 1e-12).all()), f"{free[0]:.4f} to {free[-1]:.4f}"),
        Claim(
            "the printed D(R, C) is reached by some code",
            below <= 1e-9,
            f"printed up to {below:.4f} below the least distortion",
        ),
        _reached(coded),
        Claim(
            "a limit C on the label is met by every pair for which the formula prints a value",
            impossible == 0,
            f"{impossible} of {printed_pairs} pairs (R, C) have no code",
        ),
    )
    panels = (Panel("D(R, C)", "rate, bits a symbol", "Hamming distortion"),)
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made={"setting": _SETTING})


def rate_over_distortion(item: Item, request: Request) -> FigureData:
    """R(D, C), one-shot (Appendix A.2): the inverse, with the other figure's codes at their measured distortion."""
    distortions = np.linspace(0.1, 0.5, 21 if request.smoke else 201)
    points: list[Point] = []
    for limit in LABEL_LIMITS:
        value = np.asarray(PROBLEM.rate(distortions, limit).value)
        points += curve("R(D, C)", limits_text("C", limit), "bound", distortions, value)
    coded = [_coded(limit, rate, request) for limit in (math.inf, 0.8) for rate in coded_rates(CODED_RATES, request)]
    points += [code.turned("R(D, C)") for code in coded if code is not None]
    rates = np.linspace(0.05, 0.85, 17)
    there = np.asarray(PROBLEM.rate(np.asarray(PROBLEM.distortion(rates).value)).value)
    least = float(np.asarray(PROBLEM.distortion(1.0).value))
    kept = np.asarray(PROBLEM.distortion(rates).value) > least + 1e-9
    back = float(np.abs(there - rates)[kept].max())
    claims = (
        Claim("R(D, C) is the inverse of D(R, C)", back < 1e-9, f"largest difference {back:.1e} bit"),
        _reached(coded),
    )
    panels = (Panel("R(D, C)", "Hamming distortion", "rate, bits a symbol"),)
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made={"setting": _SETTING})


def coupling_over_rate(item: Item, request: Request) -> FigureData:
    """I(X;Y) of the constrained minimum entropy coupling over rate (Theorem 2), positive and best branch."""
    rates = np.linspace(0.0, 1.0, 21 if request.smoke else 201)
    best = np.asarray(PROBLEM.information(rates).value)
    printed = np.asarray(coupling_information(SOURCE, TARGET, rates))
    points = curve("I(X;Y)", "no label", "bound", rates, best) + curve("I(X;Y)", "no label", "printed", rates, printed)
    coded = [_coded(math.inf, rate, request, information=True) for rate in coded_rates(CODED_RATES, request)]
    points += [code.point("I(X;Y)", _kept(code)) for code in coded if code is not None]
    more = best - printed
    place = int(np.argmax(more))
    claims = (
        Claim(
            "information kept rises with rate",
            bool((np.diff(best) >= -1e-12).all()),
            f"{best[0]:.4f} to {best[-1]:.4f}",
        ),
        Claim(
            "the printed branch keeps the most information",
            float(more[place]) <= 1e-9,
            f"at {rates[place]:.3f} bit {printed[place]:.4f} is printed, {best[place]:.4f} can be kept",
        ),
        _reached(coded),
    )
    panels = (Panel("I(X;Y)", "rate, bits a symbol", "I(X;Y), bits"),)
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made={"setting": _SETTING})


def coupling_with_label(item: Item, request: Request) -> FigureData:
    """I(X;Y) of the coupling under rate and label limits (Theorem 3), over rate for several C."""
    rates = np.linspace(0.0, 1.0, 21 if request.smoke else 201)
    points: list[Point] = []
    more = 0.0
    for limit in LABEL_LIMITS:
        name = limits_text("C", limit)
        best = np.asarray(PROBLEM.information(rates, limit).value)
        printed = np.asarray(coupling_information_labelled(SOURCE, TARGET, NOISE, rates, limit))
        points += curve("I(X;Y)", name, "bound", rates, best) + curve("I(X;Y)", name, "printed", rates, printed)
        more = max(more, float(np.nanmax(best - np.nan_to_num(printed))))
    coded = [_coded(0.8, rate, request, information=True) for rate in coded_rates(CODED_RATES, request)]
    points += [code.point("I(X;Y)", _kept(code)) for code in coded if code is not None]
    claims = (
        Claim("the printed I(R, C) keeps the most information", more <= 1e-9, f"up to {more:.4f} bit more can be kept"),
        _reached(coded),
    )
    panels = (Panel("I(X;Y)", "rate, bits a symbol", "I(X;Y), bits"),)
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made={"setting": _SETTING})


def _coded(limit: float, rate: float, request: Request, information: bool = False) -> Coded | None:
    """The plan at these limits as a code, run for each seed; None where there is no code."""
    found = PROBLEM.information(rate, limit) if information else PROBLEM.distortion(rate, limit)
    if not found.feasible:
        return None
    symbols = simulated_symbols(request)
    reports = [simulate_maps(found.plan, symbols, seed) for seed in request.seed_numbers]
    return Coded(f"code, {limits_text('C', limit)}", reports)


def _reached(coded: Sequence[Coded | None]) -> Claim:
    """Whether every row of every table kept the plan to 3 standard errors."""
    rows = [row for code in coded if code is not None for report in code.reports for row in report.rows]
    kept = sum(row.verdict == OK for row in rows)
    # One row in 370 lies outside 3 standard errors by chance.
    return Claim(
        "codes by real files reach the bound (rate, distortion, output law and label within 3 standard errors)",
        kept >= len(rows) - max(1, round(len(rows) / 100)),
        f"{kept} of {len(rows)} measured rows",
    )


def _kept(code: Coded) -> list[float]:
    """I(X;Y) in bits of the measured joint law: its marginals and its distortion determine it. A value a seed."""
    return [_information(b, d) for b, d in zip(code.measured("P(Y=1)"), code.distortion, strict=True)]


def _information(target: float, distortion: float) -> float:
    """I(X;Y) of Bern(SOURCE) and Bern(target) that differ with this probability."""
    both = (SOURCE + target - distortion) / 2
    rows = ((SOURCE, both), (1 - SOURCE, target - both))
    given = sum(weight * float(binary_entropy(min(max(part / weight, 0.0), 1.0))) for weight, part in rows)
    return float(binary_entropy(target)) - given
