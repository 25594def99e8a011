"""Packages as users name them on the command line."""

from pathlib import Path

from crosscodec.codec.package import Package, load_package, open_package, package_files


def asked_package(name: str) -> Package:
    """The installed package of that name, or the package in that file, whatever its name ends in.

    Raises as `codec.load_package` does, so that a file which is no package is said to be none.
    """
    file = Path(name)
    installed = any(path.stem == name for path in package_files())
    return open_package(file) if not installed and file.is_file() else load_package(name)
