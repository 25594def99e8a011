"""Train a toy codec: the encoder with its fidelity decoder at the rate that is asked, then decoders that owe a law.

    start      dithered quantiser of that rate, or an entropy-constrained codebook
    stage 1    error + lambda bits ─► encoder, quantiser, fidelity decoder     lambda follows the rate
    stage 2    error + W2^2 to the law, along axes and random directions ─► the other decoders; encoder frozen,
               started at the fidelity decoder with its mean and covariance brought to the law's

The sources are known, so that every step draws fresh samples: nothing can be learned by heart.
"""

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from crosscodec.learn.average import running_average
from crosscodec.learn.descent import descend, without_return
from crosscodec.learn.steps import learning_rate_factor
from crosscodec.learn.transport.quantisers import VectorQuantiser
from crosscodec.simulate.vectorcode import root
from crosscodec.toy.networks import BentLine, ToyCodec
from crosscodec.toy.settings import ToySettings
from crosscodec.toy.sources import BIT_PROBABILITY, FIDELITY, NormalLaw, ToySource, VectorToy, source_of

LEARNING_RATE, TABLE_LEARNING_RATE = 2e-3, 2e-2
AVERAGE = 0.995
WARMUP, DECAY = 50, 0.5  # steps, and the share of them in which the learning rate falls to zero
FOLLOW = 0.02  # how quickly lambda follows the rate: of the relative excess of bits, a step
LAW_WEIGHT = 50.0  # of W2^2 beside the squared error: the law is owed, the error is what is left
DIRECTIONS = 4  # random ones a step, besides the axes
MOMENT_BLOCKS = 2**12  # that moments are taken from where a decoder starts
LLOYD_ROUNDS, LLOYD_BLOCKS = 60, 2**13  # of the codebook's start
_RARE = 2.0**-20  # probability of a codeword that never comes
LLOYD_FOLLOW = 0.3  # how quickly lambda follows the rate there


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained codec: the running average of the weights, and the seconds of one core that it took."""

    codec: ToyCodec
    seconds: float


def train_toy(settings: ToySettings) -> Trained:
    """Train by the settings: the same on one machine every time, one thread, no data.

    Raises TrainingDiverged when a loss or its gradient is not finite.
    """
    started = time.process_time()
    threads = torch.get_num_threads()
    # Probabilities of symbols that never come become denormal numbers, which are a hundred times slower.
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        source = source_of(settings)
        torch.manual_seed(settings.seed)
        draws = Draws(settings)
        codec = ToyCodec(settings, source)
        if isinstance(codec.quantiser, VectorQuantiser):
            _start_codebook(codec, settings.rate * source.symbols, draws)
        with without_return(f"the toy codec of {settings.source}", "choose another seed"):
            codec = train_decoders(_train_representation(codec, settings, source, draws), settings)
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)
    return Trained(codec.eval(), time.process_time() - started)


class Draws:
    """Fresh blocks of the source, from the seed of the run; those that are measured come from another generator."""

    def __init__(self, settings: ToySettings) -> None:
        source = source_of(settings)
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.width, self.binary = source.width, settings.source == "bernoulli"
        self.root = torch.from_numpy(source.source.root).float() if isinstance(source, VectorToy) else None

    def blocks(self, count: int) -> Tensor:
        """Blocks (count,d)."""
        if self.binary:
            return (torch.rand(count, self.width, generator=self.generator) < BIT_PROBABILITY).float()
        normal = torch.randn(count, self.width, generator=self.generator)
        return normal if self.root is None else normal @ self.root.T


def _train_representation(codec: ToyCodec, settings: ToySettings, source: ToySource, draws: Draws) -> ToyCodec:
    """Stage 1; the running average of the codec."""
    quantiser, symbols = codec.quantiser, source.symbols
    tables = list(quantiser.logits) if isinstance(quantiser, VectorQuantiser) else [quantiser.logits]
    held = {id(table) for table in tables}
    stage = [*codec.encoder.parameters(), *quantiser.parameters(), *codec.decoders[FIDELITY].parameters()]
    weights = [parameter for parameter in stage if id(parameter) not in held]
    groups: list[dict[str, Any]] = [{"params": weights}, {"params": tables, "lr": TABLE_LEARNING_RATE}]
    optimiser = torch.optim.Adam(groups, LEARNING_RATE)
    average, multiplier = copy.deepcopy(codec), codec.multiplier
    for step in _steps(optimiser, settings.steps):
        numbers = draws.blocks(settings.batch)
        quantised = quantiser(codec.features(numbers), quantiser.draw(len(numbers), draws.generator))
        bits = quantised.bits.mean() / symbols
        error = _error(codec, codec.decoders[FIDELITY](quantised.features), numbers) / symbols
        descend(optimiser, error + multiplier * bits + quantised.commitment / symbols)
        multiplier *= math.exp(FOLLOW * (float(bits.detach()) / settings.rate - 1))
        if isinstance(quantiser, VectorQuantiser):
            _price(quantiser, multiplier)
        running_average(average, codec, AVERAGE, step)
    return average


def train_decoders(codec: ToyCodec, settings: ToySettings) -> ToyCodec:
    """Stage 2 for a codec of stage 1: a function of its fidelity decoder and the settings alone."""
    owed = {name: law for name, law in source_of(settings).owed.items() if law is not None}
    if not owed:
        return codec
    codec.eval()  # the statistics of the quantiser's normalisation are frozen as well
    draws = Draws(settings)
    decoders = nn.ModuleDict({name: codec.decoders[name] for name in owed})
    for name, law in owed.items():
        _match_moments(codec, name, law, draws)
    average = copy.deepcopy(decoders)
    distances = {name: LawDistance(law, settings.batch) for name, law in owed.items()}
    optimiser = torch.optim.Adam(decoders.parameters(), LEARNING_RATE)
    for step in _steps(optimiser, max(1, settings.steps // 2)):
        numbers = draws.blocks(settings.batch)
        features = _features(codec, numbers, draws)
        loss = features.new_zeros(())
        for name, decoder in decoders.items():
            outputs = decoder(features)
            loss = loss + _error(codec, outputs, numbers) + LAW_WEIGHT * distances[name](outputs, draws.generator)
        descend(optimiser, loss)
        running_average(average, decoders, AVERAGE, step)
    for name in owed:
        codec.decoders[name].load_state_dict(average[name].state_dict())
    return codec


@torch.no_grad()
def _match_moments(codec: ToyCodec, name: str, law: NormalLaw, draws: Draws) -> None:
    """Start a decoder at the fidelity decoder and a linear map to the law's mean and covariance.

    The optimal map of normal laws, T = C^-1/2 (C^1/2 cov C^1/2)^1/2 C^-1/2: the best start, since E X Y' = C there.
    """
    decoder = codec.decoders[name]
    assert isinstance(decoder, BentLine)
    decoder.load_state_dict(codec.decoders[FIDELITY].state_dict())
    found = decoder(_features(codec, draws.blocks(MOMENT_BLOCKS), draws)).double().numpy()
    half = root(np.atleast_2d(np.cov(found.T, bias=True)))
    inverse = np.linalg.pinv(half, hermitian=True)
    matching = inverse @ root(half @ law.cov @ half) @ inverse
    decoder.then(torch.from_numpy(matching).float(), torch.from_numpy(law.mean - matching @ found.mean(axis=0)).float())


@torch.no_grad()
def _features(codec: ToyCodec, numbers: Tensor, draws: Draws) -> Tensor:
    """What the run-time will give a decoder."""
    dither = codec.quantiser.draw(len(numbers), draws.generator)
    features: Tensor = codec.quantiser(codec.features(numbers), dither).features
    return features


class LawDistance:
    """Squared Wasserstein distance of a batch of outputs to a normal law, along the axes and random directions.

    In one dimension W2 pairs sorted numbers with quantiles; over all directions it is nought for the law alone
    (Cramér & Wold 1936). Summed as if the axes were all: comparable with a squared error a block.
    """

    def __init__(self, law: NormalLaw, batch: int) -> None:
        self.mean, self.root = torch.from_numpy(law.mean).float(), torch.from_numpy(law.root).float()
        levels = (torch.arange(batch, dtype=torch.float64) + 0.5) / batch
        self.quantiles = torch.special.ndtri(levels).float()[:, None]

    def __call__(self, outputs: Tensor, generator: torch.Generator) -> Tensor:
        """The distance of outputs (batch,d)."""
        width = outputs.shape[1]
        directions = torch.eye(width)
        if width > 1:
            random = torch.randn(DIRECTIONS, width, generator=generator)
            directions = torch.cat([directions, random / random.norm(dim=1, keepdim=True)])
        spread = (directions @ self.root).norm(dim=1)
        wanted = directions @ self.mean + self.quantiles * spread
        found = (outputs @ directions.T).sort(dim=0).values
        distance: Tensor = (found - wanted).square().mean() * width
        return distance


def _error(codec: ToyCodec, outputs: Tensor, numbers: Tensor) -> Tensor:
    """Mean squared error a block; of bits, given their logits, the cross-entropy in nats."""
    if codec.binary:
        return nn.functional.binary_cross_entropy_with_logits(outputs, numbers) * numbers.shape[1]
    return (outputs - numbers).square().sum(dim=1).mean()


def _steps(optimiser: torch.optim.Optimizer, steps: int) -> Iterator[int]:
    """Step numbers, the learning rates set for each."""
    rates = [group["lr"] for group in optimiser.param_groups]
    for step in range(steps):
        factor = learning_rate_factor(step, steps, WARMUP, max(1, round(DECAY * steps)))
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = factor * rate
        yield step


@torch.no_grad()
def _start_codebook(codec: ToyCodec, rate: float, draws: Draws) -> None:
    """Lloyd's rounds with lambda bits beside the squared error, lambda led to the rate in bits a block."""
    quantiser = codec.quantiser
    assert isinstance(quantiser, VectorQuantiser)
    codebook, logits = quantiser.codebooks[0], quantiser.logits[0]
    features = codec.features(draws.blocks(LLOYD_BLOCKS))
    codebook.copy_(features[: len(codebook)])
    for _ in range(LLOYD_ROUNDS):
        nearest = quantiser.latents(features)[:, 0].long()
        counts = torch.bincount(nearest, minlength=len(codebook)).float()
        shares = counts / counts.sum()
        entropy = float(-(shares * shares.clamp_min(_RARE).log2()).sum())
        codec.multiplier *= math.exp(LLOYD_FOLLOW * (entropy / rate - 1))
        sums = torch.zeros_like(codebook).index_add_(0, nearest, features)
        used = counts > 0
        codebook[used] = sums[used] / counts[used, None]
        logits[0] = shares.clamp_min(_RARE).log()
        _price(quantiser, codec.multiplier)


@torch.no_grad()
def _price(quantiser: VectorQuantiser, multiplier: float) -> None:
    """The last coordinate of each codeword: the root of what its name costs."""
    bits = -torch.log_softmax(quantiser.logits[0][0], 0) / math.log(2)
    quantiser.codebooks[0][:, -1] = (multiplier * bits).sqrt()
