"""Settings of a transport recipe: one frozen dataclass per stage. How a recipe is read: learn/recipe.py.

[data]        which pictures, how degraded
[model]       networks                          [quantiser]  latents to symbols, with or without common randomness
[objective]   what encoder and first decoder are trained for together
[training]    optimiser, schedule, bookkeeping
[[decoders]]  further decoders for the frozen encoder, each with weights of its own (universal representation)
[judges]      classifiers that measure; none of them is trained for the codec's benefit
[package]     what the card says
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from crosscodec.bitstream.limits import MOST_CONTEXTS
from crosscodec.codec.card import MOST_NOISE
from crosscodec.errors import UsageError
from crosscodec.learn.heldout import require_rest
from crosscodec.learn.ranges import (
    Between,
    Count,
    Decay,
    Filled,
    Multiple,
    Name,
    Positive,
    Seed,
    Share,
    Sizes,
    Threads,
    Weight,
    Whole,
)
from crosscodec.learn.recipe import identity_of

HALVINGS = 4  # the networks halve either side twice
MOST_LEVELS = 2**14  # values of a symbol: frequency tables hold twice as many

Side = Annotated[int, Between(2 * HALVINGS), Multiple(HALVINGS)]
DecoderNetwork = Literal["conv", "dense", "spatial"]
Judge = Literal["head", "clean"]
LabelLoss = Literal["cross-entropy", "entropy"]
# fp16 would need a scaled loss for each of several alternating objectives; bf16 has float32's range.
Precision = Literal["no", "bf16"]


@dataclass(frozen=True)
class DataSettings:
    """Clean pictures and their degradation, or two folders of the user's own."""

    set: str = "mnist"  # a labelled set; its splits train and test are used. "": a recipe for two folders
    degradation: str = "down:4,alias"  # as in `crosscodec degrade`
    # With clean_folder: the user's own pictures in place of `set`; class subfolders give labels.
    degraded_folder: str = ""
    clean_folder: str = ""  # paired when both folders hold the same names, unpaired otherwise
    # (height, width) that pictures of folders are brought to; () when all are equal.
    size: Annotated[tuple[Side, ...], Sizes(0, 2)] = ()
    # Of folders every n-th picture, of fewer the last, is kept apart: the package is measured on these. 0: none.
    held_out: Whole = 10
    labels: bool = True  # false: labels that nothing can be learned from, one picture a class, are left out
    limit: Whole = 0  # only so many training pictures, the first of a set, of folders from all over; 0: all
    seed: Seed = 0  # of the degradation: the same draw for every run that is compared

    def __post_init__(self) -> None:
        if bool(self.degraded_folder) != bool(self.clean_folder):
            raise UsageError("data.degraded_folder and data.clean_folder go together")
        require_rest(self.held_out)

    @property
    def folders(self) -> bool:
        """Whether the pictures are the user's own."""
        return bool(self.degraded_folder)


@dataclass(frozen=True)
class ModelSettings:
    """Networks; drawn in networks.py."""

    network: Literal["conv", "dense", "spatial", "embedding"] = "conv"  # "spatial": latents on a grid, for high rates
    decoder: DecoderNetwork = "conv"  # of the decoder trained with the encoder; "spatial" for spatial latents
    width: Count = 32  # channels at 1/2 of the resolution
    hidden: Count = 256  # units of the dense layers
    components: Count = 48  # "embedding": principal components of the degraded pictures beside the label posterior
    critic: Literal["conv", "dense"] = "conv"  # "dense" is ten times faster where pictures are tiny
    critic_width: Count = 32  # channels at 1/2 of the resolution; dense layers have 8 times as many units
    classifier_width: Count = 48  # of the heads on reconstructions


