"""Training crops: which pixels, turned how, with which noise, as a function of (seed, step) alone.

    pictures ─(NumPy, the CPU)─► crops: bytes, and what befalls each ─(torch, any device)─► batch: degraded, clean
    pairs ────(NumPy, the CPU)─► crops of both, as they were recorded ──────────────────────────────┘

A resumed run therefore sees the batches that the uninterrupted one would have seen, without a saved sampler state. On a
GPU the noise is drawn there, and is another than the CPU's.
"""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from crosscodec.codec.package import Package
from crosscodec.domains.photos import PhotoSet, photo_set
from crosscodec.domains.recorded import photo_pairs
from crosscodec.errors import UsageError
from crosscodec.images.picture import Picture, to_uint8
from crosscodec.learn.heldout import content, held_out, related
from crosscodec.learn.photo.camera import Shots, taken
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.settled import settle_data

Pixels = NDArray[np.uint8]
Samples = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Pictures (B,3,H,W) in 0..1: degraded and clean."""

    degraded: Tensor
    clean: Tensor


@dataclass(frozen=True)
class Pair:
    """A picture as it was recorded and the clean one beside it, (H,W,C) both, C being 1 or 3: bytes, or floats in 0..1
    where a file has more of them.
    """

    degraded: Samples
    clean: Samples


@dataclass(frozen=True)
class RecordedCrops:
    """Crops that stand at ``places`` (R,) of a batch as they were recorded: floats (R,H,W,3) in 0..1."""

    places: NDArray[np.int64]
    degraded: NDArray[np.float32]
    clean: NDArray[np.float32]


@dataclass(frozen=True)
class Crops:
    """Crops of clean pictures, bytes (B,H,W,3), and what befalls each: (B,) arrays, and the seed of the noise. Those
    that are ``camera`` are taken by a camera as ``shots`` say, those that are ``recorded`` stay as they are, the others
    get Gaussian noise.
    """

    pixels: Pixels
    gray: NDArray[np.bool_]
    sigma: NDArray[np.float32]  # in units of the picture, 0..1
    stored: NDArray[np.bool_]
    seed: int
    camera: NDArray[np.bool_]
    shots: Shots
    recorded: RecordedCrops | None = None

    def batch(self, device: torch.device) -> Batch:
        """The crops on a device, degraded there."""
        clean = torch.from_numpy(self.pixels).to(device).permute(0, 3, 1, 2).float().contiguous() / 255
        generator = torch.Generator(device).manual_seed(self.seed)
        noise = torch.randn(clean.shape, generator=generator, device=device)
        gray, stored = (torch.from_numpy(flags).to(device)[:, None, None, None] for flags in (self.gray, self.stored))
        luma = torch.tensor([0.299, 0.587, 0.114], device=device).view(1, 3, 1, 1)
        clean = torch.where(gray, (clean * luma).sum(dim=1, keepdim=True), clean)
        noise = torch.where(gray, noise[:, :1], noise)
        degraded = clean + torch.from_numpy(self.sigma).to(device)[:, None, None, None] * noise
        degraded = torch.where(stored, (degraded.clamp(0, 1) * 255).round() / 255, degraded)
        # A camera for gray pictures has one value a photosite and interpolates none; they keep their white noise.
        places = np.flatnonzero(self.camera & ~self.gray)
        if places.size:
            photos, targets = taken(clean[places], self.shots.at(places), generator)
            degraded[places], clean[places] = photos, targets
        if self.recorded is not None:
            for into, crops in ((degraded, self.recorded.degraded), (clean, self.recorded.clean)):
                into[self.recorded.places] = torch.from_numpy(crops).to(device).permute(0, 3, 1, 2)
        return Batch(degraded, clean)


@dataclass(frozen=True)
class CropSource:
    """Pictures in memory at several scales, and pairs at their own, from which crops are drawn with chance proportional
    to their number of pixels; the share ``settings.recorded`` of pairs, where there are any.
    """

    pictures: tuple[Pixels, ...]
    chances: NDArray[np.float64]
    settings: DataSettings
    pairs: tuple[Pair, ...] = ()

    @classmethod
    def of(cls, pictures: Sequence[Pixels], settings: DataSettings, pairs: Sequence[Pair] = ()) -> "CropSource":
        """The source of such pictures and pairs, all at least as large as a crop."""
        return cls(tuple(pictures), _by_area(pictures), settings, tuple(pairs))

    def batch(self, seed: int, step: int, size: int) -> Batch:
        """The training batch of one step, on the CPU."""
        return self.crops(seed, step, size).batch(torch.device("cpu"))

    def crops(self, seed: int, step: int, size: int) -> Crops:
        """The crops of one step's batch."""
        draw = np.random.Generator(np.random.Philox(key=[seed, step]))
        pixels = np.stack([self._crop(draw) for _ in range(size)])
        low, high = self.settings.noise_low / 255, self.settings.noise_high / 255
        gray = draw.random(size) < self.settings.gray
        sigma = draw.uniform(low, high, size).astype(np.float32)
        stored = draw.random(size) < self.settings.stored
        noise = int(draw.integers(2**63))
        camera = draw.random(size) < self.settings.camera
        shots = Shots.drawn(draw, size, self.settings.electrons_low, self.settings.electrons_high, self.settings.jpeg)
        dirty = draw.random(size) >= self.settings.clean
        crops = Crops(pixels, gray, sigma * dirty, stored | ~dirty, noise, camera & dirty, shots)
        return self._with_recorded(crops, draw) if self.pairs else crops

    def simulated(self) -> "CropSource":
        """The same pictures, with Gaussian noise alone."""
        return replace(self, settings=replace(self.settings, camera=0.0), pairs=())

    @cached_property
    def _pair_chances(self) -> NDArray[np.float64]:
        return _by_area([pair.clean for pair in self.pairs])

    def _with_recorded(self, crops: Crops, draw: np.random.Generator) -> Crops:
        """The crops, a share of them replaced by crops of pairs."""
        chosen = draw.random(len(crops.gray)) < self.settings.recorded
        if not chosen.any():
            return crops
        degraded, clean, in_bytes = [], [], np.zeros(len(chosen), np.bool_)
        for place in np.flatnonzero(chosen):
            pair = self.pairs[int(draw.choice(len(self.pairs), p=self._pair_chances))]
            window = _window(draw, pair.clean, self.settings.crop)
            degraded.append(_in_colours(window(pair.degraded)))
            clean.append(_in_colours(window(pair.clean)))
            in_bytes[place] = pair.degraded.dtype == np.uint8
        return replace(
            crops,
            gray=crops.gray & ~chosen,
            sigma=crops.sigma * ~chosen,
            stored=np.where(chosen, in_bytes, crops.stored),
            camera=crops.camera & ~chosen,
            recorded=RecordedCrops(np.flatnonzero(chosen), np.stack(degraded), np.stack(clean)),
        )

    def _crop(self, draw: np.random.Generator) -> Pixels:
        pixels = self.pictures[int(draw.choice(len(self.pictures), p=self.chances))]
        return _window(draw, pixels, self.settings.crop)(pixels)


