"""Plans carried out: what is written, what is said, what happens when something fails or dies."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer
from clusterwork import Shout
from PIL import Image

from crosscodec.cli.batch import OnExist, Plan, Product, Task, plan_tasks, recorded, run_plan, waiting
from crosscodec.cli.folders import Unread
from crosscodec.errors import CorruptData, OutputExists, OutputFailed, UsageError

PICTURES = [".png", ".jpg"]


@pytest.fixture
def folder(tmp_path):
    """A folder with pictures, other files, and a folder inside."""
    for name in ("b.png", "a.PNG", "notes.txt", ".hidden.png", "deep/c.jpg", "deep/deeper/d.png"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "in"


def shout(task: Task) -> Product:
    """Work that fails for files whose content has "bad" in it."""
    with open(task.source, "rb") as file:
        data = file.read()
    if b"bad" in data:
        raise CorruptData(f"bad: {task.source}")
    return Product(data.upper(), f"{len(data)} bytes", {"size": len(data)}, ("a notice",) if b"n" in data else ())


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


@pytest.mark.parametrize(("target", "as_json", "lines"), [("out", True, 1), ("out", False, 0), ("-", True, 0)])
def test_what_fails_before_there_is_a_plan_is_a_record_too(capsys, target, as_json, lines):
    with pytest.raises(CorruptData), recorded("in.xcd", target, as_json):
        raise CorruptData("cut")
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = {"input": "in.xcd", "output": target, "status": "failed", "error": "cut", "kind": "CorruptData"}
    assert records == [wanted | {"exit_code": 65}] * lines


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


def test_a_fault_of_ours_does_not_end_a_batch_but_shows_itself_in_a_single_input(folder, tmp_path, capsys):
    def faulty(task: Task) -> Product:
        if task.source.endswith("a.PNG"):
            raise ValueError("never thought of")
        return Product(b"", "")

    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".x", PICTURES, recursive=True)
    with pytest.raises(typer.Exit):
        run_plan(plan, faulty)
    assert "unexpected ValueError: never thought of" in capsys.readouterr().err
    assert len(list((tmp_path / "out").rglob("*.x"))) == 3
    with pytest.raises(ValueError, match="never thought of"):
        run_plan(plan_tasks(str(folder / "a.PNG"), str(tmp_path / "o.x"), ".x", PICTURES, False), faulty)


def test_a_target_whose_name_cannot_be_is_one_failure(folder, tmp_path, capsys):
    (folder / ("l" * 250 + ".png")).write_bytes(b"x")
    plan = plan_tasks(str(folder), str(tmp_path / "out"), "." + "x" * 20, PICTURES, recursive=False)
    with pytest.raises(typer.Exit):
        run_plan(plan, shout)
    assert "File name too long" in capsys.readouterr().err
    assert len(list((tmp_path / "out").iterdir())) == 2


# --- interrupted and resumed, as users run it ---


BATCH = 120  # so many that the batch is not over before a busy machine gets round to interrupting it


@pytest.fixture
def long_batch(tmp_path, toy_package, smooth_picture, monkeypatch):
    """A folder of pictures and the command that encodes it."""
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    (tmp_path / "in").mkdir()
    for number in range(BATCH):
        Image.fromarray(smooth_picture(200, 200)).save(tmp_path / "in" / f"{number:03}.png")
    start = [sys.executable, "-m", "crosscodec.cli.main", "encode", str(tmp_path / "in"), str(tmp_path / "out")]
    return [*start, "-p", "toy", "--on-exist", "skip", "--json"]


def written(tmp_path):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in (tmp_path / "out").glob("*.xcd")}


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_batch_is_resumed(long_batch, tmp_path, sign, code, jobs):
    with subprocess.Popen([*long_batch, "--jobs", jobs], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        process.send_signal(sign)
        process.communicate()  # whoever writes to a pipe that nobody reads ends otherwise
    assert process.returncode == code
    before = written(tmp_path)
    assert 1 <= len(before) < BATCH
    done = subprocess.run([*long_batch, "--jobs", jobs], capture_output=True, text=True, check=True)
    statuses = [json.loads(line)["status"] for line in done.stdout.splitlines()]
    assert statuses.count("skipped") == len(before)
    assert statuses.count("written") == BATCH - len(before)
    after = written(tmp_path)
    assert len(after) == BATCH
    assert len({data for data, _ in after.values()}) == 1  # equal pictures: all of them whole
    assert before.items() <= after.items()  # bytes and times: what was done was not done again


# --- on a cluster ---


@pytest.fixture(scope="module")
def cluster():
    """The address of a scheduler with two worker processes."""
    distributed = pytest.importorskip("distributed")
    options = {"threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0, "silence_logs": 50}
    with distributed.LocalCluster(n_workers=2, **options) as local:
        yield local.scheduler_address


def test_a_cluster_does_a_folder_with_one_worker_killed(cluster, tmp_path, capsys, monkeypatch):
    contents = {"a": b"one", "b": b"bad", "c": b"kill", "d": b"odd", "e": b"five", "f": b"six"}
    (tmp_path / "in").mkdir()
    for name, content in contents.items():
        (tmp_path / "in" / f"{name}.png").write_bytes(content)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "e.x").write_bytes(b"old")
    monkeypatch.chdir(tmp_path)  # the workers stand elsewhere
    plan = plan_tasks("in", "out", ".x", PICTURES, False)
    with pytest.raises(typer.Exit):
        run_plan(plan, Shout(str(tmp_path)), OnExist.SKIP, as_json=True, cluster=cluster)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["input"] for line in lines] == [f"in/{name}.png" for name in contents]
    assert [line["status"] for line in lines] == ["written", "failed", "written", "failed", "skipped", "written"]
    assert [line.get("kind") for line in lines] == [None, "CorruptData", None, "CrosscodecError", None, None]
    assert os.getpid() not in {line.get("process") for line in lines}
    found = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert found == {"a.x": b"ONE", "c.x": b"KILL", "e.x": b"old", "f.x": b"SIX"}


def test_a_batch_that_is_done_needs_no_cluster(folder, tmp_path, capsys):
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".x", PICTURES, recursive=False)
    run_plan(plan, shout)
    capsys.readouterr()
    run_plan(plan, shout, OnExist.SKIP, cluster="tcp://nobody:1")
    assert capsys.readouterr().out.count("skipped") == 2


def test_stdin_stays_at_home():
    with pytest.raises(UsageError, match="--cluster reads files where its workers are"):
        run_plan(Plan((Task("-", "o"),), False), shout, cluster="local")


def test_a_folder_that_could_not_be_read_is_a_failure(folder, tmp_path, capsys):
    tasks = (Task(str(folder / "b.png"), str(tmp_path / "b.out")),)
    plan = Plan(tasks, batch=True, notices=("1 file not taken",), unread=(Unread(Path("x"), "no"),))
    with pytest.raises(typer.Exit) as left:
        run_plan(plan, shout, as_json=True)
    assert left.value.exit_code == 1
    said = capsys.readouterr()
    assert "note: 1 file not taken" in said.err
    assert "crosscodec: folder x cannot be read: no" in said.err
    unread, written = map(json.loads, said.out.splitlines())
    assert (unread["input"], unread["status"], unread["exit_code"]) == ("x", "failed", 74)
    assert written["status"] == "written"
    assert (tmp_path / "b.out").exists()


def test_a_result_without_a_folder_is_told_before_the_work(photo, tmp_path):
    plan = Plan((Task(str(photo), str(tmp_path / "no" / "x")),), batch=False)
    with pytest.raises(OutputFailed, match=r"no/x cannot be written: folder .*/no does not exist"):
        run_plan(plan, lambda task: pytest.fail("there was no need to work"))


@pytest.mark.parametrize("encoding", ["utf-8:strict", "latin-1"])
def test_names_that_the_terminal_cannot_show_do_not_end_a_batch(tmp_path, encoding):
    (tmp_path / "in").mkdir()
    for name in ("a\udce9.png", "b\u65e5.png", "c.png"):
        Image.new("L", (8, 8)).save(tmp_path / "in" / name, "PNG")
    command = [sys.executable, "-m", "crosscodec.cli.main", "encode", str(tmp_path / "in"), str(tmp_path / "out")]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    for more in ([], ["--json", "--on-exist", "overwrite"]):
        done = subprocess.run([*command, *more], env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == 3
    assert [json.loads(line)["input"][-5:-4] for line in done.stdout.splitlines()] == ["\udce9", "\u65e5", "c"]


def test_a_folder_that_cannot_be_is_told_before_the_work_and_once(folder, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "deep").write_text("in the way")
    worked = []

    def work(task: Task) -> Product:
        worked.append(task.source)
        return shout(task)

    with pytest.raises(typer.Exit):
        run_plan(plan_tasks(str(folder), str(tmp_path / "out"), ".x", PICTURES, recursive=True), work)
    assert [source.rsplit("/", 1)[1] for source in worked] == ["a.PNG", "b.png"]
    said = capsys.readouterr().err
    out = tmp_path / "out" / "deep"
    assert f"crosscodec: {folder}/deep/c.jpg: {out}/c.x cannot be written: {out} is no folder\n" in said
    assert "Errno" not in said


def test_an_error_that_names_its_input_is_not_led_in_by_it(folder, tmp_path, capsys):
    def work(task: Task) -> Product:
        raise CorruptData(f"{task.source} is damaged")

    with pytest.raises(typer.Exit):
        run_plan(plan_tasks(str(folder), str(tmp_path / "out"), ".x", PICTURES, False), work)
    assert f"crosscodec: {folder}/b.png is damaged\n" in capsys.readouterr().err


def test_an_error_of_the_system_is_said_in_words(photo, tmp_path):
    def work(task: Task) -> Product:
        raise OSError(28, "No space left on device", "/tmp/x")

    with pytest.raises(OutputFailed, match=r"photo\.png: /tmp/x: No space left on device"):
        run_plan(plan_tasks(str(photo), str(tmp_path / "o.x"), ".x", PICTURES, False), work)


def test_what_is_not_replaced_is_told_before_the_work(photo, tmp_path):
    (tmp_path / "out.x").mkdir()
    plan = Plan((Task(str(photo), str(tmp_path / "out.x")),), batch=False)
    with pytest.raises(OutputFailed, match="no regular file, and is not replaced"):
        run_plan(plan, lambda task: pytest.fail("there was no need to work"), OnExist.OVERWRITE)


def test_tasks_that_wait_for_work(folder, tmp_path):
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".x", PICTURES, recursive=True)
    assert waiting(plan, OnExist.SKIP) == plan.tasks
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.x").touch()
    (tmp_path / "out" / "deep").touch()
    assert waiting(plan, OnExist.SKIP) == waiting(plan, OnExist.FAIL) == plan.tasks[1:2]
    assert waiting(plan, OnExist.OVERWRITE) == plan.tasks[:2]
