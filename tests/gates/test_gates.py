"""Every row of the gate table: in its quick form where that takes seconds, in full in the slow suite.

What is measured and how stands in benchmarks/gates.py, so that the table that is committed and the tests that hold it
are the same code. Rows that call other tests are not called again from here.
"""

import csv
from pathlib import Path

import pytest
from gates import COLUMNS, GATES, Gate

COMMITTED = Path(__file__).parents[2] / "results" / "gates.tsv"
BY_OTHER_TESTS = {"kills", "degradation", "dither", "cluster", "resume"}
# Seconds of a machine that others use too say little; the slow suite runs alone.
BY_THE_CLOCK = {"info", "encode"}
ROWS = [gate for gate in GATES if gate.key not in BY_OTHER_TESTS]


@pytest.mark.parametrize(
    "gate", [g for g in ROWS if not g.slow and g.key not in BY_THE_CLOCK], ids=lambda gate: gate.key
)
def test_a_fraction_of_each_row(gate: Gate) -> None:
    found = gate.measure(True)
    assert found.passed, f"{gate.what}: {found.text}, asked: {gate.limit}"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("gate", ROWS, ids=lambda gate: gate.key)
def test_each_row_in_full(gate: Gate) -> None:
    found = gate.measure(False)
    assert found.passed, f"{gate.what}: {found.text}, asked: {gate.limit}"


@pytest.mark.skipif(not COMMITTED.exists(), reason="no results/gates.tsv yet: make gates")
def test_the_committed_table_is_whole_and_all_of_it_passed() -> None:
    with COMMITTED.open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source, delimiter="\t"))
    assert tuple(rows[0]) == COLUMNS
    assert [row["gate"].partition(":")[0] for row in rows] == [gate.key for gate in GATES]
    assert {row["passed"] for row in rows} == {"yes"}


def test_rows_have_different_keys() -> None:
    assert len({gate.key for gate in GATES}) == len(GATES)
