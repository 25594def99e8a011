"""Features to symbols and back: three quantisers with one face.

    features ─latents()─► v (B,C) ─round─► symbols ─► values = symbols (+ dither) ─features_of()─► decoder's features
                          └── the encoder graph ends here                        └── a decoder graph begins here

* ``levels``: the papers' L values on [-1, 1] (Liu et al. 2022): normalised, tanh, then rounded on a grid of L points.
* ``rounding``: whole numbers without limit, for an entropy model; features are normalised and scaled, as learned.
* ``vector``: residual vector quantisation; a symbol is the index of the nearest codeword of a stage.

With subtractive dither (Zamir & Feder 1992; "universal quantisation") symbol = round(v - u) and the decoder works with
symbol + u. With common randomness its u is the encoder's; without, it is an independent draw. The step is 1 throughout,
and u takes K equally likely values (k + 1/2)/K - 1/2, so that the tables of the coder can be integers.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from crosscodec.learn.tables import table_bits
from crosscodec.learn.transport.settings import QuantiserSettings

COMMITMENT = 0.25  # weight of embeddings moving to codewords, beside codewords moving to embeddings (VQ-VAE, 2017)

SPREAD = 2.0  # standard deviation, in steps, of unbounded latents at the start


@dataclass(frozen=True)
class Dither:
    """Dither levels (B,C), whole numbers 0..K-1, that encoder and decoder use; the same tensor under common
    randomness.
    """

    encoder: Tensor
    decoder: Tensor


@dataclass(frozen=True)
class Quantised:
    """What quantisation gave: features for the decoder (B,F), bits a picture by the tables (B,), and a commitment."""

    features: Tensor
    bits: Tensor
    commitment: Tensor  # how far embeddings lie from the codewords of a vector quantiser, squared; 0 for scalars


def through(replaced: Tensor, original: Tensor) -> Tensor:
    """The value of the first with the gradient of the second (straight-through estimator)."""
    return original + (replaced - original).detach()


class ScalarQuantiser(nn.Module):
    """``levels`` and ``rounding``: one symbol for each feature, C = F. Each ``share`` neighbouring features, the cells
    of a channel on a grid, have scale and tables in common.
    """

    def __init__(self, settings: QuantiserSettings, channels: int, share: int = 1) -> None:
        super().__init__()
        self.settings, self.channels, self.share = settings, channels, share
        self.bounded = settings.kind == "levels"
        # Bounded: without it the straight-through gradient drives tanh into saturation, where nothing is learned.
        # Unbounded: a young encoder's features would all round to zero, where a decoder learns nothing of them.
        self.normalise = nn.BatchNorm1d(channels // share, affine=not self.bounded)
        if not self.bounded:
            nn.init.constant_(self.normalise.weight, SPREAD)
        symbols = settings.levels if self.bounded else 2 * settings.reach + 1
        self.low = 0 if self.bounded else -settings.reach
        rows = channels // share * max(settings.dither if settings.common else 0, 1)
        self.logits = nn.Parameter(torch.zeros(rows, symbols))
        if not self.bounded:
            with torch.no_grad():
                self.logits.copy_(-0.5 * torch.arange(-settings.reach, settings.reach + 1).abs())

    @property
    def features(self) -> int:
        """Number of features F that encoder and decoder networks exchange with the quantiser."""
        return self.channels

    @property
    def level_counts(self) -> tuple[int, ...] | None:
        """Number of values of each channel's symbols, None without limit."""
        return (self.settings.levels,) * self.channels if self.bounded else None

    def latents(self, features: Tensor) -> Tensor:
        """V (B,C) in units of the step; rounding gives symbols."""
        cells = features if self.share == 1 else features.reshape(len(features), -1, self.share)
        features = self.normalise(cells).flatten(1)
        return (torch.tanh(features) + 1) * (0.5 * (self.settings.levels - 1)) if self.bounded else features

    def features_of(self, values: Tensor) -> Tensor:
        """Decoder's features of symbols with dither added back: on [-1, 1] for ``levels``."""
        return values * (2.0 / (self.settings.levels - 1)) - 1.0 if self.bounded else values

    def symbols(self, latents: Tensor, dither: Dither | None) -> Tensor:
        """Whole numbers (B,C)."""
        rounded = (latents if dither is None else latents - self.offset(dither.encoder)).round()
        return rounded.clamp(0, self.settings.levels - 1) if self.bounded else rounded

    def offset(self, levels: Tensor) -> Tensor:
        """U of dither levels."""
        return (levels + 0.5) / self.settings.dither - 0.5

    def forward(self, features: Tensor, dither: Dither | None) -> Quantised:
        """Quantise features (B,F)."""
        latents = self.latents(features)
        symbols = self.symbols(latents.detach(), dither)
        values = symbols if dither is None else symbols + self.offset(dither.decoder)
        # The tables round by themselves; given the latents, their slope is that at the latent, not at the symbol.
        cost = self.bits(latents if dither is None else latents - self.offset(dither.encoder), dither)
        return Quantised(self.features_of(through(values, latents)), cost, features.new_zeros(()))

    def bits(self, symbols: Tensor, dither: Dither | None) -> Tensor:
        """Bits a picture (B,) by the learned tables: one a channel (or its share), or K under common randomness."""
        channel = torch.arange(self.channels, device=symbols.device)[None] // self.share
        if dither is not None and self.settings.common:
            channel = channel * self.settings.dither + dither.encoder
        return table_bits(self.logits, channel, symbols, self.low).sum(dim=1)

    def draw(self, count: int, generator: torch.Generator) -> Dither | None:
        """A fresh draw of dither for ``count`` pictures, None without dither."""
        if not self.settings.dither:
            return None
        shape = (count, self.channels)
        encoder = torch.randint(self.settings.dither, shape, generator=generator)
        other = torch.randint(self.settings.dither, shape, generator=generator)
        return Dither(encoder, encoder if self.settings.common else other)


