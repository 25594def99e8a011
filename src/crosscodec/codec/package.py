"""The codec package (.xcm): networks, tables and card in one file, every part checked before use.

    photo-denoise.xcm   (a ZIP archive, stored without compression, so that any tool can look inside)
    ├── card.json              what it is: task, data, settings, measured numbers, SHA-256 of every other part
    ├── encoder.onnx           picture (1,3,H,W) float32 -> latent (1,C,H/16,W/16)
    ├── decoder-fidelity.onnx  symbols as float32 (1,C,h,w) -> picture (1,3,16h,16w)
    ├── contexts.json          which of a channel's tables codes which symbol
    └── tables.bin             integer frequency tables, ``contexts`` of them a latent channel

Nothing is pickled. The identity of a package is the SHA-256 of its file; coded files name its first eight bytes.
"""

import hashlib
import io
import json
import os
import zipfile
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.graph import Graph
from crosscodec.errors import CorruptData, PackageUnavailable, UnsupportedData, UsageError

FORMAT = 1
SUFFIX = ".xcm"
SHIPPED = Path(__file__).resolve().parent.parent / "packages"
SEARCH_VARIABLE = "CROSSCODEC_PACKAGES"  # folders of further packages, separated as in PATH
LARGEST = 256 << 20  # bytes; more is no package of ours
CARD, ENCODER, TABLES, CONTEXTS = "card.json", "encoder.onnx", "tables.bin", "contexts.json"


def decoder_part(name: str) -> str:
    """File name of a decoder inside a package."""
    return f"decoder-{name}.onnx"


@dataclass(frozen=True)
class PackageCard:
    """What a package says of itself. ``block`` is the side in pixels of one latent position, ``halo`` how far
    networks see.
    """

    name: str
    task: str
    degradation: str
    training_data: tuple[str, ...]
    channels: tuple[str, ...]  # "gray", "rgb"
    block: int
    halo: int
    decoders: tuple[str, ...]
    licence: str
    training: dict[str, Any] = field(default_factory=dict)  # resolved recipe, steps, seconds, command
    measured: tuple[dict[str, Any], ...] = ()  # rows of numbers with the command that gave them
    notes: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)  # SHA-256 of every other part
    format: int = FORMAT


@dataclass(frozen=True)
class Package:
    """A loaded package. Networks start on first use, so that decoding never pays for the encoder."""

    path: Path
    sha256: str
    card: PackageCard
    entropy: EntropyModel
    parts: dict[str, bytes] = field(repr=False)

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
        if name not in self._started:
            self._started[name] = Graph(self.parts[decoder_part(name)], f"{self.name}/{decoder_part(name)}")
        return self._started[name]


@dataclass(frozen=True)
class InstalledPackage:
    """A package file found on the search path."""

    name: str
    path: Path
    sha256: str
    bytes: int


def pack(card: PackageCard, parts: dict[str, bytes]) -> bytes:
    """The bytes of a package file: the same card and parts give the same bytes."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(parts.items())}
    complete = asdict(card) | {"parts": hashes}
    entries = {CARD: json.dumps(complete, indent=1).encode()} | dict(sorted(parts.items()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def search_folders() -> tuple[Path, ...]:
    """Where packages are looked for by name: the folders of CROSSCODEC_PACKAGES, then those shipped with the
    library.
    """
    extra = [Path(p) for p in os.environ.get(SEARCH_VARIABLE, "").split(os.pathsep) if p]
    return (*extra, SHIPPED)


def package_files() -> list[Path]:
    """Every package file on the search path, in order."""
    return [path for folder in search_folders() if folder.is_dir() for path in sorted(folder.glob(f"*{SUFFIX}"))]


def installed_packages() -> list[InstalledPackage]:
    """Every package file on the search path, in order; the first of a name wins."""
    found = []
    for path in package_files():
        data = path.read_bytes()
        found.append(InstalledPackage(path.stem, path, hashlib.sha256(data).hexdigest(), len(data)))
    return found


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
        data = path.read_bytes()
        if hashlib.sha256(data).digest()[:8] == identity:
            _require_possible_size(len(data), path)
            return parse_package(data, path)
    wanted = f"package {name!r} " if name else "a package "
    raise PackageUnavailable(
        f"the file needs {wanted}with SHA-256 {identity.hex()}…, which is not installed; {_installed_text()}; "
        f"give its file with --package FILE{SUFFIX} or name its folder in {SEARCH_VARIABLE}"
    )


def open_package(path: Path) -> Package:
    """Read and check one package file."""
    _require_possible_size(path.stat().st_size, path)
    return parse_package(path.read_bytes(), path)


def _require_possible_size(size: int, path: Path) -> None:
    if size > LARGEST:
        raise CorruptData(f"{path} is larger than any package ({LARGEST >> 20} MiB)")


def parse_package(data: bytes, path: Path) -> Package:
    """A package from its bytes; ``path`` is for messages. Raises CorruptData or UnsupportedData."""
    parts = _archive_parts(data, path)
    card = _parse_card(parts.pop(CARD, b""), path)
    if set(card.parts) != set(parts):
        raise CorruptData(f"{path}: the card lists {sorted(card.parts)}, the archive holds {sorted(parts)}")
    for name, content in parts.items():
        if hashlib.sha256(content).hexdigest() != card.parts[name]:
            raise CorruptData(f"{path}: {name} does not match the SHA-256 in the card")
    for needed in (ENCODER, TABLES, *map(decoder_part, card.decoders)):
        if needed not in parts:
            raise CorruptData(f"{path}: {needed} is missing")
    return Package(path, hashlib.sha256(data).hexdigest(), card, _entropy_model(parts, path), parts)


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


def _parse_card(text: bytes, path: Path) -> PackageCard:
    try:
        card = json.loads(text)
        if card["format"] > FORMAT:
            raise UnsupportedData(
                f"{path} has package format {card['format']}; this release reads up to {FORMAT}: update crosscodec"
            )
        for key in ("training_data", "channels", "decoders", "measured", "notes"):
            card[key] = tuple(card[key])
        return PackageCard(**card)
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptData(f"{path}: card.json cannot be read: {error}") from None


def _installed_text() -> str:
    names = [f"{p.name} ({p.sha256[:16]}…)" for p in installed_packages()]
    return f"installed: {', '.join(names)}" if names else "no package is installed"
