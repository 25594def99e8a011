"""What commands print."""

import json

import pytest

from crosscodec.cli.output import (
    bytes_text,
    failure_text,
    naming,
    number_text,
    print_json,
    print_skipped,
    progress,
    require_free,
    table_text,
)
from crosscodec.errors import CorruptData, OutputExists, OutputFailed


def test_table_columns_line_up():
    text = table_text(("name", "bytes"), [("a", "1"), ("long name", "12,345")])
    assert text.splitlines() == [
        "name        bytes",
        "---------  ------",
        "a               1",
        "long name  12,345",
    ]


def test_table_without_rows_is_its_header():
    assert table_text(("a", "b"), []).splitlines() == ["a  b", "-  -"]


def test_bytes_text():
    assert [bytes_text(count) for count in (0, 1, 12345)] == ["0 bytes", "1 byte", "12,345 bytes"]


def test_no_bar_where_nobody_watches(capsys):
    with progress(3, "working") as advance:
        for _ in range(3):
            advance()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == ""


def test_number_text():
    assert [number_text(1234.567, 1), number_text(None, 2), number_text(7, 0)] == ["1,234.6", "-", "7"]


def test_a_failure_names_its_input_once():
    assert failure_text("in/a  b.png", CorruptData("in/a  b.png is\ndamaged")) == "in/a b.png is damaged"
    assert failure_text("in/a.png", CorruptData("damaged")) == "in/a.png: damaged"


def test_json_is_ascii_whatever_a_file_is_called(capsys):
    print_json({"input": "caf\udce9 \u65e5.png"})
    said = capsys.readouterr().out
    assert said.isascii()
    assert json.loads(said) == {"input": "caf\udce9 \u65e5.png"}


def test_an_error_begins_with_its_input_and_stays_of_its_kind():
    with pytest.raises(OutputFailed, match=r"^in/a: disk full$") as raised, naming("in/a"):
        raise OutputFailed("disk full")
    assert raised.value.exit_code == 74


def test_json_holds_no_number_that_json_does_not_have(capsys):
    print_json({"psnr": float("inf"), "rows": [(1.5, float("nan"))], "text": "inf"})
    assert json.loads(capsys.readouterr().out, parse_constant=_refused) == {
        "psnr": None,
        "rows": [[1.5, None]],
        "text": "inf",
    }


def test_what_was_skipped_is_told_in_json_too(capsys):
    print_skipped("a.tsv", "a.tsv exists already, skipped", as_json=True)
    print_skipped("a.tsv", "a.tsv exists already, skipped", as_json=False)
    first, second = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {"output": "a.tsv", "status": "skipped"}
    assert second == "a.tsv exists already, skipped"


def _refused(constant):
    raise AssertionError(constant)


def test_a_file_is_replaced_only_when_told_and_a_folder_never(tmp_path):
    there = tmp_path / "page.html"
    require_free(there, overwrite=False)
    there.write_bytes(b"old")
    require_free(there, overwrite=True)
    with pytest.raises(OutputExists, match=r"page\.html exists; choose another name, or --overwrite"):
        require_free(there, overwrite=False)
    with pytest.raises(OutputExists, match="is a folder; name a file"):
        require_free(tmp_path, overwrite=True)
