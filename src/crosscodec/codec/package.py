"""The codec package (.xcm): networks, tables and card in one file, every part checked before use.

    name, path or identity ─► the file ─► parts, hashes (archive.py) ─► Package: card, encoder, decoders, tables

The identity of a package is the SHA-256 of its file; coded files name its first eight bytes.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.archive import (
    CHOICE,
    CONTEXTS,
    ENCODER,
    NETWORKS,
    QUALITIES,
    TABLES,
    contexts_part,
    decoder_part,
    encoder_part,
    judge_part,
    pack,
    tables_part,
    unpack,
)
from crosscodec.codec.card import AUTO, DEFAULT_ENCODER, DitherCard, PackageCard, QualityCard
from crosscodec.codec.entropies import EntropyModels
from crosscodec.codec.grain import grain
from crosscodec.codec.graph import Graph
from crosscodec.codec.installed import (
    CARD,
    SEARCH_VARIABLE,
    SHIPPED,
    SUFFIX,
    InstalledPackage,
    installed_packages,
    package_files,
    package_sha256,
    search_folders,
)
from crosscodec.codec.mirrored import Mirrored, Network, passes_of
from crosscodec.codec.qualities import Qualities, QualityLevel
from crosscodec.errors import CorruptData, PackageUnavailable, UsageError

__all__ = [
    "AUTO",
    "CARD",
    "CHOICE",
    "CONTEXTS",
    "DEFAULT_ENCODER",
    "ENCODER",
    "NETWORKS",
    "QUALITIES",
    "SEARCH_VARIABLE",
    "SHIPPED",
    "SUFFIX",
    "TABLES",
    "DitherCard",
    "InstalledPackage",
    "Package",
    "PackageCard",
    "Qualities",
    "QualityCard",
    "QualityLevel",
    "contexts_part",
    "decoder_part",
    "encoder_part",
    "installed_packages",
    "judge_part",
    "load_package",
    "open_package",
    "pack",
    "package_by_identity",
    "package_files",
    "parse_package",
    "search_folders",
    "tables_part",
]

LARGEST = 256 << 20  # bytes; more is no package of ours


@dataclass(frozen=True)
class Package:
    """A loaded package. Networks start on first use, so that decoding never pays for the encoder."""

    path: Path
    sha256: str
    card: PackageCard
    parts: dict[str, bytes] = field(repr=False)

    def __reduce__(self) -> tuple[Callable[..., "Package"], tuple[str, str, str]]:
        """How a cluster's task refers to the package: by its file and identity, never by its content."""
        return _same_package, (str(self.path), self.sha256, self.name)

    @property
    def name(self) -> str:
        """The package's name, from its card."""
        return self.card.name

    @property
    def identity(self) -> bytes:
        """First eight bytes of the SHA-256 of the package file."""
        return bytes.fromhex(self.sha256)[:8]

    @property
    def decoders(self) -> tuple[str, ...]:
        """Names of the decoders inside."""
        return self.card.decoders

    @property
    def encoders(self) -> tuple[str, ...]:
        """Names of the encoders inside, the default one first."""
        return (DEFAULT_ENCODER, *self.card.encoders)

    @property
    def encoder(self) -> Network:
        """The default encoder network."""
        return self.encoder_named(DEFAULT_ENCODER)

    def encoder_named(self, name: str) -> Network:
        """One encoder network; with ``-x2`` or ``-x4`` behind its name the mean of so many mirrored passes of it
        (mirrored.py). Raises UsageError naming the encoders there are.
        """
        self.require_encoder(name)
        found, passes = self._network_of(name, self.encoders)
        graph = self._graph(encoder_part(found))
        return graph if passes == 1 else Mirrored(graph, self._parities, passes, encodes=True)

    def require_encoder(self, name: str) -> None:
        """Raise UsageError, which names the encoders there are, unless the package has this one."""
        if self._network_of(name, self.encoders)[0] not in self.encoders:
            raise UsageError(f"package {self.name} has no encoder {name!r}; it has: {', '.join(self.encoders)}")

    def encoders_of(self, name: str) -> tuple[str, ...]:
        """The encoders that a name stands for: itself, or those that ``auto`` chooses from (``auto-x4``: four passes of
        them). Raises UsageError as `require_encoder`.
        """
        found, passes = self._network_of(name, (*self.encoders, AUTO))
        if found == AUTO:
            return tuple(n if passes == 1 else f"{n}-x{passes}" for n in self.card.automatic or (DEFAULT_ENCODER,))
        self.require_encoder(name)
        return (name,)

    def encoder_for(self, pixels: NDArray[np.uint8] | NDArray[np.float32], name: str) -> str:
        """The encoder that a name stands for with this picture, (H,W) or (H,W,3): of ``auto`` the one whose file is
        expected to cost least, by the grain of the picture. Errors are those of `encoders_of`.
        """
        names = self.encoders_of(name)
        if len(names) == 1:
            return names[0]
        graph, numbers = self._graph(CHOICE), self.card.grain
        if graph.takes[1:] != (numbers,):
            raise CorruptData(f"{self.path}: {CHOICE} takes {graph.takes} numbers, the card's grain is {numbers}")
        costs = graph(grain(pixels)[np.newaxis, :numbers])
        if costs.shape != (1, len(names)):
            raise CorruptData(f"{self.path}: {CHOICE} gives {costs.shape} numbers for {len(names)} encoders")
        return names[int(np.argmin(costs[0]))]

    def encoder_halo(self, name: str) -> int:
        """How far an encoder sees, pixels."""
        return self.card.encoders.get(self._network_of(name, self.encoders)[0], self.card.halo)

    def _network_of(self, name: str, there: tuple[str, ...]) -> tuple[str, int]:
        """The network and the number of passes that a name asks for. Raises UsageError for passes that cannot be."""
        if not isinstance(name, str):
            raise UsageError(
                f"encoders and decoders have names, of package {self.name}: {', '.join(there)}; not {name!r}"
            )
        found, passes = (name, 1) if name in there else passes_of(name)
        if passes > 1 and found in there and not self.card.parities:
            raise UsageError(
                f"package {self.name} does not say how its coefficients are mirrored (parities): take {found}"
            )
        return found, passes

    @property
    def _parities(self) -> NDArray[np.int64]:
        parities = np.array(self.card.parities, np.int64)
        if self.qualities is not None and len(parities) != self.qualities.channels:
            raise CorruptData(
                f"{self.path}: the card has parities of {len(parities)} channels, {QUALITIES} has "
                f"{self.qualities.channels}"
            )
        return parities

    @cached_property
    def entropy(self) -> EntropyModel:
        """Tables and contexts of a package of one quality; of several, those of the default quality."""
        return self.entropy_at(self.quality_of(None) or 0)

    @cached_property
    def qualities(self) -> Qualities | None:
        """The numbers of several qualities, None for a package of one."""
        card = self.card.qualities
        return None if card is None else Qualities.from_bytes(self.parts[QUALITIES], card.anchors)

    def quality_of(self, asked: int | None) -> int | None:
        """The quality to encode at: as asked, or the default; None for a package of one quality.

        UsageError for a quality that the package does not have.
        """
        card = self.card.qualities
        if card is None:
            if asked is not None:
                raise UsageError(f"package {self.name} has one quality only; leave the quality or target size out")
            return None
        if asked is None:
            return card.default
        if not isinstance(asked, int | np.integer) or not 0 <= asked <= BEST_QUALITY:
            raise UsageError(f"a quality is a whole number of 0 to {BEST_QUALITY}, not {asked!r}")
        return int(asked)

    def level(self, quality: int) -> QualityLevel | None:
        """What the networks need to know of a quality in a file's header; None for a package of one quality."""
        return None if self.qualities is None else self.qualities.at(quality)

    @property
    def predicted_passes(self) -> tuple[int, ...]:
        """Number of passes of each predicted channel (bitstream.prediction). Raises as `entropy_at` does."""
        return self._entropies.predicted_passes

    def entropy_at(self, quality: int) -> EntropyModel:
        """Tables and contexts for a quality in a file's header, read when they are first asked for. Raises CorruptData
        for parts that do not go together.
        """
        return self._entropies.at(self.level(quality))

    @cached_property
    def _entropies(self) -> EntropyModels:
        return EntropyModels(self.card, self.parts, self.qualities, self.path)

    @cached_property
    def _started(self) -> dict[str, Graph]:
        return {}

    def require_decoder(self, name: str) -> None:
        """Raise UsageError naming the decoders there are, unless this is one of them; no network is started."""
        if self._network_of(name, self.card.decoders)[0] not in self.card.decoders:
            raise UsageError(f"package {self.name} has no decoder {name!r}; it has: {', '.join(self.card.decoders)}")

    def decoder(self, name: str) -> Network:
        """One decoder network; with ``-x2`` or ``-x4`` behind its name the mean of so many mirrored passes of it
        (mirrored.py). Raises UsageError naming the decoders there are.
        """
        self.require_decoder(name)
        found, passes = self._network_of(name, self.card.decoders)
        graph = self._graph(decoder_part(found))
        return graph if passes == 1 else Mirrored(graph, self._parities, passes, encodes=False)

    def judge(self, name: str) -> Graph:
        """One judge: pictures (B,planes,H,W) in 0..1 -> a number for each class (B,K), the largest for its guess.

        Raises UsageError naming the judges there are.
        """
        if name not in self.card.judges:
            there = f"it has: {', '.join(self.card.judges)}" if self.card.judges else "it has none"
            raise UsageError(f"package {self.name} has no judge {name!r}; {there}")
        return self._graph(judge_part(name))

    def rest(self) -> None:
        """Give back the memory that networks work in, hundreds of megabytes after a large picture; they start again, in
        hundredths of a second, when they are asked for.
        """
        self._started.clear()

    def _graph(self, part: str) -> Graph:
        graph = self._started.get(part)
        if graph is None:  # another thread may let them rest meanwhile
            graph = self._started[part] = Graph(self.parts[part], f"{self.name}/{part}")
        return graph


