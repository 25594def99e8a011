"""What the photo benchmark measures, picture by picture: ours at its qualities, peers at their settings.

    clean ─► noise (seed, index) ─► float32, unclipped ─┬─► ours: encoder ─► coefficients ─► file(quality) ─► decode ─┐
                                                        └─► peers: [denoiser ─►] 8 bits ─► codec(setting) ────────────┤
                            Row  ◄── PSNR, SSIM, LPIPS, NIQE, seconds, whole files' bytes ◄───────────────────────────┘

A denoised picture is made once for each picture and sigma, and kept beside the rows: BM3D takes most of all time. An
encoder network of ours runs once for all qualities, as its coefficients do not depend on them; the seconds of each file
have those of the network in them, as whoever writes one file pays for it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from photo_plan import NOISY, PLAIN, Bench, loaded, our_networks
from photo_rows import Key, Row
from PIL import Image, features
from PIL.PngImagePlugin import PngInfo

import crosscodec
from crosscodec.codec.encoding import encode_coefficients, picture_latents
from crosscodec.codec.pictures import picture_shapes
from crosscodec.domains.degradation import GaussianNoise
from crosscodec.domains.domain import Domain, Sample
from crosscodec.domains.photos import photo_set
from crosscodec.evaluate.peercodecs import encode_setting
from crosscodec.evaluate.peers import BM3D, NLM, NONE, denoise, peer_of
from crosscodec.images.picture import flat_gray, to_uint8
from crosscodec.measure.distortion import psnr, ssim
from crosscodec.measure.judges import Judges, load_judges

Pixels = NDArray[np.uint8]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Restored:
    """A method's picture, bytes of its file (None: no codec), wall-clock seconds of each step, CPU seconds of all."""

    pixels: Pixels
    file_bytes: int | None
    denoise_seconds: float = 0.0
    encode_seconds: float = 0.0
    decode_seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True)
class _Timed(Generic[Result]):
    """What a step of ours gave, and the seconds that it took: wall clock, CPU."""

    result: Result
    seconds: float
    cpu_seconds: float

    @classmethod
    def of(cls, step: Callable[[], Result]) -> "_Timed[Result]":
        """Take the step."""
        cpu, started = time.process_time(), time.perf_counter()
        result = step()
        return cls(result, time.perf_counter() - started, time.process_time() - cpu)

    def after(self, before: "_Timed[Any]") -> "_Timed[Result]":
        """The same result, with the seconds of a step before it."""
        return _Timed(self.result, self.seconds + before.seconds, self.cpu_seconds + before.cpu_seconds)


