"""Every claim that docs/experiments.md makes in words, computed from the committed tables."""

import csv
import json
from itertools import product
from pathlib import Path

import pytest
from digit_tables import PAGE, filled

from crosscodec.evaluate.labelled_scores import LabelledMean, mean_labelled, read_labelled
from crosscodec.repro.catalogue import ITEMS

ROOT = Path(__file__).parents[1]
# The authors' code at weight .05 (quoted): bits, squared error to the degraded input, accuracy of a head.
PUBLISHED = {4: (0.0718, 0.876), 8: (0.0603, 0.916), 12: (0.0535, 0.923), 16: (0.0494, 0.929)}
PUBLISHED |= {20: (0.0477, 0.931), 24: (0.0471, 0.931), 28: (0.0444, 0.929), 32: (0.0451, 0.932)}
CEILINGS = (0.9555, 0.9534, 0.9527)  # classifiers of degraded digits, three seeds
CEILING = sum(CEILINGS) / 3
SUPERRES = (4, 6, 8, 12, 16, 20, 24, 28, 32)


def means(key: str, images: int = 10_000) -> dict[tuple[str, str], LabelledMean]:
    rows = read_labelled(ROOT / "results" / "repro" / f"{key}.scores.tsv")
    assert {row.images for row in rows} == {images}
    return {(mean.method, mean.decoder): mean for mean in mean_labelled(rows)}


def number(mean: LabelledMean, column: str) -> float:
    interval = mean.intervals[column]
    assert interval is not None
    return interval.mean


@pytest.mark.parametrize("decoder", ["fidelity", "perception"])
def test_payload_stays_below_the_bits_of_the_codebooks(decoder):
    found = means("mnist-superres")
    for bits in SUPERRES:
        assert 0.9 * bits < number(found[f"learned-{bits}", decoder], "bits_payload") < bits


def test_squared_error_falls_with_every_rate():
    found = means("mnist-superres")
    errors = [number(found[f"learned-{bits}", "fidelity"], "mse_degraded") for bits in SUPERRES]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("bits", PUBLISHED)
def test_the_perception_decoder_beats_the_published_row_in_both_columns(bits):
    mean = means("mnist-superres")[f"learned-{bits}", "perception"]
    error, accuracy = PUBLISHED[bits]
    assert number(mean, "mse_degraded") < error
    assert number(mean, "accuracy_head") > accuracy


def test_at_32_bits_the_fidelity_decoder_beats_the_published_row_of_weight_001():
    mean = means("mnist-superres")["learned-32", "fidelity"]
    assert number(mean, "mse_degraded") < 0.0066
    assert number(mean, "accuracy_head") > 0.838


def test_accuracy_is_within_half_a_point_of_the_ceiling_from_8_bits_on():
    found = means("mnist-superres")
    for bits in (8, 12, 16, 20, 24, 28, 32):
        assert CEILING - 0.005 < number(found[f"learned-{bits}", "fidelity"], "accuracy_head") < max(CEILINGS)


@pytest.mark.parametrize("bits", [4, 6, 8, 12])
def test_at_few_bits_the_verdict_buys_accuracy_for_little_squared_error(bits):
    """Beside the plain label-aware quantiser, measured by the same files."""
    found = means("mnist-superres")
    learned, peer = (found[f"{name}-{bits}", "fidelity"] for name in ("learned", "peer"))
    assert number(learned, "accuracy_head") > number(peer, "accuracy_head")
    assert number(learned, "mse_degraded") < 1.03 * number(peer, "mse_degraded")
    assert number(learned, "accuracy_head") > CEILING - 0.005


@pytest.mark.parametrize("bits", [4, 6, 8, 12])
def test_the_task_costs_a_tenth_of_squared_error_and_buys_the_label(bits):
    found = means("mnist-superres")
    peer, blind = (found[f"{name}-{bits}", "fidelity"] for name in ("peer", "no-task"))
    assert 0.88 < number(blind, "mse_degraded") / number(peer, "mse_degraded") < 0.95
    assert number(peer, "accuracy_head") > number(blind, "accuracy_head") + 0.14


