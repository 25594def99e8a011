"""Tables as reports read them."""

import pytest

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.report.tables import Table, number, read_table


def test_a_table_is_read(tmp_path):
    (tmp_path / "t.tsv").write_text('a\tb\n1\t\n"x\ty"\té\n', encoding="utf-8")
    table = read_table(tmp_path / "t.tsv")
    assert table == Table(("a", "b"), (("1", ""), ("x\ty", "é")))
    assert table.records()[1] == {"a": "x\ty", "b": "é"}


def test_what_is_no_table(tmp_path):
    with pytest.raises(InputMissing):
        read_table(tmp_path / "none.tsv")
    for content, message in ((b"", "empty"), (b"a\tb\n1\n", "line 2"), (b"a\xff\n", "UTF-8")):
        (tmp_path / "t.tsv").write_bytes(content)
        with pytest.raises(CorruptData, match=message):
            read_table(tmp_path / "t.tsv")


def test_numbers():
    assert [number(text) for text in ("", "1.5", "12", "inf")] == [None, 1.5, 12.0, float("inf")]
    with pytest.raises(CorruptData, match="'x'"):
        number("x")
