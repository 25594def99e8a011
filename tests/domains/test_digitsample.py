"""The digits that are shipped: they are MNIST's first forty, and their licence is with them."""

import json
import os

import numpy as np
import pytest

from crosscodec.domains.digitsample import COUNT, FACTS, FOLDER, SHEET, digit_sample
from crosscodec.domains.labelled import labelled_set
from crosscodec.errors import CorruptData, InputMissing


def test_they_are_digits():
    sample = digit_sample()
    assert (sample.full_name, sample.images.shape, len(sample)) == ("mnist:test", (40, 28, 28, 1), COUNT)
    assert sample.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]  # as everyone knows them
    assert np.all(sample.images[:, :2].max(axis=(1, 2, 3)) == 0)  # cut where the borders are
    assert np.all(sample.images[:, 8:20, 8:20].max(axis=(1, 2, 3)) > 200)


@pytest.mark.skipif("CROSSCODEC_DATA" not in os.environ, reason="needs MNIST in CROSSCODEC_DATA")
def test_they_are_the_first_of_the_test_split():
    sample, first = digit_sample(), labelled_set("mnist:test").take(COUNT)
    assert np.array_equal(sample.images, first.images)
    assert np.array_equal(sample.labels, first.labels)
    assert sample.classes == first.classes


def test_the_licence_is_with_them():
    facts = json.loads((FOLDER / FACTS).read_text())
    assert "CC BY-SA 3.0" in facts["licence"]
    assert "LeCun" in facts["source"]


def test_damage_is_named(tmp_path):
    with pytest.raises(InputMissing, match=SHEET):
        digit_sample(tmp_path)
    facts = json.loads((FOLDER / FACTS).read_text())
    (tmp_path / SHEET).write_bytes((FOLDER / SHEET).read_bytes())
    for damaged in (facts | {"rows": 6}, facts | {"labels": [1]}, {}, []):
        (tmp_path / FACTS).write_text(json.dumps(damaged))
        with pytest.raises(CorruptData, match="do not fit"):
            digit_sample(tmp_path)
