"""Two folders of one's own as Samples: pictures as they came, and clean ones; paired or not, with labels or without.

    degraded/cat/1.jpg ─┐ the same names below both folders, and        degraded/cat/…  label 0, "cat"
    clean/cat/1.png ────┘ two by two of one size: paired; else not      degraded/dog/…  label 1, "dog"

The name of a picture is its path below the folder without the extension; the order is that of names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.fitting import Pixels, fit
from crosscodec.domains.photos import folder_photos
from crosscodec.domains.samples import Samples
from crosscodec.errors import UsageError
from crosscodec.images.picture import Picture


@dataclass(frozen=True, eq=False)
class _Folder:
    """The pictures of a folder in the order of their names; `sizes` are those of the files, before any fitting."""

    path: Path
    names: tuple[str, ...]
    files: tuple[str, ...]
    sizes: tuple[tuple[int, ...], ...]
    pictures: tuple[Pixels, ...]

    @property
    def channels(self) -> int:
        return 3 if any(pixels.ndim == 3 for pixels in self.pictures) else 1

    def file(self, index: int) -> str:
        height, width = self.sizes[index]
        return f"{self.path / self.files[index]} ({height} x {width})"

    def array(self, channels: int) -> NDArray[np.float32]:
        """All pictures, float32 (N, H, W, channels) on the scale 0..1; gray fills every channel."""
        stacked = np.empty((len(self.names), *self.pictures[0].shape[:2], channels), np.float32)
        for index, pixels in enumerate(self.pictures):
            floats = Picture(pixels).as_float()
            stacked[index] = floats[..., None] if floats.ndim == 2 else floats
        return stacked


def folder_samples(
    degraded: str | Path, clean: str | Path | None, size: tuple[int, int] | None = None, paired: bool | None = None
) -> Samples:
    """Samples from the picture files in and below two folders; `clean` may be None.

    All pictures have one size, or are brought to `size` = (height, width) by centre crop and Lanczos. Gray becomes RGB
    where any picture is RGB. `paired` says whether pictures of one name belong together; None: they do when names and
    file sizes agree. Pictures of `degraded` that all lie in two or more subfolders have these as their classes, by
    name. UsageError that names the files: sizes differ, names should pair and do not, or only some have a class.
    InputMissing: no such folder, or no picture in it. Errors of `read_picture` pass through.
    """
    inputs = _read_folder(Path(degraded), size)
    targets = None if clean is None else _read_folder(Path(clean), size)
    if size is None and targets is not None and inputs.sizes[0] != targets.sizes[0]:
        raise _sizes_differ(inputs.file(0), targets.file(0))
    if paired:
        if targets is None:
            raise UsageError(f"pairs need a folder of clean pictures beside {inputs.path}")
        pair_order(inputs.path, inputs.files, targets.path, targets.files)
    labels, classes = _labels(inputs)
    channels = max(inputs.channels, 1 if targets is None else targets.channels)
    return Samples(
        "+".join(folder.path.resolve().name for folder in (inputs, targets) if folder),
        inputs.array(channels),
        None if targets is None else targets.array(channels),
        _are_pairs(inputs, targets) if paired is None else paired,
        labels,
        classes,
        "",
    )


@dataclass(frozen=True)
class SharedNames:
    """Pictures of one name in two folders: `places` are their indices in the samples of these, (degraded, clean).

    `alone` are the pictures, paths in full, whose name stands in one of the folders only.
    """

    degraded: Path
    clean: Path
    places: tuple[tuple[int, int], ...]
    alone: tuple[Path, ...]

    def why_unpaired(self) -> str:
        """For people, why pictures of one name are not taken for pairs."""
        reason = "the two pictures of a name differ in size, or a name stands twice in a folder"
        if self.alone:
            count = "picture has" if len(self.alone) == 1 else "pictures have"
            reason = f"{len(self.alone)} {count} no partner, the first is {self.alone[0]}"
        return (
            f"{self.degraded} and {self.clean} are taken as unpaired although {len(self.places)} names stand in both: "
            f"{reason}; pairs need every name in both folders, and two pictures of one size"
        )


def shared_names(degraded: str | Path, clean: str | Path) -> SharedNames:
    """The names that two folders share, as `folder_samples` counts their pictures; no picture is read.

    InputMissing: no such folder, or no picture in it.
    """
    folders = Path(degraded), Path(clean)
    files = [folder_photos(folder, recursive=True).names for folder in folders]
    names = [sorted((_name(file), file) for file in found) for found in files]
    second: dict[str, list[int]] = {}
    for place, (name, _) in enumerate(names[1]):
        second.setdefault(name, []).append(place)
    places = [(one, other) for one, (name, _) in enumerate(names[0]) for other in second.get(name, ())]
    both = {names[0][one][0] for one, _ in places}
    alone = [folder / file for folder, of in zip(folders, names, strict=True) for name, file in of if name not in both]
    return SharedNames(*folders, tuple(places), tuple(alone))


def _read_folder(path: Path, size: tuple[int, int] | None) -> _Folder:
    photos = folder_photos(path, recursive=True)
    # Names without extension may come in another order than file names, and pairs are met by position.
    named = sorted((_name(file), file, i) for i, file in enumerate(photos.names))
    sizes: list[tuple[int, ...]] = []
    pictures: list[Pixels] = []
    for _, file, index in named:
        pixels = photos.picture(index).pixels
        sizes.append(pixels.shape[:2])
        if size is None and sizes[-1] != sizes[0]:
            first, other = (f"{path / f} ({h} x {w})" for f, (h, w) in ((named[0][1], sizes[0]), (file, sizes[-1])))
            raise _sizes_differ(first, other)
        pictures.append(pixels if size is None else fit(pixels, size))
    names, files, _ = zip(*named, strict=True)
    return _Folder(path, names, files, tuple(sizes), tuple(pictures))


def _are_pairs(inputs: _Folder, targets: _Folder | None) -> bool:
    return (
        targets is not None
        and inputs.names == targets.names
        and inputs.sizes == targets.sizes
        and len(set(inputs.names)) == len(inputs.names)
    )


def pair_order(
    degraded: Path, noisy: Sequence[str], clean: Path, good: Sequence[str]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Indices of the pairs among the files `noisy` below one folder and `good` below another: those of one name, which
    is the path without its ending, in the order of names.

    UsageError that names the files: a name that stands twice in a folder, a picture without a pair.
    """
    first, second = _places(degraded, noisy), _places(clean, good)
    _require_all(first, [degraded / file for file in noisy], second, clean)
    _require_all(second, [clean / file for file in good], first, degraded)
    names = sorted(first)
    return tuple(first[name] for name in names), tuple(second[name] for name in names)


