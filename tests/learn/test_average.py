import torch
from torch import nn

from crosscodec.learn.average import running_average


def filled(value: float) -> nn.Module:
    """A layer and a normalisation whose every number is `value`."""
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(value)
    return model


def test_it_warms_up_then_follows_slowly():
    average, model = filled(0.0), filled(1.0)
    running_average(average, model, 0.999, 0)
    assert torch.allclose(next(average.parameters()), torch.tensor(0.9))
    running_average(average, model, 0.999, 10**6)
    assert torch.allclose(next(average.parameters()), torch.tensor(0.9 + 0.1 * 0.001))
    assert torch.allclose(next(model.parameters()), torch.tensor(1.0)), "the model itself stays"


def test_statistics_of_normalisation_are_copied():
    average, model = filled(0.0), filled(1.0)
    model[1].running_mean.fill_(7.0)
    running_average(average, model, 0.999, 5)
    assert average[1].running_mean.tolist() == [7.0] * 3
