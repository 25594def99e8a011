"""What a loader says when a data set is not where it looked: which files, how many, and where to get them."""

from collections.abc import Iterable
from pathlib import Path

from crosscodec.errors import InputMissing


def require_files(what: str, paths: Iterable[Path], source: str) -> None:
    """Nothing when every path is a file; otherwise InputMissing that counts the missing, names the first and ends with
    `source`.
    """
    wanted = tuple(paths)
    missing = [path for path in wanted if not path.is_file()]
    if missing:
        raise InputMissing(
            f"{what}: {len(missing)} of {len(wanted)} files missing, the first is {missing[0]}; {source}"
        )