@dataclass(frozen=True)
class PictureBench:
    """One picture at one level of noise, made by `picture_bench`; what its methods share is made once."""

    bench: Bench
    domain: Domain
    index: int
    _denoised: dict[str, Restored] = field(default_factory=dict)
    _files: dict[tuple[str, str], _Timed[bytes]] = field(default_factory=dict)
    _analyses: dict[str, _Timed[NDArray[np.float32]]] = field(default_factory=dict)

    @property
    def sigma(self) -> float:
        """The level of noise, of 255."""
        assert isinstance(self.domain.degradation, GaussianNoise), "made by picture_bench"
        return self.domain.degradation.sigma

    @cached_property
    def sample(self) -> Sample:
        """Clean and noisy, float32."""
        return self.domain.sample(self.index)

    @cached_property
    def clean(self) -> Pixels:
        """The clean picture at 8 bits."""
        return to_uint8(flat_gray(self.sample.clean))

    def key(self, method: str, setting: str, package: str) -> Key:
        """The key of a row of this picture."""
        return self.domain.photos.names[self.index], self.sigma, self.bench.seed, method, setting, package

    def missing(self, done: set[Key]) -> list[tuple[str, str, str]]:
        """The points of this picture that have no row."""
        return [point for point in self.bench.points() if self.key(*point) not in done]

    def measure(self, done: set[Key], keep: Callable[[Row], None]) -> int:
        """Give the rows that are not done to `keep`, one by one; how many there were."""
        missing = self.missing(done)
        for method, setting, package in missing:
            keep(self._row(method, setting, package, self.restored(method, setting)))
        return len(missing)

    def restored(self, method: str, setting: str) -> Restored:
        """What a method at a setting makes of the noisy picture."""
        if method in PLAIN:
            return self.denoised(NONE if method == NOISY else method)
        if networks := our_networks(loaded(self.bench.package).name, method):
            return self._ours(setting, *networks)
        peer = peer_of(method)
        before, cpu = self.denoised(peer.denoiser), time.process_time()
        coded = encode_setting(peer.codec, before.pixels, float(setting))
        cpu = before.cpu_seconds + time.process_time() - cpu
        seconds = before.denoise_seconds, coded.encode_seconds, coded.decode_seconds
        return Restored(coded.pixels, len(coded.data), *seconds, cpu)

    def denoised(self, denoiser: str) -> Restored:
        """The picture that a codec is given, from memory, from disk, or made now."""
        if denoiser not in self._denoised:
            self._denoised[denoiser] = self._read_or_denoise(denoiser)
        return self._denoised[denoiser]

    def _read_or_denoise(self, denoiser: str) -> Restored:
        folder = self.bench.out / "denoised" / f"seed{self.bench.seed}-sigma{self.sigma:g}" / denoiser
        path = folder / f"{self.domain.photos.name}-{self.index:04d}.png"
        if denoiser != NONE and path.exists():
            with Image.open(path) as image:
                wall, cpu = (float(image.info[key]) for key in ("wall", "cpu"))
                return Restored(np.asarray(image), None, wall, cpu_seconds=cpu)
        cpu = time.process_time()
        made = denoise(denoiser, flat_gray(self.sample.degraded), self.sigma)
        cpu = 0.0 if denoiser == NONE else time.process_time() - cpu
        if denoiser != NONE:
            notes = PngInfo()
            for key, value in (("wall", made.seconds), ("cpu", cpu)):
                notes.add_text(key, repr(value))
            folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            Image.fromarray(made.pixels).save(part, "PNG", pnginfo=notes)
            part.replace(path)
        return Restored(made.pixels, None, made.seconds, cpu_seconds=cpu)

    def _ours(self, setting: str, encoder: str, decoder: str) -> Restored:
        package, file = loaded(self.bench.package), self._written(setting, encoder)
        decoded = _Timed.of(lambda: crosscodec.decode(file.result, package, decoder=decoder).pixels)
        cpu = file.cpu_seconds + decoded.cpu_seconds
        return Restored(decoded.result, len(file.result), 0.0, file.seconds, decoded.seconds, cpu)

    def _written(self, setting: str, encoder: str) -> _Timed[bytes]:
        """Our file, which several decoders read, from memory or made now."""
        if (setting, encoder) not in self._files:
            self._files[setting, encoder] = self._encoded(setting, encoder)
        return self._files[setting, encoder]

    def _encoded(self, setting: str, encoder: str) -> _Timed[bytes]:
        package, pixels = loaded(self.bench.package), flat_gray(self.sample.degraded)
        if package.qualities is None:
            return _Timed.of(lambda: crosscodec.encode(pixels, package, encoder=encoder).data)
        analysed, level = self._analysed(encoder), package.qualities.at(int(setting))
        shapes = picture_shapes([pixels])
        return _Timed.of(lambda: encode_coefficients([analysed.result], shapes, package, level).data).after(analysed)

    def _analysed(self, encoder: str) -> _Timed[NDArray[np.float32]]:
        """What all files of an encoder are made of, from memory or made now."""
        if encoder not in self._analyses:
            package, pixels = loaded(self.bench.package), flat_gray(self.sample.degraded)
            self._analyses[encoder] = _Timed.of(lambda: picture_latents(pixels, package, encoder=encoder))
        return self._analyses[encoder]

    @cached_property
    def _clean_features(self) -> tuple[NDArray[np.float32], ...] | None:
        return judges(self.bench.data).features(self.clean)

    def _row(self, method: str, setting: str, package: str, made: Restored) -> Row:
        judged, (height, width) = judges(self.bench.data), self.clean.shape[:2]
        return Row(
            *self.key(method, setting, package),
            height,
            width,
            made.file_bytes,
            None if made.file_bytes is None else 8 * made.file_bytes / (height * width),
            psnr(self.clean, made.pixels),
            ssim(self.clean, made.pixels),
            judged.distance(self._clean_features, made.pixels),
            judged.naturalness(made.pixels),
            made.denoise_seconds,
            made.encode_seconds,
            made.decode_seconds,
            made.cpu_seconds,
            _made_by(method, bool(package)),
        )


def picture_bench(bench: Bench, index: int, sigma: float) -> PictureBench:
    """Picture `index` of the set, with noise of sigma (of 255) by the library's generator."""
    return PictureBench(bench, Domain(photo_set(bench.photos, bench.data), GaussianNoise(sigma), bench.seed), index)


@cache
def judges(data: Path) -> Judges:
    """LPIPS (alex) and NIQE, as far as the data folder has their weights; loaded once."""
    return load_judges(data)


def _made_by(method: str, ours: bool) -> str:
    """Versions of what made a row."""
    if ours:
        return f"crosscodec {version('crosscodec')}"
    parts = method.split("-")
    names = {BM3D: "bm3d", NLM: "scikit-image", "jxl": "imagecodecs", NOISY: "crosscodec"}
    texts = [f"{name} {version(name)}" for name in (names.get(part, "pillow") for part in parts)]
    codecs = {"avif": "avif", "webp": "webp", "jpeg2000": "jpg_2000"}
    if parts[-1] in codecs:
        texts.append(f"{parts[-1]} {features.version(codecs[parts[-1]])}")
    return ", ".join(texts)
