"""The codec of small pictures as modules: encoder, quantiser, decoders, critic, classifier on reconstructions.

degraded ─prepare─► encoder ─► features ─► quantiser ─► features' ─► decoder (+ private noise) ─► restored
└─► bits                                             ├─► critic
└─► head
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from crosscodec.learn.transport.networks import (
    Classifier,
    ConvEncoder,
    Critic,
    Decoder,
    DenseEncoder,
    EmbeddingEncoder,
    Encoder,
    Reconstructor,
    Shape,
    SpatialEncoder,
)
from crosscodec.learn.transport.quantisers import Quantiser, ScalarQuantiser, VectorQuantiser
from crosscodec.learn.transport.settings import DecoderSettings, ModelSettings, TransportRecipe


class Representation(nn.Module):
    """Encoder and quantiser: everything that decides the symbols."""

    def __init__(self, recipe: TransportRecipe, shape: Shape, classes: int) -> None:
        super().__init__()
        model, quantiser = recipe.model, recipe.quantiser
        self.encoder: Encoder
        self.quantiser: Quantiser
        vector = quantiser.kind == "vector"
        channels = quantiser.latents * (shape.cells if model.network == "spatial" else 1)
        if model.network == "embedding":
            posterior = Classifier(shape, recipe.judges.width, classes)
            features = None if vector else channels
            self.encoder = EmbeddingEncoder(shape, model.hidden, model.components, posterior, classes, features)
        elif model.network == "spatial":
            self.encoder = SpatialEncoder(shape, model.width, quantiser.latents)
        elif model.network == "dense":
            self.encoder = DenseEncoder(shape, model.hidden, channels)
        else:
            self.encoder = ConvEncoder(shape, model.width, model.hidden, channels)
        size = model.components + classes
        share = shape.cells if quantiser.shared else 1
        self.quantiser = VectorQuantiser(quantiser, size) if vector else ScalarQuantiser(quantiser, channels, share)

    def learned(self) -> list[nn.Parameter]:
        """Parameters that training may move: all but the fixed base of an embedding."""
        fixed: set[int] = set()
        if isinstance(self.encoder, EmbeddingEncoder):
            base = (*self.encoder.components.parameters(), *self.encoder.posterior.parameters())
            fixed = {id(parameter) for parameter in base}
        return [p for p in self.parameters() if p.requires_grad and id(p) not in fixed]


class Restorer(nn.Module):
    """A decoder with what its objective needs beside it: the head, and for MEC the reconstructor."""

    def __init__(
        self, decoder: DecoderSettings, model: ModelSettings, shape: Shape, features: int, classes: int, mec: bool
    ) -> None:
        super().__init__()
        self.decoder = Decoder(shape, decoder.network, model.width, model.hidden, features, decoder.noise)
        self.head = Classifier(shape, model.classifier_width, classes) if classes else None
        self.reconstructor = Reconstructor(shape, model.width) if mec else None


class EndToEnd(nn.Module):
    """What the first stage trains together: the representation and its first restorer."""

    def __init__(self, representation: Representation, restorer: Restorer) -> None:
        super().__init__()
        self.representation = representation
        self.restorer = restorer


def make_representation(recipe: TransportRecipe, shape: Shape, classes: int) -> Representation:
    """Encoder and quantiser by the recipe, freshly drawn."""
    return Representation(recipe, shape, classes)


def make_restorer(
    recipe: TransportRecipe, decoder: DecoderSettings, features: int, shape: Shape, classes: int
) -> Restorer:
    """A decoder with its head, freshly drawn; the reconstructor belongs to the first decoder of a MEC recipe."""
    mec = recipe.objective.kind == "mec" and decoder.name == recipe.package.decoder
    return Restorer(decoder, recipe.model, shape, features, classes, mec)


def make_critic(recipe: TransportRecipe, shape: Shape) -> Critic:
    """A critic, freshly drawn."""
    return Critic(shape, recipe.model.critic, recipe.model.critic_width)


def first_decoder(recipe: TransportRecipe) -> DecoderSettings:
    """The settings of the decoder that is trained together with the encoder."""
    objective = recipe.objective
    return DecoderSettings(
        name=recipe.package.decoder,
        network=recipe.model.decoder,
        steps=recipe.training.steps,
        learning_rate=recipe.training.learning_rate,
        supervised=objective.supervised,
        lambda_distortion=objective.lambda_distortion,
        lambda_perception=objective.lambda_perception,
        lambda_classification=objective.lambda_classification,
        classifier=objective.classifier,
        label_loss=objective.label_loss,
    )


@torch.no_grad()
def in_pieces(function: Callable[[Tensor], Tensor], inputs: Tensor, size: int = 512) -> Tensor:
    """A function's outputs for many inputs, a piece at a time, without gradients."""
    return torch.cat([function(inputs[start : start + size]) for start in range(0, len(inputs), size)])
