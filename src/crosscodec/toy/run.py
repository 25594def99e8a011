"""One toy run: train, write the package, code fresh samples in two processes, measure every decoder.

    settings ─► package.xcm ─┬─► encoder process: source.npy ─► coded.xcd
                             └─► decoder process, one a decoder: coded.xcd ─► <decoder>.npy ─► ToyPoint

The processes are those of every evaluation of pictures here; they share the package and the coded file, nothing else.
"""

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crosscodec.bitstream.coder import model_bits
from crosscodec.codec.opening import open_coded
from crosscodec.codec.package import Package, load_package
from crosscodec.errors import OutputExists
from crosscodec.evaluate.children import decode_pack_in_child, encode_pack_in_child
from crosscodec.evaluate.worker import Written
from crosscodec.files import read_bytes, write_atomically
from crosscodec.toy.export import as_blocks, as_pictures, export_toy, picture_rows
from crosscodec.toy.measuring import PARTS, Spent, ToyPoint, measure_point
from crosscodec.toy.settings import ToySettings
from crosscodec.toy.sources import Floats, ToySource, source_of
from crosscodec.toy.training import train_toy

PACKAGE, SOURCE, CODED = "package.xcm", "source.npy", "coded.xcd"


@dataclass(frozen=True, eq=False)
class ToyRun:
    """What became of settings: a point for each decoder, from the same symbols; training's seconds of one core."""

    settings: ToySettings
    points: tuple[ToyPoint, ...]
    train_seconds: float

    @property
    def complaints(self) -> tuple[str, ...]:
        """A sentence for everything that beats a bound."""
        return tuple(sentence for point in self.points for sentence in point.complaints)

    def point(self, decoder: str) -> ToyPoint:
        """The point of a decoder."""
        return next(point for point in self.points if point.decoder == decoder)


def toy_run(settings: ToySettings, folder: Path | None = None) -> ToyRun:
    """Train a toy codec, code `settings.symbols` fresh samples with it, and measure.

    ``folder`` keeps package, samples, coded file and outputs; a package of the same settings that is there already is
    used as it is. Raises OutputExists for a package of other settings, and whatever error the processes end with.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return _run(settings, folder)
    with tempfile.TemporaryDirectory(prefix="crosscodec-toy-") as scratch:
        return _run(settings, Path(scratch))


def _run(settings: ToySettings, folder: Path) -> ToyRun:
    package, source = _package(settings, folder / PACKAGE), source_of(settings)
    rows = picture_rows(source.width)
    drawn = source.draw(settings.seed, _whole(settings.symbols // source.symbols, rows))
    binary = settings.source == "bernoulli"
    write_atomically(folder / SOURCE, _npy(as_pictures(drawn.blocks, binary)), overwrite=True)
    written = encode_pack_in_child(str(package.path), folder / SOURCE, folder / CODED, settings.seed)
    spent = _spent(read_bytes(folder / CODED), written, package, source, rows)
    points = [measure_point(source, name, drawn, _decoded(folder, name, binary), spent) for name in package.decoders]
    return ToyRun(settings, tuple(points), float(package.card.training["seconds"]))


def _package(settings: ToySettings, path: Path) -> Package:
    """The package of these settings, trained unless it is there."""
    if not path.exists():
        write_atomically(path, export_toy(train_toy(settings), settings))
    package = load_package(str(path))
    if package.card.training.get("settings") != settings.as_dict():
        raise OutputExists(f"{path} was trained by other settings; name another folder")
    return package


def _decoded(folder: Path, decoder: str, binary: bool) -> Floats:
    """Outputs (N,d) of a decoder, in a process of its own."""
    decode_pack_in_child(str(folder / PACKAGE), folder / CODED, folder / f"{decoder}.npy", decoder)
    pictures = np.load(io.BytesIO(read_bytes(folder / f"{decoder}.npy")), allow_pickle=False)
    return as_blocks(pictures, binary)


def _spent(data: bytes, written: Written, package: Package, source: ToySource, rows: int) -> Spent:
    """The rates of a coded file, a symbol; those of its parts by the tables, from what the file holds."""
    opened = open_coded(data, package)
    pictures = opened.symbols.shape[1]
    symbols, length = pictures * rows * source.symbols, pictures // PARTS
    parts = []
    for start in range(0, length * PARTS, length):
        span = slice(start, start + length)
        levels = None if opened.levels is None else opened.levels[:, span]
        parts.append(model_bits(opened.numbers[:, span], opened.entropy, None, levels))
    per_symbol = length * rows * source.symbols
    return Spent(
        written.model_bits / symbols,
        8 * written.payload_bytes / symbols,
        8 * written.file_bytes / symbols,
        np.array(parts) / per_symbol,
    )


def _whole(blocks: int, rows: int) -> int:
    """So many blocks that they fill pictures, and at least one picture for each part of the standard errors."""
    return max(-(-blocks // rows), PARTS) * rows


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=False)
    return sink.getvalue()