def load_package(name_or_path: str | Path) -> Package:
    """The package of that name on the search path, or in that file, whatever its name ends in.

    Raises PackageUnavailable when there is none, CorruptData when the file is no package or a part does not match its
    hash.
    """
    text, path = str(name_or_path), Path(name_or_path)
    named_as_file = text.endswith(SUFFIX) or os.sep in text
    places = [] if named_as_file else [folder / f"{text}{SUFFIX}" for folder in search_folders()]
    for place in (*places, path):
        if os.path.isfile(place):
            return open_package(place)
    if named_as_file:
        raise PackageUnavailable(f"package file {path} does not exist")
    raise PackageUnavailable(f"no package named {text!r} is installed; {_installed_text()}")


def package_by_identity(identity: bytes, name: str = "") -> Package:
    """The installed package whose SHA-256 begins with these eight bytes; ``name`` is only for the message.

    Raises PackageUnavailable that says which package is needed and which are there.
    """
    for path in package_files():
        if package_sha256(path)[:16] == identity.hex():
            return open_package(path)
    wanted = f"package {name!r} " if name else "a package "
    raise PackageUnavailable(
        f"the file needs {wanted}with SHA-256 {identity.hex()}…, which is not installed; {_installed_text()}; "
        f"give its file with --package FILE{SUFFIX} or name its folder in {SEARCH_VARIABLE}"
    )


