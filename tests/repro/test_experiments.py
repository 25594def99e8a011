"""Every trial names a recipe and settings that it takes; claims follow from means."""

import pytest

from crosscodec.evaluate.labelled_scores import LabelledScore, mean_labelled
from crosscodec.repro import experiments
from crosscodec.repro.item import Request
from crosscodec.repro.study import Means
from crosscodec.repro.training import _recipe, settings_of

STUDIES = {
    "superres": experiments.superres(),
    "denoise": experiments.common_randomness("denoise"),
    "inpaint": experiments.common_randomness("inpaint"),
    "universal": experiments.universal(),
    "coupling": experiments.coupling("mnist"),
    "coupling-m": experiments.coupling("mnist-m"),
    "cifar10": experiments.denoising("cifar10"),
    "imagenet": experiments.denoising("imagenet"),
    "cifar10-noise": experiments.denoising_over_noise("cifar10"),
    "imagenet-noise": experiments.denoising_over_noise("imagenet"),
    "equal-rate": experiments.equal_rate(),
    "label-loss": experiments.label_loss(),
}


@pytest.mark.parametrize("scale", ["smoke", "small", "full"])
@pytest.mark.parametrize("name", STUDIES)
def test_every_trial_is_a_recipe_that_can_be_read(name, scale, tmp_path):
    study, request = STUDIES[name], Request(scale, 3, tmp_path)
    names = [trial.name for trial in study.trials]
    assert len(set(names)) == len(names)
    assert {*study.smoke, *study.shown} <= set(names)
    chosen = study.chosen(request)
    assert len(chosen) == len(study.smoke if scale == "smoke" else study.trials)
    for trial in chosen:
        recipe = _recipe(trial, settings_of(study, trial, request, 2))
        assert recipe.training.seed == 2
        assert (recipe.data.set == "digits") == (scale == "smoke")


def means(**errors: tuple[float, float]) -> Means:
    """Means by method: squared error and accuracy."""
    rows = [
        LabelledScore("t", name.replace("_", "-"), 1, "fidelity", 9, mse_degraded=error, accuracy_head=accuracy)
        for name, (error, accuracy) in errors.items()
    ]
    return Means({(mean.method, mean.decoder): mean for mean in mean_labelled(rows)})


def test_common_randomness_is_judged_rate_by_rate():
    on = {f"on_{bits}": (1 / bits, bits / 40) for bits in (4, 8, 16, 32)}
    off = {f"off_{bits}": (1.1 / bits, bits / 50) for bits in (4, 8, 16, 32)}
    verdicts = experiments._randomness_claims(means(**on, **off))
    assert all(claim.holds for claim in verdicts)
    worse = experiments._randomness_claims(means(**on, **off | {"off_8": (0.01, 0.9)}))
    assert [claim.holds for claim in worse[:2]] == [False, False]
    assert worse[0].numbers.startswith("at 3 of 4 rates: 0.25 against 0.275")
    assert experiments._randomness_claims(means(on_4=(0.1, 0.5)))[0].holds is None


def test_order_allows_half_a_point_of_accuracy_and_half_a_percent_of_squared_error():
    assert experiments.rising("", [0.5, 0.497, 0.6]).holds
    assert not experiments.rising("", [0.5, 0.49, 0.6]).holds
    assert experiments.falling("", [0.5, 0.4, 0.401]).holds
    assert not experiments.falling("", [0.5, 0.4, 0.403]).holds
    assert experiments.falling("", [0.5]).holds is None


def test_universal_claims_take_the_worst_rate():
    found = {}
    for bits in ("4.75", "6", "8"):
        found[f"end-to-end-{bits}-0", "end-to-end"] = 1.0
        found[f"universal-perception-{bits}", "weight-0"] = 1.02 if bits != "8" else 1.06
        found[f"universal-classification-{bits}", "weight-0"] = 1.2
    rows = [LabelledScore("t", name, 1, decoder, 9, mse_degraded=value) for (name, decoder), value in found.items()]
    verdicts = experiments._universal_claims(Means({(m.method, m.decoder): m for m in mean_labelled(rows)}))
    assert [claim.holds for claim in verdicts] == [False, True]
    assert verdicts[0].numbers == "+2.0 %, +2.0 %, +6.0 %"


