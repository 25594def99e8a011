"""What train_photo puts together; the whole way from recipe to coded picture is tests/learn/test_train.py."""

import pytest
from learn.photo.tiny import MODEL, OBJECTIVE, RECIPE
from toypackage import toy_package_bytes

from crosscodec.codec.package import parse_package
from crosscodec.learn.photo import train as photo_train
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.loop import Trained
from crosscodec.learn.photo.model import PhotoCodec


@pytest.fixture
def asked(monkeypatch):
    """Stands in for training and export, which have tests of their own; notes what the card is to say."""
    seen = []
    monkeypatch.setattr(photo_train, "train", lambda *given: Trained(PhotoCodec(MODEL, OBJECTIVE), 7, 7200.0))

    def export(model, recipe, pictures, training):
        seen.append(training)
        return toy_package_bytes()

    monkeypatch.setattr(photo_train, "export_package", export)
    return seen


def test_the_card_holds_what_it_took_and_what_was_measured(tmp_path, asked):
    held_out = load_training_pictures(RECIPE.data, None).held_out
    data = photo_train.train_photo(RECIPE, tmp_path, True, None, {"command": "x"})
    assert asked == [{"steps": 7, "hours": 2.0, "command": "x"}]
    measured = parse_package(data, tmp_path / "toy.xcm").card.measured
    assert [row["pictures"] for row in measured] == [len(held_out)] * 3
