"""Packs: many pictures in one coded file, from a folder and back into one.

    FOLDER ─► pictures in the order of their names ─► one OUT.xcd          (encode --pack)
    PACK.xcd ─► all pictures, or those of --only ─► OUT/00000.png …         (decode)

Small pictures cost 4 to 32 bits each; files of their own would cost them 30 bytes. A pack keeps the order of the
pictures and not their names.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from crosscodec.bitstream.container import read_header
from crosscodec.cli.batch import Plan, Product, Task
from crosscodec.cli.destinations import names_folder, require_folder, single_target
from crosscodec.cli.folders import files_below, named_as
from crosscodec.cli.inputs import CODED
from crosscodec.cli.rates import size_facts
from crosscodec.cli.streams import STANDARD, format_for, input_bytes, output_picture
from crosscodec.codec.decoding import decode_many
from crosscodec.codec.package import Package
from crosscodec.errors import InputMissing, OutputFailed, UsageError
from crosscodec.images.formats import SUFFIXES
from crosscodec.images.picture import Picture
from crosscodec.images.reading import read_picture

MOST_CHOSEN = 2**16  # pictures in a file, and so in --only


def pack_plan(source: str, target: str, suffix: str) -> Plan:
    """The one task of packing a folder: its source is the folder, its target the coded file.

    Raises InputMissing or UsageError unless the source is a folder, and UsageError for a target that is named like a
    picture: it might be one of those that are packed.
    """
    if named_as(source) != "folder":
        raise UsageError(f"--pack puts the pictures of a folder into one file; {source} is no folder")
    place = single_target(source, target, Path(source).resolve().name + suffix, suffix, SUFFIXES)
    return Plan((Task(source, place),), batch=False, makes_folders=names_folder(target))


def folder_pictures(
    folder: str, recursive: bool, suffix: str, any_scale: bool = False
) -> tuple[dict[str, Picture], tuple[str, ...]]:
    """The pictures of a folder by their paths inside it, in the order of these, and what is said of those not taken.

    Chosen by their extensions, hidden ones left out; files that end in `suffix` are packs made earlier. Raises
    InputMissing when there is no picture, OutputFailed when a folder cannot be read: a pack has all or is not made.
    """
    top = Path(folder)
    found = files_below(top, SUFFIXES, recursive)
    if found.unread:
        raise OutputFailed("; ".join(map(str, found.unread)))
    if not found.files:
        deeper = "" if recursive else " directly; -r looks into its folders too"
        raise InputMissing("; ".join([f"{folder} holds no picture{deeper}", *found.notices(suffix)]))
    pictures = {entry.relative_to(top).as_posix(): read_picture(entry, any_scale=any_scale) for entry in found.files}
    return pictures, found.notices(suffix)


def parse_only(text: str) -> list[int]:
    """The numbers that a list like "3,7-9" names: 3, 7, 8, 9. UsageError for other text."""
    chosen: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        ends = (first, last if dash else first)
        if not all(end.isascii() and end.isdigit() and len(end) < 10 for end in ends):
            raise UsageError(f"--only takes numbers and ranges like 3,7-9, counted from 0; not {text!r}")
        low, high = map(int, ends)
        if high < low or high - low + len(chosen) >= MOST_CHOSEN:
            raise UsageError(f"--only {text}: ranges rise, and name up to {MOST_CHOSEN:,} pictures in all")
        chosen += range(low, high + 1)
    return sorted(set(chosen))


def coded_input(source: str) -> bytes | None:
    """The bytes of one coded file or of stdin, None for a folder, a glob or what is not there."""
    return input_bytes(source) if source == STANDARD or os.path.isfile(source) else None


def picture_count(data: bytes) -> int:
    """Number of pictures that a coded file says it holds."""
    return len(read_header(data).images)


def unpack_plan(source: str, target: str, suffix: str, data: bytes, only: str | None) -> Plan:
    """A task for each picture of a pack or for those of --only; its `index` is the picture's place in the file.

    One picture may go to a file or to stdout; several need a folder, UsageError otherwise.
    """
    chosen = list(range(picture_count(data))) if only is None else parse_only(only)
    single = target == STANDARD or (Path(target).suffix.lower() in SUFFIXES and not names_folder(target))
    if single and len(chosen) == 1:
        return Plan((Task(source, target, chosen[0]),), batch=False)
    if single or os.path.isfile(target):
        raise UsageError(f"{source} gives {len(chosen)} pictures; name a folder for them, not {target}")
    require_folder(source, "pack", target, [CODED])
    tasks = tuple(Task(source, str(Path(target) / f"{i:05d}{suffix}"), i) for i in chosen)
    return Plan(tasks, batch=True, makes_folders=True)


def unpack(
    chosen: Sequence[int],
    data: bytes,
    package: Package | None,
    decoder: str,
    balance: float | None,
    seed: int | None,
    picture_format: str | None,
) -> Callable[[Task], Product]:
    """The work of those tasks of an `unpack_plan` that have these indices: their pictures are decoded here, all at
    once, and each task takes its own.
    """
    decoded = decode_many(data, package, decoder, balance, seed, chosen) if chosen else []
    restored = dict(zip(chosen, decoded, strict=True))

    def work(task: Task) -> Product:
        picture = restored[task.index]
        height, width = picture.pixels.shape[:2]
        facts = size_facts(picture.pixels.shape) | {
            "package": picture.package_name,
            "decoder": picture.decoder,
            "index": task.index,
        }
        coded, notices = output_picture(picture, format_for(task.target, picture_format))
        return Product(coded, f"picture {task.index}, {width} x {height}, decoder {picture.decoder}", facts, notices)

    return work
