"""Small random weights in the layout of the files of LPIPS, for tests that go without the authors' own."""

from pathlib import Path

import numpy as np

from crosscodec.measure.lpips import FILES
from crosscodec.measure.weights import FOLDER

ALEX = {"0": (6, 3, 11), "3": (8, 6, 5), "6": (7, 8, 3), "8": (5, 7, 3), "10": (4, 5, 3)}
FIRES = {"3": (5, 2, 3), "4": (6, 2, 4), "6": (8, 3, 4), "7": (8, 3, 5), "9": (10, 4, 5), "10": (10, 4, 6)}
FIRES |= {"11": (12, 4, 6), "12": (12, 5, 7)}  # inputs, squeezed, each of the two expansions


def random_weights(network: str) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(3)
    shapes: dict[str, tuple[int, ...]] = {}
    if network == "alex":
        convolutions = {name: (out, into, size) for name, (out, into, size) in ALEX.items()}
        heads = [out for out, _, _ in ALEX.values()]
    else:
        convolutions, heads, previous = {"0": (5, 3, 3)}, [5], 5
        for name, (_, few, each) in FIRES.items():
            convolutions[f"{name}.squeeze"] = (few, previous, 1)
            convolutions |= {f"{name}.expand{size}x{size}": (each, few, size) for size in (1, 3)}
            previous = 2 * each
            if name not in ("3", "6"):
                heads.append(previous)
    for name, (out, into, size) in convolutions.items():
        shapes |= {f"features.{name}.weight": (out, into, size, size), f"features.{name}.bias": (out,)}
    arrays = {name: generator.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    return arrays | {f"lin{i}": generator.uniform(0, 1, count).astype(np.float32) for i, count in enumerate(heads)}


def data_with_weights(root: Path) -> Path:
    """The folder, with random weights of both networks where a data folder has them."""
    (root / FOLDER).mkdir()
    for network, name in FILES.items():
        np.savez(root / FOLDER / name, **random_weights(network))
    return root
