import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from domains.setfiles import write_bsds500, write_mnist

from crosscodec.domains.degradation import Chain, parse_degradation
from crosscodec.domains.domain import Domain
from crosscodec.domains.labelled import labelled_set
from crosscodec.domains.labelledset import LabelledSet
from crosscodec.domains.samples import Samples, degraded_samples, load_samples
from crosscodec.errors import InputMissing, UsageError

PICTURES = np.zeros((3, 4, 5, 1), np.float32)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    write_mnist(root)
    write_bsds500(root)
    return root


def digest(*arrays: np.ndarray) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mnist:train", "down:4,alias"),
        ("mnist:test", "noise:20"),
        ("mnist:test", "mask:8"),
        ("mnist-m:test", "noise:20+down:2+blur:1"),
    ],
)
def test_sample_i_is_that_of_the_domain(name: str, text: str, data: Path) -> None:
    degradation = parse_degradation(text)
    samples = load_samples(name, degradation, 7, data)
    domain = Domain(labelled_set(name, data).photos(), degradation, 7)
    assert samples.clean is not None
    assert samples.labels is not None
    assert len(samples) == len(domain)
    for sample in domain:
        i = sample.index
        assert digest(samples.degraded[i], samples.clean[i]) == digest(sample.degraded, sample.clean)
        assert samples.labels[i] == sample.label


def test_samples_say_what_they_are(data: Path) -> None:
    samples = load_samples("mnist:train", parse_degradation("noise:20"), 0, data)
    assert (samples.name, samples.degradation, samples.paired) == ("mnist:train", "noise:20", True)
    assert samples.classes == tuple("0123456789")
    assert samples.degraded.dtype == np.float32
    assert samples.degraded.min() < 0 < 1 < samples.degraded.max(), "noise is unclipped"


def test_a_limit_gives_the_beginning(data: Path) -> None:
    degradation = parse_degradation("noise:20+mask:3")
    whole, first = (load_samples("mnist:train", degradation, 7, data, limit) for limit in (None, 5))
    assert len(first) == 5
    assert digest(first.degraded) == digest(whole.degraded[:5])
    assert load_samples("mnist:train", degradation, 7, data, 99).degraded.shape == whole.degraded.shape
    with pytest.raises(UsageError, match="0 pictures"):
        load_samples("mnist:train", degradation, 7, data, 0)


def test_a_set_without_labels_and_without_degradation() -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
    samples = degraded_samples(LabelledSet("plain", "", images, None, ()), Chain(), 0)
    assert samples.labels is None
    assert samples.degradation == "none"
    assert np.array_equal(samples.degraded * np.float32(255), images.astype(np.float32))


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        ({"degraded": PICTURES[0]}, r"\(N, H, W, C\), not \(4, 5, 1\)"),
        ({"clean": None}, "pairs need clean pictures.*not none"),
        ({"clean": PICTURES[:2]}, r"not \(2, 4, 5, 1\)"),
        ({"clean": PICTURES[:, :3], "paired": False}, r"\(4, 5, 1\), clean ones \(3, 5, 1\)"),
        ({"labels": np.zeros(2, np.int64)}, r"3 pictures, but labels of shape \(2,\)"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(other: dict[str, Any], answer: str) -> None:
    parts = {"degraded": PICTURES, "clean": PICTURES, "paired": True, "labels": None, "classes": (), "degradation": ""}
    assert len(Samples("s", **parts)) == 3
    assert len(Samples("s", **(parts | {"clean": PICTURES[:2], "paired": False}))) == 3
    with pytest.raises(UsageError, match=f"samples 's': .*{answer}"):
        Samples("s", **(parts | other))


def test_missing_data_is_the_loaders_error(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="MNIST"):
        load_samples("mnist:train", Chain(), 0, tmp_path)


def test_samples_are_chosen_with_what_belongs_to_them() -> None:
    pictures = np.arange(6, dtype=np.float32)[:, None, None, None] * np.ones((1, 4, 5, 1), np.float32)
    paired = Samples("a", pictures, pictures, True, np.arange(6) % 2, ("x", "y"), "")
    chosen = paired.at(np.array([4, 1]))
    assert chosen.degraded[:, 0, 0, 0].tolist() == chosen.clean[:, 0, 0, 0].tolist() == [4, 1]
    assert chosen.labels.tolist() == [0, 1]
    assert paired.spread(3).degraded[:, 0, 0, 0].tolist() == [0, 2, 5]
    assert len(paired.spread(9)) == 6
    unpaired = Samples("a", pictures, pictures[:4], False, None, (), "")
    assert len(unpaired.at(np.array([0])).clean) == len(unpaired.first(2).clean) == 4
    assert unpaired.at(np.array([0]), np.array([3])).clean[:, 0, 0, 0].tolist() == [3]
    bare = paired.unlabelled()
    assert (bare.labels, bare.classes) == (None, ())
