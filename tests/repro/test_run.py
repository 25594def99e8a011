import pytest

from crosscodec.errors import InputMissing, OutputFailed, UsageError
from crosscodec.report.figure_plots import figure_picture
from crosscodec.report.figures import Claim, FigureData, Panel, Point, read_figure
from crosscodec.repro.item import Item, Request
from crosscodec.repro.run import command_of, reproduce


def made(item, request):
    points = (Point("p", "a", "bound", 0, 1 / 3), Point("p", "a", "bound", 1, 1e-9 / 7))
    return FigureData(item.key, item.title, item.paper, (Panel("p", "x", "y"),), points, (Claim("c", True, ""),))


ITEM = Item("figure", "A figure", "a paper", made, ("mnist",))


def test_a_figure_is_written_with_how_it_was_made(tmp_path):
    (tmp_path / "secret" / "mnist").mkdir(parents=True)
    request = Request("small", 2, tmp_path / "new" / "folder", data=tmp_path / "secret")
    reproduce(ITEM, request)
    figure = read_figure(request.out / "figure.json")
    assert figure.made["command"] == "crosscodec repro run figure --scale small --seeds 2 --data DIR"
    assert "secret" not in (request.out / "figure.json").read_text()
    assert float(figure.made["seconds"]) >= 0
    picture = (request.out / "figure.svg").read_bytes()
    assert picture.startswith(b"<?xml")
    assert figure_picture(figure) == picture, "drawn from the numbers that are kept"


def test_smoke_needs_no_data():
    assert "--data" not in command_of(ITEM, Request("smoke", 1, None))


def test_nothing_is_written_where_making_fails(tmp_path):
    def fail(item, request):
        raise UsageError("no")

    with pytest.raises(UsageError):
        reproduce(Item("figure", "", "", fail), Request("small", 1, tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputFailed, match="file"):
        reproduce(ITEM, Request("small", 1, tmp_path / "file" / "folder"))


def test_data_that_is_not_there_is_named_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    with pytest.raises(InputMissing, match="figure needs mnist in the data folder"):
        reproduce(ITEM, Request("small", 1, tmp_path / "out", data=tmp_path / "data"))
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    with pytest.raises(InputMissing, match="--data DIR"):
        reproduce(ITEM, Request("small", 1, tmp_path / "out"))
    reproduce(ITEM, Request("smoke", 1, tmp_path / "out"))
