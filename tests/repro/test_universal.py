"""Verdicts on figures of F's trainings, from means; that their recipes can be read: test_universal.py."""

from crosscodec.evaluate.labelled_scores import LabelledScore, mean_labelled
from crosscodec.repro import universal
from crosscodec.repro.study import Means


def test_universal_claims_take_the_worst_rate():
    found = {}
    for bits in ("4.75", "6", "8"):
        found[f"end-to-end-{bits}-0", "end-to-end"] = 1.0
        found[f"universal-perception-{bits}", "weight-0"] = 1.02 if bits != "8" else 1.06
        found[f"universal-classification-{bits}", "weight-0"] = 1.2
    rows = [LabelledScore("t", name, 1, decoder, 9, mse_degraded=value) for (name, decoder), value in found.items()]
    verdicts = universal._universal_claims(Means({(m.method, m.decoder): m for m in mean_labelled(rows)}))
    assert [claim.holds for claim in verdicts] == [False, True]
    assert verdicts[0].numbers == "+2.0 %, +2.0 %, +6.0 %"


def test_a_line_of_equal_rate_must_fall():
    study = universal.equal_rate()
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
    study, shared = universal.label_loss(), {trial.name: trial for trial in universal.universal().trials}
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
    shared = {trial.name: trial for trial in universal.universal().trials}
    for trial in (*universal.equal_rate().trials, *universal.label_loss().trials):
        assert trial == shared.get(trial.name, trial)
