"""Self-ensemble: a network applied to its mirrored inputs as well, and the mean of what it gives, mirrored back.

    picture ─┬──────────► encoder ─────────────────► + ─► / passes ─► coefficients
             └─ mirror ─► encoder ─► mirror, signs ─► ┘

A network is trained on pictures turned and mirrored at random, and yet answers a mirrored picture a little otherwise;
the mean of the answers is nearer to what it should be (Timofte, Rothe and Van Gool 2016, "Seven ways to improve
example-based single image super resolution"). Two or four passes take twice or four times as long.

Coefficients of a mirrored picture are those of the picture, mirrored, some with the other sign: which ones, the card of
a package says (``parities``).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]

ACROSS, DOWN = 1, 2  # bits of a parity, and of a pass: mirrored left to right, top to bottom
_NAME = re.compile(r"(.+)-x([24])")


def passes_of(name: str) -> tuple[str, int]:
    """Of ``best-x4`` the network's name and the number of passes; of any other name itself and 1."""
    found = _NAME.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 1)


@dataclass(frozen=True)
class Mirrored:
    """A network as the mean of ``passes`` passes. ``parities`` (C,): for each coefficient the sum of ACROSS if its sign
    changes when a picture is mirrored left to right, and DOWN if it changes top to bottom.

    ``encodes``: the network takes pictures (B,P,H,W) and gives coefficients (B,C,h,w); otherwise it takes these, and
    perhaps further planes without signs behind them, and gives pictures.
    """

    network: Network
    parities: NDArray[np.int64]
    passes: int
    encodes: bool

    def __call__(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """The mean over passes."""
        total: NDArray[np.float32] = self.network(array)
        for mirror in range(1, self.passes):
            if self.encodes:
                found = self._signed(_turned(self.network(_turned(array, mirror)), mirror), mirror)
            else:
                found = _turned(self.network(_turned(self._signed(array, mirror), mirror)), mirror)
            total = total + found
        return total / np.float32(self.passes)

    def _signed(self, coefficients: NDArray[np.float32], mirror: int) -> NDArray[np.float32]:
        odd = sum(((self.parities & bit & mirror) > 0).astype(np.int64) for bit in (ACROSS, DOWN))
        signs = np.ones(coefficients.shape[1], np.float32)
        signs[: len(self.parities)] = 1 - 2 * (odd % 2)
        return coefficients * signs[:, None, None]


def _turned(array: NDArray[np.float32], mirror: int) -> NDArray[np.float32]:
    turned = array[:, :, :: -1 if mirror & DOWN else 1, :: -1 if mirror & ACROSS else 1]
    return np.ascontiguousarray(turned)
