"""The file of a package (.xcm): parts in a ZIP archive, stored without compression, so that any tool can look inside.

    photo-denoise.xcm
    ├── card.json              what it is: task, data, settings, measured numbers, SHA-256 of every other part
    ├── encoder.onnx           picture (1,3,H,W) float32 -> latent (1,C,H/16,W/16)
    ├── encoder-best.onnx      a further encoder, if there are any: the same shapes, for the same decoders and tables
    ├── choice.onnx            grain of a picture (1,12) or (1,18) -> (1,K): what its file would cost by each encoder
    ├── decoder-fidelity.onnx  symbols as float32 (1,C,h,w) -> picture (1,3,16h,16w)
    ├── contexts.json          which of a channel's tables codes which symbol
    ├── tables.bin             integer frequency tables, ``contexts`` of them a latent channel
    └── classifier-clean.onnx  a judge, if there are any: picture in 0..1 -> a number for each class

With several qualities there are, in place of contexts.json and tables.bin:

    ├── qualities.bin          gain, dead zone and step of every channel at every anchor
    ├── contexts-0.json        as contexts.json, of anchor 0; and so on
    └── tables-0.bin           as tables.bin, of anchor 0; and so on

Weighted contexts (bitstream/weighted.py), which the card announces, are in contexts.bin or contexts-0.bin, and so on.
With context networks (bitstream/network.py), which it announces too, there are, for all qualities:

    ├── context-networks.bin   which table of the bank codes which symbol
    └── tables.bin             the bank of tables

In a package for pictures of one size the networks take batches and the latent is (B,C,1,1); see card.py. Nothing is
pickled.
"""

import hashlib
import io
import zipfile
from pathlib import Path

from crosscodec.codec.card import DEFAULT_ENCODER, PackageCard, card_json, parse_card
from crosscodec.codec.installed import CARD
from crosscodec.errors import CorruptData

ENCODER, TABLES, CONTEXTS, QUALITIES = "encoder.onnx", "tables.bin", "contexts.json", "qualities.bin"
NETWORKS = "context-networks.bin"
CHOICE = "choice.onnx"


def encoder_part(name: str) -> str:
    """File name of an encoder inside a package: the default one and further ones."""
    return ENCODER if name == DEFAULT_ENCODER else f"encoder-{name}.onnx"


def decoder_part(name: str) -> str:
    """File name of a decoder inside a package."""
    return f"decoder-{name}.onnx"


def judge_part(name: str) -> str:
    """File name of a judge inside a package."""
    return f"classifier-{name}.onnx"


def tables_part(anchor: int) -> str:
    """File name of the tables of an anchor, counted from 0, inside a package with qualities."""
    return f"tables-{anchor}.bin"


def contexts_part(anchor: int | None, weighted: bool = False) -> str:
    """File name of the context layout inside a package: of an anchor, counted from 0, or of the only quality."""
    return f"contexts{'' if anchor is None else f'-{anchor}'}.{'bin' if weighted else 'json'}"


def pack(card: PackageCard, parts: dict[str, bytes]) -> bytes:
    """The bytes of a package file: the same card and parts give the same bytes."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(parts.items())}
    entries = {CARD: card_json(card, hashes)} | dict(sorted(parts.items()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def unpack(data: bytes, path: Path) -> tuple[PackageCard, dict[str, bytes]]:
    """The card and the parts of a package file, hashes checked and every part there that the card asks for.

    ``path`` is for messages. Raises CorruptData or UnsupportedData.
    """
    parts = _archive_parts(data, path)
    card = parse_card(parts.pop(CARD, b""), path)
    if set(card.parts) != set(parts):
        raise CorruptData(f"{path}: the card lists {sorted(card.parts)}, the archive holds {sorted(parts)}")
    for name, content in parts.items():
        if hashlib.sha256(content).hexdigest() != card.parts[name]:
            raise CorruptData(f"{path}: {name} does not match the SHA-256 in the card")
    for needed in needed_parts(card):
        if needed not in parts:
            raise CorruptData(f"{path}: {needed} is missing")
    foreign = {CONTEXTS} if card.networked else {TABLES, CONTEXTS}
    if card.qualities is not None and (stray := sorted(foreign & set(parts))):
        raise CorruptData(f"{path}: a package with qualities has no {', '.join(stray)}")
    if card.weighted and CONTEXTS in parts:
        raise CorruptData(f"{path}: a package with weighted contexts has no {CONTEXTS}")
    return card, parts


def needed_parts(card: PackageCard) -> list[str]:
    """Names of the parts that a package with this card cannot do without."""
    networks = [
        ENCODER,
        *map(encoder_part, card.encoders),
        *([CHOICE] if card.automatic else []),
        *map(decoder_part, card.decoders),
        *map(judge_part, card.judges),
    ]
    if card.qualities is None:
        return [*networks, TABLES, *([contexts_part(None, True)] if card.weighted else [])]
    if card.networked:
        return [*networks, QUALITIES, NETWORKS, TABLES]
    anchors = range(len(card.qualities.anchors))
    layouts = [contexts_part(anchor, card.weighted) for anchor in anchors]
    return [*networks, QUALITIES, *map(tables_part, anchors), *layouts]


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
