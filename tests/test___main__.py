"""The command line without its script."""

import subprocess
import sys

import crosscodec


def test_the_module_is_the_command():
    command = [sys.executable, "-m", "crosscodec", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == (
        f"crosscodec {crosscodec.__version__}\n"
    )
