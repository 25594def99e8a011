import re
from pathlib import Path

import numpy as np
import pytest
from domains.setfiles import (
    write_bsds500,
    write_cifar_batches,
    write_cifar_first,
    write_imagenet,
    write_mnist,
    write_svhn,
)

from crosscodec.domains.labelled import LABELLED_NAMES, LabelledSet, labelled_set
from crosscodec.domains.photos import DATA_VARIABLE
from crosscodec.errors import InputMissing, UsageError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    for write in (write_bsds500, write_mnist, write_svhn, write_cifar_first, write_imagenet):
        write(root)
    write_cifar_batches(root / "cifar10")
    return root


PAGE = Path(__file__).parents[2] / "docs" / "domains.md"
WITH_DATA = [name for name in LABELLED_NAMES if not name.startswith("digits")]


def test_the_issues_sets_have_names() -> None:
    families = {name.partition(":")[0] for name in LABELLED_NAMES}
    assert {"digits", "mnist", "mnist-m", "svhn", "cifar10", "imagenet-sample"} <= families
    assert {name.partition(":")[2] for name in LABELLED_NAMES} == {"train", "test"}


@pytest.mark.parametrize("name", WITH_DATA)
def test_every_set_is_complete_repeatable_and_called_as_it_is_asked_for(name: str, data: Path) -> None:
    first, again = labelled_set(name, data), labelled_set(name, str(data))
    assert isinstance(first, LabelledSet)
    assert first.full_name == name
    assert len(first) > 0
    assert first.labels is not None
    assert first.images.tobytes() == again.images.tobytes()
    assert np.array_equal(first.labels, again.labels)


@pytest.mark.parametrize("name", WITH_DATA)
def test_every_set_says_what_is_missing_where_to_get_it_and_a_checksum(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    for place in (tmp_path, None):
        with pytest.raises(InputMissing, match=r"[0-9a-f]{32}") as caught:
            labelled_set(name, place)
        assert set(re.findall("[0-9a-f]{32,}", str(caught.value))) <= set(re.findall("[0-9a-f]{32,}", PAGE.read_text()))
        assert re.search("https?://|first 4,000 training pictures", str(caught.value))


def test_the_page_tells_of_every_set() -> None:
    described = set(re.findall(r"^\| `([a-z0-9-]+)` \| \d+ x \d+", PAGE.read_text(), re.MULTILINE))
    assert described == {name.partition(":")[0] for name in LABELLED_NAMES}


@pytest.mark.parametrize("wrong", ["mnist", "mnist:val", "kodak", "", "digits:train:1"])
def test_other_names_are_answered_with_the_list(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"choose one of digits:train, .*imagenet-sample:test"):
        labelled_set(wrong, tmp_path)
