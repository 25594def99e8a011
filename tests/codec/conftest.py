"""Packages that tests of encoding and of decoding share."""

import pytest
from qualitypackage import (
    quality_package_bytes,
)
from toypackage import toy_package_bytes

from crosscodec.codec import (
    load_package,
)
from crosscodec.codec.package import (
    parse_package,
)


@pytest.fixture(scope="module")
def shipped():
    return load_package("photo-denoise")


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return parse_package(toy_package_bytes(), tmp_path_factory.mktemp("toy") / "toy.xcm")


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """The toy package of several qualities; a level of 1 makes its pictures lighter by a quarter."""
    return parse_package(quality_package_bytes(glow=0.25), tmp_path_factory.mktemp("steps") / "steps.xcm")
