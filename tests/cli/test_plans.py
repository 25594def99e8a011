"""Plans: who is read and what is written where, for files, folders, globs and streams."""

import pytest

from crosscodec.cli.plans import Plan, Task, plan_tasks
from crosscodec.errors import InputMissing, UsageError

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


def test_a_file_to_a_file(photo):
    plan = plan_tasks(str(photo), "out.xcd", ".xcd", PICTURES, False)
    assert plan == Plan((Task(str(photo), "out.xcd"),), batch=False)


def test_a_file_into_a_folder_takes_its_name(photo, tmp_path):
    (tmp_path / "out").mkdir()
    (task,) = plan_tasks(str(photo), str(tmp_path / "out"), ".xcd", PICTURES, False).tasks
    assert task.target == str(tmp_path / "out" / "photo.xcd")


def test_a_folder_that_is_not_there_yet_is_made_where_it_is_written_as_one(photo):
    new = plan_tasks(str(photo), "new/", ".xcd", PICTURES, False)
    assert new == Plan((Task(str(photo), "new/photo.xcd"),), batch=False, makes_folders=True)
    assert not plan_tasks(str(photo), "new/photo.xcd", ".xcd", PICTURES, False).makes_folders
    with pytest.raises(UsageError, match="new/ is a folder; what comes from stdin needs the name of a file"):
        plan_tasks("-", "new/", ".xcd", PICTURES, False)


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


def test_inputs_that_differ_in_their_ending_keep_it(folder, tmp_path):
    (folder / "b.jpg").write_bytes(b"x")
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", PICTURES, False)
    assert names(plan, tmp_path) == [
        ("in/a.PNG", "out/a.xcd"),
        ("in/b.jpg", "out/b.jpg.xcd"),
        ("in/b.png", "out/b.png.xcd"),
    ]
    (folder / "b.jpg.png").write_bytes(b"x")
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", PICTURES, False)
    assert [target for _, target in names(plan, tmp_path)][1:] == [
        "out/b.jpg.xcd",
        "out/b.jpg.png.xcd",
        "out/b.png.xcd",
    ]


