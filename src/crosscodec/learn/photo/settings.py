"""Settings of a photo codec's training run: one frozen dataclass per stage. How a recipe is read: learn/recipe.py."""

import dataclasses
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from crosscodec.bitstream.limits import BEST_QUALITY, MOST_CONTEXTS
from crosscodec.codec.card import QualityCard
from crosscodec.errors import UsageError
from crosscodec.learn.heldout import require_rest
from crosscodec.learn.photo.blockdct import BLOCK
from crosscodec.learn.ranges import (
    Between,
    Count,
    Decay,
    Filled,
    Multiple,
    Positive,
    Seed,
    Share,
    Sizes,
    Threads,
    Weight,
    Whole,
)
from crosscodec.learn.recipe import identity_of

FREQUENCIES = BLOCK**2  # of a plane's block DCT

AQuality = Annotated[int, Between(0, BEST_QUALITY)]


@dataclass(frozen=True)
class DataSettings:
    """What a training crop is cut from and how it is degraded."""

    # Names, or folders of photos by path; (): a recipe for pairs, those of the two folders.
    sets: tuple[str, ...] = ("bsds500:train", "bsds500:test", "imagenet-sample")
    # With clean_folder: pairs that were taken, noisy and clean, pictures of one name in both.
    degraded_folder: str = ""
    clean_folder: str = ""
    recorded: Share = 1.0  # of folders: share of crops that are cut from the pairs as they are; at 1 no set is read
    crop: Annotated[int, Between(BLOCK), Multiple(BLOCK)] = 128  # side of a training crop, pixels
    # Lanczos-reduced copies: fewer JPEG artefacts, sharper edges.
    scales: Annotated[tuple[Annotated[float, Between(0, 1, above=True)], ...], Filled()] = (1.0, 0.75, 0.5)
    gray: Share = 0.08  # share of crops turned gray, so that gray pictures are coded well too
    noise_low: Weight = 5.0  # sigma of the Gaussian noise, in units of 1/255
    noise_high: Weight = 50.0
    stored: Share = 0.5  # share of degraded crops clipped and rounded to 8 bits, as a picture file holds them
    held_out: Whole = 50  # every n-th picture of a set, of a smaller set the last, is kept for validation; 0: none
    camera: Share = 0.0  # share of crops as a camera takes them (domains/camera.py), instead of with Gaussian noise
    electrons_low: Positive = 30.0  # that its photosites count at white
    electrons_high: Positive = 3000.0
    jpeg: Share = 0.5  # share of these crops that are stored as JPEG
    stored_jpeg: Share = 0.0  # share of the other crops, as far as a file holds them, that are stored as JPEG
    clean: Share = 0.0  # share of crops, of all kinds, that nothing befalls

    def __post_init__(self) -> None:
        for name in ("noise", "electrons"):
            low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
            if low > high:
                raise UsageError(f"data.{name}_low is at most data.{name}_high; these are {low:g} and {high:g}")
        require_rest(self.held_out)
        if bool(self.degraded_folder) != bool(self.clean_folder):
            raise UsageError("data.degraded_folder and data.clean_folder go together")
        if self.folders and self.recorded < 1 and not self.sets:
            raise UsageError("data.recorded below 1 takes the other crops from data.sets, and there is none; name some")

    @property
    def folders(self) -> bool:
        """Whether crops are cut from pairs of the user's own."""
        return bool(self.degraded_folder)

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of what crops are cut from, sets and folders."""
        if not self.folders:
            return self.sets
        pairs = f"{self.degraded_folder} + {self.clean_folder}"
        return (pairs,) if self.recorded == 1 else (pairs, *self.sets)

    def describe(self) -> str:
        """What befalls training crops, in one line for the card."""
        told = []
        if self.folders:
            told.append(f"as recorded in {self.degraded_folder}")
            if self.recorded == 1:
                return told[0]
            told[-1] += f" ({100 * self.recorded:g} % of crops); of the others"
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
        if self.stored_jpeg > 0:
            told.append(f"JPEG ({100 * self.stored_jpeg:g} % of what files hold and no camera took)")
        return "; ".join(told)


Widths = Annotated[tuple[Count, ...], Sizes(3)]  # channels at 1/2, 1/4 and 1/8 resolution
# Residual blocks going down at 1/2, 1/4; at 1/8; going up at 1/4, 1/2.
Blocks = Annotated[tuple[Whole, ...], Sizes(5)]


@dataclass(frozen=True)
class ModelSettings:
    """Widths of the photo codec's networks; see networks.py for the drawing."""

    analysis_widths: Widths = (48, 96, 160)
    analysis_blocks: Blocks = (1, 1, 2, 1, 1)
    # Of a second, larger analysis for the same files; (): there is none.
    best_widths: Annotated[tuple[Count, ...], Sizes(0, 3)] = ()
    best_blocks: Blocks = (2, 3, 2, 3, 3)
    synthesis_widths: Widths = (32, 64, 128)
    synthesis_blocks: Blocks = (0, 1, 3, 1, 1)
    luma: Annotated[int, Between(1, FREQUENCIES)] = 192  # 16x16 DCT frequencies kept of the luma, lowest first
    chroma: Annotated[int, Between(1, FREQUENCIES)] = 48  # and of each of the two colour differences
    # Quantisation step at the start at lambda 0.018, in units of 1/255; it goes with lambda^-1/2.
    step: Positive = 38.0
    dead: Positive = 0.05  # at the start: what latents lose of their size before they are rounded
    predicted: bool = True  # of the mean of each plane's block the difference to its neighbours' is coded
    # Entropy tables a channel, chosen by what is decoded already; 1 is a factorised density.
    contexts: Annotated[int, Between(1, MOST_CONTEXTS)] = 9
    reach: Count = 160  # symbols lie in -reach..reach while training

    @property
    def predicted_channels(self) -> tuple[int, ...]:
        """The channels of which differences are coded: the lowest frequency of each plane."""
        return (0, self.luma, self.luma + self.chroma) if self.predicted else ()


