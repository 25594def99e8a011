"""Codes that reach the bound: every plan of the theory wing as a working code, with files and two processes.

    theory's plan ──► code ──┬── encoder process: source ─► map or dither of the seed ─► integers ─► range coder ─► file
                             └── decoder process: file ─► the same maps or dither ─► integers ─► output
    samples of the source beside the output ──► rows: theory, measured, standard error ──► does it keep the plan?

`SharedSeedCode` for one-shot plans over finite alphabets, `DitherCode` for Gaussians. docs/simulate.md has the numbers.
"""

from crosscodec.simulate.codes import decode_file
from crosscodec.simulate.design import gaussian_code_design
from crosscodec.simulate.discrete import simulate_maps
from crosscodec.simulate.dithered import DitherCode
from crosscodec.simulate.gaussian import simulate_gaussian
from crosscodec.simulate.maps import SharedSeedCode
from crosscodec.simulate.vector import simulate_vector
from crosscodec.simulate.vectorcode import VectorCode

__all__ = [
    "DitherCode",
    "SharedSeedCode",
    "VectorCode",
    "decode_file",
    "gaussian_code_design",
    "simulate_gaussian",
    "simulate_maps",
    "simulate_vector",
]
