"""Experiment F and its kin: MNIST by trainings at 4.75, 6 and 8 bits, end to end and for frozen encoders.

universal    one encoder, many decoders, beside end-to-end training
equal_rate   squared error against the label's uncertainty along lines of equal rate  ┐ rows and trainings
label_loss   what is charged for the label: cross-entropy or entropy of the posterior ┘ are shared with universal
"""

import itertools
from dataclasses import replace

from crosscodec.report.figures import Claim
from crosscodec.repro.study import OVER_RATE, PANELS, Axes, Means, Study, Trial

_DEGRADED, _, _HEAD, _, _ = PANELS
_SHAPES = {"4.75": (3, 3), "6": (3, 4), "8": (4, 4)}
_WEIGHTS = {"classification": "0.03", "perception": "0.005"}


def _shape(bits: str) -> tuple[str, str]:
    latents, levels = _SHAPES[bits]
    return f"quantiser.latents={latents}", f"quantiser.levels={levels}"


def _end_to_end(bits: str, which: str = "", weight: str = "0") -> Trial:
    """A training of encoder and decoder together, at a weight of "classification", "perception" or the posterior's
    "entropy"; at none by default.
    """
    if not which:
        return Trial(f"end-to-end-{bits}-0", "mnist-end-to-end", _shape(bits))
    charged, loss = ("classification", ('objective.label_loss="entropy"',)) if which == "entropy" else (which, ())
    own = (*_shape(bits), f"objective.lambda_{charged}={weight}", *loss)
    return Trial(f"end-to-end-{which}-{bits}-{weight}", "mnist-end-to-end", own)


def universal() -> Study:
    """F: decoders of one frozen encoder against end-to-end training, classification and perception, at three rates."""
    trials = []
    for bits in _SHAPES:
        trials.append(_end_to_end(bits))
        for which, weight in _WEIGHTS.items():
            # The end-to-end point of the frozen encoder's own weight is the first decoder of its package.
            trials.append(Trial(f"universal-{which}-{bits}", f"mnist-universal-{which}", _shape(bits)))
            trials.append(_end_to_end(bits, which, weight))
    smoke = ("universal-perception-4.75", "universal-classification-4.75", "end-to-end-4.75-0")
    return Study(tuple(trials), smoke, "down:2", _universal_claims, shown=("universal-perception-8",))


def _universal_claims(means: Means) -> tuple[Claim, ...]:
    claims = []
    for which, text in (
        ("perception", "an encoder trained for perception serves the fidelity decoder almost without loss (5 %)"),
        ("classification", "an encoder trained for the label costs the fidelity decoder more than 5 %"),
    ):
        own = [means(f"end-to-end-{bits}-0", "end-to-end", "mse_degraded") for bits in _SHAPES]
        shared = [means(f"universal-{which}-{bits}", "weight-0", "mse_degraded") for bits in _SHAPES]
        ratios = [b / a for a, b in zip(own, shared, strict=True) if a and b]
        holds = None
        if len(ratios) == len(_SHAPES):
            holds = max(ratios) < 1.05 if which == "perception" else min(ratios) > 1.05
        claims.append(Claim(text, holds, ", ".join(f"{100 * ratio - 100:+.1f} %" for ratio in ratios)))
    return tuple(claims)


_LINE_WEIGHTS = ("0.005", "0.03", "0.15")  # of the label along a line of equal rate, beside 0
_UNCERTAINTY = "H(S|Y) at most, bits: cross-entropy of the head"


def equal_rate() -> Study:
    """Lines of equal rate in the plane of squared error and label uncertainty: MNIST, one training a point."""
    lines = {
        bits: [_end_to_end(bits), *(_end_to_end(bits, "classification", weight) for weight in _LINE_WEIGHTS)]
        for bits in _SHAPES
    }
    bits_of = {trial.name: bits for bits, line in lines.items() for trial in line}

    def claims(means: Means) -> tuple[Claim, ...]:
        claims = []
        for bits, line in lines.items():
            names = [trial.name for trial in line]
            error, unsure = (means.along(names, "end-to-end", c) for c in ("mse_degraded", "entropy_head"))
            text = f"at {bits} bits less uncertainty about the label costs squared error"
            if min(len(error), len(unsure)) < len(line):
                claims.append(Claim(text, None, ""))
                continue
            told = "; ".join(f"{d:.4f}/{c:.3f}" for d, c in zip(error, unsure, strict=True))
            traded = all(b > a for a, b in itertools.pairwise(error)) and all(
                b < a for a, b in itertools.pairwise(unsure)
            )
            claims.append(Claim(text, traded, told))
        return tuple(claims)

    axes = Axes(
        _DEGRADED,
        "mse_degraded",
        lambda method, decoder: f"{bits_of[method]} bits",
        {_UNCERTAINTY: "entropy_head", _HEAD: "accuracy_head"},
    )
    trials = tuple(trial for line in lines.values() for trial in line)
    smoke = (trials[0].name, trials[1].name)
    return Study(trials, smoke, "down:2", claims, axes=axes, rows_of="mnist-universal")


def label_loss() -> Study:
    """Cross-entropy of a classifier against the entropy of its posterior, as what is charged for the label: MNIST."""
    weight = _WEIGHTS["classification"]
    pairs = [tuple(_end_to_end(bits, which, weight) for which in ("classification", "entropy")) for bits in _SHAPES]

    def claims(means: Means) -> tuple[Claim, ...]:
        text = "both losses reach the same accuracy (two points)"
        told = [means.along([a.name, b.name], "end-to-end", "accuracy_head") for a, b in pairs]
        if any(len(both) < 2 for both in told):
            return (Claim(text, None, ""),)
        numbers = "; ".join(f"{a:.3f} against {b:.3f}" for a, b in told)
        return (Claim(text, all(abs(a - b) <= 0.02 for a, b in told), f"cross-entropy against entropy: {numbers}"),)

    def curve(method: str, decoder: str) -> str:
        return "entropy of the posterior" if "-entropy-" in method else "cross-entropy"

    names = (_DEGRADED, _HEAD)
    axes = replace(OVER_RATE, curve=curve, panels={name: PANELS[name] for name in names})
    trials = tuple(trial for pair in pairs for trial in pair)
    return Study(trials, (trials[0].name, trials[1].name), "down:2", claims, axes=axes, rows_of="mnist-universal")
