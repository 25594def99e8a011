"""The committed table of toy runs: no point beats its bound, and the page says what the table says."""

from pathlib import Path

import pytest

from crosscodec.toy.table import read_toy_table

ROOT = Path(__file__).parents[2]
ROWS = read_toy_table(ROOT / "results" / "toy.tsv")


def page_row(row):
    """A row of the table as docs/toy.md prints it."""
    source = row["source"] + (f", {row['block']} at once" if row["block"] != "1" else "")
    source += ", codebook" if row["source"] == "gaussian" and row["quantiser"] == "vector" else ""
    number = {key: float(row[key]) for key in ("bits_payload", "distortion", "distortion_error", "bound", "gap_db")}
    cells = [source, row["decoder"], f"{number['bits_payload']:.4f}"]
    cells.append(f"{number['distortion']:.4f} ± {number['distortion_error']:.4f}")
    cells += [f"{number['bound']:.4f}", f"{float(row['gap_bits']):.3f} ± {float(row['gap_error']):.3f}"]
    cells += [f"{number['gap_db']:.2f}", f"{float(row['law_distance']):.4f}" if row["law_distance"] else ""]
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(list(row.values())[:5]))
def test_no_point_beats_its_bound_and_the_page_shows_it(row):
    assert float(row["gap_bits"]) > -3 * float(row["gap_error"])
    assert float(row["distortion"]) > float(row["bound"]) - 3 * float(row["distortion_error"])
    assert page_row(row) in (ROOT / "docs" / "toy.md").read_text(encoding="utf-8")


def gap(source, block, quantiser, rate, decoder="fidelity"):
    (row,) = [r for r in ROWS if tuple(r.values())[:5] == (source, block, quantiser, rate, decoder)]
    return float(row["gap_bits"])


@pytest.mark.parametrize("decoder", ["fidelity", "perception"])
@pytest.mark.parametrize("rate", ["1", "2", "3"])
def test_numbers_one_by_one_lose_what_a_scalar_quantiser_must(rate, decoder):
    assert gap("gaussian", "1", "rounding", rate, decoder) == pytest.approx(0.2546, abs=0.01)


def test_a_codebook_of_vectors_wins_at_low_rates():
    assert gap("gaussian", "8", "vector", "0.5") < gap("gaussian", "1", "rounding", "0.5") < 0.2
    assert gap("gaussian", "4", "vector", "1") < gap("gaussian", "1", "rounding", "1")