class VectorQuantiser(nn.Module):
    """``vector``: embedding (B,F) to the indices of residual codewords, stage after stage."""

    share = 1  # every stage has a table of its own

    def __init__(self, settings: QuantiserSettings, features: int) -> None:
        super().__init__()
        self.settings, self.size = settings, features
        self.codebooks = nn.ParameterList([torch.randn(count, features) for count in settings.codebooks])
        self.logits = nn.ParameterList([torch.zeros(1, count) for count in settings.codebooks])

    @property
    def features(self) -> int:
        """Dimension F of the embedding."""
        return self.size

    @property
    def level_counts(self) -> tuple[int, ...]:
        """Number of values of each channel's symbols."""
        return tuple(self.settings.codebooks)

    def latents(self, features: Tensor) -> Tensor:
        """Indices (B,C) as floats, already whole numbers."""
        residual, indices = features, []
        for codebook in self.codebooks:
            # |e - c|^2 without the part that is the same for all codewords
            nearest = (codebook.square().sum(1) - 2 * residual @ codebook.T).argmin(dim=1)
            indices.append(nearest)
            residual = residual - codebook[nearest]
        return torch.stack(indices, 1).to(features.dtype)

    def features_of(self, values: Tensor) -> Tensor:
        """Sum of the codewords that indices (B,C) name."""
        indices = values.round().long()
        stages = [codebook[indices[:, stage]] for stage, codebook in enumerate(self.codebooks)]
        return torch.stack(stages).sum(dim=0)

    def symbols(self, latents: Tensor, dither: Dither | None) -> Tensor:
        """The latents themselves: they are whole numbers."""
        return latents

    def forward(self, features: Tensor, dither: Dither | None) -> Quantised:
        """Quantise embeddings (B,F): the gradient passes straight through, and codewords are pulled to what they
        stand for.
        """
        indices = self.latents(features.detach())
        codewords = self.features_of(indices)
        # Codewords follow the embeddings that they stand for, as in k-means; what the decoder wants moves embeddings.
        pulled = (features.detach() - codewords).square().sum(1).mean()
        committed = (features - codewords.detach()).square().sum(1).mean()
        return Quantised(through(codewords.detach(), features), self.bits(indices), pulled + COMMITMENT * committed)

    def bits(self, indices: Tensor) -> Tensor:
        """Bits a picture (B,) by one learned table a stage."""
        costs = [-torch.log_softmax(table[0], 0)[indices[:, k].long()] for k, table in enumerate(self.logits)]
        return torch.stack(costs, 1).sum(dim=1) / 0.6931471805599453

    def draw(self, count: int, generator: torch.Generator) -> Dither | None:
        """No dither."""
        return None

    def offset(self, levels: Tensor) -> Tensor:
        """No dither, no offset."""
        return torch.zeros_like(levels)


Quantiser = ScalarQuantiser | VectorQuantiser
