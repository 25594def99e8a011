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
from typing import Any

from crosscodec.errors import UsageError
from crosscodec.learn.recipe import identity_of


@dataclass(frozen=True)
class DataSettings:
    """Clean pictures and their degradation, or two folders of the user's own."""

    set: str = "mnist"  # a labelled set; its splits train and test are used
    degradation: str = "down:4,alias"  # as in `crosscodec degrade`
    degraded_folder: str = (
        ""  # with clean_folder: the user's own pictures in place of `set`; class subfolders give labels
    )
    clean_folder: str = ""  # paired when both folders hold the same names, unpaired otherwise
    size: tuple[int, ...] = ()  # (height, width) that pictures of folders are brought to; () when all are equal
    labels: bool = True  # false: labels that nothing can be learned from, one picture a class, are left out
    limit: int = 0  # only the first so many training pictures; 0: all
    seed: int = 0  # of the degradation: the same draw for every run that is compared


@dataclass(frozen=True)
class ModelSettings:
    """Networks; drawn in networks.py."""

    network: str = "conv"  # "conv", "dense", "spatial" (latents on a grid, for high rates), "embedding"
    decoder: str = "conv"  # of the decoder trained with the encoder: "conv", "dense", or "spatial" for spatial latents
    width: int = 32  # channels at 1/2 of the resolution
    hidden: int = 256  # units of the dense layers
    components: int = 48  # "embedding": principal components of the degraded pictures beside the label posterior
    critic: str = "conv"  # or "dense", ten times faster where pictures are tiny
    critic_width: int = 32  # channels at 1/2 of the resolution; dense layers have 8 times as many units
    classifier_width: int = 48  # of the heads on reconstructions


@dataclass(frozen=True)
class QuantiserSettings:
    """Latents to symbols; the three kinds are described in quantisers.py."""

    kind: str = "levels"  # "levels", "rounding" or "vector"
    latents: int = 4  # symbols a picture ("levels", "rounding"); on a grid for the network "spatial": channels a cell
    shared: bool = False  # network "spatial": all cells share scale and entropy tables of a channel
    levels: int = 4  # "levels": L values on [-1, 1]
    codebooks: tuple[int, ...] = (16,)  # "vector": sizes of the residual codebooks, one symbol each
    label_weight: float = 1.0  # network "embedding": weight of the label posterior beside the components
    label_sharpness: float = 1.0  # its logits are multiplied by this: large, the posterior is a verdict
    dither: int = 0  # dither levels K of subtractive dither; 0: none
    common: bool = True  # common randomness: the decoder knows the dither (its seed is in the file)
    reach: int = 24  # "rounding": symbols lie in -reach..reach while training


@dataclass(frozen=True)
class ObjectiveSettings:
    """Weights of ``distortion + lambda_rate bits + lambda_perception W1 + lambda_classification CE`` (objective.py)."""

    kind: str = "ot"  # "ot": squared error; "mec": -log q(X|Y) with a learned reconstructor q
    supervised: bool = False  # "ot": error to the paired clean picture instead of the degraded input
    lambda_distortion: float = 1.0
    lambda_rate: float = 0.0  # per bit a picture
    lambda_perception: float = 0.0
    lambda_classification: float = 0.0
    classifier: str = "head"  # whose cross-entropy: "head" learns on the reconstructions, "clean" is the frozen judge
    label_loss: str = "cross-entropy"  # or "entropy": of that classifier's posterior, which knows no label


@dataclass(frozen=True)
class TrainingSettings:
    """Optimiser, schedule and bookkeeping of the end-to-end stage; decoder stages share all but the steps."""

    steps: int = 3000
    decay: float = 0.4  # the learning rate is constant, then falls to zero over this share of the steps
    warmup_steps: int = 100
    hold_steps: int = 0  # steps before the encoder moves: decoder and head first learn what a started encoder gives
    batch: int = 128
    learning_rate: float = 1e-3
    encoder_learning_rate: float = 1e-3
    head_learning_rate: float = 1e-3  # of the classifiers on reconstructions
    table_learning_rate: float = 1e-2  # the entropy model must follow quickly
    critic_learning_rate: float = 2e-4
    critic_steps: int = 1  # steps of the critic for one of the codec
    clip: float = 1.0
    average: float = 0.995  # decay of the running average of the weights, which is what is exported
    seed: int = 1
    precision: str = "no"  # accelerate's mixed precision: "no", "bf16", "fp16"
    threads: int = 0
    log_every: int = 100
    checkpoint_minutes: float = 4.0
    rollbacks: int = 3  # how often a loss that is no number sends the run back to its last checkpoint


@dataclass(frozen=True)
class DecoderSettings:
    """A decoder trained for the frozen encoder; the weights are those of its own objective."""

    name: str = "perception"
    network: str = "conv"  # or "dense", or "spatial" for spatial latents
    steps: int = 2000
    learning_rate: float = 1e-3  # against a critic, 3e-4
    noise: int = 0  # private normal inputs; for each cell of a "spatial" decoder
    supervised: bool = False
    lambda_distortion: float = 1.0
    lambda_perception: float = 0.0
    lambda_classification: float = 0.0
    classifier: str = "head"  # whose cross-entropy: "head" learns on the reconstructions, "clean" is the frozen judge
    label_loss: str = "cross-entropy"  # or "entropy": of that classifier's posterior, which knows no label


@dataclass(frozen=True)
class JudgeSettings:
    """The frozen classifiers: one of clean pictures, which measures, and one of degraded ones, for embeddings."""

    steps: int = 3000
    batch: int = 256
    learning_rate: float = 4e-3
    width: int = 64
    precision: str = "no"  # as training.precision
    package: str = ""  # whose judge "clean" measures, so that runs of all days are judged by one network; "": train one
    folder: str = ""  # where trained judges are kept and looked for; "": the run's folder


@dataclass(frozen=True)
class PackageSettings:
    """What the exported package's card says."""

    name: str = "digits"
    task: str = "clean digits from degraded ones"
    decoder: str = "fidelity"  # name of the decoder that is trained together with the encoder
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
        _require("model.network", self.model.network, ("conv", "dense", "spatial", "embedding"))
        _require("quantiser.kind", self.quantiser.kind, ("levels", "rounding", "vector"))
        _require("objective.kind", self.objective.kind, ("ot", "mec"))
        _require("model.critic", self.model.critic, ("conv", "dense"))
        for network in (self.model.decoder, *(decoder.network for decoder in self.decoders)):
            _require("network of a decoder", network, ("conv", "dense", "spatial"))
            if network == "spatial" and self.model.network != "spatial":
                raise UsageError('a "spatial" decoder reads latents on a grid: set model.network = "spatial"')
        if self.quantiser.shared and (self.model.network != "spatial" or self.quantiser.kind == "vector"):
            raise UsageError('quantiser.shared: only latents on a grid have cells; set model.network = "spatial"')
        for classifier in (self.objective.classifier, *(decoder.classifier for decoder in self.decoders)):
            _require("classifier", classifier, ("head", "clean"))
        for loss in (self.objective.label_loss, *(decoder.label_loss for decoder in self.decoders)):
            _require("label_loss", loss, ("cross-entropy", "entropy"))
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


def _require(key: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        raise UsageError(f"{key} must be one of {', '.join(valid)}, not {value!r}")
