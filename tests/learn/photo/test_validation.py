import math

import numpy as np
import pytest
import torch
from learn.photo.tiny import MODEL, OBJECTIVE, TWO

from crosscodec.learn.photo.data import KeptApart
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.validation import numbers, validate


def test_rate_and_psnr_by_hand():
    torch.manual_seed(0)
    model = PhotoCodec(MODEL, OBJECTIVE)
    picture = np.random.default_rng(0).integers(0, 256, (35, 50, 3), dtype=np.uint8)
    results = validate(model, (KeptApart(picture),), seed=1)
    noise = np.random.Generator(np.random.Philox(key=[1, 0])).standard_normal((1, 3, 32, 48), dtype=np.float32)
    clean = torch.from_numpy(picture[:32, :48].transpose(2, 0, 1)[None].astype(np.float32)) / 255
    with torch.no_grad():
        coefficients = model.analysis(clean + torch.from_numpy(noise) * 25 / 255)
        symbols = model.gains.latents(coefficients, 80).round()
        restored = (model.restore(symbols, 80).clamp(0, 1) * 255).round() / 255
        rate = model.density(80)(symbols).sum().item() / (32 * 48)
    assert [result.quality for result in results] == [20, 50, 80]
    assert results[2].bits_per_pixel == rate
    assert abs(results[2].psnr - -10 * math.log10((restored - clean).square().mean().item())) < 1e-3
    assert numbers(results)["validation_bpp_q80"] == round(rate, 4)
    assert len(numbers(results)) == 6


def test_every_encoder_has_rows_of_its_own():
    torch.manual_seed(0)
    model = PhotoCodec(TWO, OBJECTIVE)
    with torch.no_grad():
        model.best.shrink.mul_(0.9)
    pictures = tuple(map(KeptApart, np.random.default_rng(0).integers(0, 256, (2, 35, 50, 3), dtype=np.uint8)))
    rows = validate(model, pictures, seed=1)
    assert [(row.encoder, row.quality) for row in rows] == [(e, q) for e in ("default", "best") for q in (20, 50, 80)]
    model.best = None
    assert rows[:3] == validate(model, pictures, seed=1)
    assert all(row.psnr != other.psnr for row, other in zip(rows[:3], rows[3:], strict=True))
    logged = numbers(rows)
    assert len(logged) == 12
    assert logged["validation_psnr_q50"] == round(rows[1].psnr, 3)
    assert logged["validation_psnr_q50_best"] == round(rows[4].psnr, 3)
    assert logged["validation_bpp_q80_best"] == round(rows[5].bits_per_pixel, 4)


def test_without_pictures_there_is_nothing_to_say():
    assert validate(PhotoCodec(MODEL, OBJECTIVE), (), 1) == ()


def test_what_was_recorded_gets_no_noise():
    torch.manual_seed(0)
    model = PhotoCodec(MODEL, OBJECTIVE)
    clean = np.random.default_rng(0).integers(0, 256, (35, 50), dtype=np.uint8)
    noisy = (clean / 255 + 0.1).astype(np.float32)
    rows = validate(model, [KeptApart(clean, noisy)], seed=1)
    with torch.no_grad():
        coefficients = model.analysis(torch.from_numpy(noisy[:32, :48]).expand(1, 3, 32, 48))
        rate = model.density(80)(model.gains.latents(coefficients, 80).round()).sum().item() / (32 * 48)
    assert rows[2].bits_per_pixel == pytest.approx(rate)
    colours = (np.stack([of] * 3, axis=2) for of in (clean, noisy))
    assert validate(model, [KeptApart(*colours)], seed=2) == rows, "no noise was drawn"
