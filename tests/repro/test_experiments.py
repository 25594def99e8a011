"""Every trial names a recipe and settings that it takes; claims follow from means."""

import pytest

from crosscodec.evaluate.labelled_scores import LabelledScore, mean_labelled
from crosscodec.repro import experiments, universal
from crosscodec.repro.item import Request
from crosscodec.repro.study import Means
from crosscodec.repro.training import _recipe, settings_of

STUDIES = {
    "superres": experiments.superres(),
    "denoise": experiments.common_randomness("denoise"),
    "inpaint": experiments.common_randomness("inpaint"),
    "universal": universal.universal(),
    "coupling": experiments.coupling("mnist"),
    "coupling-m": experiments.coupling("mnist-m"),
    "cifar10": experiments.denoising("cifar10"),
    "imagenet": experiments.denoising("imagenet"),
    "cifar10-noise": experiments.denoising_over_noise("cifar10"),
    "imagenet-noise": experiments.denoising_over_noise("imagenet"),
    "equal-rate": universal.equal_rate(),
    "label-loss": universal.label_loss(),
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