def test_a_line_of_equal_rate_must_fall():
    study = experiments.equal_rate()
    weights = ("0", "0.005", "0.03", "0.15")
    names = [trial.name for trial in study.trials]
    assert names[1:3] == ["end-to-end-classification-4.75-0.005", "end-to-end-classification-4.75-0.03"]

    def verdicts(errors):
        rows = [
            LabelledScore("t", name, 1, "end-to-end", 9, mse_degraded=errors[i % 4], entropy_head=1 - 0.2 * (i % 4))
            for i, name in enumerate(names)
        ]
        return study.claims(Means({(m.method, m.decoder): m for m in mean_labelled(rows)}))

    assert [claim.holds for claim in verdicts((0.1, 0.2, 0.3, 0.4))] == [True] * 3
    assert [claim.holds for claim in verdicts((0.1, 0.2, 0.2, 0.4))] == [False] * 3
    assert len(verdicts((0.1, 0.2, 0.3, 0.4))[0].numbers.split(";")) == len(weights)
    assert {study.axes.curve(name, "end-to-end") for name in names} == {"4.75 bits", "6 bits", "8 bits"}
    assert study.claims(Means({}))[0].holds is None


def test_two_losses_of_the_label_share_rows_with_the_universal_encoder():
    study, shared = experiments.label_loss(), {trial.name: trial for trial in experiments.universal().trials}
    known = [trial for trial in study.trials if trial.name in shared]
    assert len(known) == len(study.trials) / 2
    assert all(trial == shared[trial.name] for trial in known)
    assert {study.axes.curve(t.name, "") for t in study.trials} == {"cross-entropy", "entropy of the posterior"}
    rows = [
        LabelledScore("t", trial.name, 1, "end-to-end", 9, accuracy_head=0.9 - 0.03 * ("-entropy-" in trial.name))
        for trial in study.trials
    ]
    claim, *_ = study.claims(Means({(m.method, m.decoder): m for m in mean_labelled(rows)}))
    assert (claim.holds, claim.numbers.count("against 0.870")) == (False, 3)
    assert study.claims(Means({}))[0].holds is None


def test_trials_that_share_rows_are_the_same_trainings():
    shared = {trial.name: trial for trial in experiments.universal().trials}
    for trial in (*experiments.equal_rate().trials, *experiments.label_loss().trials):
        assert trial == shared.get(trial.name, trial)


def test_inpainting_is_judged_with_and_without_pairs():
    claims = experiments.common_randomness("inpaint").claims

    def verdict(factor):
        rows = [
            LabelledScore(
                "t", f"{name}-{bits}", 1, "fidelity", 9, mse_clean=(factor if name == "supervised" else 1) / bits
            )
            for name in ("on", "supervised")
            for bits in (4, 8, 16, 32)
        ]
        return claims(Means({(m.method, m.decoder): m for m in mean_labelled(rows)}))[-1]

    assert verdict(0.9).holds
    assert verdict(1.1).holds is False
    assert claims(Means({}))[-1].holds is None


def test_more_noise_must_do_more_harm():
    study = experiments.denoising_over_noise("cifar10")

    def verdicts(errors, accuracies):
        rows = [
            LabelledScore("t", trial.name, 1, "fidelity", 9, mse_clean=error, accuracy_frozen=accuracy)
            for trial, error, accuracy in zip(study.trials, errors, accuracies, strict=True)
        ]
        return [c.holds for c in study.claims(Means({(m.method, m.decoder): m for m in mean_labelled(rows)}))]

    assert verdicts((0.1, 0.2, 0.3, 0.4), (0.6, 0.5, 0.4, 0.3)) == [True, True]
    assert verdicts((0.1, 0.3, 0.2, 0.4), (0.6, 0.5, 0.55, 0.3)) == [False, False]
