import gzip
import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from domains.setfiles import write_digits

from crosscodec.domains.digits import digits
from crosscodec.errors import CorruptData, InputMissing

HAS_SKLEARN = importlib.util.find_spec("sklearn") is not None


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is found where scikit-learn would be, with a file of its format."""
    write_digits(tmp_path)
    spec = ModuleSpec("sklearn", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("crosscodec.domains.digits.importlib.util.find_spec", lambda _: spec)
    return tmp_path


def test_every_sixth_is_test_and_levels_fill_a_byte(package: Path) -> None:
    train, test = digits(None, "train"), digits(None, "test")
    assert test.labels is not None
    assert train.labels is not None
    assert test.labels.tolist() == [5, 1]
    assert train.labels.tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9, 0, 2]
    assert train.images.shape == (11, 8, 8, 1)
    assert train.images[:, 0, 0, 0].tolist() == [0, 16, 32, 48, 64, 96, 112, 128, 143, 159, 191]
    assert train.full_name == "digits:train"


def test_the_highest_level_is_white(package: Path) -> None:
    (package / "datasets/data/digits.csv.gz").write_bytes(gzip.compress(b"16," * 64 + b"9\n"))
    assert (digits(None, "train").images == 255).all()


def test_missing_package_or_file(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "datasets/data/digits.csv.gz").unlink()
    with pytest.raises(InputMissing, match="force-reinstall scikit-learn"):
        digits(None, "train")
    monkeypatch.setattr("crosscodec.domains.digits.importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputMissing, match="not installed: pip install scikit-learn"):
        digits(None, "train")


@pytest.mark.parametrize(
    "text", ["", "1,2,3\n", "0," * 64 + "10\n", "17," * 64 + "1\n", "0.5," * 64 + "1\n", "-1," * 64 + "1\n", "a," * 64]
)
def test_another_file_is_refused(package: Path, text: str) -> None:
    (package / "datasets/data/digits.csv.gz").write_bytes(gzip.compress(text.encode()))
    with pytest.raises(CorruptData, match=r"digits\.csv\.gz"):
        digits(None, "train")


@pytest.mark.parametrize("kept", [5, 40])
def test_a_cut_file_is_refused(package: Path, kept: int) -> None:
    path = package / "datasets/data/digits.csv.gz"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CorruptData, match="damaged"):
        digits(None, "train")


@pytest.mark.skipif(not HAS_SKLEARN, reason="scikit-learn is not installed")
def test_the_real_set_is_read_without_importing_scikit_learn() -> None:
    train, test = digits(None, "train"), digits(None, "test")
    assert (len(train), len(test)) == (1498, 299)
    assert train.labels is not None
    assert train.labels[:5].tolist() == [0, 1, 2, 3, 4]
    assert train.images[0, 0, :, 0].tolist() == np.rint(np.array([0, 0, 5, 13, 9, 1, 0, 0]) * 255 / 16).tolist()
    code = "import sys; from crosscodec.domains.digits import digits; digits(None, 'test'); "
    code += "print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
