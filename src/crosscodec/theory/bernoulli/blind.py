"""Binary trade-offs when the classifier does not see the common randomness: limits on H(S|Y) instead of H(S|Y,U).

g(t) = H(S|Y) is concave with its maximum at t = 0, so a limit on it cuts a hole out of the middle:

    t_lo ──────── t_C- ╳╳╳╳╳ 0 ╳╳╳╳╳ t_C+ ─────── t_hi        (section 2, "Classifier without U")

With a perception limit the output marginal moves too; that case is `hole`.
"""

import numpy as np

from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, Mask
from crosscodec.theory.bernoulli import region
from crosscodec.theory.bernoulli.hole import best_outside, polygon
from crosscodec.theory.bernoulli.plan import BinaryMixture, mixture
from crosscodec.theory.entropy import binary_entropy
from crosscodec.theory.roots import bracketed_root
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer


def ends(
    a: Array, b: Array, n: Array, s_rate: Array, label_entropy: Array
) -> tuple[Array, Array, Mask, Mask, Shortfall]:
    """Return t_lo and t_hi at this rate, whether each satisfies H(S|Y) <= C, and the shortfall where neither does.

    Section 2; the extremes of t are the best for the label as well, g being concave.
    """
    low, high = region.transport_ends(a, b)
    low, high = np.maximum(low, -s_rate), np.minimum(high, s_rate)
    g_low, g_high = region.label_entropy_at(a, n, b, low), region.label_entropy_at(a, n, b, high)
    has_low, has_high = g_low <= label_entropy + region.SLACK, g_high <= label_entropy + region.SLACK
    least = np.minimum(g_low, g_high)
    return (
        low,
        high,
        has_low,
        has_high,
        Shortfall("classification", ~(has_low | has_high), label_entropy, lambda: least, "bit"),
    )


def least_label_entropy(a: Array, b: Array, n: Array, s_rate: Array) -> Array:
    """Return the least reachable H(S|Y) in bits at this rate and marginal.

    Section 2: the smaller of g(t_lo) and g(t_hi).
    """
    return ends(a, b, n, s_rate, np.zeros_like(a))[-1].least


def distortion(
    a: Array, b: Array, n: Array, s_rate: Array, label_entropy: Array, perception: Array, low: Array, high: Array
) -> Tradeoff[BinaryMixture]:
    """Return the least Hamming distortion with H(S|Y) <= C.

    Section 2: t_hi if it lies outside the hole, else the hole's lower end t_C-, else infeasible.
    """
    t_low, t_high, has_low, has_high, shortfall = ends(a, b, n, s_rate, label_entropy)
    wanted = has_low & ~has_high
    edge = _edge(a, b, n, label_entropy, t_low, np.zeros_like(a), wanted)
    t, chosen, feasible = np.where(has_high, t_high, edge), b, has_low | has_high
    codes = np.where(t_high >= s_rate - region.SLACK, limits.RATE, limits.TRANSPORT)
    codes = np.where((s_rate >= 1) & (t_high >= 1), limits.NONE, codes)
    codes = np.where(has_high, codes, limits.CLASSIFICATION)
    for place in np.flatnonzero(perception > 0):
        spot = tuple(x.flat[place] for x in (a, low, high, s_rate, n, label_entropy))
        best = _distortion_spot(*spot)
        feasible, t, chosen, codes = np.array(feasible), np.array(t), np.array(chosen), np.array(codes)
        feasible.flat[place], codes.flat[place] = best is not None, limits.CLASSIFICATION
        if best is not None:
            chosen.flat[place], t.flat[place] = best
            codes.flat[place] = limits.PERCEPTION if best[0] in (spot[1], spot[2]) else limits.RATE
    value = np.maximum(region.distortion_at(a, chosen, t), 0.0)
    return answer(value, feasible, mixture(a, n, chosen, np.abs(t), t, feasible), codes, (_only(shortfall, feasible),))


