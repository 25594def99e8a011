"""A context network while it is trained: floats that are rounded on the way as the package will round them.

    inputs (N,I) ─► layer ─► cut, rounded ─► layer ─► … ─┬─► last layer ─► scale: logarithm of a law's width
    └────────────────────────────────────────────────────┘              └─► lean: the law's middle, in widths

The law is a mixture of two logistic ones with the same middle, a wider behind a narrower; what the coder uses are
tables counted afterwards (bank.py).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from crosscodec.bitstream.network import GroupNetwork, Layer
from crosscodec.bitstream.network_inputs import LARGEST_INPUT
from crosscodec.learn.contexts.symbols import Looks

HALF = 4  # a hidden unit of 1 is 2^HALF as a whole number, and so is whatever a later layer is given
FIRST = 5  # an input of 1 at the first layer is 2^FIRST as a whole number
SCALES_A_UNIT = 8.0  # scales for each unit of the logarithm of a width
NARROWEST = -4.5  # logarithm of the width of scale 0
LEAN = 32.0  # a lean of one width as a whole number
# Of the law: what its narrower part weighs, how much wider the other is. The same in all networks: were they trained,
# each network would come to a language of its own for widths, and the bank serves all of them.
SHARE, WIDER = 0.6, 2.5
_MOST_BITS = 12  # of a weight's scale: keeps sums below 2^24
_LARGEST_BIAS = 64.0
_NARROWEST, _WIDEST = NARROWEST - 1, 6.0  # logarithms of the widths that a law may have


def _through(exact: Tensor, smooth: Tensor) -> Tensor:
    """Values of the one, gradient of the other."""
    return smooth + (exact - smooth).detach()


class WholeLayer(nn.Module):
    """A layer whose weights are bytes with a power of two for each unit as scale."""

    def __init__(self, inputs: int, outputs: int, least: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.least = least  # of a scale: keeps shifts from being negative
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def bits(self) -> Tensor:
        """Exponents (O,) of the scales of the weights."""
        largest = self.weight.detach().abs().amax(dim=1).clamp_min(1e-9)
        return (LARGEST_INPUT / largest).log2().floor().clamp(self.least, _MOST_BITS)

    def weights(self) -> Tensor:
        """The weights (O,I), as they will be rounded."""
        scale = self.bits().exp2()[:, None]
        whole = (self.weight * scale).round().clamp(-LARGEST_INPUT, LARGEST_INPUT)
        return _through(whole / scale, self.weight)

    def biases(self) -> Tensor:
        """The biases (O,), within what they may be."""
        return self.bias.clamp(-_LARGEST_BIAS, _LARGEST_BIAS)

    @torch.no_grad()
    def exported(self, before: int, after: Tensor) -> Layer:
        """The layer as whole numbers: an input of 1 is 2^before, an output of 1 is 2^after (O,)."""
        bits = self.bits()
        weights = (self.weight * bits.exp2()[:, None]).round().clamp(-LARGEST_INPUT, LARGEST_INPUT)
        bias = (self.bias.clamp(-_LARGEST_BIAS, _LARGEST_BIAS) * (bits + before).exp2()).round()
        shift = bits + before - after
        return Layer(weights.numpy().astype(np.int8), bias.numpy().astype(np.int32), shift.numpy().astype(np.uint8))


@dataclass(frozen=True)
class Law:
    """Of each symbol: logarithm of the width and middle (N,g)."""

    width: Tensor
    middle: Tensor


class ContextNetwork(nn.Module):
    """The network of a group of ``size`` channels with ``inputs`` inputs and these hidden units."""

    def __init__(self, inputs: int, hidden: tuple[int, ...], size: int) -> None:
        super().__init__()
        widths = (inputs, *hidden)
        # Shifts: of the first layer FIRST + bits - HALF, of later hidden ones bits.
        self.hidden = nn.ModuleList(
            WholeLayer(before, after, HALF - FIRST if k == 0 else 0)
            for k, (before, after) in enumerate(zip(widths[:-1], hidden, strict=True))
        )
        self.last = WholeLayer(inputs + (hidden[-1] if hidden else 0), 2 * size, 0)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        self.last.bias.data[:size] = -NARROWEST - 0.5
        self.size = size

    def forward(self, inputs: Tensor) -> Law:
        """The laws for whole inputs (N,I)."""
        last, units = self.last.weights(), inputs
        # What inputs are divided by goes to the weights, which are few. The last layer is two products, since inputs
        # beside units would be copied to be one array, and be given a gradient that nobody asks for.
        for k, layer in enumerate(self.hidden):
            assert isinstance(layer, WholeLayer), "the list holds nothing else"
            weights = layer.weights() if k else layer.weights() / 2**FIRST
            units = _cut(nn.functional.linear(units, weights, layer.biases()))
        again = inputs.shape[1]
        found = nn.functional.linear(inputs, last[:, -again:] / 2**HALF, self.last.biases())
        if len(self.hidden):
            found = torch.addmm(found, units, last[:, :-again].t())
        width = found[:, : self.size] + NARROWEST
        # A lean counts in widths: so it says how likely the one sign is beside the other, whatever the width.
        lean = found[:, self.size :] / (LEAN / 2**HALF)
        return Law(width, lean * _clamped(width).exp())

    def bits(self, law: Law, numbers: Tensor) -> Tensor:
        """What numbers (N,g) cost by their laws."""
        return _law_bits(law.width, law.middle, numbers)

    def exported(self, looks: Looks) -> GroupNetwork:
        """The network as the coder holds it, for what it looks at."""
        layers = []
        for k, layer in enumerate(self.hidden):
            assert isinstance(layer, WholeLayer), "the list holds nothing else"
            layers.append(layer.exported(HALF if k else FIRST, torch.full((len(layer.bias),), float(HALF))))
        # A unit of a width is SCALES_A_UNIT whole numbers; of a lean, already in halves of a width, 2^HALF.
        after = torch.tensor([float(np.log2(SCALES_A_UNIT))] * self.size + [float(HALF)] * self.size)
        last = self.last.exported(HALF, after)
        return GroupNetwork(self.size, looks.near, looks.signed, tuple(layers), last, looks.around, looks.own)


class _Cut(torch.autograd.Function):
    """Sums as hidden units: rounded down to whole numbers, and cut; the gradient is that of cutting alone.

    Written out, as is `_LawBits`: most of a step's time is passes over arrays, which autograd's own would double.
    """

    @staticmethod
    def forward(ctx: Any, sums: Tensor) -> Tensor:
        """The units."""
        unit = 2.0**HALF
        whole = (sums * unit).floor_()
        ctx.save_for_backward(whole)
        return whole.clamp(0.0, LARGEST_INPUT).div_(unit)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """The gradient of the sums."""
        (whole,) = ctx.saved_tensors
        return _within(gradients[0], whole, -0.5, LARGEST_INPUT + 0.5)


def _cut(sums: Tensor) -> Tensor:
    found: Tensor = _Cut.apply(sums)  # type: ignore[no-untyped-call]
    return found


class _LawBits(torch.autograd.Function):
    """Bits of numbers by laws of these logarithms of widths and middles, and the gradient of both.

    P = sum_k a_k (S(h / s_k) - S(l / s_k)) with h, l the ends of the number's cell from the middle, s_k = t_k e^width
    and S the logistic function; dP/dmiddle = -sum_k a_k (S'(h / s_k) - S'(l / s_k)) / s_k, and dP/dwidth the same with
    h and l as factors within.
    """

    @staticmethod
    def forward(ctx: Any, width: Tensor, middle: Tensor, numbers: Tensor) -> Tensor:
        """Bits (N,g)."""
        narrow = torch.exp(-_clamped(width))
        high = (numbers - middle).add_(0.5)
        low = high - 1.0
        found, by_middle, by_width = (torch.zeros_like(high) for _ in range(3))
        for weight, times in ((SHARE, 1.0), (1 - SHARE, WIDER)):
            rate = narrow / times
            for end, sign in ((high, weight), (low, -weight)):
                ratio = end * rate
                below = torch.sigmoid(ratio)
                found.add_(below, alpha=sign)
                slope = below.sub_(below * below).mul_(-sign)
                by_width.addcmul_(slope, ratio)
                by_middle.addcmul_(slope, rate)
        found += 1e-6
        cost = -1 / (found * math.log(2))
        by_width = _within(by_width.mul_(cost), width, _NARROWEST, _WIDEST)
        ctx.save_for_backward(by_width, by_middle.mul_(cost))
        return found.log2_().neg_()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        """The gradients of widths and middles; numbers have none."""
        by_width, by_middle = ctx.saved_tensors
        return gradients[0] * by_width, gradients[0] * by_middle, None


def _law_bits(width: Tensor, middle: Tensor, numbers: Tensor) -> Tensor:
    found: Tensor = _LawBits.apply(width, middle, numbers)  # type: ignore[no-untyped-call]
    return found


def _within(gradients: Tensor, values: Tensor, low: float, high: float) -> Tensor:
    """Gradients of values between low and high, and zero of all others."""
    # A product with a mask of booleans takes six times as long.
    found: Tensor = torch.ops.aten.hardtanh_backward(gradients, values, low, high)
    return found


def _clamped(width: Tensor) -> Tensor:
    return width.clamp(_NARROWEST, _WIDEST)
