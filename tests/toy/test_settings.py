import json

import pytest

from crosscodec.errors import UsageError
from crosscodec.toy.settings import RATES, ToySettings, smoke


def test_settings_survive_json():
    settings = ToySettings("vector", 2.0)
    assert ToySettings(**json.loads(json.dumps(settings.as_dict()))) == settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "laplace"},
        {"rate": 9.0},
        {"rate": float("nan")},
        {"source": "bernoulli", "rate": 0.9},
        {"block": 3},
        {"quantiser": "trellis"},
        {"source": "vector", "quantiser": "vector"},
        {"block": 8, "quantiser": "vector", "rate": 2.0},
        {"target_std": 0.0},
        {"target_mean": 7.0},
        {"steps": 0},
        {"symbols": 10},
        {"seed": -1},
    ],
)
def test_what_cannot_be_trained_is_refused(wrong):
    with pytest.raises(UsageError):
        ToySettings(**wrong)


def test_smoke_is_the_same_point_with_less_work():
    settings = ToySettings("bernoulli", RATES["bernoulli"][1], seed=4)
    less = smoke(settings)
    assert (less.source, less.rate, less.seed) == (settings.source, settings.rate, settings.seed)
    assert less.steps < settings.steps