@dataclass(frozen=True)
class ObjectiveSettings:
    """Weights of the loss ``bits per pixel + lambda * squared error`` (error in units of 1/255): one for each quality
    of ``anchors``. Between two anchors the logarithm of lambda is interpolated; every whole quality is trained.
    """

    anchors: tuple[AQuality, ...] = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    lambda_lowest: Positive = 0.0012  # at quality 0
    lambda_highest: Positive = 0.16  # at quality 100

    def __post_init__(self) -> None:
        if self.lambda_lowest > self.lambda_highest:
            raise UsageError(
                "objective.lambda_lowest is at most objective.lambda_highest; these are "
                f"{self.lambda_lowest:g} and {self.lambda_highest:g}"
            )


@dataclass(frozen=True)
class LoopSettings:
    """Schedule, averaging and bookkeeping of every loop that trains on photos."""

    steps: Count = 10000
    decay_steps: Whole = 8000  # the learning rate is constant, then falls to zero over the last decay_steps
    warmup_steps: Whole = 200
    batch: Count = 8
    learning_rate: Positive = 1e-3
    clip: Positive = 1.0  # largest norm of the gradient
    average: Decay = 0.999  # decay of the running average of the weights, which is what is exported
    seed: Seed = 1
    # "bfloat16": networks only; the rate and the linear path stay in float32.
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: Threads = 0  # 0: as many as torch likes; 1: bit-exact resume
    log_every: Count = 50
    checkpoint_minutes: Weight = 4.0
    rollbacks: Whole = 3  # how often a loss that is no number sends the run back to its last checkpoint


@dataclass(frozen=True)
class AnalysisSettings(LoopSettings):
    """The same for loops that train analysis networks, which may start from nothing."""

    denoise_steps: Whole = 2000  # first an analysis that starts from nothing learns to denoise alone
    # "muon": Muon for the kernels of hidden layers, Adam for all else.
    optimiser: Literal["adam", "muon"] = "adam"
    scale_learning_rate: Positive = 2e-3  # of the shrinkage: one number a channel


@dataclass(frozen=True)
class TrainingSettings(AnalysisSettings):
    """Optimiser, schedule and bookkeeping."""

    steps: Whole = 30000  # 0 with a `start`: its networks as they are, contexts and tables fitted anew
    start: str = ""  # package (name or file) whose networks training starts from; "": from nothing
    without: tuple[str, ...] = ()  # residual blocks of that package that are left out: "analysis.deep.0"
    scale_learning_rate: Positive = 1e-2  # gains, steps and shrinkage: one number a channel, logarithmic


@dataclass(frozen=True)
class PackageSettings:
    """What the exported package's card says."""

    name: str = "photo-denoise"
    task: str = "additive Gaussian noise removal"
    licence: str = "MIT"
    quality: AQuality = 50  # what the encoder takes when it is not told
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """All settings of one training run."""

    data: DataSettings = field(default_factory=DataSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    package: PackageSettings = field(default_factory=PackageSettings)

    def __post_init__(self) -> None:
        if not self.training.steps and not self.training.start:
            raise UsageError("training.steps = 0 fits the tables of networks that are there: name them, training.start")
        QualityCard(self.objective.anchors, self.package.quality)  # before hours of training, not after them

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
