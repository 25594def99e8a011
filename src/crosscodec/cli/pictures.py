"""`crosscodec degrade`: clean pictures to degraded ones, the same on every machine."""

from typing import Annotated

import numpy as np
import typer

from crosscodec.bitstream.appearance import Appearance
from crosscodec.cli.batch import OnExist, Product, Task, plan_tasks, recorded, run_plan
from crosscodec.cli.options import ExistPolicy, Jobs, Json, PictureFormat, Recursive, Seed
from crosscodec.cli.streams import format_for, held_beside, input_picture, suffix_for
from crosscodec.domains.degradation import parse_degradation
from crosscodec.images.formats import SUFFIXES
from crosscodec.images.picture import flat_gray
from crosscodec.images.writing import encode_picture
from crosscodec.measure.distortion import psnr

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)

STREAM = "degrade"


@app.command()
def degrade(
    source: Annotated[str, typer.Argument(metavar="IN", help="A clean picture, a folder of them, or - for stdin.")],
    target: Annotated[str, typer.Argument(metavar="OUT", help="The degraded picture, a folder, or - for stdout.")],
    kind: Annotated[
        str,
        typer.Option(
            "--kind", "-k", metavar="KIND", help="What to do to the picture, steps joined by +; see the list above."
        ),
    ] = "noise:25",
    seed: Seed = 0,
    index: Annotated[
        int,
        typer.Option(
            "--index", min=0, help="Which draw of the seed; files of a folder count up from here in the order of names."
        ),
    ] = 0,
    stream: Annotated[
        str,
        typer.Option(
            "--stream",
            help="Name of the random stream; evaluate uses degradation/SET/SPLIT, for instance degradation/kodak/test.",
        ),
    ] = STREAM,
    picture_format: PictureFormat = None,
    recursive: Recursive = False,
    jobs: Jobs = 1,
    on_exist: ExistPolicy = OnExist.FAIL,
    as_json: Json = False,
) -> None:
    """Degrade clean pictures repeatably: noise, blur, masks, lost resolution.

    The result depends on picture, kind, seed and index alone. A .npy file keeps the exact values (float32 on the scale
    0..1, unclipped); any other kind of file holds 8 bits, clipped.

    **Kinds**

    `noise:25` Gaussian noise of sigma 25/255 (`noise:25,clip` clipped) · `poisson:30` photon noise, 30 photons at
    white · `camera:300` a colour camera that counts 300 electrons at white (`camera:300,90` stored as JPEG of quality
    90) · `down:4` a quarter of the resolution · `mask:16` a square of 16 pixels painted over · `blur:1.5` Gaussian
    blur · `noise:25+down:2` one after the other

    **Examples**

    `crosscodec degrade photo.png noisy.png --kind noise:25`

    `crosscodec degrade photo.png noisy.npy --kind blur:1.5+noise:10 --seed 7`

    `crosscodec degrade photos/ noisy/ -r --kind poisson:30`
    """
    with recorded(source, target, as_json):
        degradation = parse_degradation(kind)
        plan = plan_tasks(source, target, suffix_for(picture_format), SUFFIXES, recursive)

    def work(task: Task) -> Product:
        wanted = format_for(task.target, picture_format)
        picture = input_picture(task.source)
        clean = picture.as_float()
        planes = clean if clean.ndim == 3 else clean[..., np.newaxis]
        degraded = degradation.apply(planes, seed, stream, index + task.index)
        quality = psnr(planes, degraded)
        height, width, channels = degraded.shape
        facts = {
            "height": height,
            "width": width,
            "channels": channels,
            "kind": degradation.describe(),
            "seed": seed,
            "stream": stream,
            "index": index + task.index,
            "psnr": round(quality, 4) if np.isfinite(quality) else None,
        }
        beside, told = held_beside(Appearance(None, picture.profile, picture.exif), wanted, clean)
        data = encode_picture(flat_gray(degraded), wanted, **beside)
        line = f"{degradation.describe()}, seed {seed}, index {index + task.index}: {quality:.2f} dB"
        return Product(data, line, facts, (*picture.notices, *told))

    run_plan(plan, work, on_exist, jobs, as_json, "degrading")
