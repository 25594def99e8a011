"""A tiny photo package, trained once for all tests of what is added to a package that there is."""

import pytest
from learn.photo.tiny import write_recipe

from crosscodec.learn.train import train_recipe


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    return train_recipe(write_recipe(folder), folder / "run", ["training.steps=4"])
