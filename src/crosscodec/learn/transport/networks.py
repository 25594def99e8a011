"""Networks for small pictures: encoder, decoder, critic, classifier, reconstructor. Sides are multiples of 4.

encoder   picture (B,C,H,W) ─► dense or convolutional ─► features (B,F)
decoder   features (B,F) + private noise (B,n) ─► dense, or on the grid of a spatial encoder ─► 1/4 ─► 1/2 ─► picture
critic    picture ─► 1/2 ─► 1/4 ─► 1/8 ─► one number          (no normalisation: the gradient penalty is per sample)
classifier picture ─► 1/2 ─► 1/4 ─► 1/8 ─► logits (B,K)
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """Size of the pictures: channels C, height H, width W."""

    channels: int
    height: int
    width: int

    @property
    def values(self) -> int:
        """Numbers in one picture."""
        return self.channels * self.height * self.width

    @property
    def cells(self) -> int:
        """Positions at a quarter of the resolution."""
        return (self.height // 4) * (self.width // 4)


class ResidualBlock(nn.Module):
    """``x + conv(relu(conv(relu(x))))``, started as the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the same shape."""
        result: Tensor = x + self.second(torch.relu(self.first(torch.relu(x))))
        return result


def dense(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Two hidden layers."""
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, outputs)
    )


class PictureEncoder(nn.Module):
    """What all encoders share: ``prepare`` is what need not be repeated in every step of training."""

    def prepare(self, pictures: Tensor) -> Tensor:
        """The encoder's input of pictures: the pictures themselves."""
        return pictures


class DenseEncoder(PictureEncoder):
    """Pictures to features through dense layers: enough where a picture holds few degrees of freedom."""

    def __init__(self, shape: Shape, hidden: int, features: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), *dense(shape.values, hidden, features))

    def forward(self, pictures: Tensor) -> Tensor:
        """Features (B,F)."""
        features: Tensor = self.net(pictures)
        return features


