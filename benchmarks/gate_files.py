"""Gates of damaged files: bits flipped, bytes cut, random bytes, and headers that boast."""

import json
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zlib
from pathlib import Path

from gate_record import GOLDEN, GOLDEN_FOLDER, Measured, command

from crosscodec.bitstream.container import MAGIC, read_coded, read_header
from crosscodec.bitstream.varint import varint
from crosscodec.codec import load_package, verify_bytes
from crosscodec.errors import CorruptData, CrosscodecError, ResourceLimit, UnsupportedData

REFUSALS = (CorruptData, UnsupportedData, ResourceLimit)


def flips(quick: bool) -> Measured:
    """Flip bits of every golden file: each must be refused with one of our errors."""
    tried = refused = 0
    for path in GOLDEN:
        data = path.read_bytes()
        header = 8 * read_header(data).header_bytes
        payload = random.Random(path.name).sample(range(header, 8 * len(data)), min(2000, 8 * len(data) - header))
        for bit in [*range(header), *payload][:: 10 if quick else 1]:
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            tried += 1
            try:
                verify_bytes(bytes(flipped))
            except REFUSALS:
                refused += 1
    return Measured(f"{refused:,} of {tried:,} refused, {len(GOLDEN)} files", refused == tried)


def cuts(quick: bool) -> Measured:
    """Cut every golden file at every byte and append one to it; the command line must write nothing."""
    tried = refused = 0
    slowest = 0.0
    for path in GOLDEN:
        data = path.read_bytes()
        pieces = [data[:length] for length in range(0, len(data), 25 if quick else 1)]
        for piece in [*pieces, data + b"\0", data + data]:
            tried += 1
            started = time.perf_counter()
            try:
                verify_bytes(piece)
            except REFUSALS:
                refused += 1
            slowest = max(slowest, time.perf_counter() - started)
    silent = _no_output(GOLDEN[0].read_bytes())
    text = f"{refused:,} of {tried:,} refused, slowest {1e3 * slowest:.1f} ms, {'no' if silent else 'SOME'} output"
    return Measured(text, refused == tried and slowest < 0.1 and silent)


def _no_output(data: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cut.xcd").write_bytes(data[:-1])
        done = command("decode", str(Path(folder) / "cut.xcd"), str(Path(folder) / "out.png"))
        return done.returncode == 65 and [path.name for path in Path(folder).iterdir()] == ["cut.xcd"]


RANDOM = r"""
import json, re, sys
sys.path.insert(0, sys.argv[1])
from gate_files import read_random
others = read_random(int(sys.argv[2]))
# Not ru_maxrss, which Linux carries over from the process that started this one.
status = open("/proc/self/status").read()
print(json.dumps([others, int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])]))
"""


def random_files(quick: bool) -> Measured:
    """Read random files in a process of its own, whose peak memory counts."""
    count = 1000 if quick else 10_000
    start = [sys.executable, "-c", RANDOM, str(Path(__file__).parent), str(count)]
    done = subprocess.run(start, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return Measured(f"the process ended with {done.returncode}: {done.stderr[-200:]}", False)
    others, peak = json.loads(done.stdout)
    text = f"{count:,} files, {len(others)} other errors {others[:3]}, peak {peak / 2**10:.0f} MiB"
    return Measured(text, not others and peak <= 512 * 2**10)


def read_random(count: int) -> list[str]:
    """Verify so many random files; the names of errors that are not the library's."""
    rng = random.Random(3)
    package = load_package(GOLDEN_FOLDER / "v1-photo.xcm")
    good = GOLDEN[0].read_bytes()
    start = read_header(good).header_bytes
    others = []
    for number in range(count):
        body = rng.randbytes(rng.randrange(80))
        if number % 4 == 0:
            data = MAGIC + body
        elif number % 4 == 1:
            data = sealed(body)
        elif number % 4 == 2:
            mutant = bytearray(good[10 : start - 4])
            mutant[rng.randrange(len(mutant))] = rng.randrange(256)
            data = sealed(bytes(mutant)) + good[start:]
        else:
            payload = rng.randbytes(len(good) - start)
            # The payload's CRC is the header's last field: a right one lets random bytes into the entropy decoder.
            data = sealed(good[10 : start - 8] + zlib.crc32(payload).to_bytes(4, "little")) + payload
        try:
            verify_bytes(data, package)
        except CrosscodecError:
            continue
        except Exception as error:
            others.append(type(error).__name__)
    return others


def sealed(body: bytes) -> bytes:
    """A header with this body, its length and its CRC right."""
    head = MAGIC + b"\x10" + varint(len(body)) + body
    return head + zlib.crc32(head).to_bytes(4, "little")


def bombs(quick: bool) -> Measured:
    """Headers that claim pixels, pictures, symbols or bytes that are not there."""
    coded = read_coded(GOLDEN[0].read_bytes())
    huge, tail = varint(2**32), coded.digest.to_bytes(4, "little")
    bodies = {
        "pixels": b"\x30" + coded.package_id + huge + huge + varint(0) + tail + varint(1) + bytes(4),
        "pictures": b"\x00" + coded.package_id + varint(2**40) + varint(2**40) + tail + varint(1) + bytes(4),
        "symbols": b"\x30" + coded.package_id + b"\x08\x08" + varint(2**62) + tail + varint(1) + bytes(4),
        "payload": b"\x30" + coded.package_id + b"\x08\x08" + varint(0) + tail + varint(2**60) + bytes(4),
    }
    files = [sealed(body) for body in bodies.values()] + [MAGIC + b"\x10" + varint(2**60)]
    refused, slowest, growth = 0, 0.0, 0
    for data in files:
        tracemalloc.start()
        started = time.perf_counter()
        try:
            verify_bytes(data)
        except REFUSALS:
            refused += 1
        slowest = max(slowest, time.perf_counter() - started)
        growth = max(growth, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    text = f"{refused} of {len(files)} refused, at most {growth / 1e6:.2f} MB and {1e3 * slowest:.1f} ms"
    return Measured(text, refused == len(files) and growth < 10e6 and slowest < 0.05)
