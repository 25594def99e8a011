"""Vector Gaussian plans as codes: one dithered code for each transport direction that the plan gives a rate.

    x (n,d) ─► analysis ─► independent standard normals (n,r) ─► a DitherCode each ─► files in one file
    file ─► standard normals (n,r), those of no rate from the shared seed ─► synthesis ─► y (n,d)

Section 4 of the theory page: along the singular vectors of target_cov^1/2 source_cov^1/2 the problem falls apart into
scalar ones, from N(0,1) to N(0,1), with the plan's correlations.
"""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, UsageError
from crosscodec.randomness import draw_normal
from crosscodec.simulate.container import VECTOR, SimulatedFile
from crosscodec.simulate.design import RATES, DitherDesign, step_for_rate
from crosscodec.simulate.dithered import DitherCode
from crosscodec.simulate.noisylaw import Floats
from crosscodec.theory import VectorGaussianTransport
from crosscodec.theory.gaussian.plan import gaussian_rate
from crosscodec.theory.gaussian.vector import VectorPlan

IDLE_STREAM = "simulate/idle"
_MOST = 2**10  # dimensions


@dataclass(frozen=True, eq=False)
class VectorCode:
    """Means (d,), analysis (d,d) and synthesis (d,d) matrices, and the codes of the first directions.

    Directions without a code have no rate; there the output is drawn from the seed that both sides share.
    """

    source_mean: Floats
    analysis: Floats
    output_mean: Floats
    synthesis: Floats
    seed: int
    codes: tuple[DitherCode, ...]

    @classmethod
    def of(cls, problem: VectorGaussianTransport, plan: VectorPlan, seed: int, quantiser: str) -> "VectorCode":
        """The code of a plan of this problem. Raises UsageError for directions of more than 6 bits."""
        source_root, target_root = root(np.asarray(problem.source_cov)), root(np.asarray(problem.target_cov))
        left, _, right = np.linalg.svd(target_root @ source_root)
        rates = gaussian_rate(np.asarray(plan.correlations))
        used = [rate for rate in rates.tolist() if rate >= RATES["scalar"][0]]
        codes = tuple(DitherCode.of(_direction(rate, quantiser), seed, i) for i, rate in enumerate(used))
        analysis = right @ np.linalg.pinv(source_root, hermitian=True)
        means = np.asarray(problem.source_mean), np.asarray(problem.target_mean)
        return cls(means[0], analysis, means[1], target_root @ left, seed, codes)

    @property
    def rate(self) -> float:
        """Bits a vector, by the tables."""
        return sum(code.design.rate.bits for code in self.codes)

    def encode(self, source: ArrayLike) -> bytes:
        """The file of vectors (n,d).

        docs/simulate.md, "The file". Raises UsageError for other shapes.
        """
        vectors, size = np.asarray(source, np.float64), self.source_mean.size
        if vectors.size == 0:
            vectors = vectors.reshape(0, size)
        if vectors.ndim != 2 or vectors.shape[1] != size:
            raise UsageError(f"source vectors have shape (n, {size}), these have {vectors.shape}")
        normal = (vectors - self.source_mean) @ self.analysis.T
        files = [code.encode(normal[:, i]) for i, code in enumerate(self.codes)]
        numbers = [self.source_mean, self.analysis.ravel(), self.output_mean, self.synthesis.ravel()]
        head = [self.seed.to_bytes(8, "little"), varint(size), np.concatenate(numbers).astype("<f8").tobytes()]
        head += [varint(len(files)), *(varint(len(file)) for file in files)]
        return SimulatedFile(VECTOR, b"".join(head), len(vectors), 0, b"".join(files)).to_bytes()

    def decode(self, file: SimulatedFile) -> Floats:
        """The output (n,d) of a file that this code wrote. Raises CorruptData."""
        parts = parts_of(file)
        if any(part.symbols != file.symbols for part in parts):
            raise CorruptData("the directions of the code have different numbers of symbols")
        size = self.source_mean.size
        normal = draw_normal(self.seed, IDLE_STREAM, 0, (size, file.symbols))
        for i, (code, part) in enumerate(zip(self.codes, parts, strict=True)):
            normal[i] = code.decode(part)
        return np.asarray(self.output_mean + (self.synthesis @ normal).T)

    @classmethod
    def from_file(cls, file: SimulatedFile) -> "VectorCode":
        """The code that a file says it was written by. Raises CorruptData."""
        reader = ByteReader(file.head, "the head of the code")
        seed, size = int.from_bytes(reader.take(8), "little"), reader.varint("dimension", _MOST)
        numbers = np.frombuffer(reader.take(16 * size * (size + 1)), "<f8").astype(np.float64)
        mean, analysis, output_mean, synthesis = np.split(numbers, np.cumsum([size, size * size, size]))
        codes = tuple(DitherCode.from_file(part) for part in parts_of(file))
        if size == 0 or len(codes) > size or not np.isfinite(numbers).all():
            raise CorruptData("the code of vectors is damaged")
        square = (size, size)
        return cls(mean, analysis.reshape(square), output_mean, synthesis.reshape(square), seed, codes)


def parts_of(file: SimulatedFile) -> list[SimulatedFile]:
    """The files of the directions. Raises CorruptData."""
    reader = ByteReader(file.head, "the head of the code")
    reader.take(8)
    size = reader.varint("dimension", _MOST)
    reader.take(16 * size * (size + 1))
    lengths = [reader.varint("length") for _ in range(reader.varint("directions", _MOST))]
    if reader.remaining or sum(lengths) != len(file.payload):
        raise CorruptData("the head of the code does not fit its payload")
    ends = list(accumulate(lengths))
    return [SimulatedFile.from_bytes(file.payload[end - n : end]) for end, n in zip(ends, lengths, strict=True)]


def root(matrix: Floats) -> Floats:
    """The symmetric square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def _direction(rate: float, quantiser: str) -> DitherDesign:
    """The scalar code from N(0,1) to N(0,1) at a rate; below the trellis' lowest rate, a scalar quantiser."""
    if rate > RATES[quantiser][1]:
        raise UsageError(f"a direction needs {rate:.3g} bits, and a dithered code has {RATES[quantiser][1]:g} at most")
    chosen = quantiser if rate >= RATES[quantiser][0] else "scalar"
    return DitherDesign(0.0, 1.0, 0.0, 1.0, step_for_rate(rate, chosen), chosen)