def _by_area(pictures: Sequence[Samples]) -> NDArray[np.float64]:
    areas = np.array([pixels.shape[0] * pixels.shape[1] for pixels in pictures], dtype=np.float64)
    chances: NDArray[np.float64] = areas / areas.sum()
    return chances


def _in_colours(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Floats (H,W,3) in 0..1 of samples (H,W,1) or (H,W,3)."""
    return np.broadcast_to(Picture(pixels).as_float(), (*pixels.shape[:2], 3))


def _window(draw: np.random.Generator, pixels: Samples, side: int) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Where to cut a square, and how to turn it: of all pictures of such a size alike."""
    top = int(draw.integers(pixels.shape[0] - side + 1))
    left = int(draw.integers(pixels.shape[1] - side + 1))
    turns = int(draw.integers(4))
    mirrored = draw.random() < 0.5

    def cut(pixels: NDArray[Any]) -> NDArray[Any]:
        crop = np.rot90(pixels[top : top + side, left : left + side], turns)
        return crop[:, ::-1] if mirrored else crop

    return cut


class CropsAhead:
    """The crops of a source, step after step: those of the next step are cut while this one's are trained on."""

    def __init__(self, source: CropSource, seed: int, size: int) -> None:
        self._source, self._seed, self._size = source, seed, size
        self._thread = ThreadPoolExecutor(1)
        self._next: tuple[int, Future[Crops]] | None = None

    def at(self, step: int) -> Crops:
        """The crops of a step, as the source gives them; quickly, if the step before was the last one asked for."""
        if self._next is None or self._next[0] != step:
            self._next = self._cut(step)
        found = self._next[1].result()
        self._next = self._cut(step + 1)
        return found

    def _cut(self, step: int) -> tuple[int, Future[Crops]]:
        return step, self._thread.submit(self._source.crops, self._seed, step, self._size)


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
    gray = clean.shape[2] == 1
    return KeptApart(clean[..., 0], degraded[..., 0]) if gray else KeptApart(clean, degraded)


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
