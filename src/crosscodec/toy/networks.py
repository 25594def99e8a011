"""The networks of a toy codec: a straight line which two hidden layers bend, for the encoder and every decoder.

    block (B,d) ─► line + net ─► features (B,F) ─► quantiser ─► features' (B,F) ─► line + net ─► block (B,d)

The quantiser is one of learn/transport. Gaussians: whole numbers with common dither, started as the plain dithered
quantiser that is known to cost a quarter of a bit (Zamir & Feder 1992), so that training has only to improve on it.
Pictures of bits, and Gaussian blocks if asked: a codebook. One coordinate more than a block has, nought for blocks and
sqrt(lambda bits) for codewords, makes the nearest codeword the one of least error + lambda bits (entropy-constrained
vector quantisation: Chou, Lookabaugh & Gray 1989).
"""

import math

import torch
from torch import Tensor, nn

from crosscodec.learn.transport.quantisers import Quantiser, ScalarQuantiser, VectorQuantiser
from crosscodec.learn.transport.settings import QuantiserSettings
from crosscodec.toy.settings import CODEWORDS, DITHER_LEVELS, ToySettings
from crosscodec.toy.sources import ToySource

REACH = 16  # symbols that tables list on either side of 0 while training
SCALAR_LOSS = 0.25  # bits, of a dithered step at all but the lowest rates
_LEAST = 1e-6  # probability that a started table gives the rarest symbol
_NOISE = 1 / 12  # variance of a uniform dither


class BentLine(nn.Module):
    """``line(x) + net(x)``, the net started at zero."""

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.line = nn.Linear(inputs, outputs)
        first, second, last = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, outputs)
        self.net = nn.Sequential(first, nn.SiLU(), second, nn.SiLU(), last)
        for layer in (self.line, last):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.line.weight.copy_(torch.eye(outputs, inputs))

    @torch.no_grad()
    def then(self, matrix: Tensor, shift: Tensor) -> None:
        """Follow it by the map ``matrix y + shift``, in place."""
        for layer in (self.line, self.net[-1]):
            assert isinstance(layer, nn.Linear)
            layer.weight.copy_(matrix @ layer.weight)
            layer.bias.copy_(matrix @ layer.bias)
        self.line.bias.add_(shift)

    def forward(self, x: Tensor) -> Tensor:
        """(B,inputs) to (B,outputs)."""
        bent: Tensor = self.line(x) + self.net(x)
        return bent


class ToyCodec(nn.Module):
    """Encoder, quantiser, and decoders by name; the first is trained with the encoder, the others for it."""

    def __init__(self, settings: ToySettings, source: ToySource) -> None:
        super().__init__()
        self.binary, self.codebook = settings.source == "bernoulli", settings.codebook
        width, hidden = source.width, settings.hidden
        self.encoder = BentLine(width, hidden, width)
        self.quantiser: Quantiser
        if self.codebook:
            self.quantiser = VectorQuantiser(QuantiserSettings(kind="vector", codebooks=(CODEWORDS,)), width + 1)
        else:
            rounding = QuantiserSettings(kind="rounding", latents=width, dither=DITHER_LEVELS, reach=REACH)
            self.quantiser = ScalarQuantiser(rounding, width)
        self.decoders = nn.ModuleDict({name: BentLine(self.quantiser.features, hidden, width) for name in source.owed})
        self.multiplier = self._start(settings.rate * source.symbols / width)

    @property
    def latents(self) -> int:
        """Symbols that a block becomes."""
        return 1 if isinstance(self.quantiser, VectorQuantiser) else self.quantiser.channels

    def features(self, numbers: Tensor) -> Tensor:
        """Features (B,F) of a source's numbers (B,d): bits become -1 and 1; with a codebook a nought is appended."""
        features: Tensor = self.encoder(2 * numbers - 1 if self.binary else numbers)
        return torch.cat([features, torch.zeros_like(features[:, :1])], 1) if self.codebook else features

    def outputs(self, decoder: str, features: Tensor) -> Tensor:
        """What the decoder gives: numbers, or the more probable bits."""
        decoded: Tensor = self.decoders[decoder](features)
        return (decoded > 0).to(decoded.dtype) if self.binary else decoded

    @torch.no_grad()
    def _start(self, rate: float) -> float:
        """Start at the dithered quantiser of a rate in bits a number; the slope -dD/dR there, D per number.

        Its step of 1 / scale has R = 1/2 log2(1 + 12 scale^2) + the scalar loss, the decoder Wiener's gain.
        """
        if not isinstance(self.quantiser, ScalarQuantiser):
            return 1.0
        scale = math.sqrt((4 ** max(rate - SCALAR_LOSS, rate / 2) - 1) * _NOISE)
        self.quantiser.normalise.weight.fill_(scale)
        for decoder in self.decoders.values():
            assert isinstance(decoder, BentLine)
            decoder.line.weight.mul_(scale / (scale**2 + _NOISE))
        places = torch.arange(-REACH, REACH + 1) + self.quantiser.offset(torch.arange(DITHER_LEVELS))[:, None]
        masses = torch.special.ndtr((places + 0.5) / scale) - torch.special.ndtr((places - 0.5) / scale)
        self.quantiser.logits.copy_(masses.clamp_min(_LEAST).log().repeat(self.quantiser.channels, 1))
        return 2 * math.log(2) * _NOISE / (scale**2 + _NOISE)
