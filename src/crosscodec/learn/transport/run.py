"""From the settings' names to arrays, and from a package to the measured numbers on its card."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from crosscodec.codec import Package, decode_arrays, encode_arrays
from crosscodec.codec.package import SUFFIX, pack, parse_package
from crosscodec.domains.samples import Samples
from crosscodec.learn.settled import settle_data
from crosscodec.learn.transport.data import load_data
from crosscodec.learn.transport.settings import TransportRecipe
from crosscodec.learn.transport.train import train_transport
from crosscodec.measure.classification import accuracy

TRIAL = 2000  # test pictures


def train_transport_run(
    recipe: TransportRecipe, out: Path, resume: bool, root: Path | None, card: dict[str, Any]
) -> bytes:
    """Train by the recipe, or go on where ``out`` stands; the bytes of the package, its card with measured numbers.

    The folder also receives ``data.json``: SHA-256 of the arrays that were trained on.
    """
    samples = load_data(recipe.data, "train", root)
    settle_data(out, data_hashes(samples))
    finished = train_transport(recipe, samples, out, resume, card)
    package = parse_package(finished.package, out / f"{recipe.package.name}{SUFFIX}")
    rows = trial(package, load_data(recipe.data, "test", root))
    return pack(replace(package.card, measured=rows), package.parts)


def data_hashes(samples: Samples) -> dict[str, str]:
    """SHA-256 of the arrays of samples, by name."""
    arrays = {"degraded": samples.degraded, "clean": samples.clean, "labels": samples.labels}
    found = {k: hashlib.sha256(a.tobytes()).hexdigest() for k, a in arrays.items() if a is not None}
    return {"set": samples.name, "degradation": samples.degradation} | found


def trial(package: Package, samples: Samples) -> tuple[dict[str, Any], ...]:
    """Rows for the card: every decoder on the first test pictures, from one real file."""
    degraded = samples.degraded[:TRIAL]
    encoded = encode_arrays(degraded, package)
    rows = []
    for name in package.decoders:
        restored = decode_arrays(encoded.data, package, name)
        row: dict[str, Any] = {
            "set": samples.name,
            "decoder": name,
            "pictures": len(degraded),
            "payload_bits_per_picture": round(8 * encoded.payload_bytes / len(degraded), 3),
            "mse_to_degraded": _mse(restored, degraded),
        }
        if samples.paired and samples.clean is not None:
            row["mse_to_clean"] = _mse(restored, samples.clean[:TRIAL])
        judge = f"on-{name}"
        if samples.labels is not None and judge in package.card.judges:
            logits = package.judge(judge)(np.ascontiguousarray(restored.transpose(0, 3, 1, 2)))
            row["accuracy_on_reconstructions"] = round(accuracy(logits, samples.labels[:TRIAL]), 4)
        rows.append(row)
    return tuple(rows)


def _mse(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    return round(float(np.square(a.astype(np.float64) - b).mean()), 5)
