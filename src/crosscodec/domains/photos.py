"""Photo sets: ordered lists of named clean pictures, found on this machine and never downloaded.

    builtin_photos()          five colour photographs inside the scikit-image wheel
    folder_photos(path)       a folder of one's own
    kodak(data)               24 pictures            ┐
    bsds500(data, split)      200 train, 200 test    ├─ data: --data DIR or the environment variable CROSSCODEC_DATA
    imagenet_sample(data)     1,000, with labels     ┘
    named_photos(name, data)  any of these but the folder, by name
    photo_set(name, data)     any of these, and a folder by its path

Order is the order of names, so that index i is the same picture everywhere.
"""

import csv
import hashlib
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.missing import require_files
from crosscodec.errors import CorruptData, InputMissing, UsageError
from crosscodec.images.formats import SUFFIXES
from crosscodec.images.picture import Picture, flat_gray
from crosscodec.images.reading import read_picture

DATA_VARIABLE = "CROSSCODEC_DATA"

SET_NAMES = ("builtin", "kodak", "bsds500:train", "bsds500:test", "imagenet-sample")

_BUILTIN_FILES = ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")


@dataclass(frozen=True)
class PhotoSet:
    """An ordered list of named clean pictures.

    `sources` holds files, or uint8 arrays (H, W) or (H, W, 1|3). `name` and `split` name the set in random streams;
    `labels` are class indices, one for each picture, or None.
    """

    name: str
    sources: tuple[Path | NDArray[np.uint8], ...]
    names: tuple[str, ...]
    split: str = ""
    labels: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if len(self.names) != len(self.sources):
            raise UsageError(f"photo set {self.name!r}: {len(self.sources)} pictures but {len(self.names)} names")
        if self.labels is not None and len(self.labels) != len(self.sources):
            raise UsageError(f"photo set {self.name!r}: {len(self.sources)} pictures but {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.sources)

    def at(self, order: Sequence[int]) -> "PhotoSet":
        """The pictures at these indices, in this order."""
        labels = None if self.labels is None else tuple(self.labels[i] for i in order)
        sources, names = tuple(self.sources[i] for i in order), tuple(self.names[i] for i in order)
        return replace(self, sources=sources, names=names, labels=labels)

    def picture(self, index: int) -> Picture:
        """Picture `index` with the notices of reading it; IndexError outside 0 .. len - 1."""
        if not 0 <= index < len(self):
            raise IndexError(f"photo set {self.name!r} has pictures 0 .. {len(self) - 1}, not {index}")
        source = self.sources[index]
        if isinstance(source, Path):
            return read_picture(source)
        return Picture(flat_gray(source))

    def clean(self, index: int) -> NDArray[np.uint8]:
        """Picture `index` as uint8, gray (H, W) or RGB (H, W, 3); a deeper picture is rounded to 8 bits."""
        return self.picture(index).as_uint8()

    def clean_float(self, index: int) -> NDArray[np.float32]:
        """Picture `index` as float32 (H, W, C), C = 1 or 3, on the scale 0..1, with all the precision of its file."""
        pixels = self.picture(index).as_float()
        return pixels[..., None] if pixels.ndim == 2 else pixels

    def label(self, index: int) -> int | None:
        """Class index of picture `index`, or None where the set has no labels."""
        return None if self.labels is None else self.labels[index]


def builtin_photos() -> PhotoSet:
    """Five colour photographs that the installed scikit-image carries with it: nothing is downloaded and nothing
    imported.

    InputMissing when scikit-image was installed without its pictures.
    """
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise InputMissing(
            "the built-in photographs come with scikit-image, which is not installed: pip install scikit-image"
        )
    folder = Path(spec.origin).parent / "data"
    paths = tuple(folder / name for name in _BUILTIN_FILES)
    require_files(
        "built-in photographs",
        paths,
        "they come with the scikit-image wheel: pip install --force-reinstall scikit-image",
    )
    return PhotoSet("builtin", paths, tuple(path.stem for path in paths))


def folder_photos(path: str | Path, recursive: bool = False) -> PhotoSet:
    """All picture files of a folder, by extension, ordered by their path below it; names are those paths.

    Hidden files are left out. InputMissing when the folder does not exist or holds no picture.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise InputMissing(f"{folder} is not a folder")
    found = (entry for entry in (folder.rglob("*") if recursive else folder.iterdir()) if _is_picture_file(entry))
    named = sorted((entry.relative_to(folder).as_posix(), entry) for entry in found)
    if not named:
        where = "in or below" if recursive else "directly in"
        raise InputMissing(
            f"no picture {where} {folder}; files that end in {', '.join(sorted(SUFFIXES))} are looked for"
        )
    return PhotoSet(folder.resolve().name, tuple(entry for _, entry in named), tuple(name for name, _ in named))


def data_root(explicit: str | Path | None = None) -> Path:
    """The folder that holds the data sets: the argument, or else the environment variable CROSSCODEC_DATA.

    InputMissing when neither names an existing folder.
    """
    named = explicit if explicit is not None else os.environ.get(DATA_VARIABLE) or None
    if named is None:
        raise InputMissing(
            f"no data folder: pass --data DIR or set {DATA_VARIABLE} to the folder that holds kodak/, bsds500/, …"
        )
    if not Path(named).is_dir():
        raise InputMissing(
            f"data folder {named} does not exist (from {'the argument' if explicit is not None else DATA_VARIABLE})"
        )
    return Path(named)


def kodak(data: str | Path | None = None) -> PhotoSet:
    """The 24 pictures of the Kodak true-colour suite, <data>/kodak/kodim01.png … kodim24.png.

    InputMissing, with source and checksum, when one of them is not there.
    """
    folder = data_root(data) / "kodak"
    paths = tuple(folder / f"kodim{number:02d}.png" for number in range(1, 25))
    require_files("Kodak", paths, _KODAK_SOURCE)
    return PhotoSet("kodak", paths, tuple(path.stem for path in paths), "test")


def bsds500(data: str | Path | None = None, split: str = "train") -> PhotoSet:
    """The 200 pictures of the BSDS500 split "train" or "test", <data>/bsds500/<split>/<id>.jpg, by name.

    UsageError for another split; InputMissing, with source and checksum, unless there are 200.
    """
    if split not in _BSDS500_DIGESTS:
        raise UsageError(f"BSDS500 has the splits {', '.join(_BSDS500_DIGESTS)}, not {split!r}")
    folder = data_root(data) / "bsds500" / split
    paths = tuple(sorted(folder.glob("*.jpg")))
    if len(paths) != 200:
        source = f"{_BSDS500_SOURCE}; listing digest {_BSDS500_DIGESTS[split]}"
        raise InputMissing(f"BSDS500 {split}: {len(paths)} of 200 pictures in {folder}; get them from {source}")
    return PhotoSet("bsds500", paths, tuple(path.stem for path in paths), split)


def imagenet_sample(data: str | Path | None = None) -> PhotoSet:
    """One picture for each ImageNet class, <data>/imagenet-sample/*.jpg, in the order of labels.csv; the label is the
    row.

    InputMissing, with source and checksum, when the list or a picture is not there; CorruptData when the list has no
    column "file".
    """
    folder = data_root(data) / "imagenet-sample"
    table = folder / "labels.csv"
    require_files("ImageNet sample", (table,), IMAGENET_SOURCE)
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not all(row.get("file") for row in rows):
        raise CorruptData(f"{table} needs a header with a column 'file' and one row for each picture")
    paths = tuple(folder / row["file"] for row in rows)
    require_files("ImageNet sample", paths, IMAGENET_SOURCE)
    return PhotoSet("imagenet-sample", paths, tuple(path.stem for path in paths), "", tuple(range(len(rows))))


def named_photos(name: str, data: str | Path | None = None) -> PhotoSet:
    """The photo set of a name: "builtin", "kodak", "bsds500:train", "bsds500:test" or "imagenet-sample".

    `data` as in `data_root`. UsageError that lists the names for any other; the errors of the loaders pass through.
    """
    match name.split(":"):
        case ["builtin"]:
            return builtin_photos()
        case ["kodak"]:
            return kodak(data)
        case ["bsds500", "train" | "test" as split]:
            return bsds500(data, split)
        case ["imagenet-sample"]:
            return imagenet_sample(data)
    raise UsageError(f"photo set {name!r} is not known; choose one of {', '.join(SET_NAMES)}")


def photo_set(name: str, data: str | Path | None = None) -> PhotoSet:
    """The photo set of a name (builtin, kodak, bsds500:train, ...), or the pictures of a folder and its folders.

    A known name wins over a folder of that name; write ./kodak for the folder. UsageError when it is neither.
    """
    if Path(name).is_dir() and (os.sep in name or "/" in name or name not in ("builtin", "kodak", "imagenet-sample")):
        return folder_photos(name, recursive=True)
    return named_photos(name, data)


def listing_digest(folder: str | Path) -> str:
    """SHA-256 of the sorted lines "<sha256 of file>  <path from the folder's parent>" of all files below a folder, in
    hex.

    The checksum that the messages about missing data quote: `sha256sum kodak/* | sha256sum`, run in the data folder.
    BSDS500 counts from the data folder too, so its two splits are listed as bsds500/train/… and bsds500/test/….
    """
    top = Path(folder)
    base = top.parent.parent if top.parent.name == "bsds500" else top.parent
    entries = sorted((path.relative_to(base).as_posix(), path) for path in top.rglob("*") if path.is_file())
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in entries)
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


_KODAK_SOURCE = (
    "get kodim01.png … kodim24.png from http://r0k.us/graphics/kodak/; "
    "listing digest c973a075cff97fe38b25bff391efbe0b97f48e6d9e1ec681fa9b2dc9bf39701b"
)
_BSDS500_SOURCE = "https://github.com/BIDS/BSDS500 (BSDS500/data/images)"
_BSDS500_DIGESTS = {
    "train": "e0b940c0e1f347493eb768db079abd30d9666fafa71ded8bb6f88138f1b32a8a",
    "test": "84c330268632a09790f338677c6ddd09d737c2f50722a8fa3326e6f8a58be49d",
}
IMAGENET_SOURCE = (
    "take https://github.com/EliSchwartz/imagenet-sample-images, shorter side 256 (Lanczos), centre crop, JPEG 95; "
    "sha256 of labels.csv 7a111a22711e4d2bb0ec5c9eb3f0983c298ef872ce1d6bc31c9256b2af031b49"
)


def _is_picture_file(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
