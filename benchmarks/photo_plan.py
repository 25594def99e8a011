"""The plan of the photo benchmark: which methods, at which settings, and where their rows are kept.

ours           the package at its qualities, a method for each of its encoders and decoders, and one in mirrored passes
noisy          what everybody starts from, without a codec; so are bm3d and nlm
avif, ...      peers as `crosscodec.evaluate.peers` names them, at settings from few bytes to many
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from crosscodec.codec.package import DEFAULT_ENCODER, Package, load_package
from crosscodec.evaluate.peers import BM3D, NLM, NONE, peer_of

OURS = "ours"  # on the command line: stands for name, name+encoder, name:decoder, name+encoder:decoder
NOISY = "noisy"
FIDELITY = "fidelity"
PLAIN = (NOISY, BM3D, NLM)  # no codec, no bytes: where curves begin and where they could end
PEERS = ("jpeg2000", "avif", "webp", "bm3d-avif", "bm3d-jxl", "bm3d-jpeg2000", "nlm-avif")
METHODS = (OURS, *PLAIN, *PEERS)
# From few bytes to many. Of noise a codec keeps the more, the more bytes it has: those curves bend down early.
_SETTINGS: dict[str, tuple[float, ...]] = {
    "jpeg2000": (0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.2, 1.8, 2.5),
    "avif": (5, 10, 20, 30, 40, 50, 60, 70, 80, 90),
    "webp": (0, 10, 20, 30, 40, 50, 60, 70, 80, 90),
    "jxl": (15, 12, 9, 7, 5, 4, 3, 2, 1.4, 1.0, 0.6),
}
_SETTINGS_OF_NOISE: dict[str, tuple[float, ...]] = {
    "jpeg2000": (0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.2, 1.8),
    "avif": (0, 5, 10, 15, 20, 25, 30, 40, 50),
    "webp": (0, 1, 2, 3, 5, 10, 20, 30),
    "jxl": (25, 20, 15, 12, 9, 7, 5, 4, 3),
}


@dataclass(frozen=True)
class Bench:
    """What all rows of a run have in common. `qualities` are those of ours; `out` holds rows and denoised pictures."""

    data: Path
    out: Path
    package: str = "photo-denoise"
    photos: str = "kodak"
    qualities: tuple[int, ...] = tuple(range(0, 101, 10))
    methods: tuple[str, ...] = METHODS
    seed: int = 0
    peers: Path | None = None  # rows of peers that are known already, as they come with the repository

    @property
    def rows(self) -> Path:
        """The table of all rows that are measured here."""
        return self.out / "rows.tsv"

    def points(self) -> Iterator[tuple[str, str, str]]:
        """Method, setting and package of every row that a picture has at one sigma."""
        for method in self.methods:
            if method == OURS:
                package = loaded(self.package)
                settings = [f"{quality}" for quality in self.qualities] if package.qualities else [""]
                for setting in settings:
                    for encoder, decoder in pairs(package):
                        yield our_name(package, encoder, decoder), setting, package.sha256[:16]
            elif method in PLAIN:
                yield method, "", ""
            else:
                peer = peer_of(method)
                table = _SETTINGS_OF_NOISE if peer.denoiser == NONE else _SETTINGS
                yield from ((method, f"{setting:g}", "") for setting in table[peer.codec])


def pairs(package: Package) -> list[tuple[str, str]]:
    """Encoders and decoders that are measured together: all, and the last encoder and the first decoder in four
    mirrored passes each, where the package knows how. Encoders that `auto` would choose in place of the default one are
    for other noise than that of this benchmark.
    """
    others = set(package.card.automatic) - {DEFAULT_ENCODER}
    encoders = [encoder for encoder in package.encoders if encoder not in others]
    found = list(product(encoders, package.decoders))
    careful = (f"{encoders[-1]}-x4", f"{package.decoders[0]}-x4")
    return [*found, careful] if package.card.parities else found


def our_name(package: Package, encoder: str, decoder: str) -> str:
    """Name of the rows of a package, encoder and decoder: name+encoder:decoder without what is the default."""
    written = package.name if encoder == DEFAULT_ENCODER else f"{package.name}+{encoder}"
    return written if decoder == FIDELITY else f"{written}:{decoder}"


def our_networks(ours: str, method: str) -> tuple[str, str] | None:
    """Encoder and decoder that such a name stands for, `ours` being the package's; None for the name of a peer."""
    written, _, decoder = method.partition(":")
    name, _, encoder = written.partition("+")
    return (encoder or DEFAULT_ENCODER, decoder or FIDELITY) if name == ours else None


@cache
def loaded(package: str) -> Package:
    """The package, its networks started, so that no picture pays for that."""
    found = load_package(package)
    for encoder in found.encoders:
        found.encoder_named(encoder)
    for decoder in found.card.decoders:
        found.decoder(decoder)
    return found
