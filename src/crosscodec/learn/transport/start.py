"""Where training of a vector-quantised codec starts: principal components, and k-means joined with the label posterior.

    degraded ─► components ┐                     stage 1: k-means          of the embedding
    degraded ─► posterior ─┴─► embedding ──►     stage k: k-means          of what the stages before left over
    decoder's linear path = the components' way back, so that codewords are pictures from the first step

Untrained, this is a plain label-aware vector quantiser: the peer that a learned codec must justify itself against.
"""

import torch
from torch import Tensor

from crosscodec.extras import load_module
from crosscodec.learn.transport.model import Representation, Restorer, in_pieces
from crosscodec.learn.transport.networks import Classifier, DenseLinear, EmbeddingEncoder
from crosscodec.learn.transport.quantisers import VectorQuantiser
from crosscodec.learn.transport.settings import QuantiserSettings

FEW = 512  # with more codewords than this, k-means++ costs more than it gains over a random start
PATIENCE = 60  # Lloyd iterations


@torch.no_grad()
def start_embedding(
    representation: Representation, pictures: Tensor, posterior: Classifier, settings: QuantiserSettings, seed: int
) -> Tensor:
    """Set components, posterior and codebooks from training pictures (N,C,H,W); returns the base (N,F) of all of
    them.
    """
    encoder, quantiser = representation.encoder, representation.quantiser
    assert isinstance(encoder, EmbeddingEncoder), "called only for embeddings"
    encoder.posterior.load_state_dict(posterior.state_dict())
    encoder.posterior.eval()
    encoder.label_weight.fill_(settings.label_weight)
    encoder.label_sharpness.fill_(settings.label_sharpness)
    directions, mean = principal_components(pictures.flatten(1), encoder.components.out_features)
    encoder.components.weight.copy_(directions)
    encoder.components.bias.copy_(-directions @ mean)
    base = prepared(encoder, pictures)
    if not isinstance(quantiser, VectorQuantiser):
        return base
    residual = base
    for codebook, table in zip(quantiser.codebooks, quantiser.logits, strict=True):
        centres, cells = cluster(residual, len(codebook), seed)
        codebook.copy_(centres)
        shares = torch.bincount(cells, minlength=len(codebook)).float() + 0.5
        table.copy_(shares.log()[None])
        residual = residual - centres[cells]
    return base


@torch.no_grad()
def start_restorer(restorer: Restorer, representation: Representation, pictures: Tensor) -> None:
    """Set the decoder's linear path to the mean picture, and for an embedding to the components' way back from it."""
    encoder, linear = representation.encoder, restorer.decoder.linear
    linear.start_at(pictures.mean(0))
    if isinstance(encoder, EmbeddingEncoder) and encoder.residual and isinstance(linear, DenseLinear):
        directions = encoder.components.weight
        linear.weight.zero_()
        linear.weight[:, : len(directions)] = directions.T


def principal_components(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The ``count`` directions (count, P) of largest variance of values (N,P), orthonormal rows, and the mean (P,)."""
    mean = values.mean(0)
    covariance = torch.cov((values - mean).T.double())
    _, vectors = torch.linalg.eigh(covariance)  # ascending
    return vectors[:, -count:].flip(1).T.to(values.dtype).contiguous(), mean


def cluster(points: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """k-means of points (N,F): centres (count,F) and the cell of each point (N,)."""
    few = count <= FEW
    means = load_module("sklearn.cluster").KMeans(  # two seconds to load, which no other training needs
        count, init="k-means++" if few else "random", n_init=4 if few else 1, max_iter=PATIENCE, random_state=seed
    )
    cells = means.fit_predict(points.numpy())
    return torch.from_numpy(means.cluster_centers_).to(points.dtype), torch.from_numpy(cells).long()


def prepared(encoder: EmbeddingEncoder, pictures: Tensor) -> Tensor:
    """The base of many pictures."""
    return in_pieces(encoder.prepare, pictures)
