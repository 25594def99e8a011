"""Rate against PSNR as a small drawing inside a page: inline SVG, coloured by the page's own variables.

    PSNR, dB │            ╭──● q80        ours: full line, its qualities named
             │      ╭──●──╯   ╌╌○         peers: dashed
             └───────────────────── bits a pixel

No scale begins at zero: what is compared is curves with one another.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from crosscodec.report.cards import Curve

_WIDTH, _HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 34, 22, 44
_DASHES = ("6 4", "2 3", "9 3 2 3")
_TICKS = 5


@dataclass(frozen=True)
class _Axis:
    """Values between `low` and `high` to pixels between `start` and `end`, and the round values that are named."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> "_Axis":
        """An axis with room for the values, from one round value to another."""
        low, high = min(values), max(values)
        spread = max(high - low, 1e-3 * max(abs(high), 1.0))
        step = _round_step(spread / (_TICKS - 1))
        first = math.floor(low / step)
        last = max(math.ceil(high / step), first + 1)
        return cls(first * step, last * step, start, end, tuple(step * count for count in range(first, last + 1)))

    def place(self, value: float) -> float:
        """Where a value is, in pixels."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def rate_curve_svg(curves: Sequence[Curve]) -> str:
    """The curves as an SVG element, "" when none has two points. Text is escaped; no name space, script or style."""
    drawn = [curve for curve in curves if len(curve.points) > 1]
    if not drawn:
        return ""
    points = [point for curve in drawn for point in curve.points]
    across = _Axis.over([point.bpp for point in points], _LEFT, _WIDTH - _RIGHT)
    up = _Axis.over([point.psnr for point in points], _HEIGHT - _BOTTOM, _TOP)
    peers = [curve for curve in drawn if not curve.ours]
    parts = _frame(across, up)
    for curve in drawn:
        dash = "" if curve.ours else _DASHES[peers.index(curve) % len(_DASHES)]
        parts += _line(curve, across.place, up.place, dash)
    words = escape("Rate and PSNR. " + "; ".join(_words(curve) for curve in drawn))
    head = f'<svg class="curve" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{words}">'
    return "\n".join([head, *parts, "</svg>"])


def _frame(across: _Axis, up: _Axis) -> list[str]:
    parts = []
    for value in up.ticks:
        y = up.place(value)
        parts.append(f'<path class="grid" d="M{across.start:.1f} {y:.1f}H{across.end:.1f}"/>')
        parts.append(f'<text x="{across.start - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for value in across.ticks:
        x = across.place(value)
        parts.append(f'<path class="grid" d="M{x:.1f} {up.start:.1f}v5"/>')
        parts.append(f'<text x="{x:.1f}" y="{up.start + 20:.1f}" text-anchor="middle">{value:g}</text>')
    parts.append(f'<text x="{across.end:.1f}" y="{_HEIGHT - 6}" text-anchor="end">bits a pixel</text>')
    parts.append(f'<text x="{across.start:.1f}" y="12">PSNR, dB</text>')
    return parts


def _line(curve: Curve, x: Callable[[float], float], y: Callable[[float], float], dash: str) -> list[str]:
    kind = "ours" if curve.ours else "peer"
    route = "L".join(f"{x(point.bpp):.1f} {y(point.psnr):.1f}" for point in curve.points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    parts = [f'<path class="{kind}"{dashed} d="M{route}"/>']
    for point in curve.points:
        centre = f'cx="{x(point.bpp):.1f}" cy="{y(point.psnr):.1f}"'
        numbers = f"{point.bpp:.3f} bits a pixel, {point.psnr:.2f} dB"
        told = escape(f"{curve.title}, quality {point.quality}: {numbers}")
        parts.append(f'<circle class="{kind}" {centre} r="4"><title>{told}</title></circle>')
        if curve.ours:
            place = f'x="{x(point.bpp) + 6:.1f}" y="{y(point.psnr) + 16:.1f}"'
            parts.append(f'<text class="ours" {place}>q{point.quality}</text>')
    if not curve.ours:
        last = curve.points[-1]
        place = f'x="{x(last.bpp):.1f}" y="{y(last.psnr) + 18:.1f}"'
        parts.append(f'<text {place} text-anchor="end">{escape(curve.title)}</text>')
    return parts


def _words(curve: Curve) -> str:
    """The numbers of a curve for those who cannot see it."""
    return f"{curve.title}: " + ", ".join(f"{p.psnr:.2f} dB at {p.bpp:.3f} bits a pixel" for p in curve.points)


def _round_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is no less than a rough step."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * (1 - 1e-9))
