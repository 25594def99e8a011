"""DitherCode: numbers to a file and back, the same by the file alone."""

from pathlib import Path

import numpy as np
import pytest

from crosscodec.errors import CorruptData, UsageError
from crosscodec.randomness import draw_normal
from crosscodec.simulate.codes import decode_file, empty_file
from crosscodec.simulate.container import DITHER, SimulatedFile
from crosscodec.simulate.design import DitherDesign, gaussian_code_design
from crosscodec.simulate.dithered import DitherCode
from crosscodec.simulate.quantisers import CELLS
from crosscodec.simulate.ranges import TOTAL
from crosscodec.theory import GaussianTransport, Normal

PROBLEM = GaussianTransport(Normal(3.0, 2.0), Normal(-1.0, 0.5))
GOLDEN = Path(__file__).parent / "golden"


def code_at(rate, quantiser="scalar", channel=0):
    return DitherCode.of(gaussian_code_design(PROBLEM, rate, quantiser=quantiser), 7, channel)


@pytest.mark.parametrize("quantiser", ["scalar", "trellis"])
@pytest.mark.parametrize("rate", [0.25, 1.0, 4.0])
def test_the_output_is_near_the_source_on_the_targets_scale(quantiser, rate):
    source = 3 + 2 * draw_normal(1, "z", 0, 20_000)
    code = code_at(rate, quantiser)
    output = decode_file(code.encode(source))
    assert ((source - output) ** 2).mean() == pytest.approx(code.design.distortion, rel=0.03)
    assert np.corrcoef(source, output)[0, 1] == pytest.approx(code.design.normal_map.correlation, abs=0.02)


def test_tables_are_whole_and_mirrored():
    tables = code_at(1.0, "trellis").tables
    assert tables.shape[0] == CELLS
    assert (tables.sum(axis=1) == TOTAL).all()
    assert tables.min() >= 1
    assert np.array_equal(tables, tables[::-1, ::-1])


@pytest.mark.parametrize("quantiser", ["scalar", "trellis"])
def test_a_file_says_all_that_its_decoder_needs(quantiser):
    code = code_at(1.0, quantiser, channel=5)
    again = DitherCode.from_file(SimulatedFile.from_bytes(empty_file(code)))
    assert (again.design, again.seed, again.channel) == (code.design, code.seed, 5)
    assert np.array_equal(again.half, code.half)


def test_channels_have_dithers_of_their_own():
    one, other = (decode_file(code_at(1.0, channel=i).encode(np.zeros(1000))) for i in (0, 1))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.15


def test_numbers_beyond_all_reason_are_cut():
    output = decode_file(code_at(2.0).encode(np.array([1e300, -1e300, 3.0])))
    assert output[0] > 2
    assert output[1] < -4
    assert np.isfinite(output).all()


@pytest.mark.parametrize("quantiser", ["scalar", "trellis"])
def test_the_golden_file_reads_as_ever(quantiser):
    expected = np.load(GOLDEN / f"{quantiser}.npy")
    assert np.abs(decode_file((GOLDEN / f"{quantiser}.xcs").read_bytes()) - expected).max() < 1e-9


@pytest.mark.parametrize("source", [[np.nan], [np.inf], [[1.0]]])
def test_symbols_that_are_none(source):
    with pytest.raises(UsageError, match="finite numbers in a row"):
        code_at(1.0).encode(np.array(source))


@pytest.mark.parametrize("quantiser", ["scalar", "trellis"])
def test_a_payload_of_other_symbols_is_refused(quantiser):
    code = code_at(2.0, quantiser)
    one, other = (SimulatedFile.from_bytes(code.encode(k + np.linspace(0, 6, 300))) for k in (0, 1))
    swapped = SimulatedFile(DITHER, one.head, one.symbols, one.digest, other.payload)
    with pytest.raises(CorruptData):
        decode_file(swapped.to_bytes())


def test_damaged_heads_are_refused():
    file = SimulatedFile.from_bytes(empty_file(code_at(1.0)))
    zero = (0).to_bytes(8, "little")
    for head in (
        file.head + b"\0",
        file.head[:-1],
        file.head[:8] + b"\x09" + file.head[9:],
        file.head[:17] + zero + file.head[25:],  # the source's standard deviation
        file.head[:60] + bytes([file.head[60] ^ 1]) + file.head[61:],
    ):
        with pytest.raises(CorruptData):
            decode_file(SimulatedFile(DITHER, head, 0, 0, b"").to_bytes())


def test_designs_compare_by_their_numbers():
    assert DitherDesign(0, 1, 0, 1, 1, "scalar") != DitherDesign(0, 1, 0, 1, 2, "scalar")
