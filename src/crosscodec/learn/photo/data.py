"""The pictures that a recipe about photos is trained on, and those kept apart: photo sets, and pairs of folders.

sets ──► scaled copies, bytes ─┐
pairs ─► both, as recorded ────┴─► every n-th scene apart ─► CropSource (crops.py), KeptApart, SHA-256 of all
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crosscodec.codec.package import Package
from crosscodec.domains.photos import PhotoSet, photo_set
from crosscodec.domains.recorded import photo_pairs
from crosscodec.errors import UsageError
from crosscodec.images.picture import Picture, flat_gray, to_uint8
from crosscodec.learn.heldout import content, held_out, related
from crosscodec.learn.photo.crops import CropSource, Pair, Pixels, Samples
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.settled import settle_data


@dataclass(frozen=True)
class KeptApart:
    """A picture that no crop is cut from: the clean one, bytes (H,W) or (H,W,3), and what was recorded of it, floats of
    the same shape in 0..1; None: noise is drawn.
    """

    clean: Pixels
    recorded: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class TrainingPictures:
    """Crops to train on and whole pictures kept apart for validation; ``hashes``: SHA-256 of all pictures of a set, and
    of the "degraded" and the "clean" ones of pairs.
    """

    training: CropSource
    held_out: tuple[KeptApart, ...]
    hashes: dict[str, str]


def run_pictures(
    settings: DataSettings, root: Path | None, out: Path, package: Package | None = None
) -> TrainingPictures:
    """The pictures of a run in the folder ``out``, which receives their hashes in ``data.json``, and that of the
    ``package`` for which the run trains something.

    Raises as ``load_training_pictures`` does, and UsageError when ``out`` holds a run on other pictures, or for
    another package of that name.
    """
    pictures = load_training_pictures(settings, root)
    settled = {} if package is None else {f"package {package.name}": package.sha256}
    settle_data(out, pictures.hashes | settled)
    return pictures


def load_training_pictures(settings: DataSettings, root: Path | None) -> TrainingPictures:
    """Read the pairs of the two folders, and the sets that the settings name unless all crops are of pairs. Of each,
    every ``held_out``-th picture, of fewer the last, goes to validation, and wherever it is there again.

    Without sets the clean pictures of the pairs take their place, for what needs noise that is known. Raises
    InputMissing (from the domain's loader) when a set or folder is absent, UsageError for a name without a pair, when
    a crop is larger than every picture, and when there is nothing to read.
    """
    if not settings.folders:
        return _read_sets(settings, root)
    pairs = _read_pairs(settings)
    if settings.recorded == 1:
        return pairs
    sets = _read_sets(settings, root)
    source = replace(sets.training, pairs=pairs.training.pairs)
    return TrainingPictures(source, (*pairs.held_out, *sets.held_out), pairs.hashes | sets.hashes)


def _read_sets(settings: DataSettings, root: Path | None) -> TrainingPictures:
    if not settings.sets:
        raise UsageError(
            "this recipe is for pairs of your own, noisy pictures and clean ones of the same names: give them by "
            "--degraded DIR and --clean DIR, or photos as data.sets"
        )
    hashes: dict[str, str] = {}
    read: list[tuple[PhotoSet, list[str], list[list[Pixels]]]] = []
    for name in settings.sets:
        photos, seen = photo_set(name, root), hashlib.sha256()
        keys, copies = [], []
        for i in range(len(photos)):
            pixels = rgb(photos, i)
            _count(seen, pixels)
            keys.append(content(pixels))
            copies.append(scaled_copies(pixels, settings))
        hashes[name] = seen.hexdigest()
        read.append((photos, keys, copies))
    kept: list[Pixels] = []
    held: list[KeptApart] = []
    masks = held_out([keys for _, keys, _ in read], settings.held_out)
    for (photos, _, copies), apart in zip(read, masks, strict=True):
        # Few, and read again: all of them in full size would be twice the memory.
        held += [KeptApart(rgb(photos, int(i))) for i in np.flatnonzero(apart)]
        kept += [copy for i in np.flatnonzero(~apart) for copy in copies[i]]
    if not kept:
        raise UsageError(f"no picture of {', '.join(settings.sets)} is as large as data.crop = {settings.crop}")
    return TrainingPictures(CropSource.of(kept, settings), tuple(held), hashes)


def _read_pairs(settings: DataSettings) -> TrainingPictures:
    photos, recorded = photo_pairs(settings.degraded_folder, settings.clean_folder)
    pairs: list[Pair] = []
    digests = {"degraded": hashlib.sha256(), "clean": hashlib.sha256()}
    for i in range(len(photos)):
        clean = photos.picture(i).pixels
        clean = clean[..., None] if clean.ndim == 2 else clean
        pairs.append(Pair(recorded.picture(i, clean), clean))
        for name, seen in digests.items():
            _count(seen, getattr(pairs[-1], name))
    # One scene that was taken often is on one side, and so is a noisy picture that stands there twice.
    links = [(content(pair.degraded), content(pair.clean)) for pair in pairs]
    keys = related([key for link in links for key in link], links)[::2]
    (apart,) = held_out([keys], settings.held_out)
    large = [pairs[i] for i in np.flatnonzero(~apart) if min(pairs[i].clean.shape[:2]) >= settings.crop]
    if not large:
        raise UsageError(
            f"no pair in {settings.degraded_folder} and {settings.clean_folder} that is trained on is as large as "
            f"data.crop = {settings.crop}"
        )
    held = [_kept_apart(pairs[i]) for i in np.flatnonzero(apart)]
    shown = [_shown(pair.clean) for pair in large]
    clean_copies = [copy for pixels in shown for copy in scaled_copies(pixels, settings) or [pixels]]
    hashes = {name: seen.hexdigest() for name, seen in digests.items()}
    return TrainingPictures(CropSource.of(clean_copies, settings, large), tuple(held), hashes)


def source_of(kept: Sequence[KeptApart], settings: DataSettings) -> CropSource:
    """Crops of pictures that were kept apart, for trials; all of them at least as large as a crop."""
    alone = [_shown(one.clean) for one in kept if one.recorded is None]
    pairs = [
        Pair(*(of.reshape(*of.shape[:2], -1) for of in (one.recorded, one.clean)))
        for one in kept
        if one.recorded is not None
    ]
    return CropSource.of(alone or [_shown(pair.clean) for pair in pairs], settings, pairs)


def _shown(pixels: Samples) -> Pixels:
    """A clean picture (H,W), (H,W,1) or (H,W,3) as bytes (H,W,3)."""
    single = pixels.reshape(*pixels.shape[:2], -1)
    return np.ascontiguousarray(np.broadcast_to(to_uint8(single), (*single.shape[:2], 3)))


def _kept_apart(pair: Pair) -> KeptApart:
    clean, degraded = to_uint8(pair.clean), Picture(pair.degraded).as_float()
    return KeptApart(flat_gray(clean), flat_gray(degraded))


def _count(seen: "hashlib._Hash", pixels: Samples) -> None:
    seen.update(f"{pixels.shape}".encode() + pixels.tobytes())


def rgb(photos: PhotoSet, index: int) -> Pixels:
    """One picture of a set as (H,W,3) bytes; gray ones are repeated."""
    return _shown(photos.clean(index))


def scaled_copies(pixels: Pixels, settings: DataSettings) -> list[Pixels]:
    """Lanczos-reduced copies that still hold a crop."""
    copies = []
    for scale in settings.scales:
        height, width = round(pixels.shape[0] * scale), round(pixels.shape[1] * scale)
        if min(height, width) >= settings.crop:
            resized = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)
            copies.append(pixels if scale == 1.0 else np.asarray(resized))
    return copies
