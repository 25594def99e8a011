"""The papers' experiments with labelled pictures: trials, quoted numbers, claims.

A  MNIST 4x super-resolution     B, C  denoising and inpainting, with and without common randomness
G  minimum entropy coupling      E     CIFAR-10 and ImageNet denoising, over rate and over noise
F, one encoder for many decoders, and what its trainings show besides: universal.py

SVHN, which the papers use for B, C and part of G, is replaced by MNIST-M; quoted numbers of SVHN are not drawn beside
it. docs/experiments.md tells what came out.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from crosscodec.report.figures import Claim, Point
from crosscodec.repro.study import OVER_RATE, PANELS, Axes, Means, Study, Trial

# Bits: residual codebooks. The label is in the codewords from the start, whatever the rate.
_SUPERRES = {
    4: (16,),
    6: (64,),
    8: (256,),
    12: (4096,),
    16: (4096, 16),
    20: (4096, 256),
    24: (4096, 4096),
    28: (4096, 4096, 16),
    32: (4096, 4096, 256),
}
# With residual codebooks much is left to learn: decoders leave their cells' means, and a verdict is too coarse a start.
_RESIDUAL = (
    "model.components=48",
    "quantiser.label_sharpness=1.0",
    "objective.lambda_classification=0.003",
    "training.learning_rate=1e-3",
    "training.encoder_learning_rate=1e-4",
)
_PEER_BITS = (4, 6, 8, 12)
_LEVEL_BITS = (4, 8, 16, 32)
_DEGRADED, _CLEAN, _HEAD, _, _ = PANELS
_ERRORS = (_DEGRADED, _CLEAN)
# The authors' own code, weights .001 and .05: bits, squared error to the degraded input, accuracy of a head.
_QUOTED_BITS = (4, 8, 12, 16, 20, 24, 28, 32)
_QUOTED = {
    ".001": (
        (0.0334, 0.0236, 0.0179, 0.0144, 0.0114, 0.0095, 0.0079, 0.0066),
        (0.544, 0.683, 0.745, 0.762, 0.789, 0.807, 0.826, 0.838),
    ),
    ".05": (
        (0.0718, 0.0603, 0.0535, 0.0494, 0.0477, 0.0471, 0.0444, 0.0451),
        (0.876, 0.916, 0.923, 0.929, 0.931, 0.931, 0.929, 0.932),
    ),
}


def superres() -> Study:
    """A: MNIST 4x super-resolution by label-aware vector quantisers, and the plain ones that they must justify."""
    trials = [
        Trial(f"learned-{bits}", "mnist-superres", (_codebooks(*sizes), *(_RESIDUAL if len(sizes) > 1 else ())))
        for bits, sizes in _SUPERRES.items()
    ]
    trials += [Trial(f"peer-{bits}", "mnist-superres-peer", (_codebooks(2**bits),)) for bits in _PEER_BITS]
    # The codec that knows no task: k-means on the picture alone.
    blind = "quantiser.label_weight=0.0"
    trials += [Trial(f"no-task-{bits}", "mnist-superres-peer", (_codebooks(2**bits), blind)) for bits in _PEER_BITS]
    quoted = [
        Point(panel, f"paper, weight {weight}", "quoted", bits, values[place])
        for weight, rows in _QUOTED.items()
        for panel, values in zip((_DEGRADED, _HEAD), rows, strict=True)
        for place, bits in enumerate(_QUOTED_BITS)
    ]
    shown = ("learned-4", "learned-8", "learned-32")
    return Study(tuple(trials), ("learned-4", "peer-4"), "down:2", _superres_claims, tuple(quoted), shown)


def _superres_claims(means: Means) -> tuple[Claim, ...]:
    names = [f"learned-{bits}" for bits in _SUPERRES]
    ours = [(bits, means(f"learned-{bits}", "perception", "mse_degraded")) for bits in _QUOTED_BITS]
    heads = [(bits, means(f"learned-{bits}", "perception", "accuracy_head")) for bits in _QUOTED_BITS]
    pairs = zip(ours, heads, *_QUOTED[".05"], strict=True)
    better = sum(e is not None and a is not None and e < pe and a > pa for (_, e), (_, a), pe, pa in pairs)
    return (
        falling("squared error falls with every rate", means.along(names, "fidelity", "mse_degraded")),
        rising("accuracy rises with rate", means.along(names, "fidelity", "accuracy_head")),
        Claim(
            "the paper's codec of weight .05 cannot be improved in both columns (ours, perception decoder)",
            None if not better else better == 0,
            f"better in squared error and accuracy at {better} of {len(_QUOTED_BITS)} rates",
        ),
        _task_pays(means),
    )


def _task_pays(means: Means) -> Claim:
    """What knowing the task costs in squared error and gains in accuracy, at the rates where k-means can be run."""
    text = "bits that know the task buy accuracy for squared error"
    columns = [
        means.along([f"{name}-{bits}" for bits in _PEER_BITS], "fidelity", column)
        for name in ("peer", "no-task")
        for column in ("mse_degraded", "accuracy_head")
    ]
    if min(map(len, columns)) < len(_PEER_BITS):
        return Claim(text, None, "")
    rows = list(zip(*columns, strict=True))
    numbers = "; ".join(f"{e:.4f}/{a:.3f} against {be:.4f}/{ba:.3f}" for e, a, be, ba in rows)
    return Claim(text, all(e > be and a > ba for e, a, be, ba in rows), numbers)


def common_randomness(task: str) -> Study:
    """B, C: MNIST-M with and without common randomness, plain label-aware quantisers, a point with entropy model."""
    trials = [
        Trial(
            f"{name}-{bits}",
            f"mnist-m-{task}",
            (f"quantiser.latents={bits // 2}", f"quantiser.common={str(common).lower()}"),
        )
        for bits in _LEVEL_BITS
        for name, common in (("on", True), ("off", False))
    ]
    trials += [Trial(f"peer-{bits}", f"mnist-m-{task}-peer", (_codebooks(2**bits),)) for bits in (4, 8, 12)]
    trials.append(Trial("entropy", f"mnist-m-{task}-entropy"))
    smoke, shown = ("on-4", "off-4", "peer-4", "entropy"), ("on-8", "on-32", "off-32", "entropy")
    if task == "denoise":
        return Study(tuple(trials), smoke, "noise:20", _randomness_claims, shown=shown)
    # What is masked cannot be told from the degraded picture: the paper trains inpainting both ways.
    supervised = [
        Trial(f"supervised-{t.name[3:]}", t.recipe, (*t.settings, "objective.supervised=true"))
        for t in trials
        if t.name.startswith("on-")
    ]

    def claims(means: Means) -> tuple[Claim, ...]:
        return (*_randomness_claims(means), _supervision(means))

    return Study((*trials, *supervised), (*smoke, "supervised-4"), "mask:4", claims, shown=(*shown, "supervised-32"))


def _randomness_claims(means: Means) -> tuple[Claim, ...]:
    return (
        _common(means, "mse_degraded", "common randomness lowers the squared error", -1),
        _common(means, "accuracy_head", "common randomness raises the accuracy", 1),
        *(
            falling(f"squared error falls with rate ({name})", means.along(_at(name), "fidelity", "mse_degraded"))
            for name in ("on", "off")
        ),
        *(
            rising(f"accuracy rises with rate ({name})", means.along(_at(name), "fidelity", "accuracy_head"))
            for name in ("on", "off")
        ),
    )


def _supervision(means: Means) -> Claim:
    """Whether pairs help against the mask."""
    text = "supervised training lowers the squared error to the clean picture at every rate"
    with_pairs, without = (means.along(_at(name), "fidelity", "mse_clean") for name in ("supervised", "on"))
    if len(with_pairs) < len(_LEVEL_BITS) or len(without) < len(_LEVEL_BITS):
        return Claim(text, None, "")
    pairs = list(zip(with_pairs, without, strict=True))
    return Claim(text, all(a < b for a, b in pairs), "; ".join(f"{a:.4f} against {b:.4f}" for a, b in pairs))


def _at(name: str) -> list[str]:
    return [f"{name}-{bits}" for bits in _LEVEL_BITS]


def _common(means: Means, column: str, text: str, sign: int) -> Claim:
    on, off = (means.along(_at(name), "fidelity", column) for name in ("on", "off"))
    if not on or len(on) != len(off):
        return Claim(text, None, "")
    won = sum(sign * (a - b) > 0 for a, b in zip(on, off, strict=True))
    numbers = "; ".join(f"{a:.4g} against {b:.4g}" for a, b in zip(on, off, strict=True))
    return Claim(text, won == len(on), f"at {won} of {len(on)} rates: {numbers}")


def coupling(set_name: str) -> Study:
    """G: minimum entropy coupling, MNIST super-resolution or MNIST-M denoising, over rate."""
    trials = [
        Trial(f"{set_name}-{bits}", f"{set_name}-coupling", (f"quantiser.latents={bits // 2}",)) for bits in _LEVEL_BITS
    ]
    degradation = {"mnist": "down:2", "mnist-m": "noise:20"}[set_name]
    names = [trial.name for trial in trials]

    def claims(means: Means) -> tuple[Claim, ...]:
        return (
            rising("accuracy rises with rate", means.along(names, "fidelity", "accuracy_head")),
            falling("cross-entropy of the label falls with rate", means.along(names, "fidelity", "entropy_head")),
        )

    return Study(tuple(trials), (names[0],), degradation, claims, shown=(names[1], names[3]))


_CHANNELS = (4, 8, 12)  # latents a cell of 4 x 4 pixels: most of what sets the rate in few steps


def denoising(family: str) -> Study:
    """E: denoising of CIFAR-10 or of the ImageNet sample with an entropy model, over the number of latents."""
    trials = [
        Trial(f"latents-{channels}", f"{family}-denoise", (f"quantiser.latents={channels}",)) for channels in _CHANNELS
    ]
    names = [trial.name for trial in trials]

    def claims(means: Means) -> tuple[Claim, ...]:
        errors = falling(
            "squared error to the clean picture falls with rate", means.along(names, "fidelity", "mse_clean")
        )
        if family == "imagenet":  # one picture a class: no label
            return (errors,)
        return errors, rising("accuracy rises with rate", means.along(names, "fidelity", "accuracy_frozen"))

    axes = replace(OVER_RATE, panels=_panels(family))
    return Study(tuple(trials), (names[0],), "noise:25", claims, shown=(names[0], names[2]), axes=axes)


def _panels(family: str) -> dict[str, str]:
    """What can be measured of a set: the ImageNet sample has one picture a class, so no label."""
    return {name: PANELS[name] for name in _ERRORS} if family == "imagenet" else PANELS


_NOISES = (15, 25, 35, 50)  # sigma of 255


def denoising_over_noise(family: str) -> Study:
    """E: denoising of CIFAR-10 or of the ImageNet sample with 8 latents a cell, over the level of the noise."""
    trials = [
        Trial(f"sigma-{noise}", f"{family}-denoise", ("quantiser.latents=8", f'data.degradation="noise:{noise}"'))
        for noise in _NOISES
    ]
    names = [trial.name for trial in trials]

    def claims(means: Means) -> tuple[Claim, ...]:
        errors = means.along(names, "fidelity", "mse_clean")
        found = [rising("squared error to the clean picture rises with noise", errors)]
        if family != "imagenet":
            accuracies = means.along(names, "fidelity", "accuracy_frozen")
            found.append(rising("accuracy falls with noise", accuracies[::-1]))
        return tuple(found)

    axes = Axes("noise, sigma of 255", "", lambda method, decoder: decoder, _panels(family))
    return Study(tuple(trials), (names[0],), "noise:25", claims, shown=(names[0], names[3]), axes=axes)


def falling(text: str, values: Sequence[float]) -> Claim:
    """Whether no value is greater than the one before it, but for half a percent of noise."""
    return _ordered(text, values, [before * 1.005 - after for before, after in itertools.pairwise(values)])


def rising(text: str, values: Sequence[float]) -> Claim:
    """Whether no value is smaller than the one before it, but for half a point in a hundred of noise."""
    return _ordered(text, values, [after - before + 0.005 for before, after in itertools.pairwise(values)])


def _ordered(text: str, values: Sequence[float], room: Sequence[float]) -> Claim:
    if not room:
        return Claim(text, None, "")
    return Claim(text, min(room) > -1e-12, ", ".join(f"{value:.4g}" for value in values))


def _codebooks(*sizes: int) -> str:
    return f"quantiser.codebooks={list(sizes)}"
