"""An evaluation of a small labelled set, from samples to rows, on the toy package of digits."""

import dataclasses
import json

import numpy as np
import pytest

from crosscodec.codec import decode_arrays, load_package
from crosscodec.errors import OutputExists, UnsupportedData, UsageError
from crosscodec.evaluate.labelled import evaluate_labelled, run_name, task_name
from crosscodec.evaluate.labelled_scores import LabelledScore, read_labelled
from crosscodec.evaluate.packs import judge_outputs
from crosscodec.measure.classification import cross_entropy_bits
from crosscodec.measure.perception import frechet_distance, sharpness, sliced_wasserstein

RUN = "toys_test_noise_50-toy-digits-seed0"


def test_rows_are_those_of_the_file(digit_samples, digits_package, clean_digits, tmp_path):
    steps = []
    scores = evaluate_labelled(
        digit_samples, digits_package, tmp_path, clean_digits, advance=lambda: steps.append(1), keep_restored=True
    )
    assert len(steps) == 3
    assert [score.key for score in scores] == [
        ("toys:test noise:50", "toy-digits", 0, name) for name in ("fidelity", "perception")
    ]
    package = load_package(digits_package)
    data = (tmp_path / RUN / "coded.xcd").read_bytes()
    for score in scores:
        restored = decode_arrays(data, package, score.decoder)
        assert np.array_equal(np.load(tmp_path / RUN / f"restored-{score.decoder}.npy"), restored)
        assert score.images == 30
        assert score.bits_file == pytest.approx(8 * len(data) / 30)
        assert score.bits_model < score.bits_payload < score.bits_file
        assert score.mse_clean == pytest.approx(np.mean((restored - clean_digits) ** 2), rel=1e-5)
        assert score.mse_degraded == pytest.approx(np.mean((restored - digit_samples.degraded) ** 2), rel=1e-5)
        assert score.accuracy_frozen == 1.0
        logits = judge_outputs(package, "clean", restored)
        assert score.entropy_frozen == pytest.approx(cross_entropy_bits(logits, digit_samples.labels))
        assert score.sliced_wasserstein == pytest.approx(sliced_wasserstein(restored, clean_digits))
        features = [judge_outputs(package, "clean-features", pictures) for pictures in (restored, clean_digits)]
        assert score.frechet == pytest.approx(frechet_distance(*features))
        assert score.sharpness == pytest.approx(sharpness(restored))
        assert score.sharpness_clean == pytest.approx(sharpness(clean_digits))
        assert score.seconds_encode > 0
        assert score.seconds_decode > 0
    fidelity, perception = scores
    assert fidelity.mse_clean < 0.01 < fidelity.mse_degraded  # noise of sigma 50: power .038
    assert fidelity.entropy_head < fidelity.entropy_frozen  # the head is surer, and right
    assert perception.accuracy_head is perception.entropy_head is None  # the package has no such judge
    assert read_labelled(tmp_path / "scores.tsv")[0].mse_clean == pytest.approx(fidelity.mse_clean, rel=1e-5)


def test_runs_gather_in_one_table(digit_samples, digits_package, tmp_path):
    evaluate_labelled(digit_samples, digits_package, tmp_path, decoders=["fidelity"])
    evaluate_labelled(digit_samples, digits_package, tmp_path, decoders=["fidelity"], seed=1, method="other")
    rows = read_labelled(tmp_path / "scores.tsv")
    assert [(row.method, row.seed) for row in rows] == [("toy-digits", 0), ("other", 1)]
    coded = tmp_path / RUN / "coded.xcd"
    stamp = coded.stat().st_mtime_ns
    with pytest.raises(OutputExists):
        evaluate_labelled(digit_samples, digits_package, tmp_path)
    assert coded.stat().st_mtime_ns == stamp  # refused before any work
    evaluate_labelled(digit_samples, digits_package, tmp_path, decoders=["fidelity"], limit=10, overwrite=True)
    rows = read_labelled(tmp_path / "scores.tsv")
    assert [(row.method, row.images) for row in rows] == [("other", 30), ("toy-digits", 10)]
    assert sorted(path.name for path in coded.parent.iterdir()) == ["coded.xcd", "settings.json"]
    facts = json.loads((coded.parent / "settings.json").read_text())
    assert (facts["set"], facts["degradation"], facts["pictures"]) == ("toys:test", "noise:50", 10)
    assert facts["package_sha256"] == load_package(digits_package).sha256


def test_a_limit_takes_the_first(digit_samples, digits_package, clean_digits, tmp_path):
    (score,) = evaluate_labelled(digit_samples, digits_package, tmp_path, clean_digits, decoders=["fidelity"], limit=7)
    restored = decode_arrays((tmp_path / RUN / "coded.xcd").read_bytes(), load_package(digits_package))
    assert score.images == len(restored) == 7
    assert score.mse_clean == pytest.approx(np.mean((restored - clean_digits[:7]) ** 2), rel=1e-5)
    assert score.sliced_wasserstein == pytest.approx(sliced_wasserstein(restored, clean_digits))  # all of the reference


def test_what_is_not_known_is_left_open(digit_samples, digits_package, tmp_path):
    bare = dataclasses.replace(digit_samples, labels=None, classes=(), paired=False, degradation="")
    (score,) = evaluate_labelled(bare, digits_package, tmp_path, decoders=["fidelity"], limit=1)
    unknown = ("mse_clean", "accuracy_frozen", "entropy_frozen", "accuracy_head", "sliced_wasserstein", "frechet")
    assert [getattr(score, name) for name in unknown] == [None] * 6
    assert score.sharpness_clean is None
    assert score.task == task_name(bare) == "toys:test"


def test_one_picture_has_no_covariance(digit_samples, digits_package, clean_digits, tmp_path):
    (one,) = evaluate_labelled(digit_samples, digits_package, tmp_path, clean_digits, decoders=["fidelity"], limit=1)
    assert one.frechet is None
    assert one.sliced_wasserstein > 0


def test_mistakes_are_named_before_any_work(digit_samples, digits_package, toy_package, tmp_path):
    with pytest.raises(UsageError, match="any size"):
        evaluate_labelled(digit_samples, toy_package, tmp_path / "out")
    with pytest.raises(UsageError, match="fidelity, perception"):
        evaluate_labelled(digit_samples, digits_package, tmp_path / "out", decoders=["task"])
    with pytest.raises(UsageError, match="at least one"):
        evaluate_labelled(digit_samples, digits_package, tmp_path / "out", limit=0)
    assert not (tmp_path / "out").exists()
    small = dataclasses.replace(digit_samples, degraded=digit_samples.degraded[:, :14], clean=None, paired=False)
    with pytest.raises(UnsupportedData):
        evaluate_labelled(small, digits_package, tmp_path / "out")
    assert not (tmp_path / "out" / "scores.tsv").exists()


def test_names_of_runs_are_good_file_names(digit_samples):
    row = LabelledScore("mnist:test down:4,alias", "a/b c", 7, "fidelity", 1)
    assert run_name(row) == "mnist_test_down_4_alias-a_b_c-seed7"
    assert task_name(digit_samples) == "toys:test noise:50"
