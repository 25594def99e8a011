"""The linear start of the photo codec: a 16x16 block DCT of three decorrelated colour planes, as matrix products.

Analysis and synthesis networks are corrections beside this path, so that training starts from a working transform
codec instead of from noise. The basis is orthonormal: squared error in the latent is squared error in the picture,
white noise stays white.
"""

import math

import torch
from torch import Tensor, nn

from crosscodec.codec.mirrored import ACROSS, DOWN
from crosscodec.learn.onnxfile import EXACT

BLOCK = 16
_FACTORS = f"down{EXACT}", f"across{EXACT}"

# Rows: luma and two colour differences of (R, G, B), orthonormal.
COLOUR = (
    (1 / math.sqrt(3), 1 / math.sqrt(3), 1 / math.sqrt(3)),
    (1 / math.sqrt(2), 0.0, -1 / math.sqrt(2)),
    (1 / math.sqrt(6), -2 / math.sqrt(6), 1 / math.sqrt(6)),
)


def dct_matrix(size: int) -> Tensor:
    """The orthonormal DCT-II matrix, shape (size, size), one basis function a row."""
    n = torch.arange(size, dtype=torch.float64)
    rows = torch.cos(math.pi * (n[None, :] + 0.5) * n[:, None] / size) * math.sqrt(2 / size)
    rows[0] /= math.sqrt(2)
    return rows


def lowest_frequencies(count: int) -> list[tuple[int, int]]:
    """The ``count`` lowest (vertical, horizontal) frequencies of a 16x16 block, by distance from the constant."""
    every = [(v, h) for v in range(BLOCK) for h in range(BLOCK)]
    return sorted(every, key=lambda f: (f[0] ** 2 + f[1] ** 2, f))[:count]


def basis_factors(luma: int, chroma: int) -> tuple[Tensor, Tensor]:
    """What the basis functions are products of, float32: colours times cosines down a block (C,3,16,1), and cosines
    across it (C,1,1,16), C being luma + 2*chroma.
    """
    rows, colour = dct_matrix(BLOCK), torch.tensor(COLOUR, dtype=torch.float64)
    each = [
        (torch.outer(colour[plane], rows[v]), rows[h])
        for plane, count in enumerate((luma, chroma, chroma))
        for v, h in lowest_frequencies(count)
    ]
    down, across = (torch.stack(factor).float() for factor in zip(*each, strict=True))
    return down[..., None], across[:, None, None, :]


def block_basis(luma: int, chroma: int) -> Tensor:
    """The basis as a convolution kernel, shape (luma + 2*chroma, 3, 16, 16), float32."""
    down, across = basis_factors(luma, chroma)
    return down * across


def parities(luma: int, chroma: int) -> tuple[int, ...]:
    """Of each coefficient 1 if its sign changes when a picture is mirrored left to right, plus 2 if top to bottom: a
    cosine of odd frequency is odd about the middle of its block.
    """
    found = [(v % 2) * DOWN + (h % 2) * ACROSS for v, h in lowest_frequencies(max(luma, chroma))]
    return (*found[:luma], *found[:chroma], *found[:chroma])


class BlockDct(nn.Module):
    """Pictures (B, 3, H, W) to coefficients (B, luma + 2*chroma, H/16, W/16) and back; H and W multiples of 16.

    Always in float32: coefficients are large, and bfloat16 would round them by more than a quantisation step.
    """

    basis: Tensor

    def __init__(self, luma: int, chroma: int) -> None:
        super().__init__()
        self.register_buffer("basis", block_basis(luma, chroma), persistent=False)
        for name, factor in zip(_FACTORS, basis_factors(luma, chroma), strict=True):
            self.register_buffer(name, factor, persistent=False)

    @property
    def kernel(self) -> Tensor:
        """The basis. In an exported graph it is a product of two constants, a sixth of its size, which the runtime
        multiplies when it starts.
        """
        if not torch.compiler.is_exporting():
            return self.basis
        down, across = (getattr(self, name) for name in _FACTORS)
        product: Tensor = down * across
        return product

    def forward(self, pictures: Tensor) -> Tensor:
        """Coefficients of centred pictures."""
        with torch.autocast(pictures.device.type, enabled=False):
            # One map in two ways: with stride 16 it is twice as fast in ONNX Runtime, as a product of matrices seven
            # times as fast in training.
            if torch.compiler.is_exporting():
                return nn.functional.conv2d(pictures, self.kernel, stride=BLOCK)
            blocks = nn.functional.pixel_unshuffle(pictures.float(), BLOCK)
            return nn.functional.conv2d(blocks, self.basis.flatten(1)[:, :, None, None])

    def inverse(self, coefficients: Tensor) -> Tensor:
        """The pictures spanned by the kept frequencies; exact inverse when all are kept."""
        with torch.autocast(coefficients.device.type, enabled=False):
            blocks = nn.functional.conv2d(coefficients.float(), self.kernel.flatten(1).T[:, :, None, None])
            return nn.functional.pixel_shuffle(blocks, BLOCK)
