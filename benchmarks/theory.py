"""Speed of the theory wing beside its peers, in one run: python benchmarks/theory.py

Peers are optional: `pip install dit POT`; `mec` (github.com/ssokota/mec) is on no index and is used when importable.
Each line: what, ours, theirs, ratio, the ratio asked for. Best of several runs, one thread. The last lines compare
information kept, not time: minimum entropy coupling with a bottleneck against the published merging heuristic.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from crosscodec.theory import (
    BernoulliTransport,
    FiniteTransport,
    GaussianTransport,
    Normal,
    minimum_entropy_coupling,
)
from crosscodec.theory.coupling.bottleneck import merged_coupling
from crosscodec.theory.finite.entropic import fixed_marginals, free_output


def best(function: Callable[[], object], repeats: int) -> float:
    """Return the least wall time of several calls, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def line(what: str, ours: float, theirs: float | None, asked: str) -> None:
    """Print one comparison."""
    beside = "peer absent" if theirs is None else f"{1e3 * theirs:10.2f} ms   {theirs / ours:10.1f} x"
    print(f"{what:62s} {1e3 * ours:10.2f} ms   {beside}   (asked: {asked})", flush=True)


def blahut_arimoto(n: int = 512) -> None:
    """One multiplier of R(D), n by n, squared distance: ours certified to 1e-9, dit's at its defaults."""
    p = np.random.default_rng(0).dirichlet(np.ones(n))
    places = np.linspace(0, 1, n)
    cost = (places[:, None] - places) ** 2
    beta = 20.0
    # dit weighs bits by 2 ** (-beta d); in nats that is a multiplier of 1 / (beta ln 2).
    eps = 1 / (beta * np.log(2))
    found = free_output(cost, p, eps)
    gap = abs(float((found.coupling * cost).sum()) + eps * _nats(found.coupling) - found.bound)
    ours = best(lambda: free_output(cost, p, eps), 5)
    theirs = None
    if find_spec("dit"):
        from dit.rate_distortion.blahut_arimoto import blahut_arimoto as peer

        theirs = best(lambda: peer(p, beta, lambda x, y: cost), 1)
        single = best(lambda: peer(p, beta, lambda x, y: cost, restarts=1), 1)
        line(f"Blahut-Arimoto n = {n}, dit with restarts=1", ours, single, "-")
    line(f"Blahut-Arimoto n = {n}, our gap {gap:.0e}", ours, theirs, "20 x")


def _nats(coupling: np.ndarray) -> float:
    product = np.outer(coupling.sum(1), coupling.sum(0))
    seen = (coupling > 0) & (product > 0)
    return float((coupling[seen] * np.log(coupling[seen] / product[seen])).sum())


def bernoulli_curve() -> None:
    """100 points of a binary trade-off, with plans, against 11 points of dit's curve."""
    rates = np.linspace(0, 1, 100)
    ours = best(lambda: BernoulliTransport(0.3, 0.4, 0.1).distortion(rates, 0.8), 200)
    theirs = None
    if find_spec("dit"):
        import dit
        from dit.rate_distortion import RDCurve

        law = dit.Distribution(["0", "1"], [0.7, 0.3])
        theirs = best(lambda: RDCurve(law, beta_max=10, beta_num=11), 5)
    line("Bernoulli curve of 100 points against dit.RDCurve of 11", ours, theirs, "1000 x")