def _places(folder: Path, files: Sequence[str]) -> dict[str, int]:
    """The index of each name."""
    places: dict[str, int] = {}
    for index, file in enumerate(files):
        name = _name(file)
        if name in places:
            twins = " and ".join(sorted((files[places[name]], file)))
            raise UsageError(f"{folder}: {twins} have one name, so that neither has a pair; keep one of them")
        places[name] = index
    return places


def _require_all(places: dict[str, int], files: Sequence[Path], others: dict[str, int], other: Path) -> None:
    alone = sorted(places.keys() - others.keys())
    if alone:
        first = files[places[alone[0]]]
        raise UsageError(f"{len(alone)} pictures have no pair, the first is {first}: no such name in {other}")


def _name(file: str) -> str:
    return PurePosixPath(file).with_suffix("").as_posix()


def _labels(folder: _Folder) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    parts = [PurePosixPath(file).parts for file in folder.files]
    classes = tuple(sorted({part[0] for part in parts if len(part) > 1}))
    # One subfolder tells nothing apart: it is a place, not a class.
    if len(classes) < 2:
        return None, ()
    outside = [file for file, part in zip(folder.files, parts, strict=True) if len(part) == 1]
    if outside:
        raise UsageError(
            f"{folder.path} has the class folders {', '.join(classes[:5])}{', …' * (len(classes) > 5)}, but "
            f"{len(outside)} pictures lie in none of them, the first is {outside[0]}; move them, or have no subfolders"
        )
    return np.array([classes.index(part[0]) for part in parts], np.int64), classes


def _sizes_differ(first: str, other: str) -> UsageError:
    return UsageError(f"pictures differ in size: {first} and {other}; give one size for all, such as 32 x 32")