def test_results_that_some_file_systems_take_for_one_are_kept_apart(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("IMG.jpg", "img.png", "z.png"):
        (tmp_path / "in" / name).write_bytes(b"x")
    plan = plan_tasks(str(tmp_path / "in"), str(tmp_path / "out"), ".xcd", PICTURES, False)
    assert [target for _, target in names(plan, tmp_path)] == ["out/IMG.jpg.xcd", "out/img.png.xcd", "out/z.xcd"]


def test_an_original_is_never_replaced_by_its_result(folder, photo, tmp_path):
    (tmp_path / "link.png").symlink_to(photo)
    for target in (photo, tmp_path / "link.png", tmp_path):
        with pytest.raises(UsageError, match="would be replaced by its own result; name another file or folder"):
            plan_tasks(str(photo), str(target), ".png", PICTURES, False)
    with pytest.raises(UsageError, match=r"b\.png would be replaced by its own result"):
        plan_tasks(str(folder), str(folder), ".png", PICTURES, False)
    assert len(plan_tasks(str(folder), str(folder), ".xcd", PICTURES, False).tasks) == 2  # beside the pictures


def test_a_result_does_not_replace_another_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n" / "n").mkdir(parents=True)
    for name in ("n/a.png", "n/n/a.png"):
        (tmp_path / name).write_bytes(name.encode())
    with pytest.raises(UsageError, match=r"n/a\.png is an input and would be replaced by the result of n/n/a\.png"):
        plan_tasks("n", ".", ".png", PICTURES, True)
    with pytest.raises(UsageError, match=r"n/a\.png would be replaced by its own result"):
        plan_tasks("n/*.png", "n", ".png", PICTURES, False)


def test_results_beside_the_pictures_of_a_folder_would_be_inputs_the_next_time(folder):
    with pytest.raises(UsageError, match="is IN and OUT: results would be inputs of the next run"):
        plan_tasks(str(folder), str(folder), ".jpg", PICTURES, False)
    assert plan_tasks(str(folder / "*.png"), str(folder), ".jpg", PICTURES, False).tasks


def test_results_inside_the_input_folder_are_no_inputs(folder, tmp_path):
    before = plan_tasks(str(folder), str(folder / "clean"), ".png", PICTURES, True)
    (folder / "clean" / "deep").mkdir(parents=True)
    (folder / "clean" / "b.png").write_bytes(b"x")
    (folder / "clean" / "deep" / "c.png").write_bytes(b"x")
    assert plan_tasks(str(folder), str(folder / "clean"), ".png", PICTURES, True).tasks == before.tasks
    globbed = plan_tasks(str(folder / "*"), str(folder / "clean"), ".png", PICTURES, True)
    assert not any("clean" in task.source for task in globbed.tasks)
    assert globbed.notices[-1] == f"folder {folder / 'clean'} is OUT; what it holds is not taken"


def test_what_is_not_taken_is_told(folder, tmp_path):
    (folder / "phone.HEIC").write_bytes(b"x")
    plan = plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", PICTURES, True)
    assert plan.notices == ("2 files of other kinds not taken (.heic 1, .txt 1)",)
    assert plan.unread == ()


def test_names_of_files_are_not_taken_for_folders(folder, photo, tmp_path):
    for target in (tmp_path / "all.xcd", tmp_path / "all.png"):
        with pytest.raises(UsageError, match="is named like a file; encode --pack makes one file of many pictures"):
            plan_tasks(str(folder), str(target), ".xcd", PICTURES, False)
    with pytest.raises(UsageError, match=r"named like an input, and the result is of another kind; .* end in \.xcd"):
        plan_tasks(str(photo), str(tmp_path / "new.png"), ".xcd", PICTURES, False)
    assert plan_tasks(str(photo), str(tmp_path / "new.png"), ".png", PICTURES, False).tasks
    for source, target, name in (("", "x", "IN"), (str(photo), "", "OUT")):
        with pytest.raises(UsageError, match=f"{name} is empty"):
            plan_tasks(source, target, ".xcd", PICTURES, False)


def test_plans_that_cannot_be(folder, photo, tmp_path):
    with pytest.raises(InputMissing, match=r"nothing\.png does not exist"):
        plan_tasks(str(tmp_path / "nothing.png"), "x", ".xcd", PICTURES, False)
    with pytest.raises(InputMissing, match=r"no file ending in \.webp directly; -r"):
        plan_tasks(str(folder), str(tmp_path / "out"), ".xcd", [".webp"], False)
    with pytest.raises(UsageError, match="cannot go to stdout"):
        plan_tasks(str(folder), "-", ".xcd", PICTURES, False)
    with pytest.raises(UsageError, match="must be a folder"):
        plan_tasks(str(folder), str(photo), ".xcd", PICTURES, False)
    with pytest.raises(UsageError, match="needs the name of a file"):
        plan_tasks("-", str(folder), ".xcd", PICTURES, False)


def globbed(pattern, tmp_path, recursive=False):
    plan = plan_tasks(str(tmp_path / pattern), str(tmp_path / "out"), ".xcd", PICTURES, recursive)
    assert plan.batch
    return names(plan, tmp_path)


def test_a_glob_is_mirrored_below_its_fixed_part(folder, tmp_path):
    assert globbed("in/*.png", tmp_path) == [("in/b.png", "out/b.xcd")]
    assert globbed("in/*/c.*", tmp_path) == [("in/deep/c.jpg", "out/deep/c.xcd")]
    assert globbed("in/deep/[c-d].jpg", tmp_path) == [("in/deep/c.jpg", "out/c.xcd")]


def test_a_glob_leaves_out_what_a_folder_leaves_out(folder, tmp_path):
    assert [source for source, _ in globbed("in/*", tmp_path)] == ["in/a.PNG", "in/b.png", "in/deep/c.jpg"]
    with pytest.raises(InputMissing):
        globbed("in/.h*", tmp_path)


def test_two_stars_and_recursion_reach_every_folder(folder, tmp_path):
    everything = ["in/a.PNG", "in/b.png", "in/deep/c.jpg", "in/deep/deeper/d.png"]
    assert [source for source, _ in globbed("in/**", tmp_path)] == everything
    assert [source for source, _ in globbed("i?", tmp_path, recursive=True)] == everything
    assert [source for source, _ in globbed("i?", tmp_path)] == everything[:2]


def test_a_file_with_signs_in_its_name_is_that_file(tmp_path):
    (tmp_path / "a[1].png").write_bytes(b"x")
    (tmp_path / "a1.png").write_bytes(b"y")
    plan = plan_tasks(str(tmp_path / "a[1].png"), "out.xcd", ".xcd", PICTURES, False)
    assert plan == Plan((Task(str(tmp_path / "a[1].png"), "out.xcd"),), batch=False)


def test_globs_that_cannot_be(folder, photo, tmp_path):
    with pytest.raises(InputMissing, match=r"nothing that matches .*\*\.webp"):
        globbed("in/*.webp", tmp_path)
    with pytest.raises(UsageError, match=r"\*\.png is a glob and cannot go to stdout"):
        plan_tasks(str(folder / "*.png"), "-", ".xcd", PICTURES, False)
    with pytest.raises(UsageError, match=r"is a glob, so .* must be a folder"):
        plan_tasks(str(folder / "*.png"), str(photo), ".xcd", PICTURES, False)
