import math

import pytest
import torch
from learn.photo.tiny import MODEL, OBJECTIVE

from crosscodec.learn.photo.quality import REFERENCE, Gains, lambda_of
from crosscodec.learn.photo.settings import ObjectiveSettings


def test_lambda_is_geometric():
    settings = ObjectiveSettings(lambda_lowest=0.001, lambda_highest=0.1)
    assert [lambda_of(q, settings) for q in (0, 50, 100)] == pytest.approx([0.001, 0.01, 0.1])


def test_steps_start_where_high_rate_theory_puts_them():
    gains = Gains(MODEL, OBJECTIVE)
    for index, anchor in enumerate(OBJECTIVE.anchors):
        step = MODEL.step * math.sqrt(REFERENCE / lambda_of(anchor, OBJECTIVE)) / 255
        torch.testing.assert_close(gains.log_step[index].exp(), torch.full((27, 1, 1), step))
    torch.testing.assert_close(gains.log_gain, -gains.log_step)


def test_latents_lose_the_dead_zone_and_keep_their_sign():
    gains = Gains(MODEL, OBJECTIVE)
    with torch.no_grad():
        gains.log_gain.zero_()
        gains.raw_dead.fill_(math.log(math.expm1(0.25)))
    coefficients = torch.tensor([-2.0, -0.1, 0.0, 0.2, 1.5]).view(1, 1, 1, 5).expand(1, 27, 1, 5)
    torch.testing.assert_close(gains.latents(coefficients, 30)[0, 0, 0], torch.tensor([-1.75, 0.0, 0.0, 0.0, 1.25]))


def test_every_quality_is_coarser_than_the_next():
    gains = Gains(MODEL, OBJECTIVE)
    steps = [gains.dequantised(torch.ones(1, 27, 1, 1), q)[0, 0].item() for q in range(101)]
    assert steps == sorted(steps, reverse=True)
    assert len(set(steps)) == 101
