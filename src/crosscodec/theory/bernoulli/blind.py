"""Binary trade-offs when the classifier does not see the common randomness: limits on H(S|Y) instead of H(S|Y,U).

g(t) = H(S|Y) is concave with its maximum at t = 0, so a limit on it cuts a hole out of the middle:

    t_lo ──────── t_C- ╳╳╳╳╳ 0 ╳╳╳╳╳ t_C+ ─────── t_hi        (section 2, "Classifier without U")

The optimum without the label limit is that of `seeing`; where it tells enough of the label it is the answer. Elsewhere
the answer lies on the rim of the hole. With a perception limit the output marginal moves along that rim; see `hole`.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, Mask
from crosscodec.theory.bernoulli import region, seeing
from crosscodec.theory.bernoulli.hole import Point, cheapest_outside, least_label_entropy_within, nearest_outside
from crosscodec.theory.bernoulli.plan import BinaryMixture, mixture
from crosscodec.theory.entropy import binary_entropy
from crosscodec.theory.roots import bracketed_root
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer

# Two values that are equal but for rounding: the second comes from corners that are found to 1e-12.
_SAME = 1e-11


def distortion(
    a: Array, b: Array, n: Array, s_rate: Array, label_entropy: Array, perception: Array, low: Array, high: Array
) -> Tradeoff[BinaryMixture]:
    """Return the least Hamming distortion with H(S|Y) <= C and the output marginal in [low, high].

    Section 2: t_hi if it lies outside the hole, else the hole's lower end t_C-, else infeasible.
    """
    free = seeing.distortion(a, b, n, s_rate, np.full_like(a, np.inf), perception, low, high)
    told = free.plan.label_entropy_without_randomness <= label_entropy + region.SLACK
    exact = _lower_end(a, b, n, s_rate, label_entropy, ~told & (perception == 0))
    moved = _search(nearest_outside, ~told & (perception > 0), a, low, high, s_rate, n, label_entropy)
    chosen, t = _combined(free.plan, told, perception > 0, (b, exact), moved)
    feasible = np.isfinite(t)
    value = np.maximum(region.distortion_at(a, chosen, t), 0.0)
    shortfall = Shortfall(
        "classification", ~feasible, label_entropy, lambda: least_label_entropy(a, low, high, n, s_rate), "bit"
    )
    codes = np.where(feasible & ~_costs(value, free), free.codes, limits.CLASSIFICATION)
    return answer(value, feasible, mixture(a, n, chosen, np.abs(t), t, feasible), codes, (shortfall,))


def rate(
    a: Array, b: Array, n: Array, distortion: Array, label_entropy: Array, perception: Array, low: Array, high: Array
) -> Tradeoff[BinaryMixture]:
    """Return the least rate ``h(a)|t|`` with distortion and H(S|Y) limited and the output marginal in [low, high].

    Section 2: the t nearest to 0 that is close enough and outside the hole.
    """
    free = seeing.rate(a, b, n, distortion, np.full_like(a, np.inf), low, high)
    close = np.asarray(free.feasible)
    told = close & (free.plan.label_entropy_without_randomness <= label_entropy + region.SLACK)
    exact = _nearest_to_zero(a, b, n, distortion, label_entropy, close & ~told & (perception == 0))
    moved = _search(cheapest_outside, close & ~told & (perception > 0), a, low, high, distortion, n, label_entropy)
    chosen, t = _combined(free.plan, told, perception > 0, (b, exact), moved)
    feasible = np.isfinite(t)
    value = np.asarray(binary_entropy(a) * np.abs(t))
    floor = _evaluated(least_label_entropy, ~feasible, a, low, high, n, np.ones_like(a))
    untold = label_entropy < floor - region.SLACK
    far = ~feasible & ~(untold & close)
    codes = np.where(_costs(value, free), limits.CLASSIFICATION, free.codes)
    codes = np.where(feasible, codes, np.where(untold, limits.CLASSIFICATION, limits.DISTORTION))

    def least_label() -> Array:
        both = _evaluated(np.vectorize(least_label_entropy_within), untold & close, a, low, high, distortion, n)
        return np.where(untold & close, both, floor)

    def least_distortion() -> Array:
        limit = np.where(untold, np.inf, label_entropy)
        return _evaluated(_least_distortion, far, a, b, n, limit, perception, low, high)

    # Each least value is the one under the other limit where that can be met at all. Where either can be met but not
    # both, the distortion is the one missed, under the label limit; so says `seeing` too.
    shortfalls = (
        Shortfall("classification", untold, label_entropy, least_label, "bit"),
        Shortfall("distortion", far, distortion, least_distortion, "per symbol"),
    )
    return answer(value, feasible, mixture(a, n, chosen, np.abs(t), t, feasible), codes, shortfalls)


def ends(a: Array, b: Array, s_rate: Array) -> tuple[Array, Array]:
    """Return t_lo and t_hi at this rate and marginal.

    Section 2: the Frechet ends cut at the mass s_R. The extremes of t are the best for the label as well, g being
    concave.
    """
    low, high = region.transport_ends(a, b)
    return np.maximum(low, -s_rate), np.minimum(high, s_rate)


def least_label_entropy(a: Array, low: Array, high: Array, n: Array, s_rate: Array) -> Array:
    """Return the least reachable H(S|Y) in bits at this rate, with the output marginal in [low, high].

    Section 2: g is concave in (b, t), so it is least at a corner: an end of t, at an end of the marginals or where the
    Frechet bound meets the rate.
    """
    outputs = [low]
    if not np.array_equal(low, high):
        meetings = (a * s_rate, 1 - (1 - a) * s_rate, (1 - a) * s_rate, 1 - a * s_rate)
        outputs += [high, *(np.clip(b, low, high) for b in meetings)]
    corners = [region.label_entropy_at(a, n, b, t) for b in outputs for t in ends(a, b, s_rate)]
    return np.asarray(np.minimum.reduce(corners))


def _combined(
    free: BinaryMixture, told: Mask, moves: Mask, exact: tuple[Array, Array], moved: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Return (b, t): those of the optimum without label limit where it tells enough, else those beyond the hole."""
    b, t = (np.where(moves, off, on) for on, off in zip(exact, moved, strict=True))
    return np.where(told, free.output, b), np.where(told, free.identity - free.flip, t)


