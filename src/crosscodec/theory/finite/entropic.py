"""Entropic optimal transport and free-output rate-distortion at one multiplier, with dual certificates.

    V(eps) = min over couplings of  E d + eps I(X;Y)      (nats)

Section 5. Everything is done in the log domain and finished by Newton steps on the dual, so that small multipliers, at
which plain Sinkhorn underflows and loses mass, cost a few more steps and no digits.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from crosscodec.theory.arguments import Array, Mask

_TOLERANCE = 1e-13
# Curvatures of the dual below this are rounding.
FLATTEST = 1e-14
# The parts of a Newton step that are tried.
SHARES = 0.3 ** np.arange(16)


@dataclass(frozen=True, eq=False)
class Entropic:
    """A coupling, its potentials, and the lower bound they prove on ``E d + eps I`` (I in nats).

    For any output law q: ``V(q) >= f @ p + g @ q``, because g is the soft transform of f. ``price``: what one nat
    of the radius of the output's ball is worth; 0 where there is none or it does not bind.
    """

    coupling: Array
    f: Array
    g: Array
    bound: float
    steps: int
    price: float = 0.0


def soft_minimum(values: Array, weights: Array, eps: float, axis: int) -> Array:
    """Return ``-eps log sum weights exp(-values / eps)`` along an axis.

    The log-domain update of Sinkhorn's algorithm; weights of 0 drop out.
    """
    low = values.min(axis=axis, keepdims=True)
    total = (np.exp((low - values) / eps) * weights).sum(axis=axis)
    return np.asarray(low.squeeze(axis) - eps * np.log(np.maximum(total, 1e-300)))


def fixed_marginals(cost: Array, p: Array, q: Array, eps: float, f: Array | None = None, steps: int = 2000) -> Entropic:
    """Return the coupling of p and q that minimises ``E d + eps I(X;Y)``.

    Section 5, fixed marginals: log-domain Sinkhorn, then Newton steps on the dual once they pay.
    p must be positive; q may have zeros. Start f from a neighbouring multiplier when there is one.
    """
    f = np.zeros_like(p) if f is None else f
    seen = q > 0
    g = soft_minimum(cost - f[:, None], p[:, None], eps, axis=0)
    tolerance, step = row_tolerance(cost, eps), 0
    while step < steps:
        for _ in range(10):
            f = soft_minimum(cost - g, q, eps, axis=1)
            g = soft_minimum(cost - f[:, None], p[:, None], eps, axis=0)
            step += 1
        if _row_error(cost, p, q, f, g, eps) < tolerance:
            break
        f, g = _newton(cost, p, q, f, g, eps, seen)
        if _row_error(cost, p, q, f, g, eps) < tolerance:
            break
    coupling = round_to_marginals(coupled(cost, p, q, f, g, eps), p, q)
    return Entropic(coupling, f, g, float(f @ p + g[seen] @ q[seen]), step)


def row_tolerance(cost: Array, eps: float) -> float:
    """Return the row error that counts as none: potentials of the cost's size are rounded to 1e-16 of it.

    Used by the solvers for one multiplier.
    """
    return max(_TOLERANCE, 1e-16 * float(cost.max() - cost.min()) / eps)


def coupled(cost: Array, p: Array, q: Array, f: Array, g: Array, eps: float) -> Array:
    """Return ``p q exp((f + g - cost) / eps)``, the almost-coupling that potentials make.

    Section 5; its columns sum to q where g is the soft transform of f.
    """
    return np.asarray(p[:, None] * q * np.exp(np.minimum((f[:, None] + g - cost) / eps, 700.0)))


def _row_error(cost: Array, p: Array, q: Array, f: Array, g: Array, eps: float) -> float:
    return float(np.abs(coupled(cost, p, q, f, g, eps).sum(axis=1) - p).sum())


def _newton(cost: Array, p: Array, q: Array, f: Array, g: Array, eps: float, seen: Mask) -> tuple[Array, Array]:
    """Return potentials after damped Newton steps on ``f``, g being its soft transform.

    The dual ``f @ p + g(f) @ q`` is concave with Hessian ``-(diag(r) - Q diag(1/q) Q') / eps`` (r the row sums). Where
    hardly any mass joins two groups of letters, it is as good as flat between them and the way to go is long: the step
    is cut to the range of the cost, and a part of it is taken that raises the dual or brings the rows nearer to p.
    """
    reach = float(cost.max() - cost.min()) or 1.0
    for _ in range(8):
        plan = coupled(cost, p, q, f, g, eps)
        lack = p - plan.sum(axis=1)
        error = float(np.abs(lack).sum())
        if error < row_tolerance(cost, eps):
            break
        hessian = np.diag(p - lack) - (plan[:, seen] / q[seen]) @ plan[:, seen].T
        # Adding the constants' direction makes it regular; the gradient has none of it.
        hessian += np.full_like(hessian, 1.0 / len(p))
        curvatures, axes = np.linalg.eigh(hessian)
        direction = eps * axes @ (lack @ axes / np.maximum(curvatures, FLATTEST))
        direction *= min(1.0, reach / max(float(np.abs(direction).max()), reach))
        height, rise = float(f @ p + g[seen] @ q[seen]), float(lack @ direction)
        for share in SHARES:
            trial = f + share * direction
            trial_g = soft_minimum(cost - trial[:, None], p[:, None], eps, axis=0)
            raised = float(trial @ p + trial_g[seen] @ q[seen]) - height
            if raised > max(0.1 * share * rise, 1e-15 * reach) or (
                _row_error(cost, p, q, trial, trial_g, eps) < 0.9 * error
            ):
                f, g = trial, trial_g
                break
        else:
            break
    return f, g


def round_to_marginals(plan: Array, p: Array, q: Array) -> Array:
    """Return a coupling with exactly these marginals next to an almost-coupling.

    Altschuler, Weed and Rigollet (2017): scale rows and columns down, spread what is missing as a product.
    """
    rows, columns = plan.sum(axis=1), plan.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        plan = plan * np.where(rows > 0, np.minimum(1, p / rows), 0)[:, None]
        columns = plan.sum(axis=0)
        plan = plan * np.where(columns > 0, np.minimum(1, q / columns), 0)
    lack_rows, lack_columns = p - plan.sum(axis=1), q - plan.sum(axis=0)
    total = lack_rows.sum()
    if total > 0:
        plan = plan + np.outer(np.maximum(lack_rows, 0), np.maximum(lack_columns, 0)) / total
    return np.asarray(plan)


def free_output(cost: Array, p: Array, eps: float, q: Array | None = None, tolerance: float = 1e-12) -> Entropic:
    """Return the coupling with source p and any output law that minimises ``E d + eps I(X;Y)``.

    Section 5, Blahut-Arimoto steps for the output law, then constrained Newton steps on its support (Wang, 2007: the
    problem is that of mixture proportions). The bound is Csiszar's: ``eps (-p @ log Kq - log max c)`` with
    ``c_y = sum_x p_x K_xy / (Kq)_x``.
    """
    low = cost.min(axis=1)
    kernel = np.exp((low[:, None] - cost) / eps)
    q = np.full(cost.shape[1], 1 / cost.shape[1]) if q is None else np.maximum(q, 1e-12)
    for _ in range(20):
        q = q * ((p / (kernel @ q)) @ kernel)
    q = q / q.sum()
    steps = 20
    for _ in range(100):
        growth = (p / (kernel @ q)) @ kernel
        if np.log(growth.max()) <= tolerance:
            break
        moved = _support_step(kernel, p, q, growth)
        steps += 1
        if moved is None:
            break
        q = moved
    mixed = kernel @ q
    growth = (p / mixed) @ kernel
    bound = float(p @ low) - eps * float(p @ np.log(mixed) + np.log(growth.max()))
    coupling = (p / mixed)[:, None] * kernel * q
    f = low - eps * np.log(mixed)
    return Entropic(coupling, f, soft_minimum(cost - f[:, None], p[:, None], eps, axis=0), bound, steps)


def _support_step(kernel: Array, p: Array, q: Array, growth: Array) -> Array | None:
    """Return a better output law by one quadratic step on the support and the outputs that want to enter it.

    Minimises the second-order model ``|sqrt(p) (K w / Kq - 2)|**2`` over laws w, then searches the segment; None at the
    end of what rounding allows.
    """
    entering = np.argsort(growth)[-12:]
    peaks = np.flatnonzero((growth >= np.roll(growth, 1)) & (growth >= np.roll(growth, -1)))
    entering = np.union1d(entering, peaks)
    support = np.union1d(np.flatnonzero(q > 1e-9 * q.max()), entering[growth[entering] > 1])
    mixed = kernel @ q
    weight = np.sqrt(p)
    model = np.vstack([kernel[:, support] * (weight / mixed)[:, None], np.full(len(support), 1e3)])
    side = np.append(2 * weight, 1e3)
    best = np.linalg.lstsq(model, side, rcond=1e-13)[0]
    if (best < 0).any():
        best = scipy.optimize.nnls(model, side, maxiter=30 * len(support))[0]
    target = np.zeros_like(q)
    target[support] = best / best.sum()
    before = float(p @ np.log(mixed))
    share = 1.0
    for _ in range(30):
        trial = q + share * (target - q)
        inside = kernel @ trial
        if (inside > 0).all() and float(p @ np.log(inside)) > before:
            return np.asarray(trial)
        share /= 2
    return None
