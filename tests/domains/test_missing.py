from pathlib import Path

import pytest

from crosscodec.domains.missing import require_files
from crosscodec.errors import InputMissing


def test_nothing_is_missing_when_all_are_files(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    require_files("set", (tmp_path / "a",), "get it")
    require_files("set", (), "get it")


def test_the_missing_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "folder").mkdir()
    wanted = (tmp_path / name for name in ("a", "folder", "c"))
    with pytest.raises(InputMissing, match=r"^set: 2 of 3 files missing, the first is .*folder; get it there$"):
        require_files("set", wanted, "get it there")
