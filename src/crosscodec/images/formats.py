"""Names of picture files: which format an extension means."""

from pathlib import Path

from crosscodec.errors import UsageError
from crosscodec.images.camera import HEIC_SUFFIXES, RAW_SUFFIXES, camera_suffixes
from crosscodec.images.headers import Kind

_FORMAT_OF_SUFFIX = {
    ".png": "png", ".apng": "png", ".jpg": "jpg", ".jpeg": "jpg", ".jpe": "jpg", ".jfif": "jpg", ".webp": "webp",
    ".avif": "avif", ".jp2": "jp2", ".j2k": "jp2", ".tif": "tiff", ".tiff": "tiff", ".bmp": "bmp", ".npy": "npy",
}  # fmt: skip
SUFFIXES = frozenset(_FORMAT_OF_SUFFIX) | {".gif"} | camera_suffixes()
FORMATS = ("png", "jpg", "webp", "avif", "jp2", "tiff", "bmp", "npy")


def format_of(path: str | Path) -> str:
    """The format that the extension of an output path asks for; "png" for a path without extension, such as "-".

    UsageError that lists the extensions for any other.
    """
    suffix = Path(path).suffix.lower()
    if suffix and suffix not in _FORMAT_OF_SUFFIX:
        raise UsageError(
            f"{path}: extension {suffix!r} is not written; choose one of {', '.join(sorted(_FORMAT_OF_SUFFIX))}"
        )
    return _FORMAT_OF_SUFFIX[suffix] if suffix else "png"


def name_notice(path: str | Path, kind: Kind) -> tuple[str, ...]:
    """A notice when the extension of a file that was read says another kind than its bytes do."""
    suffix = Path(path).suffix.lower()
    further = {".gif": "gif"} | dict.fromkeys(HEIC_SUFFIXES, "heic") | dict.fromkeys(RAW_SUFFIXES, "raw")
    claimed = further.get(suffix, _FORMAT_OF_SUFFIX.get(suffix))
    return (f"named {suffix} but read as {kind}, which it is",) if claimed not in (None, kind) else ()