def open_package(path: Path) -> Package:
    """Read and check one package file; the same object for as long as the file stays the same.

    So that the files of a folder, and calls of the library, start the networks once.
    """
    state = path.stat()
    _require_possible_size(state.st_size, path)
    return _opened(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _opened(path: Path, modified: int, size: int) -> Package:
    return parse_package(path.read_bytes(), path)


def _same_package(path: str, sha256: str, name: str) -> Package:
    """The package with that identity: in that file, or wherever it is installed on this machine."""
    if Path(path).is_file() and package_sha256(Path(path)) == sha256:
        return open_package(Path(path))
    return package_by_identity(bytes.fromhex(sha256)[:8], name)


def _require_possible_size(size: int, path: Path) -> None:
    if size > LARGEST:
        raise CorruptData(f"{path} is larger than any package ({LARGEST >> 20} MiB)")


def parse_package(data: bytes, path: Path) -> Package:
    """A package from its bytes; ``path`` is for messages. Raises CorruptData or UnsupportedData."""
    card, parts = unpack(data, path)
    package = Package(path, hashlib.sha256(data).hexdigest(), card, parts)
    if package.qualities is None:
        package.entropy_at(0)  # parts of one quality are few: read at once, so that what is wrong is told now
    return package


def _installed_text() -> str:
    names = [f"{p.name} ({p.sha256[:16]}…)" for p in installed_packages()]
    return f"installed: {', '.join(names)}" if names else "no package is installed"
