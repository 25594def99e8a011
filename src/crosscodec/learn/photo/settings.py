"""Settings of a photo codec's training run: one frozen dataclass per stage. How a recipe is read: learn/recipe.py."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from crosscodec.learn.recipe import identity_of


@dataclass(frozen=True)
class DataSettings:
    """What a training crop is cut from and how it is degraded."""

    sets: tuple[str, ...] = ("bsds500:train", "bsds500:test", "imagenet-sample")  # names, or folders of photos by path
    crop: int = 128  # side of a training crop, pixels; a multiple of the latent's 16
    scales: tuple[float, ...] = (1.0, 0.75, 0.5)  # Lanczos-reduced copies: fewer JPEG artefacts, sharper edges
    gray: float = 0.08  # share of crops turned gray, so that gray pictures are coded well too
    noise_low: float = 5.0  # sigma of the Gaussian noise, in units of 1/255
    noise_high: float = 50.0
    stored: float = 0.5  # share of degraded crops clipped and rounded to 8 bits, as a picture file holds them
    held_out: int = 50  # every n-th picture is kept for validation
    camera: float = 0.0  # share of crops as a camera takes them (domains/camera.py), instead of with Gaussian noise
    electrons_low: float = 30.0  # that its photosites count at white
    electrons_high: float = 3000.0
    jpeg: float = 0.5  # share of these crops that are stored as JPEG
    clean: float = 0.0  # share of crops, of all kinds, that nothing befalls

    def describe(self) -> str:
        """What befalls training crops, in one line for the card."""
        told = []
        if self.camera < 1:
            told.append(
                f"additive Gaussian noise, sigma {self.noise_low:g} to {self.noise_high:g} of 255, level unknown"
            )
        if self.camera > 0:
            electrons = f"{self.electrons_low:g} to {self.electrons_high:g} electrons at white"
            told.append(f"photos by simulated cameras, {electrons}, {100 * self.jpeg:g} % of them as JPEG")
            if self.camera < 1:
                told[-1] += f" ({100 * self.camera:g} % of crops)"
        if self.clean > 0:
            told.append(f"none ({100 * self.clean:g} % of crops)")
        return "; ".join(told)


@dataclass(frozen=True)
class ModelSettings:
    """Widths of the photo codec's networks; see networks.py for the drawing."""

    analysis_widths: tuple[int, ...] = (48, 96, 160)  # channels at 1/2, 1/4 and 1/8 resolution
    analysis_blocks: tuple[int, ...] = (
        1,
        1,
        2,
        1,
        1,
    )  # residual blocks going down at 1/2, 1/4; at 1/8; going up at 1/4, 1/2
    best_widths: tuple[int, ...] = ()  # of a second, larger analysis for the same files; (): there is none
    best_blocks: tuple[int, ...] = (2, 3, 2, 3, 3)
    synthesis_widths: tuple[int, ...] = (32, 64, 128)
    synthesis_blocks: tuple[int, ...] = (0, 1, 3, 1, 1)
    luma: int = 192  # 16x16 DCT frequencies kept of the luma, lowest first
    chroma: int = 48  # and of each of the two colour differences
    step: float = 38.0  # quantisation step at the start at lambda 0.018, in units of 1/255; it goes with lambda^-1/2
    dead: float = 0.05  # at the start: what latents lose of their size before they are rounded
    predicted: bool = True  # of the mean of each plane's block the difference to its neighbours' is coded
    contexts: int = 9  # entropy tables a channel, chosen by what is decoded already; 1 is a factorised density
    reach: int = 160  # symbols lie in -reach..reach while training

    @property
    def predicted_channels(self) -> tuple[int, ...]:
        """The channels of which differences are coded: the lowest frequency of each plane."""
        return (0, self.luma, self.luma + self.chroma) if self.predicted else ()


@dataclass(frozen=True)
class ObjectiveSettings:
    """Weights of the loss ``bits per pixel + lambda * squared error`` (error in units of 1/255): one for each quality
    of ``anchors``. Between two anchors the logarithm of lambda is interpolated; every whole quality is trained.
    """

    anchors: tuple[int, ...] = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    lambda_lowest: float = 0.0012  # at quality 0
    lambda_highest: float = 0.16  # at quality 100


@dataclass(frozen=True)
class TrainingSettings:
    """Optimiser, schedule and bookkeeping."""

    steps: int = 30000  # 0 with a `start`: its networks as they are, contexts and tables fitted anew
    decay_steps: int = 8000  # the learning rate is constant, then falls to zero over the last decay_steps
    warmup_steps: int = 200
    start: str = ""  # package (name or file) whose networks training starts from; "": from nothing
    without: tuple[str, ...] = ()  # residual blocks of that package that are left out: "analysis.deep.0"
    denoise_steps: int = 2000  # first an analysis that starts from nothing learns to denoise alone
    batch: int = 8
    optimiser: str = "adam"  # or "muon": Muon for the kernels of hidden layers, Adam for all else
    learning_rate: float = 1e-3
    scale_learning_rate: float = 1e-2  # gains, steps and shrinkage: one number a channel, logarithmic
    clip: float = 1.0  # largest norm of the gradient
    average: float = 0.999  # decay of the running average of the weights, which is what is exported
    seed: int = 1
    precision: str = "float32"  # or "bfloat16": networks only, the rate and the linear path stay in float32
    threads: int = 0  # 0: as many as torch likes; 1: bit-exact resume
    log_every: int = 50
    checkpoint_minutes: float = 4.0
    rollbacks: int = 3  # how often a loss that is no number sends the run back to its last checkpoint


@dataclass(frozen=True)
class PackageSettings:
    """What the exported package's card says."""

    name: str = "photo-denoise"
    task: str = "additive Gaussian noise removal"
    licence: str = "MIT"
    quality: int = 50  # what the encoder takes when it is not told
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """All settings of one training run."""

    data: DataSettings = field(default_factory=DataSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    package: PackageSettings = field(default_factory=PackageSettings)

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
