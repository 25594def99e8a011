"""The Gaussian figures: closed forms, the formulas as printed, and dithered quantisers measured by real files.

limits ─► GaussianTransport ─► bound        design ─► DitherCode, two processes ─► measured
   └────► theory.printed ────► printed
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.report.figures import Claim, FigureData, Panel, Point
from crosscodec.repro.coded import Coded
from crosscodec.repro.item import Item, Request
from crosscodec.repro.points import coded_rates, curve, limits_text, simulated_symbols
from crosscodec.simulate import simulate_gaussian
from crosscodec.simulate.rows import BEATS, Report
from crosscodec.theory import FiniteTransport, GaussianTransport, Normal, rate_penalty
from crosscodec.theory.printed import gaussian_distortion, gaussian_distortion_perception

UNIT = Normal(0.0, 1.0)
LABEL = 0.8  # correlation of label and source
CROSS = GaussianTransport(UNIT, Normal(0.5, 1.5), LABEL, 1.0)
SINGLE = GaussianTransport(UNIT, UNIT, LABEL, 1.0)
CODED_RATES = (0.5, 1.0, 2.0, 3.0)
_LABEL_ENTROPY = 0.5 * math.log2(2 * math.pi * math.e)  # h(S) of a standard normal label, bits
_LIMITS = (math.inf, 1.9, 1.6, 1.4)
_SERVED = (0.0, 0.1, 0.3)  # perception limits of the decoders of one file

Array = NDArray[np.float64]


def distortion_over_rate(item: Item, request: Request) -> FigureData:
    """D(R, C), asymptotic (Theorem 4), N(0,1) to N(.5, 1.5²): C decides what is possible, never the value."""
    rates = np.linspace(0.0, 4.0, 21 if request.smoke else 201)
    points: list[Point] = []
    impossible = printed_pairs = 0
    for limit in _LIMITS:
        name = limits_text("C", limit)
        true = np.asarray(CROSS.distortion(rates, limit).value)
        nats = limit * math.log(2) if math.isfinite(limit) else np.inf
        printed = np.asarray(gaussian_distortion(CROSS.source, CROSS.target, LABEL, 1.0, rates, nats))
        points += curve("D(R, C)", name, "bound", rates, true) + curve("D(R, C)", name, "printed", rates, printed)
        impossible += int((np.isfinite(printed) & np.isnan(true)).sum())
        printed_pairs += int(np.isfinite(printed).sum())
    coded = _coded(CROSS, request, quantisers=("scalar", "trellis"))
    points += [code.point("D(R, C)", code.distortion) for code in coded]
    least = float(np.asarray(CROSS.distortion(np.inf).value))
    claims = (
        _falls(CROSS, rates),
        Claim(
            "a limit C on the label is met by every pair for which the formula prints a value",
            impossible == 0,
            f"{impossible} of {printed_pairs} pairs (R, C) have no code",
        ),
        Claim("distortion vanishes at high rate", least < 1e-9, f"the limit is {least:.4f}: the domains differ"),
        *_near(coded),
    )
    panels = (Panel("D(R, C)", "rate, bits a symbol", "squared error"),)
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made=_made(CROSS))


def rate_over_distortion(item: Item, request: Request) -> FigureData:
    """R(D, C), asymptotic (Appendix A.3): the greater of what the distortion and what the label asks."""
    least = float(np.asarray(CROSS.distortion(np.inf).value))
    distortions = np.linspace(least + 0.01, 3.5, 21 if request.smoke else 201)
    points: list[Point] = []
    for limit in _LIMITS:
        value = np.asarray(CROSS.rate(distortions, limit).value)
        points += curve("R(D, C)", limits_text("C", limit), "bound", distortions, value)
    coded = _coded(CROSS, request)
    points += [code.turned("R(D, C)") for code in coded]
    rates = np.linspace(0.05, 4.0, 80)
    there = np.asarray(CROSS.rate(np.asarray(CROSS.distortion(rates).value)).value)
    apart = float(np.abs(there - rates).max())
    claims = (
        Claim("R(D, C) is the inverse of D(R, C)", apart < 1e-6, f"largest difference {apart:.1e} bit"),
        *_near(coded),
    )
    panels = (Panel("R(D, C)", "squared error", "rate, bits a symbol"),)
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made=_made(CROSS))


def perception_w2(item: Item, request: Request) -> FigureData:
    """D(R, P), squared Wasserstein perception, one domain: over rate for several P, with codes at P = 0 and free."""
    limits = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, math.inf)
    points, rates = _perception_curves(SINGLE, limits, "w2", request)
    coded = [code for limit in (0.0, math.inf) for code in _coded(SINGLE, request, limit, "w2")]
    points += [code.point("D(R, P)", code.distortion) for code in coded]
    exact, free = (np.asarray(SINGLE.distortion(rates, math.inf, limit).value) for limit in (0.0, math.inf))
    factor = float((exact / free).max())
    claims = (
        _falls(SINGLE, rates),
        Claim(
            "perfect perception costs at most twice the squared error",
            factor <= 2 + 1e-9,
            f"at most {factor:.3f} times",
        ),
        *_near(coded),
    )
    panels = (Panel("D(R, P)", "rate, bits a symbol", "squared error"),)
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made=_made(SINGLE))


def perception_kl(item: Item, request: Request) -> FigureData:
    """D(R, P, C), Kullback-Leibler perception, one domain (Theorem 7), with the formula as printed for C = 1.6 bits."""
    limits = (0.0, 0.1, 0.5, math.inf)
    points, rates = _perception_curves(SINGLE, (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, math.inf), "kl", request)
    told, impossible, printed_pairs = 1.6, 0, 0
    for limit in limits:
        true = np.asarray(SINGLE.distortion(rates, told, limit, "kl").value)
        printed = np.asarray(gaussian_distortion_perception(1.0, LABEL, 1.0, rates, told, limit))
        name = f"{limits_text('P', limit)}, C = {told:g}"
        points += curve("D(R, P, C)", name, "bound", rates, true)
        points += curve("D(R, P, C)", name, "printed", rates, printed)
        impossible += int((np.isfinite(printed) & np.isnan(true)).sum())
        printed_pairs += int(np.isfinite(printed).sum())
    coded = _coded(SINGLE, request, 0.1, "kl")
    points += [code.point("D(R, P)", code.distortion) for code in coded]
    claims = (
        _falls(SINGLE, rates),
        Claim(
            "the printed D(R, P, C) is reached by some code where C is active",
            impossible == 0,
            f"{impossible} of {printed_pairs} printed values have no code",
        ),
        *_near(coded),
    )
    panels = (
        Panel("D(R, P)", "rate, bits a symbol", "squared error"),
        Panel("D(R, P, C)", "rate, bits a symbol", "squared error"),
    )
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made=_made(SINGLE))


def universal(item: Item, request: Request) -> FigureData:
    """Distortion against perception at given rates: one representation serves every decoder (A = 0)."""
    perceptions, symbols = np.linspace(0.0, 0.6, 21 if request.smoke else 121), simulated_symbols(request)
    points: list[Point] = []
    penalties, spent = [], []
    for rate in (0.5, 1.0, 2.0):
        single = np.asarray(SINGLE.distortion(rate, math.inf, perceptions).value)
        points += curve("D(P)", f"R = {rate:g}", "bound", perceptions, single)
        penalties.append(rate_penalty(SINGLE, single, math.inf, perceptions).penalty)
        reports = {limit: simulate_gaussian(SINGLE, rate, symbols, 1, perception=limit) for limit in _SERVED}
        spent.append({report.row("rate").measured for report in reports.values()})
        points += [_served(rate, limit, report) for limit, report in reports.items()]
    counter = rate_penalty(*_apart())
    claims = (
        Claim(
            "for Gaussian sources one encoder serves every decoder without a penalty in rate",
            max(penalties) <= 1e-9,
            f"A = {max(penalties):.1e} bit over {perceptions.size} demands at each of 3 rates",
        ),
        Claim(
            "codes for different P have one payload: only their decoders differ",
            all(len(bits) == 1 for bits in spent),
            f"{sum(len(bits) for bits in spent)} payloads for {len(spent)} rates and {len(_SERVED)} decoders each",
        ),
        Claim(
            "so it is for every source (the papers prove it for Gaussian ones)",
            counter.penalty <= 1e-9,
            f"three points, distortion about one of them and label about another: A = {counter.penalty:.3f} bit",
        ),
    )
    panels = (Panel("D(P)", "perception limit P, squared W2", "squared error"),)
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made=_made(SINGLE))


def _coded(
    problem: GaussianTransport,
    request: Request,
    perception: float = 0.0,
    divergence: str = "w2",
    quantisers: Sequence[str] = ("scalar",),
) -> list[Coded]:
    """Codes at CODED_RATES, run for each seed; beyond the scale smoke by all of these quantisers."""
    symbols = simulated_symbols(request)
    found = []
    for quantiser in ("scalar",) if request.smoke else quantisers:
        for rate in coded_rates(CODED_RATES, request):
            reports = [
                simulate_gaussian(problem, rate, symbols, seed, math.inf, perception, divergence, quantiser)
                for seed in request.seed_numbers
            ]
            found.append(Coded(f"{quantiser}, {limits_text('P', perception)}", reports))
    return found


def _served(rate: float, limit: float, report: Report) -> Point:
    """The measured distortion of the decoder for one perception limit, with its own standard error."""
    row = report.row("distortion")
    half = 1.96 * row.standard_error
    file = float(report.facts["file_bits_per_symbol"])
    spent = report.row("rate").measured
    ends = (row.measured - half, row.measured + half)
    return Point("D(P)", f"code, R = {rate:g}", "measured", limit, row.measured, *ends, 1, None, spent, file)


def _perception_curves(
    problem: GaussianTransport, limits: Sequence[float], divergence: str, request: Request
) -> tuple[list[Point], Array]:
    rates = np.linspace(0.0, 4.0, 21 if request.smoke else 201)
    points: list[Point] = []
    for limit in limits:
        value = np.asarray(problem.distortion(rates, math.inf, limit, divergence).value)
        points += curve("D(R, P)", limits_text("P", limit), "bound", rates, value)
    return points, rates


def _falls(problem: GaussianTransport, rates: Array) -> Claim:
    values = np.asarray(problem.distortion(rates).value)
    return Claim(
        "distortion falls with rate", bool((np.diff(values) < 0).all()), f"{values[0]:.4f} to {values[-1]:.4f}"
    )


def _near(coded: Sequence[Coded]) -> tuple[Claim, ...]:
    """No code beats the bound, and the excess of each kind of quantiser."""
    every = [row for code in coded for report in code.reports for row in report.rows]
    beats = sum(row.verdict == BEATS for row in every)
    texts = []
    for kind in sorted({code.series.split(",")[0] for code in coded}):
        rows = [r.row("excess rate") for c in coded if c.series.startswith(kind) for r in c.reports]
        excess, error = [row.measured for row in rows], max(row.standard_error for row in rows)
        texts.append(f"{kind} {min(excess):.3f} to {max(excess):.3f} bit, standard error up to {error:.3f}")
    return (
        Claim("no measured code beats a bound by more than 3 standard errors", beats == 0, f"{beats} of {len(every)}"),
        Claim("codes by real files come within .26 bit of the bound", _within(coded), "excess: " + "; ".join(texts)),
    )


def _within(coded: Sequence[Coded]) -> bool:
    rows = [report.row("excess rate") for code in coded for report in code.reports]
    return all(row.measured - 3 * row.standard_error <= 0.26 for row in rows)


def _apart() -> tuple[FiniteTransport, Array, Array]:
    """X uniform on three points; one demand asks for the last point apart, one for the first (theory, section 6)."""
    label = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]) / 3
    cost = np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    return FiniteTransport(joint=label, target=None, cost=cost), np.array([0.0, np.inf]), np.array([np.inf, 0.0])


def _made(problem: GaussianTransport) -> dict[str, str]:
    start, end = problem.source, problem.target
    return {"setting": f"N({start.mean:g}, {start.std:g}²) to N({end.mean:g}, {end.std:g}²), label correlation {LABEL}"}
