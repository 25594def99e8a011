"""What `encode`, `decode` and `restore` do with one input: pages to a coded file, a coded file to pages.

Task ─► input_stack ─► HowToEncode.encode ─► Product(coded file)                              encode, also of packs
Task ─► header ─► decode_many ─► output_pages ─► Product(picture file)                        decode
Task ─► input_stack ─► encode ─► decode_many ─► output_pages ─► Product(picture file)         restore
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from crosscodec.bitstream.container import read_header
from crosscodec.cli.batch import Product, Task
from crosscodec.cli.inputs import CODED
from crosscodec.cli.packs import decoded_facts, decoded_text, folder_stacks, page_names
from crosscodec.cli.rates import pack_facts, rate_text, stack_facts
from crosscodec.cli.streams import format_for, input_bytes, input_stack, output_pages, require_pages
from crosscodec.codec.decoding import decode_many
from crosscodec.codec.encoding import Encoded
from crosscodec.codec.package import Package, load_package
from crosscodec.codec.ratecontrol import RateChoice, encode_at, shortfall
from crosscodec.codec.scaling import Keep, RangeChoice, parse_range, scaled
from crosscodec.images.picture import Picture
from crosscodec.images.stack import USUAL_PAGES, PageChoice, parse_pages


@dataclass(frozen=True)
class HowToEncode:
    """What the encoding of every picture of a command has in common; a cluster's workers are sent it."""

    package: Package
    choice: RateChoice
    force: bool
    seed: int
    encoder: str
    pages: PageChoice
    samples: RangeChoice | None
    keep: Keep

    @property
    def any_scale(self) -> bool:
        """Whether the scale of the samples is told, so that pictures may have any."""
        return self.samples is not None

    def encode(self, pictures: Sequence[Picture]) -> tuple[Encoded, tuple[str, ...]]:
        """One file of these pictures, and what to say of it."""
        found = scaled(pictures, self.samples, self.keep)
        encoded = encode_at(
            found.pixels, self.package, self.choice, self.force, self.seed, self.encoder, found.appearance
        )
        notice = shortfall(encoded)
        return encoded, found.notices if notice is None else (*found.notices, notice)


def how_to_encode(
    package: str,
    choice: RateChoice,
    force: bool,
    seed: int,
    encoder: str,
    pages: str | None,
    samples: str | None,
    keep: Keep,
) -> HowToEncode:
    """Load the package and see to it that it can do what is asked, before any file is looked at."""
    loaded = load_package(package)
    choice.require(loaded)
    loaded.encoders_of(encoder)
    ends = None if samples is None else parse_range(samples)
    wanted = USUAL_PAGES if pages is None else parse_pages(pages)
    return HowToEncode(loaded, choice, force, seed, encoder, wanted, ends, keep)


def encoded_product(task: Task, how: HowToEncode) -> Product:
    """The coded file of an input, with all its pages."""
    stack = input_stack(task.source, how.any_scale, how.pages)
    started = time.perf_counter()
    encoded, told = how.encode(stack.pictures)
    facts = stack_facts(encoded, how.package, stack.numbers) | _seconds(started)
    return Product(encoded.data, _pages_text(encoded) + rate_text(encoded), facts, (*stack.told(), *told))


def packed_product(task: Task, how: HowToEncode, recursive: bool) -> Product:
    """The coded file of all pictures of a folder, and of their pages."""
    stacks, left_out = folder_stacks(task.source, recursive, CODED, how.any_scale, how.pages)
    started = time.perf_counter()
    encoded, told = how.encode([picture for stack in stacks.values() for picture in stack.pictures])
    facts = pack_facts(encoded, how.package, page_names(stacks)) | _seconds(started)
    notices = tuple(f"{name}: {notice}" for name, stack in stacks.items() for notice in stack.told())
    line = f"{len(encoded.shapes):,} pictures in {rate_text(encoded)}"
    return Product(encoded.data, line, facts, (*left_out, *notices, *told))


def decoded_product(
    task: Task,
    data: bytes | None,
    package: Package | None,
    decoder: str,
    balance: float | None,
    seed: int | None,
    picture_format: str | None,
) -> Product:
    """The pictures of a coded file (whose bytes may be known already) in one file; several as its pages."""
    kind = format_for(task.target, picture_format)
    data = input_bytes(task.source) if data is None else data
    shapes = [(image.height, image.width) for image in read_header(data).images]
    require_pages(shapes, kind, "or decode it alone, into a folder")
    started = time.perf_counter()
    restored = decode_many(data, package, decoder, balance, seed)
    coded, notices = output_pages(restored, kind, len(restored))
    return Product(coded, decoded_text(restored), decoded_facts(restored) | _seconds(started), notices)


def restored_product(
    task: Task, how: HowToEncode, decoder: str, balance: float | None, picture_format: str | None
) -> Product:
    """The pictures of an input after they passed through the bytes of a coded file."""
    kind = format_for(task.target, picture_format)
    stack = input_stack(task.source, how.any_scale, how.pages)
    require_pages([picture.pixels.shape for picture in stack.pictures], kind, "or one of them by --pages")
    started = time.perf_counter()
    encoded, told = how.encode(stack.pictures)
    encoding = time.perf_counter() - started
    restored = decode_many(encoded.data, how.package, decoder, balance)
    decoding = time.perf_counter() - started - encoding
    facts = stack_facts(encoded, how.package, stack.numbers) | {
        "decoder": restored[0].decoder,
        "encode_seconds": round(encoding, 4),
        "decode_seconds": round(decoding, 4),
    }
    coded, written = output_pages(restored, kind, len(restored))
    return Product(coded, _pages_text(encoded) + rate_text(encoded), facts, (*stack.told(), *told, *written))


def _pages_text(encoded: Encoded) -> str:
    return f"{len(encoded.shapes):,} pages in " if len(encoded.shapes) > 1 else ""


def _seconds(started: float) -> dict[str, object]:
    return {"seconds": round(time.perf_counter() - started, 4)}
