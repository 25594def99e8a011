"""What is possible: closed forms, solvers and certificates for cross-domain compression. Needs numpy and scipy only.

    BernoulliTransport     one-shot, binary, closed forms          GaussianTransport         scalar, asymptotic
    FiniteTransport        any finite alphabets, certified         VectorGaussianTransport   water-filling

The papers' formulas as printed, where they differ, are in `crosscodec.theory.printed`; LaTeX in
`crosscodec.theory.explain`.
"""

from crosscodec.theory.bernoulli.transport import BernoulliTransport
from crosscodec.theory.coupling.minimum import minimum_entropy_coupling
from crosscodec.theory.fano import fano_error
from crosscodec.theory.finite.transport import FiniteTransport
from crosscodec.theory.gaussian.plan import Normal
from crosscodec.theory.gaussian.transport import GaussianTransport
from crosscodec.theory.gaussian.vector import VectorGaussianTransport
from crosscodec.theory.universal import rate_penalty

__all__ = [
    "BernoulliTransport",
    "FiniteTransport",
    "GaussianTransport",
    "Normal",
    "VectorGaussianTransport",
    "fano_error",
    "minimum_entropy_coupling",
    "rate_penalty",
]
