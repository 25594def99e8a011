"""Plans and their execution: who is read, what is written, what happens when something fails."""

import json
import threading

import pytest
import typer

from crosscodec.cli.batch import OnExist, Plan, Product, Task, plan_tasks, run_plan
from crosscodec.errors import CorruptData, InputMissing, OutputExists, OutputFailed, UsageError

PICTURES = [".png", ".jpg"]


@pytest.fixture
def folder(tmp_path):
    """A folder with pictures, other files, and a folder inside."""
    for name in ("b.png", "a.PNG", "notes.txt", ".hidden.png", "deep/c.jpg", "deep/deeper/d.png"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "in"


def names(plan, base):
    return [(task.source.removeprefix(f"{base}/"), task.target.removeprefix(f"{base}/")) for task in plan.tasks]


def shout(task: Task) -> Product:
    """Work that fails for files whose content has "bad" in it."""
    with open(task.source, "rb") as file:
        data = file.read()
    if b"bad" in data:
        raise CorruptData(f"bad: {task.source}")
    return Product(data.upper(), f"{len(data)} bytes", {"size": len(data)}, ("a notice",) if b"n" in data else ())


# --- plans ---


def test_a_file_to_a_file(photo):
    plan = plan_tasks(str(photo), "out.xcd", ".xcd", PICTURES, False)
    assert plan == Plan((Task(str(photo), "out.xcd"),), batch=False)


def test_a_file_into_a_folder_takes_its_name(photo, tmp_path):
    (tmp_path / "out").mkdir()
    (task,) = plan_tasks(str(photo), str(tmp_path / "out"), ".xcd", PICTURES, False).tasks
    assert task.target == str(tmp_path / "out" / "photo.xcd")


def test_standard_streams_are_one_task():
    assert plan_tasks("-", "-", ".xcd", PICTURES, False).tasks == (Task("-", "-"),)


def test_a_folder_gives_its_own_files_in_order(folder, tmp_path):
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", PICTURES, recursive=False)
    assert names(plan, tmp_path) == [("in/a.PNG", "out/a.xcd"), ("in/b.png", "out/b.xcd")]
    assert [task.index for task in plan.tasks] == [0, 1]
    assert plan.batch


def test_a_folder_is_mirrored_when_recursive(folder, tmp_path):
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", PICTURES, recursive=True)
    assert names(plan, tmp_path)[2:] == [
        ("in/deep/c.jpg", "out/deep/c.xcd"),
        ("in/deep/deeper/d.png", "out/deep/deeper/d.xcd"),
    ]


def test_two_inputs_for_one_output_are_refused(folder, tmp_path):
    (folder / "b.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"b\.jpg and b\.png .* would both become"):
        plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", PICTURES, False)


def test_plans_that_cannot_be(folder, photo, tmp_path):
    with pytest.raises(InputMissing, match=r"nothing\.png does not exist"):
        plan_tasks(str(tmp_path / "nothing.png"), "x", ".xcd", PICTURES, False)
    with pytest.raises(InputMissing, match=r"no file ending in \.webp directly; -r"):
        plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", [".webp"], False)
    with pytest.raises(UsageError, match="cannot go to stdout"):
        plan_tasks(str(folder), "-", ".xcd", PICTURES, False)
    with pytest.raises(UsageError, match="must be a folder too"):
        plan_tasks(str(folder), str(photo), ".xcd", PICTURES, False)
    with pytest.raises(UsageError, match="needs the name of a file"):
        plan_tasks("-", str(folder), ".xcd", PICTURES, False)


# --- execution ---


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_batch_goes_on_after_a_failure(folder, tmp_path, capsys, jobs):
    (folder / "aa.png").write_bytes(b"bad")
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", PICTURES, recursive=True)
    with pytest.raises(typer.Exit) as left:
        run_plan(plan, shout, jobs=jobs)
    assert left.value.exit_code == 1
    written = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert written == ["a.xcd", "b.xcd", "deep/c.xcd", "deep/deeper/d.xcd"]
    assert (tmp_path / "out" / "a.xcd").read_bytes() == b"A.PNG"
    captured = capsys.readouterr()
    assert [line.split(" -> ")[0].rsplit("/", 1)[1] for line in captured.out.splitlines()] == [
        "a.PNG",
        "b.png",
        "c.jpg",
        "d.png",
    ]
    assert "aa.png: bad:" in captured.err
    assert "1 of 5 inputs failed" in captured.err


def test_json_is_one_object_for_each_input_failures_too(folder, tmp_path, capsys):
    (folder / "aa.png").write_bytes(b"bad")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.xcd").write_bytes(b"old")
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", PICTURES, recursive=False)
    with pytest.raises(typer.Exit):
        run_plan(plan, shout, OnExist.SKIP, as_json=True)
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["status"] == "written"
    assert first["size"] == 5
    assert first["notices"] == []
    assert second["status"] == "failed"
    assert second["exit_code"] == 65
    assert second["kind"] == "CorruptData"
    assert third["status"] == "skipped"
    assert (tmp_path / "out" / "b.xcd").read_bytes() == b"old"


def test_a_single_failure_is_raised(folder, tmp_path):
    (folder / "b.png").write_bytes(b"bad")
    plan = plan_tasks(str(folder / "b.png"), str(tmp_path / "out.xcd"), ".xcd", PICTURES, False)
    with pytest.raises(CorruptData):
        run_plan(plan, shout)
    assert not (tmp_path / "out.xcd").exists()


def test_what_to_do_when_an_output_exists(photo, tmp_path, capsys):
    target = tmp_path / "out.xcd"
    target.write_bytes(b"old")
    plan = plan_tasks(str(photo), str(target), ".xcd", PICTURES, False)
    with pytest.raises(OutputExists, match="--on-exist"):
        run_plan(plan, shout, OnExist.FAIL)
    run_plan(plan, shout, OnExist.SKIP)
    assert "skipped" in capsys.readouterr().out
    assert target.read_bytes() == b"old"
    run_plan(plan, shout, OnExist.OVERWRITE)
    assert target.read_bytes() == photo.read_bytes().upper()


def test_an_output_that_appears_meanwhile_is_kept(photo, tmp_path):
    target = tmp_path / "out.xcd"

    def work(task: Task) -> Product:
        target.write_bytes(b"other")
        return Product(b"ours", "")

    plan = plan_tasks(str(photo), str(target), ".xcd", PICTURES, False)
    with pytest.raises(OutputExists):
        run_plan(plan, work, OnExist.FAIL)
    assert target.read_bytes() == b"other"


def test_other_exceptions_get_their_codes(photo, tmp_path):
    plan = plan_tasks(str(photo), str(tmp_path / "out.xcd"), ".xcd", PICTURES, False)

    def no_memory(task: Task) -> Product:
        raise MemoryError

    def no_disk(task: Task) -> Product:
        raise OSError(28, "No space left on device")

    with pytest.raises(Exception, match="out of memory") as raised:
        run_plan(plan, no_memory)
    assert raised.value.exit_code == 75
    with pytest.raises(OutputFailed, match="No space left"):
        run_plan(plan, no_disk)


def test_notices_go_to_stderr(folder, tmp_path, capsys):
    run_plan(plan_tasks(str(folder / "b.png"), str(tmp_path / "out"), ".x", PICTURES, False), shout)
    captured = capsys.readouterr()
    assert captured.err == f"crosscodec: {folder / 'b.png'}: note: a notice\n"
    assert "note" not in captured.out


def test_json_and_stdout_exclude_one_another():
    with pytest.raises(UsageError, match="both want stdout"):
        run_plan(Plan((Task("-", "-"),), False), shout, as_json=True)


def test_jobs_really_work_at_the_same_time(folder, tmp_path):
    meeting = threading.Barrier(2, timeout=20)

    def work(task: Task) -> Product:
        meeting.wait()  # passes only when two tasks are inside
        return Product(b"", "")

    run_plan(plan_tasks(str(folder), str(tmp_path / "out"), ".x", PICTURES, recursive=True), work, jobs=2)
    assert len(list((tmp_path / "out").rglob("*.x"))) == 4
