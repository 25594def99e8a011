"""The papers' formulas as printed, for reproducing their figures; the package's own functions are the true ones.

Section 7 of the theory page says where each departs from the truth; `departures()` computes a counter-example each.
Sources: the cross-domain paper's Theorems 2, 4 and 7, the minimum-entropy-coupling paper's Theorems 2 and 3 (the latter
after notes on it that give its shape, not after its text).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.theory.arguments import Array, finite, nonnegative, numbers, probability, same_shape
from crosscodec.theory.bernoulli.plan import BinaryMixture
from crosscodec.theory.bernoulli.region import (
    independent_distortion,
    information_at,
    label_mass,
    rate_mass,
    transport_ends,
)
from crosscodec.theory.bernoulli.transport import BernoulliTransport
from crosscodec.theory.entropy import LOG2_E, binary_entropy, convolve
from crosscodec.theory.gaussian.perception import spread_interval
from crosscodec.theory.gaussian.plan import Normal, gaussian_rate
from crosscodec.theory.gaussian.transport import GaussianTransport


def bernoulli_distortion(
    source: ArrayLike, target: ArrayLike, label_noise: ArrayLike, rate: ArrayLike, label_entropy: ArrayLike
) -> Array:
    """Return D(R, C) as Theorem 2 prints it; NaN where C < H(S|X).

    Departs from the truth: case 1 (C active) needs more rate than R and is infeasible; case 2 lacks the Frechet clamp
    and falls below |a - b|; "H(S|Y)" is really H(S|Y,U). Hamming distortion; bits.
    """
    a, b, n, r, c = same_shape(
        source=probability("source", source),
        target=probability("target", target),
        label_noise=probability("label_noise", label_noise),
        rate=nonnegative("rate", rate),
        label_entropy=nonnegative("label_entropy", label_entropy),
    )
    mixed, least, h = binary_entropy(convolve(a, n)), binary_entropy(n), binary_entropy(a)
    apart, slope = independent_distortion(a, b), 2 * a * (1 - a)
    with np.errstate(divide="ignore", invalid="ignore"):
        line = np.where(np.isfinite(r), r * (least - mixed) / h + mixed, -np.inf)
        first = apart - slope * (mixed - c) / (mixed - least)
        second = apart - slope * np.where(np.isfinite(r), r, 0.0) / h
    value = np.where(c <= line, first, second)
    value = np.where((c > mixed) & (r > h), np.abs(a - b), value)
    return np.where(c >= least, value, np.nan)


def gaussian_distortion(
    source: Normal,
    target: Normal,
    label_covariance: ArrayLike,
    label_std: ArrayLike,
    rate: ArrayLike,
    c_nats: ArrayLike,
) -> Array:
    """Return D(R, C) as Theorem 4 prints it: rate in bits, label entropy in NATS; NaN below its first case.

    Departs from the truth: case 1 (C active) needs more rate than R and is infeasible; case 3 prints 0 where the limit
    is ``(mean - mean*)**2 + (std - std*)**2``; ``2**(-2R)`` and ``e**(2C)`` mix units.
    """
    r, c = nonnegative("rate", rate), numbers("c_nats", c_nats)
    theta, s = finite("label_covariance", label_covariance), finite("label_std", label_std)
    std, std_target = np.asarray(source.std), np.asarray(target.std)
    shift = (np.asarray(source.mean) - np.asarray(target.mean)) ** 2
    h_label = 0.5 * np.log(2 * np.pi * math.e * s**2)
    told = (theta / (s * std)) ** 2
    kept = -np.expm1(-2 * r / LOG2_E)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lowest, border = 0.5 * np.log(1 - told) + h_label, 0.5 * np.log(1 - told * kept) + h_label
        first = 2 * s * std**2 * std_target / theta * np.sqrt(np.maximum(-np.expm1(2 * (c - h_label)), 0))
    base = shift + std**2 + std_target**2
    value = np.where(c <= border, base - first, base - 2 * std * std_target * np.sqrt(kept))
    value = np.where((c > h_label) & (r > source.entropy), 0.0, value)
    return np.where(c >= lowest, value, np.nan)


def gaussian_distortion_perception(
    std: ArrayLike,
    label_correlation: ArrayLike,
    label_std: ArrayLike,
    rate: ArrayLike,
    label_entropy: ArrayLike,
    perception: ArrayLike,
) -> Array:
    """Return D(R, P, C) for KL perception and target = source as Theorem 7 prints it; everything in bits here.

    Departs from the truth: cases 3 and 4 (C active) put the correlation that C demands in place of the one the rate
    allows, which is larger: infeasible, like case 1 of Theorem 4.
    """
    sx, r, s = finite("std", std), finite("label_correlation", label_correlation), finite("label_std", label_std)
    allowed = np.sqrt(-np.expm1(-2 * nonnegative("rate", rate) / LOG2_E))
    h_label = 0.5 * np.log2(2 * np.pi * math.e * s**2)
    c = numbers("label_entropy", label_entropy)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        demanded = np.sqrt(np.maximum(-np.expm1(2 * (c - h_label) / LOG2_E), 0)) / np.abs(r)
    rho = np.maximum(allowed, np.nan_to_num(demanded))
    nearest = sx * spread_interval(nonnegative("perception", perception))[0]
    rho = np.where(rho <= 1, rho, np.nan)
    relaxed = sx**2 * (1 - rho**2)
    return np.where(nearest <= sx * rho, relaxed, sx**2 + nearest**2 - 2 * sx * nearest * rho)


def coupling_information(source: ArrayLike, target: ArrayLike, rate: ArrayLike) -> Array:
    """Return the information kept, I(X;Y) in bits, as the minimum-entropy-coupling paper's Theorem 2 prints it.

    Departs from the truth: only the positive branch of the dependence, though the negative one can keep more.
    """
    a, b, r = same_shape(
        source=probability("source", source), target=probability("target", target), rate=nonnegative("rate", rate)
    )
    return information_at(a, b, np.minimum(rate_mass(a, r), transport_ends(a, b)[1]))


def coupling_information_labelled(
    source: ArrayLike, target: ArrayLike, label_noise: ArrayLike, rate: ArrayLike, label_entropy: ArrayLike
) -> Array:
    """Return I(X;Y) in bits under a rate and a label limit, in the shape of the same paper's Theorem 3; else NaN.

    A code of identity and constants alone: ``t = s`` from ``s_C`` to ``min(R/h(a), clamp)``, the clamp in two cases,
    target above or below the source. Departs from the truth: flips are left out, which can keep more information and
    reach labels that identity alone cannot; "H(S|Y)" is really H(S|Y,U).
    """
    a, b, n, r, c = same_shape(
        source=probability("source", source),
        target=probability("target", target),
        label_noise=probability("label_noise", label_noise),
        rate=nonnegative("rate", rate),
        label_entropy=nonnegative("label_entropy", label_entropy),
    )
    mass = np.minimum(rate_mass(a, r), transport_ends(a, b)[1])
    return np.where(np.isfinite(label_mass(a, n, c, mass)), information_at(a, b, mass), np.nan)


@dataclass(frozen=True)
class Departure:
    """One counter-example: the theorem, the setting, what is printed, what is true (NaN: infeasible), and why."""

    theorem: str
    setting: str
    printed: float
    true: float
    why: str


def departures() -> tuple[Departure, ...]:
    """Return one counter-example for each printed formula, computed.

    Section 7; docs/corrections.md shows them.
    """
    unit, wide = Normal(0.0, 1.0), Normal(0.5, 2.0)
    h_unit = 0.5 * np.log(2 * np.pi * math.e)
    labelled = GaussianTransport(unit, unit, 0.8, 1.0)
    c_four, c_seven = 1.067, 1.067 * LOG2_E
    demanded = float(gaussian_rate(np.sqrt(-np.expm1(2 * (c_four - h_unit))) / 0.8))
    half = [np.array(v) for v in (0.5, 0.1, 0.5, 0.0, 0.25, 0.25)]
    mixture = BinaryMixture(*half)
    return (
        Departure(
            "Theorem 2, case 1",
            "a = b = 0.5, n = 0.1, R = 0.2, C = 0.55",
            float(bernoulli_distortion(0.5, 0.5, 0.1, 0.2, 0.55)),
            float(BernoulliTransport(0.5, 0.5, 0.1).distortion(0.2, 0.55).value),
            "C demands a map mass of (h(a*n) - C)/(h(a*n) - h(n)) = 0.847, the rate pays for 0.2",
        ),
        Departure(
            "Theorem 2, case 2",
            "a = 0.4, b = 0.3, n = 0.1, R = 0.9, C = 0.99",
            float(bernoulli_distortion(0.4, 0.3, 0.1, 0.9, 0.99)),
            float(BernoulliTransport(0.4, 0.3, 0.1).distortion(0.9, 0.99).value),
            "no coupling of Bern(a) and Bern(b) is closer than |a - b|",
        ),
        Departure(
            "Theorem 2, label row",
            "a = b = 0.5, n = 0.1, identity half of the time",
            float(mixture.label_entropy),
            float(mixture.label_entropy_without_randomness),
            "the linear row is H(S|Y,U); a classifier without U has H(S|Y)",
        ),
        Departure(
            "Theorem 4, case 1",
            "unit variances, theta = 0.8, R = 0.5 bit, C = 1.067 nat",
            float(gaussian_distortion(unit, unit, 0.8, 1.0, 0.5, c_four)),
            float(labelled.distortion(0.5, c_four * LOG2_E).value),
            f"this C demands I(X;Y) = {demanded:.3f} bit",
        ),
        Departure(
            "Theorem 4, case 3",
            "N(0, 1) to N(0.5, 4), C > h(S), R > h(X)",
            float(gaussian_distortion(unit, wide, 0.8, 1.0, 20.0, 5.0)),
            float(GaussianTransport(unit, wide).distortion(20.0).value),
            "the limit is (mean - mean*)**2 + (std - std*)**2",
        ),
        Departure(
            "Theorem 7, case 4",
            "unit variances, theta = 0.8, R = 0.5 bit, C = 1.539 bit, P = 0.01 bit",
            float(gaussian_distortion_perception(1.0, 0.8, 1.0, 0.5, c_seven, 0.01)),
            float(labelled.distortion(0.5, c_seven, 0.01, "kl").value),
            "same defect as Theorem 4, case 1",
        ),
        Departure(
            "MEC paper, Theorem 2",
            "a = 0.3, b = 0.4, R = 0.4",
            float(coupling_information(0.3, 0.4, 0.4)),
            float(BernoulliTransport(0.3, 0.4).information(0.4).value),
            "the negative branch keeps more",
        ),
        Departure(
            "MEC paper, Theorem 3",
            "a = 0.3, b = 0.4, n = 0.1, R = 0.9, C = 0.5",
            float(coupling_information_labelled(0.3, 0.4, 0.1, 0.9, 0.5)),
            float(BernoulliTransport(0.3, 0.4, 0.1).information(0.9, 0.5).value),
            "with some flips more maps are invertible than the clamp lets identities be",
        ),
    )
