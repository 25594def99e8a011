"""SharedSeedCode: any plan reads back, at the price that the plan says."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscodec.bitstream.varint import ByteReader
from crosscodec.errors import CorruptData, UsageError
from crosscodec.simulate.codes import decode_file, empty_file
from crosscodec.simulate.container import MAPS, SimulatedFile
from crosscodec.simulate.maps import UNITS, MapBook, SharedSeedCode, as_mixture
from crosscodec.simulate.sources import draw_pairs
from crosscodec.theory import BernoulliTransport, FiniteTransport
from crosscodec.theory.finite.problem import FiniteProblem, MapMixture, map_outputs

GOLDEN = Path(__file__).parent / "golden" / "maps.xcs"
MILLION = 10**6


def random_mixture(seed: int, inputs: int, outputs: int, maps: int) -> MapMixture:
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(inputs, 0.5))[None]
    problem = FiniteProblem(joint, rng.random((inputs, outputs)), None, np.zeros((outputs, outputs)))
    return MapMixture(problem, rng.integers(0, outputs, (maps, inputs)), rng.dirichlet(np.full(maps, 0.5)))


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 5), st.integers(1, 7), st.integers(0, 3000))
def test_any_mixture_reads_back(seed, inputs, outputs, maps, count):
    plan = random_mixture(seed, inputs, outputs, maps)
    code = SharedSeedCode(plan, seed)
    source = np.random.default_rng(seed).integers(0, inputs, count)
    output = decode_file(code.encode(source))
    assert np.array_equal(output, code.book.maps[code.draw_maps(count), source])


def ideal_bits(code, plan, source):
    laws = map_outputs(plan.problem, code.book.maps)
    drawn = code.draw_maps(source.size)
    return -np.log2(laws[drawn, code.book.maps[drawn, source]]).sum()


@pytest.mark.parametrize(
    ("source", "target", "rate"),
    [(0.4, 0.3, 0.5), (0.5, 0.5, 0.9), (0.3, 0.6, 0.2), (0.02, 0.05, 0.1), (0.005, 0.01, 0.03), (0.001, 0.5, 0.01)],
)
def test_the_coder_adds_a_thousandth_at_most(source, target, rate):
    plan = as_mixture(BernoulliTransport(source, target, 0.1).distortion(rate).plan)
    code = SharedSeedCode(plan, 1)
    samples = draw_pairs(plan.problem.joint, 1, MILLION).source
    payload = 8 * len(SimulatedFile.from_bytes(code.encode(samples)).payload)
    ideal = ideal_bits(code, plan, samples)
    assert ideal - 1e-6 * ideal <= payload <= 1.001 * ideal + 64


@pytest.mark.parametrize(
    ("problem", "rate"),
    [
        (BernoulliTransport(0.4, 0.3, 0.1), 0.5),
        (BernoulliTransport(0.5, 0.5, 0.1), 0.25),
        (BernoulliTransport(0.5, 0.4, 0.2), 0.8),
        (FiniteTransport(np.full((1, 4), 0.25), [0.25] * 4, 1 - np.eye(4)), 1.3),
    ],
)
def test_the_rate_is_h_y_given_u_to_a_thousandth_at_a_million(problem, rate):
    plan = as_mixture(problem.distortion(rate).plan)
    source = draw_pairs(plan.problem.joint, 1, MILLION).source
    file = SimulatedFile.from_bytes(SharedSeedCode(plan, 1).encode(source))
    assert 8 * len(file.payload) / MILLION == pytest.approx(plan.rate, rel=1e-3)


def test_constant_maps_cost_nothing():
    plan = BernoulliTransport(0.4, 0.3, 0.1).distortion(0.0).plan
    file = SimulatedFile.from_bytes(SharedSeedCode(plan, 1).encode(np.ones(5000, int)))
    assert file.payload == b""
    assert decode_file(file.to_bytes()).mean() == pytest.approx(0.3, abs=0.01)


def test_a_file_says_all_that_its_decoder_needs():
    code = SharedSeedCode(BernoulliTransport(0.4, 0.3).distortion(0.5).plan, 2**64 - 1)
    again = SharedSeedCode.from_file(SimulatedFile.from_bytes(empty_file(code)))
    assert again.seed == code.seed
    for name in ("law", "maps", "weights", "outputs"):
        assert np.array_equal(getattr(again.book, name), getattr(code.book, name))
    assert len(empty_file(code)) < 60


def test_another_seed_draws_other_maps():
    plan = BernoulliTransport(0.4, 0.3).distortion(0.5).plan
    assert not np.array_equal(SharedSeedCode(plan, 1).draw_maps(99), SharedSeedCode(plan, 2).draw_maps(99))


def test_the_golden_file_reads_as_ever():
    file = SimulatedFile.from_bytes(GOLDEN.read_bytes())
    code = SharedSeedCode.from_file(file)
    source = np.arange(500) % 3
    assert code.encode(source) == GOLDEN.read_bytes()
    assert np.array_equal(decode_file(GOLDEN.read_bytes()), code.book.maps[code.draw_maps(500), source])


def test_plans_that_are_none():
    for plan in (
        BernoulliTransport(0.5, 0.5, 0.1).distortion(0.2, 0.55).plan,
        BernoulliTransport(0.5, 0.5, 0.1).distortion([0.2, 0.3]).plan,
        None,
    ):
        with pytest.raises(UsageError, match="one feasible point"):
            SharedSeedCode(plan, 0)


@pytest.mark.parametrize(
    ("source", "words"),
    [([0, 2], "0 … 1, not 0 … 2"), ([-1], "0 … 1, not -1"), ([[0, 1]], "in a row"), ([0.0, 1.0], "not float64")],
)
def test_symbols_that_are_none(source, words):
    code = SharedSeedCode(BernoulliTransport(0.4, 0.3).distortion(0.5).plan, 0)
    with pytest.raises(UsageError, match=words):
        code.encode(source)


def test_a_payload_of_other_symbols_is_refused():
    code = SharedSeedCode(BernoulliTransport(0.4, 0.3).distortion(0.9).plan, 0)
    one, other = (SimulatedFile.from_bytes(code.encode(np.arange(400) // k % 2)) for k in (1, 3))
    swapped = SimulatedFile(MAPS, one.head, one.symbols, one.digest, other.payload)
    with pytest.raises(CorruptData, match="not those written"):
        decode_file(swapped.to_bytes())


@pytest.mark.parametrize(
    "change",
    [{"law": [UNITS - 2, 1]}, {"weights": [UNITS + 1]}, {"maps": [[0, 2]]}, {"law": [UNITS, 0]}, {"outputs": 0}],
)
def test_books_that_cannot_be(change):
    parts = {"law": [UNITS - 1, 1], "maps": [[0, 1]], "weights": [UNITS], "outputs": 2} | change
    arrays = {name: np.array(value) if name != "outputs" else value for name, value in parts.items()}
    with pytest.raises(CorruptData):
        MapBook.from_reader(ByteReader(MapBook(**arrays).to_bytes(), "head"))
