import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crosscodec.errors import InputMissing, OutputExists, OutputFailed, ResourceLimit
from crosscodec.files import read_bytes, write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX signals, links and modes")
not_root = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".part"))


def test_writes_a_new_file_and_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.xcd", b"bytes")
    write_atomically(str(tmp_path / "empty"), b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xcd", "empty"]
    assert read_bytes(tmp_path / "a.xcd") == b"bytes"
    assert read_bytes(tmp_path / "empty") == b""


def test_an_existing_file_is_kept_unless_overwriting_is_allowed(tmp_path: Path) -> None:
    target = tmp_path / "a"
    write_atomically(target, b"old")
    with pytest.raises(OutputExists, match="exists already"):
        write_atomically(target, b"new")
    assert read_bytes(target) == b"old"
    write_atomically(target, b"new", overwrite=True)
    assert read_bytes(target) == b"new"
    write_atomically(tmp_path / "fresh", b"x", overwrite=True)
    assert leftovers(tmp_path) == []


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a"
    sync = os.fsync

    def rival(handle: int) -> None:
        sync(handle)
        target.write_bytes(b"rival")

    monkeypatch.setattr(os, "fsync", rival)
    with pytest.raises(OutputExists):
        write_atomically(target, b"mine")
    assert target.read_bytes() == b"rival"
    assert leftovers(tmp_path) == []


def test_of_many_writers_exactly_one_wins(tmp_path: Path) -> None:
    def attempt(number: int) -> bool:
        try:
            write_atomically(tmp_path / "a", bytes([number]) * 1000)
        except OutputExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(32)))
    assert won.count(True) == 1
    assert read_bytes(tmp_path / "a") == bytes([won.index(True)]) * 1000
    assert leftovers(tmp_path) == []


def test_file_systems_without_links_are_written_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    write_atomically(tmp_path / "a", b"first")
    with pytest.raises(OutputExists):
        write_atomically(tmp_path / "a", b"second")
    assert read_bytes(tmp_path / "a") == b"first"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputFailed, match="No space left"):
        write_atomically(tmp_path / "a", b"x", overwrite)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_targets_that_cannot_be_files_are_refused(tmp_path: Path, overwrite: bool) -> None:
    with pytest.raises(OutputFailed, match=r"folder .* does not exist"):
        write_atomically(tmp_path / "no" / "a", b"x", overwrite)
    with pytest.raises(OutputFailed if overwrite else OutputExists):
        write_atomically(tmp_path, b"x", overwrite)
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(OutputFailed):
        write_atomically(tmp_path / "plain" / "a", b"x", overwrite)


@posix
def test_devices_are_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputFailed, match="not a regular file"):
        write_atomically(pipe, b"x", overwrite=True)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix
def test_modes_follow_the_umask_and_survive_overwriting(tmp_path: Path) -> None:
    target = tmp_path / "a"
    previous = os.umask(0o027)
    try:
        write_atomically(target, b"x")
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        target.chmod(0o600)
        write_atomically(target, b"y", overwrite=True)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    finally:
        os.umask(previous)


@posix
def test_links_keep_pointing_where_they_did(tmp_path: Path) -> None:
    real, link, dangling = tmp_path / "real", tmp_path / "link", tmp_path / "dangling"
    real.write_bytes(b"old")
    link.symlink_to(real)
    dangling.symlink_to(tmp_path / "nowhere")
    write_atomically(link, b"new", overwrite=True)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    with pytest.raises(OutputExists):
        write_atomically(dangling, b"x")


def test_longest_names(tmp_path: Path) -> None:
    name = "n" * 255
    write_atomically(tmp_path / name, b"x")
    assert read_bytes(tmp_path / name) == b"x"


@posix
@not_root
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputFailed, match="ermission"):
        write_atomically(tmp_path / "a", b"x")


def test_reading_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="does not exist"):
        read_bytes(tmp_path / "no")
    with pytest.raises(InputMissing, match="folder"):
        read_bytes(tmp_path)
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(InputMissing):
        read_bytes(tmp_path / "plain" / "a")


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_bytes(tmp_path / "a", 5) == b"12345"
    with pytest.raises(ResourceLimit, match="limit of 4 bytes"):
        read_bytes(tmp_path / "a", 4)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_endless_devices_are_refused_at_the_limit() -> None:
    with pytest.raises(ResourceLimit):
        read_bytes("/dev/zero", 1000)


# The writer alternates two contents of one byte value each, so that a mixed or short file shows.
WRITER = """
import sys
from crosscodec.files import write_atomically
path, overwrite, size = sys.argv[1], sys.argv[2] == "overwrite", int(sys.argv[3])
print("ready", flush=True)
step = 0
while True:
    write_atomically(path if overwrite else f"{path}.{step}", bytes([65 + step % 2]) * size, overwrite)
    step += 1
"""


def kill_writers(folder: Path, kills: int) -> None:
    size = 300_000
    for number in range(kills):
        mode = "overwrite" if number % 2 else "new"
        target = folder / f"{mode}{number if mode == 'new' else ''}"
        command = [sys.executable, "-c", WRITER, str(target), mode, str(size)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.0007 * (number % 41))
            writer.send_signal(signal.SIGKILL)
        for path in folder.iterdir():
            if path.name.endswith(".part"):
                continue
            data = path.read_bytes()
            assert data in (b"A" * size, b"B" * size), f"{path.name} holds {len(data)} of {size} bytes"
        for path in folder.iterdir():
            if path.name != "overwrite":
                path.unlink()


@posix
def test_twenty_kills_leave_whole_files_or_none(tmp_path: Path) -> None:
    kill_writers(tmp_path, 20)


@posix
@pytest.mark.slow
def test_two_hundred_kills_leave_whole_files_or_none(tmp_path: Path) -> None:
    kill_writers(tmp_path, 200)
