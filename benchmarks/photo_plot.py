"""Curves of the photo benchmark: PSNR, SSIM, LPIPS and NIQE over bits a pixel, as one SVG."""

import io
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from photo_plan import FIDELITY, NOISY, our_networks
from photo_tables import Report

from crosscodec.codec.package import DEFAULT_ENCODER
from crosscodec.evaluate.peers import BM3D, NLM

PANELS = {
    "psnr": ("PSNR, dB", "higher is better"),
    "ssim": ("SSIM", "higher is better"),
    "lpips": ("LPIPS (alex)", "lower is better"),
    "niqe": ("NIQE, no reference", "lower is better"),
}
# A colour for each denoiser, so that families are seen at a glance; a mark for each codec. Apart in print and for the
# colour-blind (Okabe and Ito).
_OURS = ("#D55E00", "#E69F00", "#CC79A7", "#F0E442", "#000000")
_DENOISERS = {BM3D: "#0072B2", NLM: "#009E73", "": "#8A8D93"}
_SHADES = {"bm3d-jxl": "#56B4E9", "bm3d-jpeg2000": "#1F3A6E"}
_MARKS = {"avif": "o", "jxl": "s", "jpeg2000": "^", "webp": "D"}
_NAMES = {"avif": "AVIF", "jxl": "JPEG XL", "jpeg2000": "JPEG 2000", "webp": "WebP"}
_PLAIN = {NOISY: "noisy picture", BM3D: "BM3D, no codec", NLM: "non-local means, no codec"}


def title_of(method: str, ours: str) -> str:
    """How a method is named to readers."""
    if networks := our_networks(ours, method):
        encoder, decoder = networks
        by = "" if encoder == DEFAULT_ENCODER else f", encoder {encoder}"
        return f"crosscodec{by}" + ("" if decoder == FIDELITY else f", {decoder} decoder")
    if method in _PLAIN:
        return _PLAIN[method]
    denoiser, _, codec = method.rpartition("-")
    before = {BM3D: "BM3D, then ", NLM: "non-local means, then "}.get(denoiser, "")
    return f"{before}{_NAMES[codec]}" + ("" if denoiser else " of the noisy picture")


def draw_curves(report: Report, kind: str = "svg") -> bytes:
    """The picture about one sigma, as "svg" or "png"."""
    figure = Figure(figsize=(9.6, 7.6), layout="constrained")
    panels = [name for name in PANELS if any(mean.values[name] is not None for mean in report.means)]
    grid = figure.subplots(2, 2, squeeze=False).ravel()
    for axes, name in zip(grid, panels, strict=False):
        _draw_panel(axes, report, name)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8.5, frameon=False)
    count = len(report.pictures)
    pictures = f"mean of {count} pictures" if count > 1 else f"{report.pictures[0]} alone"
    figure.suptitle(f"Noise of sigma {report.sigma:g}, {pictures}, whole files", fontsize=11)
    stream = io.BytesIO()
    # No date and a fixed salt: the same numbers give the same file.
    with matplotlib.rc_context({"svg.hashsalt": "crosscodec", "svg.fonttype": "path"}):
        figure.savefig(stream, format=kind, dpi=120, metadata={"Date": None} if kind == "svg" else {})
    return stream.getvalue()


def _draw_panel(axes: Axes, report: Report, name: str) -> None:
    for method in report.methods:
        points = [(mean.values["bpp"], mean.values[name]) for mean in report.of(method)]
        style = _style(method, report)
        axes.plot(*zip(*points, strict=True), label=title_of(method, report.ours), **style)
    for mean in report.means:
        value = mean.values[name]
        if mean.method in (BM3D, NLM) and value is not None:
            axes.axhline(value, color=_DENOISERS[mean.method], linewidth=0.9, linestyle=(0, (1, 2)))
            axes.annotate(_PLAIN[mean.method], (0.01, value), xycoords=("axes fraction", "data"), fontsize=7.5,
                          ha="left", va="bottom", color=_DENOISERS[mean.method])  # fmt: skip
    title, better = PANELS[name]
    axes.set_title(f"{title} ({better})", fontsize=9.5, loc="left")
    axes.set_xscale("log")
    ticks = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=8)
    axes.minorticks_off()
    axes.set_xlim(0.045, 3.6)
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlabel("bits a pixel", fontsize=8.5)
    axes.grid(color="#E4E4E4", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _style(method: str, report: Report) -> dict[str, Any]:
    ours = [name for name in report.methods if our_networks(report.ours, name)]
    if method in ours:
        colour = _OURS[ours.index(method) % len(_OURS)]
        return {"color": colour, "linewidth": 2.6, "marker": "o", "markersize": 4.5, "zorder": 5}
    denoiser, _, codec = method.rpartition("-")
    dashes = "-" if denoiser else (0, (4, 2))
    colour, mark = _SHADES.get(method, _DENOISERS[denoiser]), _MARKS[codec]
    return {"color": colour, "linewidth": 1.3, "marker": mark, "markersize": 3.8, "linestyle": dashes}
