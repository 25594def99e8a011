"""Packs: many pictures in one coded file, from a folder and back into one.

    FOLDER ─► pictures in the order of their names, or their pages ─► one OUT.xcd          (encode --pack)
    PACK.xcd ─► all pictures, or those of --only ─► OUT/00000.png …, or the pages of OUT.tif         (decode)

Small pictures cost 4 to 32 bits each; files of their own would cost them 30 bytes. A pack keeps the order of the
pictures and not their names. The pages of one file make such a pack too (coding.py).
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from crosscodec.bitstream.container import read_header
from crosscodec.cli.batch import Plan, Product, Task
from crosscodec.cli.destinations import names_folder, require_folder, single_target
from crosscodec.cli.folders import files_below, named_as
from crosscodec.cli.inputs import CODED
from crosscodec.cli.rates import size_facts
from crosscodec.cli.streams import STANDARD, format_for, input_bytes, output_pages
from crosscodec.codec.decoding import Restored, decode_many
from crosscodec.codec.package import Package
from crosscodec.errors import InputMissing, OutputFailed, UsageError
from crosscodec.images.formats import SUFFIXES
from crosscodec.images.reading import read_stack
from crosscodec.images.stack import USUAL_PAGES, PageChoice, Stack, listed_numbers
from crosscodec.images.writing import holds_pages


def pack_plan(source: str, target: str, suffix: str) -> Plan:
    """The one task of packing a folder: its source is the folder, its target the coded file.

    Raises InputMissing or UsageError unless the source is a folder, and UsageError for a target that is named like a
    picture: it might be one of those that are packed.
    """
    if named_as(source) != "folder":
        raise UsageError(f"--pack puts the pictures of a folder into one file; {source} is no folder")
    place = single_target(source, target, Path(source).resolve().name + suffix, suffix, SUFFIXES)
    return Plan((Task(source, place),), batch=False, makes_folders=names_folder(target))


def folder_stacks(
    folder: str, recursive: bool, suffix: str, any_scale: bool = False, pages: PageChoice = USUAL_PAGES
) -> tuple[dict[str, Stack], tuple[str, ...]]:
    """The pictures of a folder, or their pages, by their paths inside it, in the order of these, and what is said of
    those not taken.

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
    stacks = {
        entry.relative_to(top).as_posix(): read_stack(entry, any_scale=any_scale, pages=pages) for entry in found.files
    }
    return stacks, found.notices(suffix)


def page_names(stacks: Mapping[str, Stack]) -> list[str]:
    """A name for each picture: that of its file, with the page behind a colon where the file gives several."""
    return [
        name if len(stack.pictures) == 1 else f"{name}:{number}"
        for name, stack in stacks.items()
        for number in stack.numbers
    ]


def coded_input(source: str) -> bytes | None:
    """The bytes of one coded file or of stdin, None for a folder, a glob or what is not there."""
    return input_bytes(source) if source == STANDARD or os.path.isfile(source) else None


def picture_count(data: bytes) -> int:
    """Number of pictures that a coded file says it holds."""
    return len(read_header(data).images)


def chosen_pictures(data: bytes, only: str | None) -> list[int]:
    """The places in a coded file of all its pictures, or of those of --only. UsageError for what is no such list."""
    return list(range(picture_count(data))) if only is None else listed_numbers(only, "--only", "pictures")


def unpack_plan(
    source: str, target: str, suffix: str, chosen: Sequence[int], picture_format: str | None = None
) -> Plan:
    """A task for each of the chosen pictures of a pack, its `index` being the picture's place in the file; or one task
    for them all, where OUT is stdout or a file whose kind holds pages (format_for).

    One picture may go to a file of any kind; several need pages or a folder, UsageError otherwise.
    """
    single = target == STANDARD or (Path(target).suffix.lower() in SUFFIXES and not names_folder(target))
    if single and (len(chosen) == 1 or holds_pages(format_for(target, picture_format))):
        return Plan((Task(source, target, chosen[0]),), batch=False)
    if single or os.path.isfile(target):
        raise UsageError(
            f"{source} gives {len(chosen)} pictures; name a folder for them, or a file that holds pages (.tif, .npy), "
            f"not {target}"
        )
    require_folder(source, "pack", target, [CODED])
    tasks = tuple(Task(source, str(Path(target) / f"{i:05d}{suffix}"), i) for i in chosen)
    return Plan(tasks, batch=True, makes_folders=True)


def unpack(
    plan: Plan,
    waiting: Sequence[Task],
    chosen: Sequence[int],
    data: bytes,
    package: Package | None,
    decoder: str,
    balance: float | None,
    seed: int | None,
    picture_format: str | None,
) -> Callable[[Task], Product]:
    """The work of an `unpack_plan`: the pictures of the tasks that are waiting are decoded here, all at once, and each
    task takes its own, or the only task all of them.
    """
    together, count = not plan.batch, picture_count(data)
    needed = (list(chosen) if waiting else []) if together else [task.index for task in waiting]
    decoded = decode_many(data, package, decoder, balance, seed, needed) if needed else []
    restored = dict(zip(needed, decoded, strict=True))

    def work(task: Task) -> Product:
        pictures = decoded if together else [restored[task.index]]
        coded, notices = output_pages(pictures, format_for(task.target, picture_format), count)
        facts = decoded_facts(pictures) | ({"index": task.index} if len(pictures) == 1 else {"indices": needed})
        which = f"picture {task.index}, " if len(pictures) == 1 else ""
        return Product(coded, which + decoded_text(pictures), facts, notices)

    return work


def decoded_facts(pictures: Sequence[Restored]) -> dict[str, object]:
    """Size of the first of the pictures that were decoded, package and decoder, and of several their number."""
    first = pictures[0]
    facts = size_facts(first.pixels.shape) | {"package": first.package_name, "decoder": first.decoder}
    return facts if len(pictures) == 1 else facts | {"images": len(pictures)}


def decoded_text(pictures: Sequence[Restored]) -> str:
    """The same for people."""
    height, width = pictures[0].pixels.shape[:2]
    pages = f"{len(pictures):,} pages, " if len(pictures) > 1 else ""
    return f"{pages}{width} x {height}, decoder {pictures[0].decoder}"
