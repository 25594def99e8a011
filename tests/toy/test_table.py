import pytest

from crosscodec.errors import CorruptData
from crosscodec.toy.table import COLUMNS, add_to_table, read_toy_table


def test_rows_are_added_and_replaced(tiny_run, tmp_path):
    path = tmp_path / "toy.tsv"
    add_to_table(path, [tiny_run])
    add_to_table(path, [tiny_run])
    rows = read_toy_table(path)
    assert [row["decoder"] for row in rows] == ["fidelity", "perception", "target"]
    assert float(rows[0]["distortion"]) == pytest.approx(tiny_run.points[0].distortion, rel=1e-5)
    assert rows[0]["law_distance"] == ""
    assert path.read_text().splitlines()[0].split("\t") == list(COLUMNS)


def test_another_table_is_not_overwritten(tiny_run, tmp_path):
    path = tmp_path / "other.tsv"
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(CorruptData, match="no table of toy runs"):
        add_to_table(path, [tiny_run])
    assert path.read_text() == "a\tb\n1\t2\n"
