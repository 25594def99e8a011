"""What is possible: closed forms, solvers and certificates for cross-domain compression. Needs numpy and scipy only."""

from crosscodec.theory.bernoulli import BernoulliTransport
from crosscodec.theory.gaussian import GaussianTransport
from crosscodec.theory.gaussian_plan import Normal
from crosscodec.theory.vector_gaussian import VectorGaussianTransport

__all__ = ["BernoulliTransport", "GaussianTransport", "Normal", "VectorGaussianTransport"]
