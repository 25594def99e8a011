"""Rows of the photo benchmark survive what befalls a long run."""

import multiprocessing
from dataclasses import replace

import pytest
from photo_rows import COLUMNS, Row, append_row, known_rows, read_rows, write_rows

ROW = Row(
    *("kodim01", 25.0, 0, "avif", "50", "", 512, 768, 1000, 0.125, 30.5, 0.75),
    *(None, 3.5, 0.0, 0.25, 0.125, 0.5, "pillow 13.0.0, avif 1.4.2"),
)


def append_many(path, name):
    for number in range(20):
        append_row(path, replace(ROW, picture=name, setting=f"{number}"))


def test_rows_come_back_as_they_were(tmp_path):
    path = tmp_path / "rows.tsv"
    assert read_rows(path) == []
    other = replace(ROW, method="noisy", file_bytes=None, bpp=None, lpips=0.25, niqe=None)
    for row in (ROW, other):
        append_row(path, row)
    assert read_rows(path) == [ROW, other]
    assert path.read_text().splitlines()[0] == "\t".join(COLUMNS)


def test_a_row_that_was_cut_off_is_left_out_and_harms_no_other(tmp_path):
    path = tmp_path / "rows.tsv"
    append_row(path, ROW)
    with path.open("a") as table:
        table.write("kodim02\t25\t0\tav")
    assert read_rows(path) == [ROW]
    append_row(path, replace(ROW, picture="kodim03"))
    assert [row.picture for row in read_rows(path)] == ["kodim01", "kodim03"]


def test_writers_do_not_disturb_one_another(tmp_path):
    path, context = tmp_path / "rows.tsv", multiprocessing.get_context("fork")
    writers = [context.Process(target=append_many, args=(path, name)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len({row.key for row in read_rows(path)}) == 40
    assert len(path.read_text().splitlines()) == 41


def test_what_makes_a_row_the_same_one():
    assert replace(ROW, psnr=1.0, made_by="another version").key == ROW.key
    for change in ({"picture": "x"}, {"sigma": 15.0}, {"seed": 1}, {"setting": "51"}, {"package": "abc"}):
        assert replace(ROW, **change).key != ROW.key


def test_a_table_of_another_benchmark_is_not_touched(tmp_path):
    (tmp_path / "rows.tsv").write_text("method\tpicture\n")
    with pytest.raises(SystemExit, match="other columns"):
        read_rows(tmp_path / "rows.tsv")


def test_the_last_of_several_tables_counts(tmp_path):
    later = replace(ROW, psnr=40.0)
    other = replace(ROW, picture="kodim00")
    write_rows(tmp_path / "one.tsv", [ROW, other])
    assert read_rows(tmp_path / "one.tsv") == [other, ROW]
    append_row(tmp_path / "two.tsv", later)
    found = known_rows(tmp_path / "one.tsv", None, tmp_path / "none.tsv", tmp_path / "two.tsv")
    assert found == [other, later]