def million_points() -> None:
    """A million points of each closed form."""
    rates = np.linspace(0, 1, 1_000_000)
    distortions = np.linspace(0, 2.5, 1_000_000)
    binary, gaussian = BernoulliTransport(0.3, 0.4, 0.1), GaussianTransport(Normal(0, 1), Normal(0.5, 1.5), 0.7)
    for name, call in {
        "Bernoulli D(R, C)": lambda: binary.distortion(rates, 0.8),
        "Bernoulli R(D, C)": lambda: binary.rate(rates, 0.8),
        "Bernoulli MEC-B": lambda: binary.information(rates, 0.8),
        "Bernoulli D(R, P, C), tv": lambda: binary.distortion(rates, 0.8, 0.05),
        "Bernoulli D(R, P, C), kl": lambda: binary.distortion(rates, 0.8, 0.05, "kl"),
        "Bernoulli R(D, P, C), tv": lambda: binary.rate(rates, 0.8, 0.05),
        "Bernoulli D(R, C), H(S|Y)": lambda: binary.distortion(rates, 0.8, label_given="y"),
        "Gaussian D(R, C)": lambda: gaussian.distortion(rates),
        "Gaussian R(D, C)": lambda: gaussian.rate(distortions),
        "Gaussian D(R, P), w2": lambda: gaussian.distortion(rates, perception=0.1),
        "Gaussian R(D, P), w2": lambda: gaussian.rate(distortions, perception=0.1),
        "Gaussian D(R, P), kl": lambda: gaussian.distortion(rates, perception=0.1, divergence="kl"),
        "Gaussian R(D, P), kl": lambda: gaussian.rate(distortions, perception=0.1, divergence="kl"),
    }.items():
        line(f"1,000,000 points of {name}", best(call, 2), None, "< 1000 ms")


def greedy_coupling(n: int = 5000) -> None:
    """Greedy minimum entropy coupling of two marginals of n states."""
    p, q = np.random.default_rng(1).dirichlet(np.ones(n), 2)
    ours = best(lambda: minimum_entropy_coupling(p, q), 5)
    theirs = None
    if find_spec("mec") and find_spec("mec.approximation"):
        from mec.approximation.algorithms import greedy_mec

        theirs = best(lambda: greedy_mec(p, q, sparse=True), 1)
    line(f"greedy coupling, n = {n}", ours, theirs, "5 x")


def small_multiplier(n: int = 100) -> None:
    """Entropic transport at a multiplier of 1e-3: ours to 1e-13, POT's log-domain Sinkhorn to the same."""
    p, q = np.random.default_rng(2).dirichlet(np.ones(n), 2)
    cost = (np.linspace(0, 1, n)[:, None] - np.linspace(0, 1, n)) ** 2
    ours = best(lambda: fixed_marginals(cost, p, q, 1e-3), 2)
    theirs = None
    if find_spec("ot"):
        import ot

        theirs = best(
            lambda: ot.bregman.sinkhorn_log(p, q, cost, 1e-3, numItermax=100_000, stopThr=1e-13, warn=False), 1
        )
    line(f"entropic transport, n = {n}, eps = 1e-3, to 1e-13, against POT", ours, theirs, "-")


def bottleneck() -> None:
    """Information kept under a bottleneck by our codes and by the published heuristic, on random instances."""
    for inputs, outputs, instances in ((4, 3, 10), (6, 4, 6), (8, 4, 3)):
        gains, kept = [], []
        for seed in range(instances):
            generator = np.random.default_rng(seed)
            source, target = generator.dirichlet(np.ones(inputs)), generator.dirichlet(np.ones(outputs))
            problem = FiniteTransport(source[None], target, np.zeros((inputs, outputs)))
            entropy = -float(source @ np.log2(source))
            for rate in (0.25 * entropy, 0.5 * entropy, 0.75 * entropy):
                theirs = merged_coupling(source, target, rate).information
                gains.append(float(problem.information(rate).value) - theirs)
                kept.append(theirs)
        spread = f"least {min(gains):+.4f}, mean {np.mean(gains):+.4f}, largest {max(gains):+.4f} bit"
        what = f"I(X;Y) under a bottleneck, {inputs} to {outputs}, {len(gains)} draws"
        print(f"{what:62s} {spread} over the heuristic's mean {np.mean(kept):.4f}   (asked: >= 0)", flush=True)


def import_time() -> None:
    """A fresh interpreter that imports crosscodec.theory, less one that imports nothing."""
    ours = best(lambda: subprocess.run([sys.executable, "-c", "import crosscodec.theory"], check=True), 5)
    bare = best(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), 5)
    line("import crosscodec.theory (interpreter start taken off)", ours - bare, None, "< 300 ms")


def main() -> None:
    """Run every comparison."""
    import_time()
    million_points()
    greedy_coupling()
    bernoulli_curve()
    small_multiplier()
    blahut_arimoto()
    bottleneck()


if __name__ == "__main__":
    main()