def test_perception_brings_digits_nearer_to_clean_ones_than_fidelity_at_every_rate():
    found = means("mnist-superres")
    for bits in SUPERRES:
        fidelity, perception = (found[f"learned-{bits}", name] for name in ("fidelity", "perception"))
        assert number(perception, "frechet") < number(fidelity, "frechet")
        assert number(perception, "accuracy_frozen") > number(fidelity, "accuracy_frozen") + 0.15


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_common_randomness_helps_at_every_rate(bits):
    found = means("mnist-m-denoise")
    on, off = (found[f"{name}-{bits}", "fidelity"] for name in ("on", "off"))
    assert number(on, "mse_degraded") < number(off, "mse_degraded")
    assert number(on, "accuracy_head") > number(off, "accuracy_head")
    assert number(on, "bits_payload") < number(off, "bits_payload")


def test_at_4_bits_common_randomness_buys_the_label_with_squared_error():
    found = means("mnist-m-denoise")
    on, off = (found[f"{name}-4", "fidelity"] for name in ("on", "off"))
    assert number(on, "accuracy_head") > number(off, "accuracy_head") + 0.4
    assert 1.15 < number(on, "mse_degraded") / number(off, "mse_degraded") < 1.25


@pytest.mark.parametrize("bits", [4, 8, 16, 32])
def test_known_dither_makes_payloads_smaller(bits):
    found = means("mnist-m-denoise")
    on, off = (number(found[f"{name}-{bits}", "fidelity"], "bits_payload") for name in ("on", "off"))
    assert 0.91 < on / off < 0.94


def test_four_values_a_latent_stand_behind_k_means():
    found = means("mnist-m-denoise")
    on, peer = found["on-8", "fidelity"], found["peer-8", "fidelity"]
    assert number(peer, "mse_degraded") < 0.9 * number(on, "mse_degraded")
    assert number(peer, "accuracy_head") > number(on, "accuracy_head") + 0.01
    twelve, sixteen, most = (number(found[name, "fidelity"], "mse_degraded") for name in ("peer-12", "on-16", "on-32"))
    assert most < twelve < sixteen


def test_the_point_with_an_entropy_model_is_sharp_and_reads_well():
    entropy = means("mnist-m-denoise")["entropy", "fidelity"]
    assert number(entropy, "bits_payload") / 32**2 > 0.5
    assert number(entropy, "mse_clean") < 0.0066
    assert number(entropy, "accuracy_frozen") > 0.89
    assert number(entropy, "sharpness") > 0.09


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_common_randomness_helps_inpainting_too(bits):
    found = means("mnist-m-inpaint")
    on, off = (found[f"{name}-{bits}", "fidelity"] for name in ("on", "off"))
    assert number(on, "mse_degraded") < 0.93 * number(off, "mse_degraded")
    assert number(on, "accuracy_head") > number(off, "accuracy_head")


def test_at_4_bits_inpainting_holds_colours_or_the_label_by_the_seed():
    rows = read_labelled(ROOT / "results" / "repro" / "mnist-m-inpaint.scores.tsv")
    found = sorted((row.mse_degraded, row.accuracy_head) for row in rows if row.method == "on-4")
    assert [accuracy > 0.7 for _, accuracy in found] == [False, False, True]
    assert found[1][0] < 0.056 < 0.07 < found[2][0]


def test_no_codec_reads_more_than_the_mask_leaves():
    assert 0.86 < max(number(mean, "accuracy_head") for mean in means("mnist-m-inpaint").values()) < 0.88


def test_k_means_is_ahead_in_inpainting_too():
    found = means("mnist-m-inpaint")
    on, peer = found["on-8", "fidelity"], found["peer-8", "fidelity"]
    assert number(peer, "mse_degraded") < 0.8 * number(on, "mse_degraded")
    assert number(peer, "accuracy_head") > number(on, "accuracy_head") + 0.02


