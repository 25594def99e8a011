"""The photograph figure: the shipped package and its peers on Kodak, PSNR over bits a pixel, by files.

evaluate_photos (several qualities) ─► means ─► panels PSNR, SSIM        scale smoke: two small built-in photographs
"""

import itertools
import math
from collections.abc import Sequence

from crosscodec.domains.degradation import parse_degradation
from crosscodec.domains.photos import photo_set
from crosscodec.evaluate.photos import Evaluation, evaluate_photos
from crosscodec.evaluate.scores import Score, mean_scores
from crosscodec.report.figures import Claim, FigureData, Panel, Point
from crosscodec.repro.item import Item, Request

PACKAGE, NOISE = "photo-denoise", "noise:25"
_QUALITIES = {"smoke": (20, 60), "small": (0, 20, 40, 60, 79, 100), "full": tuple(range(0, 101, 10))}
_PSNR, _SSIM = "PSNR", "SSIM"
# The paper's table for Kodak at sigma 25; it does not state the rate of its own row.
_PAPER_PSNR = 27.90


def kodak_denoising(item: Item, request: Request) -> FigureData:
    """Additive Gaussian noise, sigma 25: our qualities, JPEG 2000 and AVIF of the noisy picture at equal bytes."""
    photos = photo_set("builtin" if request.smoke else "kodak", request.data)
    settings = Evaluation(
        photos,
        parse_degradation(NOISE),
        PACKAGE,
        request.runs / f"{item.key}.run",
        peers=("jpeg2000",) if request.smoke else ("jpeg2000", "avif"),
        limit=2 if request.smoke else None,
        overwrite=True,
        qualities=_QUALITIES[request.scale],
    )
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done % 50 == 0:
            request.say(f"{item.key} {done}/{settings.steps}")

    scores = evaluate_photos(settings, advance)
    means = [mean for mean in mean_scores(scores) if mean.file_bpp is not None]
    points = [point for mean in means for point in _points(mean, scores)]
    ours = [mean for mean in means if mean.method.startswith(PACKAGE)]
    claims = _claims(ours) if not request.smoke else ()
    panels = (Panel(_PSNR, "file, bits a pixel", "PSNR, dB"), Panel(_SSIM, "file, bits a pixel", "SSIM"))
    made = {"pictures": f"{settings.count} of {photos.name}", "degradation": NOISE}
    return FigureData(item.key, item.title, item.paper, panels, tuple(points), claims, made=made)


def _points(mean: Score, scores: Sequence[Score]) -> list[Point]:
    """The mean of one method with the 95 % interval of the mean over pictures."""
    series = mean.method.split(" ")[0]
    found = []
    for panel, column in ((_PSNR, "psnr"), (_SSIM, "ssim")):
        values = [getattr(score, column) for score in scores if score.method == mean.method]
        if mean.file_bpp is None or None in values:
            continue
        centre = math.fsum(values) / len(values)
        half = 1.96 * math.sqrt(math.fsum((v - centre) ** 2 for v in values) / max(len(values) - 1, 1) / len(values))
        ends = (centre - half, centre + half)
        rates = (mean.model_bpp, mean.payload_bpp, mean.file_bpp)
        found.append(Point(panel, series, "measured", mean.file_bpp, centre, *ends, 1, *rates))
    return found


def _claims(ours: Sequence[Score]) -> tuple[Claim, ...]:
    first = min((mean for mean in ours if mean.psnr >= _PAPER_PSNR), key=lambda mean: mean.file_bpp or 0, default=None)
    best = ours[-1]
    return (
        Claim(
            "the paper's 27.90 dB (its rate is not stated) take less than one bit a pixel",
            None if first is None else (first.file_bpp or 0) < 1,
            "" if first is None else f"{first.psnr:.2f} dB at {first.file_bpp:.3f} bits a pixel",
        ),
        Claim(
            "a codec that denoises gains PSNR with every bit",
            None if len(ours) < 2 else all(after.psnr > before.psnr for before, after in itertools.pairwise(ours)),
            f"{ours[0].psnr:.2f} dB at {ours[0].file_bpp:.3f} to {best.psnr:.2f} dB at {best.file_bpp:.3f}",
        ),
    )
