"""What the tests of small labelled sets share: a package for 28 x 28 digits, and samples for it."""

import numpy as np
import pytest
from toydigits import CLASSES, DEGRADATION, toy_digits, toy_digits_bytes

from crosscodec.domains.degradation import parse_degradation
from crosscodec.domains.labelledset import LabelledSet
from crosscodec.domains.samples import Samples, degraded_samples


@pytest.fixture(scope="session")
def digits_package(tmp_path_factory):
    """The file of the toy package of digits."""
    path = tmp_path_factory.mktemp("digits") / "toy-digits.xcm"
    path.write_bytes(toy_digits_bytes())
    return path


@pytest.fixture(scope="session")
def digit_samples() -> Samples:
    """Thirty toy digits with noise of sigma 50/255."""
    images, labels = toy_digits(30)
    return degraded_samples(LabelledSet("toys", "test", images, labels, CLASSES), parse_degradation(DEGRADATION), 0)


@pytest.fixture(scope="session")
def clean_digits(digit_samples) -> np.ndarray:
    """The clean pictures of the samples, float32."""
    return digit_samples.clean