def test_without_pairs_more_bits_do_not_fill_the_square_and_with_pairs_they_do():
    found = means("mnist-m-inpaint")
    few, many, paired = (found[name, "fidelity"] for name in ("on-8", "on-32", "entropy"))
    assert number(many, "mse_degraded") < 0.6 * number(few, "mse_degraded")
    assert number(many, "mse_clean") > number(few, "mse_clean")
    assert number(paired, "mse_clean") < 0.3 * number(many, "mse_clean")
    assert number(paired, "accuracy_frozen") > number(found["on-16", "fidelity"], "accuracy_frozen") + 0.15
    assert number(paired, "bits_payload") / 32**2 > 0.5


UNIVERSAL = ("4.75", "6", "8")  # bits of the latents' values, before entropy coding


@pytest.mark.parametrize(("weight", "least", "most"), [("0", 1.01, 1.035), ("0.005", 0.98, 1.04)])
@pytest.mark.parametrize("bits", UNIVERSAL)
def test_an_encoder_trained_for_perception_serves_other_weights(bits, weight, least, most):
    found = means("mnist-universal")
    name = f"end-to-end-{bits}-0" if weight == "0" else f"end-to-end-perception-{bits}-{weight}"
    own = number(found[name, "end-to-end"], "mse_degraded")
    shared = number(found[f"universal-perception-{bits}", f"weight-{weight}"], "mse_degraded")
    assert least * own < shared < most * own


@pytest.mark.parametrize("bits", UNIVERSAL)
def test_an_encoder_trained_for_the_label_does_not_serve_squared_error(bits):
    found = means("mnist-universal")
    own, label = found[f"end-to-end-{bits}-0", "end-to-end"], found[f"universal-classification-{bits}", "weight-0"]
    assert number(label, "mse_degraded") > 1.15 * number(own, "mse_degraded")
    assert number(label, "accuracy_head") > number(own, "accuracy_head") + 0.24


@pytest.mark.parametrize(("bits", "most"), [("4.75", 1.03), ("6", 1.09), ("8", 1.21)])
def test_near_its_own_weight_the_label_encoder_loses_less(bits, most):
    found = means("mnist-universal")
    own = found[f"end-to-end-classification-{bits}-0.03", "end-to-end"]
    shared = found[f"universal-classification-{bits}", "weight-0.03"]
    assert 1.02 < number(shared, "mse_degraded") / number(own, "mse_degraded") < most
    assert number(shared, "accuracy_head") > number(own, "accuracy_head") + 0.015


def test_cifar_falls_from_half_the_noise_to_a_third():
    found = means("cifar10-denoise", 800)
    four, eight, twelve = (found[f"latents-{latents}", "fidelity"] for latents in (4, 8, 12))
    noise = (25 / 255) ** 2
    assert number(four, "bits_payload") / 32**2 < 0.77
    assert number(four, "mse_clean") < 0.5 * noise
    assert number(eight, "bits_payload") / 32**2 < 1.46
    assert number(eight, "mse_clean") < 0.36 * noise
    assert number(twelve, "bits_payload") / 32**2 < 2.03
    assert number(twelve, "mse_clean") < 0.0032
    assert all(0.54 < number(mean, "accuracy_frozen") < 0.56 for mean in (four, eight, twelve))


def test_imagenet_has_less_than_half_the_noise_at_three_quarters_of_a_bit():
    found = means("imagenet-denoise", 100)
    four, eight, twelve = (found[f"latents-{latents}", "fidelity"] for latents in (4, 8, 12))
    assert number(four, "bits_payload") / 64**2 < 0.76
    assert number(four, "mse_clean") < 0.47 * (25 / 255) ** 2
    assert number(eight, "bits_payload") / 64**2 < 1.25
    assert number(eight, "mse_clean") < 0.36 * (25 / 255) ** 2
    assert number(twelve, "bits_payload") > 1.1 * number(eight, "bits_payload")
    assert number(twelve, "mse_clean") == pytest.approx(number(eight, "mse_clean"), rel=0.03)


