"""What commands print."""

from crosscodec.cli.output import bytes_text, number_text, progress, table_text


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