@dataclass(frozen=True)
class QuantiserSettings:
    """Latents to symbols; the three kinds are described in quantisers.py."""

    kind: Literal["levels", "rounding", "vector"] = "levels"
    latents: Count = 4  # symbols a picture ("levels", "rounding"); on a grid for the network "spatial": channels a cell
    shared: bool = False  # network "spatial": all cells share scale and entropy tables of a channel
    levels: Annotated[int, Between(2, MOST_LEVELS)] = 4  # "levels": L values on [-1, 1]
    # "vector": sizes of the residual codebooks, one symbol each.
    codebooks: Annotated[tuple[Annotated[int, Between(2, MOST_LEVELS)], ...], Filled()] = (16,)
    label_weight: Weight = 1.0  # network "embedding": weight of the label posterior beside the components
    label_sharpness: Positive = 1.0  # its logits are multiplied by this: large, the posterior is a verdict
    dither: Annotated[int, Between(0, MOST_CONTEXTS)] = 0  # dither levels K of subtractive dither; 0: none
    common: bool = True  # common randomness: the decoder knows the dither (its seed is in the file)
    reach: Annotated[int, Between(1, MOST_LEVELS // 2)] = 24  # "rounding": symbols lie in -reach..reach while training

    def __post_init__(self) -> None:
        if self.dither == 1:
            raise UsageError("quantiser.dither = 1 is one offset, always 0, and no dither; take 2 or more, or 0")


@dataclass(frozen=True)
class ObjectiveSettings:
    """Weights of ``distortion + lambda_rate bits + lambda_perception W1 + lambda_classification CE`` (objective.py)."""

    kind: Literal["ot", "mec"] = "ot"  # "ot": squared error; "mec": -log q(X|Y) with a learned reconstructor q
    supervised: bool = False  # "ot": error to the paired clean picture instead of the degraded input
    lambda_distortion: Weight = 1.0
    lambda_rate: Weight = 0.0  # per bit a picture
    lambda_perception: Weight = 0.0
    lambda_classification: Weight = 0.0
    classifier: Judge = "head"  # whose cross-entropy: "head" learns on the reconstructions, "clean" is the frozen judge
    label_loss: LabelLoss = "cross-entropy"  # "entropy": of that classifier's posterior, which knows no label


@dataclass(frozen=True)
class TrainingSettings:
    """Optimiser, schedule and bookkeeping of the end-to-end stage; decoder stages share all but the steps."""

    steps: Count = 3000
    decay: Share = 0.4  # the learning rate is constant, then falls to zero over this share of the steps
    warmup_steps: Whole = 100
    hold_steps: Whole = 0  # steps before the encoder moves: decoder and head first learn what a started encoder gives
    batch: Count = 128
    learning_rate: Positive = 1e-3
    encoder_learning_rate: Positive = 1e-3
    head_learning_rate: Positive = 1e-3  # of the classifiers on reconstructions
    table_learning_rate: Positive = 1e-2  # the entropy model must follow quickly
    critic_learning_rate: Positive = 2e-4
    critic_steps: Count = 1  # steps of the critic for one of the codec
    clip: Positive = 1.0
    average: Decay = 0.995  # decay of the running average of the weights, which is what is exported
    seed: Seed = 1
    precision: Precision = "no"  # accelerate's mixed precision
    threads: Threads = 0
    log_every: Count = 100
    checkpoint_minutes: Weight = 4.0
    rollbacks: Whole = 3  # how often a loss that is no number sends the run back to its last checkpoint


@dataclass(frozen=True)
class DecoderSettings:
    """A decoder trained for the frozen encoder; the weights are those of its own objective."""

    name: Annotated[str, Name()] = "perception"
    network: DecoderNetwork = "conv"  # "spatial" for spatial latents
    steps: Count = 2000
    learning_rate: Positive = 1e-3  # against a critic, 3e-4
    noise: Annotated[int, Between(0, MOST_NOISE)] = 0  # private normal inputs; for each cell of a "spatial" decoder
    supervised: bool = False
    lambda_distortion: Weight = 1.0
    lambda_perception: Weight = 0.0
    lambda_classification: Weight = 0.0
    classifier: Judge = "head"  # whose cross-entropy: "head" learns on the reconstructions, "clean" is the frozen judge
    label_loss: LabelLoss = "cross-entropy"  # "entropy": of that classifier's posterior, which knows no label


@dataclass(frozen=True)
class JudgeSettings:
    """The frozen classifiers: one of clean pictures, which measures, and one of degraded ones, for embeddings."""

    steps: Count = 3000
    batch: Count = 256
    learning_rate: Positive = 4e-3
    width: Count = 64
    precision: Precision = "no"  # as training.precision
    package: str = ""  # whose judge "clean" measures, so that runs of all days are judged by one network; "": train one
    folder: str = ""  # where trained judges are kept and looked for; "": the run's folder


@dataclass(frozen=True)
class PackageSettings:
    """What the exported package's card says."""

    name: str = "digits"
    task: str = "clean digits from degraded ones"
    decoder: Annotated[str, Name()] = "fidelity"  # name of the decoder that is trained together with the encoder
    licence: str = "MIT"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TransportRecipe:
    """All settings of one run."""

    data: DataSettings = field(default_factory=DataSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    quantiser: QuantiserSettings = field(default_factory=QuantiserSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    decoders: tuple[DecoderSettings, ...] = ()
    judges: JudgeSettings = field(default_factory=JudgeSettings)
    package: PackageSettings = field(default_factory=PackageSettings)

    def __post_init__(self) -> None:
        spatial = self.model.network == "spatial"
        if not spatial and "spatial" in (self.model.decoder, *(decoder.network for decoder in self.decoders)):
            raise UsageError('a "spatial" decoder reads latents on a grid: set model.network = "spatial"')
        if self.objective.kind == "mec" and self.objective.supervised:
            raise UsageError(
                'objective.supervised: "mec" tells X from Y, X being the degraded picture; set kind = "ot"'
            )
        if self.quantiser.shared and (not spatial or self.quantiser.kind == "vector"):
            raise UsageError('quantiser.shared: only latents on a grid have cells; set model.network = "spatial"')
        if self.quantiser.kind == "vector" and self.quantiser.dither:
            raise UsageError("quantiser.dither: symbols of a vector quantiser are names, not numbers; dither must be 0")
        if self.quantiser.kind == "vector" and self.model.network != "embedding":
            raise UsageError('quantiser.kind = "vector" starts from an embedding: set model.network = "embedding"')
        names = [self.package.decoder, *(d.name for d in self.decoders)]
        if len(set(names)) < len(names):
            raise UsageError(f"decoders need names of their own; these are {', '.join(names)}")

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return {"kind": "transport"} | dataclasses.asdict(self)

    def identity(self) -> str:
        """The run's id: a hash of the resolved settings."""
        return identity_of(self.as_dict())