def _costs(value: Array, free: Tradeoff[BinaryMixture]) -> Mask:
    """Return where the label limit makes the value worse: there it is the binding one, others beside it or not.

    Elsewhere the optimum is one of those without it (there are many at a = 1/2), and so are the limits that hold it.
    """
    return np.asarray(value > np.asarray(free.value) + _SAME)


def _least_distortion(
    a: Array, b: Array, n: Array, label_entropy: Array, perception: Array, low: Array, high: Array
) -> Array:
    """Return the least distortion that any rate reaches."""
    return np.asarray(distortion(a, b, n, np.ones_like(a), label_entropy, perception, low, high).value)


def _evaluated(function: Callable[..., Array], where: Mask, *arrays: Array) -> Array:
    """Return the function of the arrays at these places; NaN elsewhere, at no cost."""
    found = np.full(where.shape, np.nan)
    spots = np.flatnonzero(where)
    if spots.size:
        found.reshape(-1)[spots] = function(*(np.broadcast_to(x, where.shape).reshape(-1)[spots] for x in arrays))
    return found


def _lower_end(a: Array, b: Array, n: Array, s_rate: Array, limit: Array, where: Mask) -> Array:
    """Return the hole's lower end t_C- at these places, where t_hi is inside; NaN elsewhere and where t_lo is too."""
    low, _ = ends(a, b, s_rate)
    reached = where & (region.label_entropy_at(a, n, b, low) <= limit + region.SLACK)
    return _edge(a, b, n, limit, low, np.zeros_like(a), reached)


def _nearest_to_zero(a: Array, b: Array, n: Array, distortion: Array, limit: Array, where: Mask) -> Array:
    """Return the t of least absolute value outside the hole and close enough, at these places; NaN where there is none.

    The least t that is close enough is inside the hole there, or 0 is.
    """
    low, top = region.transport_ends(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = (region.independent_distortion(a, b) - distortion) / (2 * a * (1 - a))
    # A certain source has one distortion whatever t is, and these places are close enough.
    floor = np.clip(np.where(np.isnan(needed), low, needed), low, top)
    right = where & (region.label_entropy_at(a, n, b, top) <= limit + region.SLACK)
    left = where & (floor < 0) & (region.label_entropy_at(a, n, b, floor) <= limit + region.SLACK)
    t_right = _edge(a, b, n, limit, top, np.maximum(floor, 0.0), right)
    t_left = _edge(a, b, n, limit, floor, np.zeros_like(a), left)
    return np.where(left & ~(np.abs(t_right) <= np.abs(t_left)), t_left, t_right)


def _edge(a: Array, b: Array, n: Array, limit: Array, outer: Array, inner: Array, where: Mask) -> Array:
    """Return the end of the hole between `inner` (inside) and `outer` (outside) at these places; NaN elsewhere."""
    return _evaluated(partial(bracketed_root, _label_excess), where, outer, inner, a, b, n, limit)


def _label_excess(t: Array, a: Array, b: Array, n: Array, limit: Array) -> Array:
    return region.label_entropy_at(a, n, b, t) - limit


def _search(find: Callable[..., Point | None], where: Mask, *arrays: Array) -> tuple[Array, Array]:
    """Return the (b, t) that `find` gives for the arrays' numbers at these places; NaN elsewhere and where none is."""
    b, t = np.full(where.shape, np.nan), np.full(where.shape, np.nan)
    for place in np.flatnonzero(where):
        best = find(*(float(x.flat[place]) for x in arrays))
        if best is not None:
            b.flat[place], t.flat[place] = best
    return b, t