def test_with_pairs_the_square_is_filled_at_every_rate():
    found = means("mnist-m-inpaint")
    paired, without = (
        [number(found[f"{name}-{bits}", "fidelity"], "mse_clean") for bits in (4, 8, 16, 32)]
        for name in ("supervised", "on")
    )
    assert all(a < 0.8 * b for a, b in zip(paired, without, strict=True))
    assert paired == sorted(paired, reverse=True)


def test_cifar_loses_little_to_twice_the_noise():
    found = means("cifar10-noise", 800)
    low, high = (found[f"sigma-{noise}", "fidelity"] for noise in (15, 50))
    assert number(low, "mse_clean") < 0.003
    assert number(high, "mse_clean") < 0.0052 < 0.14 * (50 / 255) ** 2
    assert 0.52 < number(high, "accuracy_frozen") < number(low, "accuracy_frozen") < 0.56
    large = means("imagenet-noise", 100)["sigma-50", "fidelity"]
    assert number(large, "mse_clean") < 0.0049


def test_the_label_costs_squared_error_along_a_line_of_equal_rate():
    found = means("mnist-universal")
    names = ("end-to-end-8-0", *(f"end-to-end-classification-8-{weight}" for weight in ("0.005", "0.03", "0.15")))
    line = [found[name, "end-to-end"] for name in names]
    errors, unsure = ([number(mean, column) for mean in line] for column in ("mse_degraded", "entropy_head"))
    assert errors == sorted(errors)
    assert unsure == sorted(unsure, reverse=True)
    assert errors[1] < 1.01 * errors[0]
    assert unsure[0] - unsure[1] > 0.36


@pytest.mark.parametrize("bits", UNIVERSAL)
def test_entropy_of_the_posterior_does_not_take_the_place_of_cross_entropy(bits):
    found = means("mnist-universal")
    cross, entropy = (found[f"end-to-end-{loss}-{bits}-0.03", "end-to-end"] for loss in ("classification", "entropy"))
    assert number(entropy, "accuracy_head") < number(cross, "accuracy_head") - 0.2


def test_accuracy_of_couplings_rises_with_rate():
    found = means("mnist-coupling") | means("mnist-m-coupling")
    for name in ("mnist", "mnist-m"):
        heads = [number(found[f"{name}-{bits}", "fidelity"], "accuracy_head") for bits in (4, 8, 16, 32)]
        assert heads == sorted(heads)


def test_couplings_keep_the_label_and_do_not_look_clean():
    found = means("mnist-coupling") | means("mnist-m-coupling")
    for name in ("mnist-16", "mnist-32", "mnist-m-16", "mnist-m-32"):
        assert number(found[name, "fidelity"], "accuracy_head") > 0.93
        assert number(found[name, "fidelity"], "frechet") > 15


