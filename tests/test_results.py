"""Every claim that docs/experiments.md makes in words, computed from the committed tables."""

from pathlib import Path

import pytest

from crosscodec.evaluate.labelled_scores import LabelledMean, mean_labelled, read_labelled

ROOT = Path(__file__).parents[1]
# The authors' code at weight .05 (quoted): bits, squared error to the degraded input, accuracy of a head.
PUBLISHED = {4: (0.0718, 0.876), 8: (0.0603, 0.916), 12: (0.0535, 0.923), 16: (0.0494, 0.929)}
PUBLISHED |= {20: (0.0477, 0.931), 24: (0.0471, 0.931), 28: (0.0444, 0.929), 32: (0.0451, 0.932)}
CEILING = 0.9555  # the best classifier of degraded digits, seed 1
SUPERRES = (4, 6, 8, 12, 16, 20, 24, 28, 32)


def means(experiment: str) -> dict[tuple[str, str], LabelledMean]:
    rows = read_labelled(ROOT / "results" / f"digits-{experiment}.tsv")
    assert {row.images for row in rows} == {10_000}
    return {(mean.method, mean.decoder): mean for mean in mean_labelled(rows)}


def number(mean: LabelledMean, column: str) -> float:
    interval = mean.intervals[column]
    assert interval is not None
    return interval.mean


@pytest.mark.parametrize("decoder", ["fidelity", "perception"])
def test_payload_stays_below_the_bits_of_the_codebooks(decoder):
    found = means("A")
    for bits in SUPERRES:
        assert 0.9 * bits < number(found[f"learned-{bits}", decoder], "bits_payload") < bits


def test_squared_error_falls_and_accuracy_does_not_with_every_rate():
    found = means("A")
    errors = [number(found[f"learned-{bits}", "fidelity"], "mse_degraded") for bits in SUPERRES]
    assert errors == sorted(errors, reverse=True)
    assert number(found["learned-32", "fidelity"], "accuracy_head") > number(
        found["learned-4", "fidelity"], "accuracy_head"
    )


@pytest.mark.parametrize("bits", PUBLISHED)
def test_the_perception_decoder_beats_the_published_row_in_both_columns(bits):
    mean = means("A")[f"learned-{bits}", "perception"]
    error, accuracy = PUBLISHED[bits]
    assert number(mean, "mse_degraded") < error
    assert number(mean, "accuracy_head") > accuracy


def test_at_32_bits_the_fidelity_decoder_beats_the_published_row_of_weight_001():
    mean = means("A")["learned-32", "fidelity"]
    assert number(mean, "mse_degraded") < 0.0066
    assert number(mean, "accuracy_head") > 0.838


def test_accuracy_from_16_bits_on_is_near_the_ceiling():
    found = means("A")
    for bits in (16, 20, 24, 28, 32):
        assert CEILING - 0.0065 < number(found[f"learned-{bits}", "fidelity"], "accuracy_head") < CEILING


@pytest.mark.parametrize("bits", [4, 6, 8, 12])
def test_training_does_not_improve_the_squared_error_of_its_start_at_few_bits(bits):
    found = means("A")
    learned, peer = (number(found[f"{name}-{bits}", "fidelity"], "mse_degraded") for name in ("learned", "peer"))
    assert 1.0 < learned / peer < 1.035


def test_perception_brings_digits_nearer_to_clean_ones_than_fidelity_at_every_rate():
    found = means("A")
    for bits in SUPERRES:
        fidelity, perception = (found[f"learned-{bits}", name] for name in ("fidelity", "perception"))
        assert number(perception, "frechet") < number(fidelity, "frechet")
        assert number(perception, "accuracy_frozen") > number(fidelity, "accuracy_frozen") + 0.15


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_common_randomness_helps_at_every_rate(bits):
    found = means("B")
    on, off = (found[f"{name}-{bits}", "fidelity"] for name in ("on", "off"))
    assert number(on, "mse_degraded") < number(off, "mse_degraded")
    assert number(on, "accuracy_head") > number(off, "accuracy_head")
    assert number(on, "bits_payload") < number(off, "bits_payload")


def test_at_4_bits_common_randomness_helps_the_label_and_costs_squared_error():
    found = means("B")
    on, off = (found[f"{name}-4", "fidelity"] for name in ("on", "off"))
    assert number(on, "accuracy_head") > number(off, "accuracy_head") + 0.1
    assert 1.0 < number(on, "mse_degraded") / number(off, "mse_degraded") < 1.05
