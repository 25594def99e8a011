"""Tiny data sets in the formats of the published ones, for tests: a folder that loaders take for CROSSCODEC_DATA."""

import gzip
import struct
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat


def idx(array: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_mnist(data: Path, train: int = 12, test: int = 7) -> None:
    """MNIST with random pictures; labels count up from 0."""
    folder = data / "mnist"
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, count in (("train", train), ("t10k", test)):
        images = np.random.default_rng(count).integers(0, 256, (count, 28, 28), dtype=np.uint8)
        (folder / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(np.arange(count, dtype=np.uint8) % 10))


def write_bsds500(data: Path) -> None:
    """200 + 200 small photographs, landscape and portrait by turns."""
    for split in ("train", "test"):
        folder = data / "bsds500" / split
        folder.mkdir(parents=True)
        for number in range(200):
            shape = (33, 40, 3) if number % 2 else (40, 33, 3)
            pixels = np.full(shape, (number + (split == "test")) % 256, np.uint8)
            Image.fromarray(pixels).save(folder / f"{1000 + number}.jpg")


def write_svhn(data: Path, count: int = 12, compress: bool = True) -> None:
    """SVHN with random pictures; labels 1 … 9, 10 (zero), 1, …"""
    (data / "svhn").mkdir(parents=True, exist_ok=True)
    for split in ("train", "test"):
        pixels = np.random.default_rng(3).integers(0, 256, (32, 32, 3, count), dtype=np.uint8)
        labels = (np.arange(count, dtype=np.uint8) % 10 + 1)[:, None]
        savemat(data / "svhn" / f"{split}_32x32.mat", {"X": pixels, "y": labels}, do_compression=compress)


def write_cifar_batches(folder: Path, count: int = 4) -> np.ndarray:
    """The six binary batches; returns the training pictures, (5 · count, 32, 32, 3). Labels are 0, 1, 2, … of 10."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = np.random.default_rng(5).integers(0, 256, (6 * count, 32, 32, 3), dtype=np.uint8)
    names = [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]
    for batch, name in enumerate(names):
        records = (
            bytes([i % 10]) + pictures[i].transpose(2, 0, 1).tobytes()
            for i in range(count * batch, count * batch + count)
        )
        (folder / name).write_bytes(b"".join(records))
    return pictures[: 5 * count]


def write_cifar_first(data: Path) -> None:
    """The .npz file of the first 4,000, as small as it can be: equal pictures, labels that count up."""
    (data / "cifar10").mkdir(parents=True, exist_ok=True)
    images = np.zeros((4000, 32, 32, 3), np.uint8)
    images[3200:] = 9
    np.savez_compressed(
        data / "cifar10" / "cifar10_train_first4000.npz", images=images, labels=(np.arange(4000) % 10).astype(np.uint8)
    )


def write_imagenet(data: Path, count: int = 21) -> None:
    """The ImageNet sample with `count` classes of flat colour, the last one gray and not square."""
    folder = data / "imagenet-sample"
    folder.mkdir(parents=True)
    rows = ["file,wnid,class_name"]
    for number in range(count):
        shape = (80, 100) if number == count - 1 else (70, 70, 3)
        Image.fromarray(np.full(shape, 5 * number, np.uint8)).save(folder / f"n{number:02d}.png")
        rows.append(f"n{number:02d}.png,n{number:02d},kind {number}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")


def write_digits(package: Path, count: int = 13) -> None:
    """The file of scikit-learn's digits inside a folder that stands for the package; label i, levels i."""
    folder = package / "datasets" / "data"
    folder.mkdir(parents=True)
    lines = (",".join([f"{float(i % 17)}"] * 64 + [f"{float(i % 10)}"]) + "\n" for i in range(count))
    (folder / "digits.csv.gz").write_bytes(gzip.compress("".join(lines).encode()))
