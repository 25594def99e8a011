"""Every error the library raises on purpose, and the exit code each becomes on the command line.

    CrosscodecError                      1   (base: catch this one)
    ├── UsageError            ValueError 2   an argument that cannot be right
    ├── CorruptData                      65  a coded file, package or image damaged or cut short
    ├── UnsupportedData                  65  well-formed, but a version or kind this release does not read
    ├── InputMissing   FileNotFoundError 66  no such file or folder
    ├── PackageUnavailable               69  the package a file needs is not installed, or is another one
    ├── OutputExists     FileExistsError 73  the target is there and may not be replaced
    ├── OutputFailed             OSError 74  reading or writing failed underneath
    └── ResourceLimit                    75  more pixels or memory than allowed

The codes follow BSD's sysexits. Each message says what was wrong, where, and what would be right.
"""


class CrosscodecError(Exception):
    """Base of all errors raised on purpose by crosscodec."""

    exit_code = 1


class UsageError(CrosscodecError, ValueError):
    """An argument or setting that cannot be right, whatever the data."""

    exit_code = 2


class CorruptData(CrosscodecError):
    """A coded file, package or image that is damaged, cut short or followed by foreign bytes."""

    exit_code = 65


class UnsupportedData(CrosscodecError):
    """Well-formed data of a version or kind that this release does not read."""

    exit_code = 65


class InputMissing(CrosscodecError, FileNotFoundError):
    """An input file or folder that does not exist."""

    exit_code = 66


class PackageUnavailable(CrosscodecError):
    """The package (.xcm) that is asked for is not installed, or is not the one that wrote the file."""

    exit_code = 69


class OutputExists(CrosscodecError, FileExistsError):
    """An output that exists already and may not be replaced."""

    exit_code = 73


class OutputFailed(CrosscodecError, OSError):
    """Reading or writing failed underneath: disk full, no permission, a broken pipe."""

    exit_code = 74


class ResourceLimit(CrosscodecError):
    """More pixels, symbols or memory than the limit in force."""

    exit_code = 75
