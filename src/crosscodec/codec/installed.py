"""Packages on disk: where they are looked for, which are there, and what their cards say.

Nothing here needs NumPy or ONNX Runtime, so that `crosscodec info` answers at once; package.py loads what is found.
"""

import hashlib
import os
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crosscodec.codec.card import PackageCard, parse_card
from crosscodec.errors import CorruptData

SUFFIX = ".xcm"
SHIPPED = Path(__file__).resolve().parent.parent / "packages"
SEARCH_VARIABLE = "CROSSCODEC_PACKAGES"  # folders of further packages, separated as in PATH
CARD = "card.json"


@dataclass(frozen=True)
class InstalledPackage:
    """A package file found on the search path."""

    name: str
    path: Path
    sha256: str
    bytes: int


def search_folders() -> tuple[Path, ...]:
    """Where packages are looked for by name: the folders of CROSSCODEC_PACKAGES, then those shipped with the
    library.
    """
    extra = [Path(p) for p in os.environ.get(SEARCH_VARIABLE, "").split(os.pathsep) if p]
    return (*extra, SHIPPED)


def package_files() -> list[Path]:
    """Every file on the search path that is named like a package and can be read, in order.

    What cannot be read is no package here: a colleague's private one, or a broken link, must not be in the way of
    files that need another.
    """
    folders = filter(os.path.isdir, search_folders())
    named = [path for folder in folders for path in sorted(folder.glob(f"*{SUFFIX}"))]
    return [path for path in named if os.path.isfile(path) and os.access(path, os.R_OK)]


def installed_packages() -> list[InstalledPackage]:
    """Every package file on the search path, in order; the first of a name wins."""
    found = []
    for path in package_files():
        found.append(InstalledPackage(path.stem, path, package_sha256(path), path.stat().st_size))
    return found


def package_sha256(path: Path) -> str:
    """SHA-256 of a package file in hexadecimal digits; computed again only when the file has changed."""
    state = path.stat()
    return _sha256(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _sha256(path: Path, modified: int, size: int) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def read_card(path: Path) -> PackageCard:
    """The card of a package file, whose other parts are not looked at. Raises CorruptData or UnsupportedData."""
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(CARD)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise CorruptData(f"{path} is not a codec package: {error}") from None
    return parse_card(text, path)
