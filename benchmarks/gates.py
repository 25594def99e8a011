"""The gate table of the run-time, measured: python benchmarks/gates.py [--quick] [--only KEY] [--out FILE]

    gate_files.py    damaged, cut, random and boasting files          ┐
    gate_coding.py   processes, threads, sizes, tiles, rate, golden   ├─► one row each: what, limit, measured, passed
    gate_costs.py    memory, start-up, killed writers, other tests    ┘

Every row is a function of this folder that returns what it measured; tests/gates runs the same functions, the long ones
in the slow suite. CROSSCODEC_DATA, where it is set, names a folder with kodak/. The slow rows take some twenty minutes
on two cores. --out puts the rows that were measured into the table, in place of older ones of the same gates: rows with
a clock want a quiet machine, the others can be measured any time.
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gate_coding as coding
import gate_costs as costs
import gate_files as files
from gate_record import Measured

COLUMNS = ("gate", "limit", "measured", "passed", "seconds")


@dataclass(frozen=True)
class Gate:
    """One row: its key, what is asked for, how it is measured, and whether even the quick form takes long."""

    key: str
    what: str
    limit: str
    measure: Callable[[bool], Measured]
    slow: bool = False


GATES = (
    Gate("processes", "encode and decode in other processes, 1 and 2 threads", "equal symbols", coding.processes),
    Gate("flips", "every header bit and 2,000 payload bits of each golden file", "100 % refused", files.flips),
    Gate("cuts", "truncation at every byte, trailing bytes", "100 % refused, < 100 ms, no output", files.cuts),
    Gate("random", "10,000 random files behind a valid magic", "library errors only, <= 512 MB", files.random_files),
    Gate("bombs", "headers that claim more than there is", "refused, < 10 MB, < 50 ms", files.bombs),
    Gate("kills", "200 kill -9 during writes", "target absent or whole", costs.kills),
    Gate("sizes", "sizes 1 to 65 squared, gray and RGB", "same size back", coding.sizes),
    Gate("degradation", "batches of 1, 7, 64, with 0 and 2 workers", "equal SHA-256", costs.degradation),
    Gate("dither", "known answers of the generator", "64 of 64", costs.known_answers),
    Gate("golden", "golden files of every version", "symbols exact, pixels within 1/255", coding.golden),
    Gate("rate", "payload beside model estimate", "<= model + 64 bit + 0.1 %", coding.rate),
    Gate("tiles", "symbols and pixels under tiles of 64 to 2,048", "all equal", coding.tiles),
    Gate("large-encode", "peak memory, encode, 100 megapixels", "<= 2 GB", costs.large_encode, slow=True),
    Gate("large-decode", "peak memory, decode, 100 megapixels", "<= 2 GB", costs.large_decode, slow=True),
    Gate("info", "crosscodec info, whole process", "< 0.25 s", costs.info),
    Gate("encode", "crosscodec encode of 256 x 256, whole process", "< 0.7 s", costs.encode),
    Gate("cluster", "worker killed in the middle of a batch", "nothing lost or doubled", costs.cluster),
    Gate("resume", "batch killed and started again", "nothing lost or doubled", costs.resume),
)


def write_table(path: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Write the rows in the order of the gates, and with them those of the table that were not measured now."""
    known = {row[0]: row for row in rows}
    if path.exists():
        with path.open(newline="", encoding="utf-8") as source:
            older = list(csv.reader(source, delimiter="\t"))[1:]
        known = {row[0]: tuple(row) for row in older} | known
    order = [f"{gate.key}: {gate.what}" for gate in GATES]
    with path.open("w", newline="", encoding="utf-8") as sink:
        kept = [known[name] for name in order if name in known]
        csv.writer(sink, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *kept])


def main() -> int:
    """Measure the rows that the command line asks for; write them when --out is given; 1 when one fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a fraction of each row, for a first look")
    parser.add_argument("--only", default="", help="rows whose key contains this")
    parser.add_argument("--out", type=Path, help="write the rows here")
    options = parser.parse_args()
    rows = []
    for gate in GATES:
        if options.only not in gate.key or (options.quick and gate.slow):
            continue
        started = time.perf_counter()
        found = gate.measure(options.quick)
        seconds = time.perf_counter() - started
        passed = "yes" if found.passed else "NO"
        rows.append((f"{gate.key}: {gate.what}", gate.limit, found.text, passed, f"{seconds:.1f}"))
        print(f"{passed:4s}{gate.key:14s}{found.text}  (asked: {gate.limit}; {seconds:.1f} s)", flush=True)
    if options.out:
        write_table(options.out, rows)
    return 0 if all(row[3] == "yes" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
