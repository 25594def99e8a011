import math

import numpy as np
import torch
from learn.photo.tiny import MODEL

from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.validation import validate


def test_rate_and_psnr_by_hand():
    torch.manual_seed(0)
    model = PhotoCodec(MODEL)
    picture = np.random.default_rng(0).integers(0, 256, (35, 50, 3), dtype=np.uint8)
    result = validate(model, (picture,), seed=1)
    noise = np.random.Generator(np.random.Philox(key=[1, 0])).standard_normal((1, 3, 32, 48), dtype=np.float32)
    clean = torch.from_numpy(picture[:32, :48].transpose(2, 0, 1)[None].astype(np.float32)) / 255
    with torch.no_grad():
        symbols = model.analysis(clean + torch.from_numpy(noise) * 25 / 255).round()
        restored = (model.synthesis(symbols).clamp(0, 1) * 255).round() / 255
        rate = model.density(symbols).sum().item() / (32 * 48)
    assert result.bits_per_pixel == rate
    assert abs(result.psnr - -10 * math.log10((restored - clean).square().mean().item())) < 1e-3
    assert set(result.numbers()) == {"validation_bpp", "validation_psnr"}


def test_without_pictures_it_is_not_a_number():
    assert math.isnan(validate(PhotoCodec(MODEL), (), 1).psnr)
