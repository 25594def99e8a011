"""What several files here need: pictures without labels, and packages that were really exported (seconds each)."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pytest
from learn.transport.tiny import DITHERED, PERCEPTION, TASK, tiny_recipe

from crosscodec.codec.package import Package, parse_package
from crosscodec.domains.samples import Samples
from crosscodec.learn.transport.data import load_data
from crosscodec.learn.transport.settings import TransportRecipe
from crosscodec.learn.transport.train import train_transport

UNLABELLED = {"lambda_classification": 0.0}
DECODERS = {"decoders": [PERCEPTION | UNLABELLED, TASK | UNLABELLED]}


@dataclass(frozen=True)
class Made:
    """A package with the samples that it was trained on."""

    package: Package
    samples: Samples


def unlabelled(recipe: TransportRecipe) -> Samples:
    """The recipe's training pictures without labels: no heads and no judges to export, which is most of the time."""
    return dataclasses.replace(load_data(recipe.data, "train", None), labels=None, classes=())


def _made(folder: Path, *changes: dict) -> Made:
    recipe = tiny_recipe(*changes)
    samples = unlabelled(recipe)
    path = folder / "tiny.xcm"
    path.write_bytes(train_transport(recipe, samples, folder, True, {}).package)
    return Made(parse_package(path.read_bytes(), path), samples)


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """A package with the first decoder only."""
    return _made(tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="session")
def universal(tmp_path_factory):
    """The same recipe with two further decoders."""
    return _made(tmp_path_factory.mktemp("universal"), DECODERS)


@pytest.fixture(scope="session")
def with_common(tmp_path_factory):
    """A package with dither that the decoder knows."""
    return _made(tmp_path_factory.mktemp("with"), DITHERED)


@pytest.fixture(scope="session")
def without_common(tmp_path_factory):
    """The same recipe with dither that only the encoder knows."""
    return _made(tmp_path_factory.mktemp("without"), DITHERED, {"quantiser": {"common": False}})
