"""The codec package (.xcm): networks, tables and card in one file, every part checked before use.

    photo-denoise.xcm   (a ZIP archive, stored without compression, so that any tool can look inside)
    ├── card.json              what it is: task, data, settings, measured numbers, SHA-256 of every other part
    ├── encoder.onnx           picture (1,3,H,W) float32 -> latent (1,C,H/16,W/16)
    ├── decoder-fidelity.onnx  symbols as float32 (1,C,h,w) -> picture (1,3,16h,16w)
    ├── contexts.json          which of a channel's tables codes which symbol
    ├── tables.bin             integer frequency tables, ``contexts`` of them a latent channel
    └── classifier-clean.onnx  a judge, if there are any: picture in 0..1 -> a number for each class

In a package for pictures of one size the networks take batches and the latent is (B,C,1,1); see card.py.

Nothing is pickled. The identity of a package is the SHA-256 of its file; coded files name its first eight bytes.
"""

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.card import DitherCard, PackageCard, card_json, parse_card
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
from crosscodec.errors import CorruptData, PackageUnavailable, UsageError

__all__ = [
    "CARD",
    "SEARCH_VARIABLE",
    "SHIPPED",
    "SUFFIX",
    "DitherCard",
    "InstalledPackage",
    "Package",
    "PackageCard",
    "decoder_part",
    "installed_packages",
    "judge_part",
    "load_package",
    "open_package",
    "pack",
    "package_by_identity",
    "package_files",
    "parse_package",
    "search_folders",
]

LARGEST = 256 << 20  # bytes; more is no package of ours
ENCODER, TABLES, CONTEXTS = "encoder.onnx", "tables.bin", "contexts.json"


def decoder_part(name: str) -> str:
    """File name of a decoder inside a package."""
    return f"decoder-{name}.onnx"


def judge_part(name: str) -> str:
    """File name of a judge inside a package."""
    return f"classifier-{name}.onnx"


@dataclass(frozen=True)
class Package:
    """A loaded package. Networks start on first use, so that decoding never pays for the encoder."""

    path: Path
    sha256: str
    card: PackageCard
    entropy: EntropyModel
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

    @cached_property
    def encoder(self) -> Graph:
        """The encoder network."""
        return Graph(self.parts[ENCODER], f"{self.name}/{ENCODER}")

    @cached_property
    def _started(self) -> dict[str, Graph]:
        return {}

    def decoder(self, name: str) -> Graph:
        """One decoder network. Raises UsageError naming the decoders there are."""
        if name not in self.card.decoders:
            raise UsageError(f"package {self.name} has no decoder {name!r}; it has: {', '.join(self.card.decoders)}")
        return self._graph(decoder_part(name))

    def judge(self, name: str) -> Graph:
        """One judge: pictures (B,planes,H,W) in 0..1 -> a number for each class (B,K), the largest for its guess.

        Raises UsageError naming the judges there are.
        """
        if name not in self.card.judges:
            there = f"it has: {', '.join(self.card.judges)}" if self.card.judges else "it has none"
            raise UsageError(f"package {self.name} has no judge {name!r}; {there}")
        return self._graph(judge_part(name))

    def _graph(self, part: str) -> Graph:
        if part not in self._started:
            self._started[part] = Graph(self.parts[part], f"{self.name}/{part}")
        return self._started[part]


def pack(card: PackageCard, parts: dict[str, bytes]) -> bytes:
    """The bytes of a package file: the same card and parts give the same bytes."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(parts.items())}
    entries = {CARD: card_json(card, hashes)} | dict(sorted(parts.items()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def load_package(name_or_path: str | Path) -> Package:
    """The package of that name on the search path, or in that file.

    Raises PackageUnavailable when there is none, CorruptData when a part does not match its hash.
    """
    text = str(name_or_path)
    if text.endswith(SUFFIX) or os.sep in text:
        path = Path(name_or_path)
        if not path.is_file():
            raise PackageUnavailable(f"package file {path} does not exist")
        return open_package(path)
    for folder in search_folders():
        if (folder / f"{text}{SUFFIX}").is_file():
            return open_package(folder / f"{text}{SUFFIX}")
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
    parts = _archive_parts(data, path)
    card = parse_card(parts.pop(CARD, b""), path)
    if set(card.parts) != set(parts):
        raise CorruptData(f"{path}: the card lists {sorted(card.parts)}, the archive holds {sorted(parts)}")
    for name, content in parts.items():
        if hashlib.sha256(content).hexdigest() != card.parts[name]:
            raise CorruptData(f"{path}: {name} does not match the SHA-256 in the card")
    for needed in (ENCODER, TABLES, *map(decoder_part, card.decoders), *map(judge_part, card.judges)):
        if needed not in parts:
            raise CorruptData(f"{path}: {needed} is missing")
    entropy = _entropy_model(parts, path)
    _require_agreement(card, entropy, path)
    return Package(path, hashlib.sha256(data).hexdigest(), card, entropy, parts)


def _require_agreement(card: PackageCard, entropy: EntropyModel, path: Path) -> None:
    """Raise CorruptData unless the tables are those that the card's levels and dither need."""
    layout = entropy.layout
    if card.levels is not None and len(card.levels) != layout.channels:
        raise CorruptData(f"{path}: the card has levels for {len(card.levels)} channels, the tables {layout.channels}")
    if card.dither is not None and card.dither.common:
        computed = any(layout.sources) or any(layout.thresholds)
        if computed or layout.contexts != card.dither.levels or set(layout.sizes) != {1}:
            raise CorruptData(
                f"{path}: common dither at {card.dither.levels} levels needs as many tables a channel, "
                "groups of one channel, and contexts without sources and thresholds"
            )


def _archive_parts(data: bytes, path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = [e.filename for e in entries]
            stored = all(e.compress_type == zipfile.ZIP_STORED and e.file_size <= len(data) for e in entries)
            if len(set(names)) != len(names) or not stored:
                raise CorruptData(f"{path}: a package holds each part once, without compression")
            return {e.filename: archive.read(e) for e in entries}
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise CorruptData(f"{path} is not a codec package: {error}") from None


def _entropy_model(parts: dict[str, bytes], path: Path) -> EntropyModel:
    """Tables and layout; a package without a layout has one table a channel."""
    tables = FrequencyTables.from_bytes(parts[TABLES])
    if CONTEXTS not in parts:
        return EntropyModel.factorised(tables)
    try:
        return EntropyModel(tables, ContextLayout.from_json(parts[CONTEXTS]))
    except UsageError as error:
        raise CorruptData(f"{path}: {error}") from None


def _installed_text() -> str:
    names = [f"{p.name} ({p.sha256[:16]}…)" for p in installed_packages()]
    return f"installed: {', '.join(names)}" if names else "no package is installed"