class ConvEncoder(PictureEncoder):
    """Pictures to features: convolutions at 1/4 and 1/8 of the resolution, then dense layers."""

    def __init__(self, shape: Shape, width: int, hidden: int, features: int) -> None:
        super().__init__()
        deep = 2 * width * -(-shape.height // 8) * -(-shape.width // 8)
        self.net = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(16 * shape.channels, width, 3, padding=1),
            ResidualBlock(width),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(deep, hidden),
            nn.ReLU(),
            nn.Linear(hidden, features),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Features (B,F)."""
        features: Tensor = self.net(pictures)
        return features


class SpatialEncoder(PictureEncoder):
    """Pictures to ``channels`` features for each cell of 4 x 4 pixels, (B, channels * cells): for high rates."""

    def __init__(self, shape: Shape, width: int, channels: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(16 * shape.channels, 2 * width, 3, padding=1),
            ResidualBlock(2 * width),
            ResidualBlock(2 * width),
            nn.Conv2d(2 * width, channels, 1),
            nn.Flatten(),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Features (B, channels * cells)."""
        features: Tensor = self.net(pictures)
        return features


class EmbeddingEncoder(nn.Module):
    """Principal components and label posterior, side by side, and a network on both.

    degraded ─┬─► components (m) ───────────────────────┐
              └─► logits × sharpness ─► softmax × weight ┴─► base (m + K) ──┬─ if residual ─► + ─► features (B,F)
                                                                           └─► net ──────────┘
    A sharp posterior is nearly a verdict: no codeword is then spent on degrees of doubt, which neither squared error
    nor accuracy rewards. The base is fixed once training starts, so that it is computed once for all training pictures.
    ``features`` None: residual, F = m + K, and the network starts at zero, so that features are the base (what k-means
    starts from).
    """

    def __init__(
        self, shape: Shape, hidden: int, components: int, classifier: nn.Module, classes: int, features: int | None
    ) -> None:
        super().__init__()
        self.components = nn.Linear(shape.values, components)
        self.posterior = classifier
        self.label_weight = nn.Parameter(torch.ones(()), requires_grad=False)
        self.label_sharpness = nn.Parameter(torch.ones(()), requires_grad=False)
        self.residual = features is None
        self.net = dense(components + classes, hidden, components + classes if features is None else features)
        if self.residual:
            for parameter in self.net[-1].parameters():
                nn.init.zeros_(parameter)

    def prepare(self, pictures: Tensor) -> Tensor:
        """The base (B, m + K)."""
        posterior = torch.softmax(self.label_sharpness * self.posterior(pictures), 1)
        return torch.cat([self.components(pictures.flatten(1)), self.label_weight * posterior], 1)

    def forward(self, base: Tensor) -> Tensor:
        """Features (B,F)."""
        features: Tensor = self.net(base)
        return base + features if self.residual else features


class DenseDecoder(nn.Module):
    """Features and noise (B,F) to picture values (B,C,H,W) through dense layers."""

    def __init__(self, shape: Shape, hidden: int, inputs: int) -> None:
        super().__init__()
        self.net = dense(inputs, hidden, shape.values)
        self.size = (shape.channels, shape.height, shape.width)

    def forward(self, inputs: Tensor) -> Tensor:
        """Values (B,C,H,W)."""
        values: Tensor = self.net(inputs).unflatten(1, self.size)
        return values

    def last_layer(self) -> nn.Module:
        """The layer that ends in values."""
        return self.net[-1]


def _rising(width: int, channels: int) -> list[nn.Module]:
    """From features (B, 2 width) at 1/4 of the resolution to values (B, channels) at all of it."""
    return [
        nn.ReLU(),
        nn.Conv2d(2 * width, 4 * width, 1),
        nn.PixelShuffle(2),
        ResidualBlock(width),
        nn.ReLU(),
        nn.Conv2d(width, 4 * channels, 3, padding=1),
        nn.PixelShuffle(2),
    ]


class ConvDecoder(nn.Module):
    """Features and noise (B,F) to picture values (B,C,H,W): dense, then convolutions at 1/4 and 1/2 resolution."""

    def __init__(self, shape: Shape, width: int, hidden: int, inputs: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 2 * width * shape.cells))
        self.cells = (2 * width, shape.height // 4, shape.width // 4)
        self.net = nn.Sequential(
            ResidualBlock(2 * width),
            *_rising(width, shape.channels),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """Values (B,C,H,W)."""
        values: Tensor = self.net(self.dense(inputs).unflatten(1, self.cells))
        return values

    def last_layer(self) -> nn.Module:
        """The layer that ends in values."""
        return self.net[-2]


class SpatialDecoder(nn.Module):
    """Features and noise of a grid of cells of 4 x 4 pixels (B, channels * cells) to picture values (B,C,H,W)."""

    def __init__(self, shape: Shape, width: int, inputs: int) -> None:
        super().__init__()
        self.grid = (inputs // shape.cells, shape.height // 4, shape.width // 4)
        self.net = nn.Sequential(
            nn.Conv2d(self.grid[0], 2 * width, 3, padding=1),
            ResidualBlock(2 * width),
            ResidualBlock(2 * width),
            *_rising(width, shape.channels),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """Values (B,C,H,W)."""
        values: Tensor = self.net(inputs.reshape(-1, *self.grid))
        return values

    def last_layer(self) -> nn.Module:
        """The layer that ends in values."""
        return self.net[-2]


class DenseLinear(nn.Linear):
    """Every value of a picture as a linear function of all features (B,F)."""

    def __init__(self, shape: Shape, features: int) -> None:
        super().__init__(features, shape.values)
        nn.init.zeros_(self.weight)
        self.size = (shape.channels, shape.height, shape.width)

    def forward(self, features: Tensor) -> Tensor:
        """Values (B,C,H,W)."""
        return super().forward(features).reshape(-1, *self.size)

    @torch.no_grad()
    def start_at(self, mean: Tensor) -> None:
        """Make every picture the mean one (C,H,W)."""
        self.bias.copy_(mean.flatten())


class CellLinear(nn.Module):
    """The 4 x 4 pixels of each cell as a linear function of that cell's features, the same function in all cells: the
    block transform of a spatial code.
    """

    def __init__(self, shape: Shape, features: int) -> None:
        super().__init__()
        self.grid = (features // shape.cells, shape.height // 4, shape.width // 4)
        self.blocks = nn.ConvTranspose2d(self.grid[0], shape.channels, 4, stride=4, bias=False)
        nn.init.zeros_(self.blocks.weight)
        self.colour = nn.Parameter(torch.zeros(shape.channels, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Values (B,C,H,W) of features (B, channels * cells)."""
        values: Tensor = self.blocks(features.reshape(-1, *self.grid)) + self.colour
        return values

    @torch.no_grad()
    def start_at(self, mean: Tensor) -> None:
        """Give every picture the mean colour of the mean one (C,H,W)."""
        self.colour.copy_(mean.mean(dim=(1, 2), keepdim=True))


class Decoder(nn.Module):
    """Features and private noise to pictures in 0..1: a linear map (started in start.py), which a network corrects.

    features ─┬─────────────► linear ── + ─► clipped to 0..1
              └─ noise ─► net ──────────┘
    Nothing is clipped in training. Degraded pictures overshoot 0..1, and a value that cannot follow its target there
    while its gradient can would run away. ``noise`` counts numbers a picture; those of a spatial decoder, a cell.
    """

    def __init__(self, shape: Shape, kind: str, width: int, hidden: int, features: int, noise: int) -> None:
        super().__init__()
        spatial = kind == "spatial"
        self.noise = noise * shape.cells if spatial else noise
        self.linear = CellLinear(shape, features) if spatial else DenseLinear(shape, features)
        self.net = _correction(shape, kind, width, hidden, features + self.noise)
        for parameter in self.net.last_layer().parameters():
            nn.init.zeros_(parameter)

    def forward(self, features: Tensor, noise: Tensor) -> Tensor:
        """Pictures (B,C,H,W) of features (B,F) and noise (B,n)."""
        base = self.linear(features)
        values: Tensor = base + self.net(torch.cat([features, noise], 1))
        return values if self.training else values.clamp(0, 1)


def _correction(
    shape: Shape, kind: str, width: int, hidden: int, inputs: int
) -> DenseDecoder | ConvDecoder | SpatialDecoder:
    if kind == "dense":
        return DenseDecoder(shape, hidden, inputs)
    return SpatialDecoder(shape, width, inputs) if kind == "spatial" else ConvDecoder(shape, width, hidden, inputs)


def _downward(channels: int, width: int) -> list[nn.Module]:
    """Three convolutions that halve the resolution each: to (4 width, ceil(H/8), ceil(W/8))."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((channels, width), (width, 2 * width), (2 * width, 4 * width)):
        layers += [nn.Conv2d(inputs, outputs, 5, stride=2, padding=2), nn.LeakyReLU(0.2)]
    return layers


def _deep_values(shape: Shape, width: int) -> int:
    return 4 * width * -(-shape.height // 8) * -(-shape.width // 8)


def _leaky_dense(inputs: int, hidden: int) -> list[nn.Module]:
    """Three hidden layers to one number."""
    layers: list[nn.Module] = []
    for width in (inputs, hidden, hidden):
        layers += [nn.Linear(width, hidden), nn.LeakyReLU(0.2)]
    return [*layers, nn.Linear(hidden, 1)]


class Critic(nn.Module):
    """One number a picture; the difference of its means over two sets estimates their Wasserstein-1 distance."""

    def __init__(self, shape: Shape, kind: str, width: int) -> None:
        super().__init__()
        if kind == "dense":
            self.net = nn.Sequential(nn.Flatten(), *_leaky_dense(shape.values, 8 * width))
        else:
            self.net = nn.Sequential(
                *_downward(shape.channels, width), nn.Flatten(), nn.Linear(_deep_values(shape, width), 1)
            )

    def forward(self, pictures: Tensor) -> Tensor:
        """Values (B,)."""
        values: Tensor = self.net(pictures).squeeze(1)
        return values


class Classifier(nn.Module):
    """Logits of the label of a picture: convolutions at a quarter of the resolution, where degraded digits live."""

    def __init__(self, shape: Shape, width: int, classes: int) -> None:
        super().__init__()
        rows, columns = shape.height // 4, shape.width // 4
        # Unpadded convolutions shrink the grid while it is large enough.
        padded = [1, 1, 0 if min(rows, columns) > 4 else 1, 0 if min(rows, columns) > 6 else 1]
        layers: list[nn.Module] = [nn.PixelUnshuffle(4)]
        inputs = 16 * shape.channels
        for padding in padded:
            layers += [nn.Conv2d(inputs, width, 3, padding=padding, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            inputs = width
        left = 2 * padded.count(0)
        deep = width * (rows - left) * (columns - left)
        dense_layers = (nn.Dropout(0.4), nn.Linear(deep, 2 * width), nn.ReLU(), nn.Dropout(0.4))
        self.net = nn.Sequential(*layers, nn.Flatten(), *dense_layers, nn.Linear(2 * width, classes))

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B,K)."""
        logits: Tensor = self.net(pictures)
        return logits


class Reconstructor(nn.Module):
    """q(X | Y) of minimum entropy coupling: a Gaussian around a network's guess of the degraded input.

    ``-log q`` is a bound on the conditional entropy h(X|Y), so that minimising it maximises a bound on I(X;Y).
    """

    def __init__(self, shape: Shape, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4 * shape.channels, width, 3, padding=1),
            ResidualBlock(width),
            ResidualBlock(width),
            nn.ReLU(),
            nn.Conv2d(width, 4 * shape.channels, 3, padding=1),
            nn.PixelShuffle(2),
        )
        self.log_variance = nn.Parameter(torch.tensor(-3.0))

    def forward(self, reconstructions: Tensor, degraded: Tensor) -> Tensor:
        """Mean of -ln q a pixel and channel, in nats, up to the constant ln(2 pi) / 2."""
        error = (self.net(reconstructions) - degraded).square().mean()
        cost: Tensor = 0.5 * (self.log_variance + error * torch.exp(-self.log_variance))
        return cost


Encoder = PictureEncoder | EmbeddingEncoder