def rate(
    a: Array, b: Array, n: Array, distortion: Array, label_entropy: Array, perception: Array, low: Array, high: Array
) -> Tradeoff[BinaryMixture]:
    """Return the least rate ``h(a)|t|`` with distortion and H(S|Y) limited.

    Section 2: the t nearest to 0 that is close enough and outside the hole.
    """
    frechet_low, frechet_high = region.transport_ends(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        span = 2 * a * (1 - a)
        excess = region.independent_distortion(a, b) - distortion
        needed = np.where(span > 0, excess / span, np.where(excess > region.SLACK, np.inf, -np.inf))
    least = region.distortion_at(a, b, frechet_high)
    close = distortion >= least - region.SLACK
    floor = np.clip(needed, frechet_low, frechet_high)
    _, _, _, _, shortfall = ends(a, b, n, np.ones_like(a), label_entropy)
    t, found = _nearest_to_zero(a, b, n, label_entropy, floor, frechet_high)
    feasible, chosen = close & found, b
    for place in np.flatnonzero(perception > 0):
        spot = tuple(x.flat[place] for x in (a, low, high, distortion, n, label_entropy))
        best = _rate_spot(*spot)
        feasible, t, chosen = np.array(feasible), np.array(t), np.array(chosen)
        feasible.flat[place] = best is not None
        if best is not None:
            chosen.flat[place], t.flat[place] = best
    codes = np.where(np.abs(t - needed) <= 1e-9, limits.DISTORTION, limits.CLASSIFICATION)
    codes = np.where(feasible & (t == 0), limits.NONE, np.where(close, codes, limits.DISTORTION))
    too_far = Shortfall("distortion", ~feasible & ~close, distortion, lambda: least, "per symbol")
    shortfalls = (_only(shortfall, feasible), too_far)
    plan = mixture(a, n, chosen, np.abs(t), t, feasible)
    return answer(np.asarray(binary_entropy(a) * np.abs(t)), feasible, plan, codes, shortfalls)


def _nearest_to_zero(a: Array, b: Array, n: Array, limit: Array, floor: Array, top: Array) -> tuple[Array, Mask]:
    """Return the t of least absolute value in [floor, top] outside the hole, and whether there is one."""
    start = np.clip(0.0, floor, top)
    fine = region.label_entropy_at(a, n, b, start) <= limit + region.SLACK
    right = (top > 0) & (region.label_entropy_at(a, n, b, top) <= limit + region.SLACK)
    left = (floor < 0) & (region.label_entropy_at(a, n, b, floor) <= limit + region.SLACK)
    t_right = np.where(right, _edge(a, b, n, limit, top, np.maximum(start, 0), right & ~fine), np.inf)
    t_left = np.where(left, _edge(a, b, n, limit, floor, np.minimum(start, 0), left & ~fine), np.inf)
    nearest = np.where(np.abs(t_right) <= np.abs(t_left), t_right, t_left)
    t = np.where(fine, start, nearest)
    return np.where(np.isfinite(t), t, 0.0), fine | right | left


def _edge(a: Array, b: Array, n: Array, limit: Array, outer: Array, inner: Array, where: Mask) -> Array:
    """Return the end of the hole between `inner` (inside) and `outer` (outside); `outer` itself elsewhere."""
    t = np.array(np.broadcast_to(outer, where.shape), dtype=np.float64)
    spots = np.flatnonzero(where)
    if spots.size:
        parts = [np.broadcast_to(x, where.shape).reshape(-1)[spots] for x in (outer, inner, a, b, n, limit)]
        t.reshape(-1)[spots] = bracketed_root(_label_excess, *parts)
    return t


def _label_excess(t: Array, a: Array, b: Array, n: Array, limit: Array) -> Array:
    return region.label_entropy_at(a, n, b, t) - limit


def _only(shortfall: Shortfall, feasible: Mask) -> Shortfall:
    return Shortfall(
        shortfall.limit, shortfall.where & ~feasible, shortfall.asked, shortfall.find_least, shortfall.unit
    )


def _distortion_spot(
    a: float, low: float, high: float, s_rate: float, n: float, limit: float
) -> tuple[float, float] | None:
    """Return (b, t) of least distortion with b in [low, high], |t| <= s_R and H(S|Y) <= limit."""
    return best_outside(polygon(a, low, high, s_rate), (1 - 2 * a, -2 * a * (1 - a)), a, n, limit)


def _rate_spot(
    a: float, low: float, high: float, distortion: float, n: float, limit: float
) -> tuple[float, float] | None:
    """Return (b, t) of least |t| with b in [low, high], distortion limited and H(S|Y) <= limit."""
    near = (1 - 2 * a, -2 * a * (1 - a), distortion - a)
    found = []
    for sign in (1.0, -1.0):
        half = polygon(a, low, high, 1.0, near, (0.0, -sign, 0.0))
        best = best_outside(half, (0.0, sign), a, n, limit)
        if best is not None:
            found.append(best)
    return min(found, key=lambda point: abs(point[1])) if found else None
