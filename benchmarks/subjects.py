"""What is no photograph: scans, microscopy, sky, surfaces and drawings, ours beside BM3D and AVIF.

    python benchmarks/subjects.py --data DIR --out runs/subjects [--sigma 25] [--report]

Nineteen pictures, sixteen from the scikit-image wheel (the middle 700 x 700 of larger ones) and three that are drawn
here, under white noise. Measured as `photo.py` measures Kodak, whose rows these are; one line a picture goes to
results/subjects-<sigma>.tsv. BM3D (`pip install bm3d`, for non-commercial use only) takes most of the time, half an
hour on one core. Measured again is nothing: --report makes the table of the rows that are there.
"""

import argparse
import io
import os
import textwrap
from pathlib import Path

import numpy as np
import skimage
from matplotlib.figure import Figure
from photo import RESULTS, measure
from photo_plan import FIDELITY, NOISY, OURS, Bench, loaded, our_name
from photo_rows import known_rows
from photo_tables import Mean, Report, report_rows
from PIL import Image, ImageDraw

from crosscodec.cli.output import table_text
from crosscodec.codec.package import DEFAULT_ENCODER, Package
from crosscodec.domains.photos import photo_set
from crosscodec.evaluate.peers import BM3D
from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically
from crosscodec.images.reading import read_picture

SUBJECTS = {
    "scan": ("page", "text"),
    "microscope": ("cell", "ihc", "microaneurysms", "retina"),
    "sky": ("hubble_deep_field", "moon"),
    "objects": ("clock_motion", "coins"),
    "surface": ("brick", "grass", "gravel"),
    "drawn": ("horse", "logo", "phantom", "plot", "rulers", "typeset"),
}
ANCHOR = "bm3d-avif"
QUALITIES = (0, 10, 20, 30, 40, 50, 60, 70, 84, 98)
SHOWN = "50"  # the quality whose numbers are in the table
LARGEST = 700
COLUMNS = ("kind", "picture", "noisy", "bpp", "psnr", "lpips", "lpips_perception", "peer_psnr", "bm3d_psnr",
           "bd_rate", "bd_rate_best", "bd_rate_x4")  # fmt: skip


def write_pictures(folder: Path) -> None:
    """Make the pictures that are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    data = Path(skimage.__file__).parent / "data"
    drawn = {"plot": _plot, "rulers": _rulers, "typeset": _typeset}
    for name in (name for names in SUBJECTS.values() for name in names):
        path = folder / f"{name}.png"
        if path.exists():
            continue
        if name in drawn:
            drawn[name]().save(path)
            continue
        pixels = read_picture(next(data.glob(f"{name}.[jp]*"))).as_uint8()
        top, left = (max(0, (length - LARGEST) // 2) for length in pixels.shape[:2])
        Image.fromarray(pixels[top : top + LARGEST, left : left + LARGEST]).save(path)


def _plot() -> Image.Image:
    figure, x = Figure((6, 4.5), dpi=100), np.linspace(0, 10, 200)
    axes = figure.add_subplot()
    for series in range(4):
        axes.plot(x, np.sin(x + series) * np.exp(-x / 8), label=f"series {series}")
    axes.set(title="A plot", xlabel="time", ylabel="value")
    axes.legend()
    axes.grid()
    return _drawn(figure)


def _typeset() -> Image.Image:
    figure, text = Figure((5.2, 5.2), dpi=100), (RESULTS.parent / "LICENSE").read_text()
    figure.text(0.04, 0.97, "\n".join(textwrap.wrap(text, 62)), va="top", fontsize=9, family="serif")
    return _drawn(figure)


def _drawn(figure: Figure) -> Image.Image:
    sink = io.BytesIO()
    figure.savefig(sink, format="png")
    return Image.open(sink).convert("RGB")


def _rulers() -> Image.Image:
    """Lines one pixel wide, 2 to 17 apart, and areas of one colour: the hardest edges that there are."""
    image = Image.new("RGB", (512, 512), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for band in range(16):
        for x in range(0, 256, band + 2):
            draw.line((x, 32 * band, x, 32 * band + 30), fill=(0, 0, 0))
        draw.rectangle((272, 32 * band, 511, 32 * band + 30), fill=(17 * band, 255 - 17 * band, 60 * (band % 4)))
    return image


def line(package: Package, report: Report, kind: str, name: str) -> tuple[str | float | None, ...]:
    """What the table says of a picture; BD-rates in percent, None where the curves share no quality."""
    means = {(mean.method, mean.setting): mean for mean in report.means}

    def value(method: str, setting: str, column: str) -> float:
        found = means[method, setting].values[column]
        assert found is not None
        return found

    def rate(encoder: str, decoder: str) -> float | None:
        wanted = our_name(package, encoder, decoder)
        return next(
            (d.rate.percent for d in report.deltas if d.rate and (d.method, d.measure) == (wanted, "psnr")), None
        )

    ours, perception = package.name, our_name(package, DEFAULT_ENCODER, "perception")
    bpp = value(ours, SHOWN, "bpp")
    return (
        kind,
        name,
        value(NOISY, "", "psnr"),
        bpp,
        value(ours, SHOWN, "psnr"),
        value(ours, SHOWN, "lpips"),
        value(perception, SHOWN, "lpips"),
        _at(report.of(ANCHOR), bpp),
        value(BM3D, "", "psnr"),
        rate(DEFAULT_ENCODER, FIDELITY),
        rate("best", FIDELITY),
        rate("best-x4", f"{FIDELITY}-x4"),
    )


def _at(means: list[Mean], bpp: float) -> float:
    """PSNR of a peer at these bits a pixel, between its settings as on a line over the logarithm of the rate; beyond
    its settings that of the nearest.
    """
    points = [(mean.values["bpp"] or 0.0, mean.values["psnr"] or 0.0) for mean in means]
    return float(np.interp(np.log(bpp), np.log([rate for rate, _ in points]), [psnr for _, psnr in points]))


def main() -> None:
    """Do what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the weights of LPIPS")
    parser.add_argument("--out", type=Path, default=Path("runs/subjects"))
    parser.add_argument("--sigma", type=float, default=25.0)
    parser.add_argument("--package", default="photo-denoise")
    parser.add_argument("--jobs", type=int, default=1, help="pictures at a time, one thread each")
    parser.add_argument("--report", action="store_true", help="measure nothing; the table of what is there")
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "CROSSCODEC_THREADS": "1"}
    folder = chosen.out / "pictures"
    write_pictures(folder)
    methods = (OURS, NOISY, BM3D, ANCHOR)
    bench = Bench(chosen.data, chosen.out, chosen.package, str(folder), QUALITIES, methods)
    names = photo_set(str(folder), None).names
    if not chosen.report:
        measure(bench, list(range(len(names))), [chosen.sigma], chosen.jobs)
    rows, written = known_rows(None, bench.rows), {Path(name).stem: name for name in names}
    table = [
        line(loaded(bench.package), report_rows(rows, bench, chosen.sigma, [written[name]], ANCHOR), kind, name)
        for kind, of_kind in SUBJECTS.items()
        for name in of_kind
    ]
    path = chosen.results / f"subjects-{chosen.sigma:g}.tsv"
    write_atomically(path, tsv_text([COLUMNS, *table]).encode(), overwrite=True)
    print(
        table_text(COLUMNS, [["-" if v is None else v if isinstance(v, str) else f"{v:.3f}" for v in r] for r in table])
    )
    print(path)


if __name__ == "__main__":
    main()