def test_the_tables_of_the_page_are_those_of_the_results():
    assert PAGE.read_text(encoding="utf-8") == filled(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_every_figure_of_the_catalogue_is_there_under_its_name(item):
    told = json.loads((ROOT / "results" / "repro" / f"{item.key}.json").read_text(encoding="utf-8"))
    assert (told["title"], told["paper"]) == (item.title, item.paper)
    assert (ROOT / "results" / "repro" / f"{item.key}.svg").exists()


def photo_row(sigma: int, method: str, setting: str) -> dict[str, float]:
    with (ROOT / "results" / f"photo-{sigma}.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    (row,) = [row for row in rows if (row["method"], row["setting"]) == (method, setting)]
    return {key: float(text) for key, text in row.items() if text and key not in ("method", "package")}


def delta_rate(sigma: int, method: str, measure: str) -> float:
    with (ROOT / "results" / f"photo-{sigma}-bdrate.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    (row,) = [row for row in rows if (row["method"], row["measure"]) == (method, measure)]
    return float(row["bd_rate_percent"])


def test_photos_reach_31_db_below_eight_tenths_of_a_bit_and_bm3d_below_one():
    """The first mark and the goal: BM3D without any compression, at up to one bit a pixel."""
    row, best = photo_row(25, "photo-denoise", "84"), photo_row(25, "photo-denoise+best", "98")
    assert row["pictures"] == best["pictures"] == 24
    assert row["bpp"] < 0.8
    assert row["psnr"] > 31.68
    assert best["bpp"] < 1
    assert best["psnr"] > photo_row(25, "bm3d", "")["psnr"] > 31.88


def test_photos_take_fewer_bytes_than_bm3d_and_avif():
    assert delta_rate(25, "photo-denoise", "psnr") < -30.8  # the first mark is -30
    assert delta_rate(25, "photo-denoise+best", "psnr") < -32.1
    assert delta_rate(25, "photo-denoise+best", "ssim") < -25.4
    assert delta_rate(25, "photo-denoise+best", "lpips") < -35.6
    assert delta_rate(25, "photo-denoise+best-x4:fidelity-x4", "psnr") < -34.7
    assert delta_rate(25, "photo-denoise+best-x4:fidelity-x4", "ssim") < -28.1
    assert delta_rate(15, "photo-denoise+best", "psnr") < -21.4
    assert delta_rate(50, "photo-denoise+best", "psnr") < -41.9
    assert photo_row(50, "photo-denoise", "100")["psnr"] > photo_row(50, "bm3d", "")["psnr"]


def test_the_perception_decoder_has_less_than_half_the_bytes_by_lpips():
    assert delta_rate(25, "photo-denoise:perception", "lpips") < -70.3
    assert delta_rate(15, "photo-denoise:perception", "lpips") < -53.6
    assert delta_rate(50, "photo-denoise:perception", "lpips") < -87
    bm3d = photo_row(25, "bm3d", "")
    for name in ("photo-denoise:perception", "photo-denoise+best:perception"):
        row = photo_row(25, name, "84")
        assert row["lpips"] < 0.115 < bm3d["lpips"]
        assert row["niqe"] < bm3d["niqe"]


@pytest.mark.parametrize("stored", ["", "-jpeg90"])
def test_auto_has_almost_five_decibels_more_than_default_at_a_third_of_the_bytes_of_a_camera(stored):
    found = {}
    for end in ("", "-default"):
        with (ROOT / "results" / f"kodak-camera150{stored}{end}.tsv").open() as file:
            rows = [row for row in csv.DictReader(file, delimiter="\t") if row["picture"] == "mean"]
        found |= {f"{row['method']}{end}": row for row in rows}
    camera, default, avif = (found[name] for name in ("photo-denoise q60", "photo-denoise q60-default", "avif"))
    assert float(camera["psnr"]) > float(default["psnr"]) + 4.7
    assert float(camera["file_bpp"]) < 0.36 * float(default["file_bpp"])
    assert float(camera["psnr"]) > float(avif["psnr"]) + 3.6
    assert float(camera["lpips"]) < min(float(default["lpips"]), float(avif["lpips"]))


def test_both_decoders_read_the_same_files():
    for encoder, quality in product(("", "+best"), ("0", "50", "98")):
        fidelity, perception = (photo_row(25, f"photo-denoise{encoder}{end}", quality) for end in ("", ":perception"))
        assert fidelity["file_bytes"] == perception["file_bytes"]
        assert fidelity["psnr"] > perception["psnr"]
        assert fidelity["lpips"] > perception["lpips"]


@pytest.mark.parametrize(
    ("quality", "contexts", "means", "networks"),
    [("20", 19.8, 5.9, 7.6), ("50", 20.6, 3.3, 5), ("80", 20.3, 2, 2.6)],
)
def test_contexts_and_prediction_save_what_the_page_says(quality, contexts, means, networks):
    with (ROOT / "results" / "contexts.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["quality"] == quality]
    bits = {(row["contexts"], row["predicted"]): float(row["model_bpp"]) for row in rows}
    assert 100 * (1 - bits["9", "none"] / bits["1", "none"]) > contexts
    assert 100 * (1 - bits["9", "means"] / bits["9", "none"]) > means
    assert 100 * (1 - bits["networks", "means"] / bits["9", "means"]) > networks
