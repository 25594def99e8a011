"""What a user would do without us, at the same number of bytes: the peers of a comparison.

    degraded picture ─► [bm3d or nlm, told the true sigma ─►] 8 bits ─► a codec at our file's size

    jpeg2000   avif   webp   jxl   ...           a name of a codec: of the degraded picture itself
    bm3d-avif  nlm-avif  bm3d-jxl  ...           a denoiser before it

Neither denoiser uses learning. BM3D's licence allows non-commercial use only, so it is never installed with us;
non-local means are scikit-image's. The codecs are those of `peercodecs`.
"""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.degradation import Degradation, GaussianNoise
from crosscodec.errors import UsageError
from crosscodec.evaluate.peercodecs import CODECS, CodecResult, check_codec, encode_within
from crosscodec.extras import load_module
from crosscodec.images.picture import to_uint8

JPEG2000 = "jpeg2000"
BM3D_AVIF = "bm3d-avif"
NONE, BM3D, NLM = "none", "bm3d", "nlm"
DENOISERS = (NONE, BM3D, NLM)
PEERS = tuple(codec if denoiser == NONE else f"{denoiser}-{codec}" for denoiser in DENOISERS for codec in CODECS)
# Windows of the fast form as scikit-image advises, and the strength that was best on Kodak pictures 1 and 5.
_NLM_PATCH, _NLM_REACH, _NLM_STRENGTH = 5, 6, 0.5

PeerResult = CodecResult


@dataclass(frozen=True)
class Peer:
    """A denoiser and a codec."""

    denoiser: str
    codec: str

    @property
    def name(self) -> str:
        """As `peer_of` takes it: "avif", "bm3d-avif"."""
        return self.codec if self.denoiser == NONE else f"{self.denoiser}-{self.codec}"


@dataclass(frozen=True)
class Denoised:
    """A denoiser's picture at 8 bits, as codecs take it, and its wall-clock seconds."""

    pixels: NDArray[np.uint8]
    seconds: float


def peer_of(name: str) -> Peer:
    """The peer of a name. UsageError that lists the names for any other."""
    if name not in PEERS:
        raise UsageError(f"peer {name!r} is unknown; choose from {', '.join(PEERS)}")
    denoiser, _, codec = name.rpartition("-")
    return Peer(denoiser or NONE, codec)


def check_peers(names: tuple[str, ...], degradation: Degradation) -> None:
    """Raise UsageError, before hours of work, for a peer that is unknown, not installed, or made for another task."""
    for peer in map(peer_of, names):
        check_codec(peer.codec)
        if peer.denoiser != NONE:
            _sigma(peer.name, degradation)
        if peer.denoiser == BM3D:
            load_module("bm3d")


def run_peer(name: str, degraded: NDArray[np.float32], degradation: Degradation, limit: int) -> PeerResult:
    """One peer's result for a degraded picture, float32 (H, W) or (H, W, 3), in at most `limit` bytes where it can.

    Its `encode_seconds` include those of the denoiser.
    """
    peer = peer_of(name)
    sigma = 0.0 if peer.denoiser == NONE else _sigma(name, degradation)
    denoised = denoise(peer.denoiser, degraded, sigma)
    coded = encode_within(peer.codec, denoised.pixels, limit)
    return replace(coded, encode_seconds=denoised.seconds + coded.encode_seconds)


def denoise(denoiser: str, degraded: NDArray[np.float32], sigma: float) -> Denoised:
    """What a denoiser makes of a picture, float32 (H, W) or (H, W, 3), unclipped, when told sigma (of 255).

    "none" rounds to 8 bits. UsageError for an unknown denoiser, or when its library is not installed.
    """
    if denoiser not in DENOISERS:
        raise UsageError(f"denoiser {denoiser!r} is unknown; choose from {', '.join(DENOISERS)}")
    method = {NONE: lambda pixels, _: pixels, BM3D: _bm3d, NLM: _nlm}[denoiser]
    started = time.perf_counter()
    pixels = to_uint8(np.asarray(method(degraded, sigma / 255.0), np.float32).reshape(degraded.shape))
    return Denoised(pixels, 0.0 if denoiser == NONE else time.perf_counter() - started)


def _bm3d(degraded: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    library = load_module("bm3d")
    made: NDArray[np.float32] = (library.bm3d if degraded.ndim == 2 else library.bm3d_rgb)(degraded, sigma)
    return made


def _nlm(degraded: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    # Loaded when it is used: it takes longer than all else that an evaluation loads.
    made: NDArray[np.float32] = load_module("skimage.restoration").denoise_nl_means(
        degraded,
        patch_size=_NLM_PATCH,
        patch_distance=_NLM_REACH,
        h=_NLM_STRENGTH * sigma,
        sigma=sigma,
        fast_mode=True,
        channel_axis=None if degraded.ndim == 2 else -1,
    )
    return made


def _sigma(name: str, degradation: Degradation) -> float:
    if not isinstance(degradation, GaussianNoise):
        raise UsageError(f"peer {name} is told the sigma of Gaussian noise (noise:25); here: {degradation.describe()}")
    return degradation.sigma
