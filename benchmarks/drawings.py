"""Pages of drawings to train on: clip art, text, plots and hard-edged patterns, each 512 x 512.

    apt-get download openclipart-png fonts-liberation && for f in *.deb; do dpkg -x $f DEBIAN; done
    python benchmarks/drawings.py --debian DEBIAN --out DATA/drawings [--pages 1000] [--first 0]

Clip art (public domain) and fonts are Debian's packages of these names, unpacked; the pages of one number are the same
wherever the libraries that draw them are. Needs matplotlib. To train on them, from the shipped package and with the
frequencies that hard edges need:

    crosscodec train photo-denoise --data DATA --out runs/drawings --set data.held_out=47
        --set 'data.sets=["DATA/drawings", "imagenet-sample"]'
        --set model.luma=256 --set model.chroma=96 --set model.reach=320
"""

import argparse
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

SIDE = 512
LARGEST = 2**22  # pixels of clip art; a few files have a hundred million, which takes long to read
TEXT = (
    "the of and to in is that for it as was with be by on not he his but at are this have from or had an they "
    "which one you were all her she there would their we him been has when who will no more if out so up said "
    "what its about than into them can only other time new some could these two may first then do any like my now "
    "over such our man me even most made after also did many off before must well back through years much where "
    "your way down should because long each just state those people too mr how little good world make very year "
    "still see own work men day get here old life both between being under three never know same last another "
    "while us might great go come since against right came take used himself few house use place during high "
    "without again home around small however found part school Section Figure Table Theorem equation (1) (2) [3] "
    "1998 2,048 3.14159 0.5 % & * a/b x=y f(x) §7 “quoted” — •"
)
WORDS = TEXT.split()

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Material:
    """Files that pages are made of."""

    clip_art: list[Path]
    fonts: list[Path]

    @classmethod
    def below(cls, debian: Path) -> "Material":
        """What Debian's packages hold, where they were unpacked, and the fonts of matplotlib."""
        share = debian / "usr" / "share"
        fonts = sorted((share / "fonts" / "truetype" / "liberation").glob("*.ttf"))
        fonts += sorted(Path(matplotlib.get_data_path(), "fonts", "ttf").glob("DejaVu*.ttf"))
        return cls(sorted((share / "openclipart" / "png").rglob("*.png")), fonts)


def page(material: Material, number: int) -> Image.Image:
    """The page of a number: two of five of clip art, the others text, plots and patterns by turns."""
    draw = np.random.Generator(np.random.Philox(key=[20261128, number]))
    kinds: list[Callable[[Material, np.random.Generator], Image.Image]] = [collage, text, collage, plot, pattern]
    return kinds[number % len(kinds)](material, draw)


def collage(material: Material, draw: np.random.Generator) -> Image.Image:
    """Clip art side by side, in columns of one to four, cut to its ink, on paper of one colour."""
    image = Image.new("RGB", (SIDE, SIDE), paper(draw))
    columns = int(draw.integers(1, 5))
    cell = SIDE // columns
    for place in range(columns**2):
        file = Image.open(material.clip_art[int(draw.integers(len(material.clip_art)))])
        if file.width * file.height > LARGEST:
            continue
        art = file.convert("RGBA")
        box = art.getchannel("A").getbbox()
        if box is None:
            continue
        art = art.crop(box)
        shrink = min(1.0, cell / art.width, cell / art.height)
        if shrink < 1:
            art = art.resize(
                (max(1, int(art.width * shrink)), max(1, int(art.height * shrink))), Image.Resampling.LANCZOS
            )
        left, top = (int(draw.integers(0, max(1, cell - length + 1))) for length in art.size)
        image.paste(art, (cell * (place % columns) + left, cell * (place // columns) + top), art)
    return image


def text(material: Material, draw: np.random.Generator) -> Image.Image:
    """Lines of words, in one to three fonts; sometimes without smoothed edges, sometimes with rules around cells."""
    background = paper(draw)
    image = Image.new("RGB", (SIDE, SIDE), background)
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1" if draw.random() < 0.2 else "L"
    ink = ink_on(background, draw)
    top = int(draw.integers(0, 20))
    while top < SIDE:
        size = int(np.exp(draw.uniform(np.log(7), np.log(34))))
        font = ImageFont.truetype(str(material.fonts[int(draw.integers(len(material.fonts)))]), size)
        lines, spacing = int(draw.integers(2, 16)), size * draw.uniform(1.05, 1.5)
        left = int(draw.integers(-10, 60))
        for _ in range(lines):
            words = draw.choice(WORDS, 40)
            pen.text((left, top), " ".join(words), font=font, fill=ink)
            top += max(1, int(spacing))
            if top >= SIDE:
                break
        if draw.random() < 0.3:
            pen.line((0, top, SIDE, top), fill=ink, width=int(draw.integers(1, 4)))
        if draw.random() < 0.15:
            ink = ink_on(background, draw)
        top += int(draw.integers(0, size + 1))
    return image


def plot(material: Material, draw: np.random.Generator) -> Image.Image:
    """One to four axes with lines, bars, points, areas, a pie, contours or an image."""
    dpi = int(draw.choice([60, 80, 100, 130]))
    # Its words are black.
    face = tuple(max(150, value) for value in paper(draw))
    figure = Figure((SIDE / dpi, SIDE / dpi), dpi=dpi, layout="constrained", facecolor=_shade(face))
    rows, columns = (int(n) for n in draw.integers(1, 3, 2))
    for axes in np.ravel(figure.subplots(rows, columns, squeeze=False)):
        x = np.linspace(0, draw.uniform(1, 20), int(draw.integers(5, 120)))
        count, kind = int(draw.integers(1, 6)), int(draw.integers(0, 8))
        ys = [np.cumsum(draw.normal(size=x.size)) if draw.random() < 0.5 else np.sin(x * draw.uniform(0.3, 3) + i)
              for i in range(count)]  # fmt: skip
        style = {"linewidth": draw.uniform(0.5, 3), "linestyle": str(draw.choice(["-", "--", ":", "-."]))}
        match kind:
            case 0 | 1:
                for i, y in enumerate(ys):
                    axes.plot(x, y, label=f"case {i}", marker=str(draw.choice(["", "", "o", "x", "s"])), **style)
            case 2:
                axes.bar(np.arange(8), np.abs(draw.normal(size=8)), color=_shade(ink_on((255, 255, 255), draw)))
            case 3:
                for y in ys:
                    axes.scatter(draw.normal(size=x.size), y, s=draw.uniform(2, 40))
            case 4:
                axes.stackplot(x, *[np.abs(y) for y in ys])
            case 5:
                axes.pie(np.abs(draw.normal(size=6)) + 0.1, labels=[str(w) for w in draw.choice(WORDS[:60], 6)])
            case 6:
                field = np.add.outer(np.sin(np.linspace(0, 6, 40)), np.cos(np.linspace(0, draw.uniform(2, 9), 40)))
                (axes.contour if draw.random() < 0.5 else axes.contourf)(field, int(draw.integers(4, 14)))
            case _:
                axes.imshow(draw.random((int(draw.integers(2, 12)), int(draw.integers(2, 12)))), cmap="viridis")
        if draw.random() < 0.6 and kind != 5:
            axes.grid(visible=True, linewidth=0.6)
        if draw.random() < 0.5:
            axes.set_title(" ".join(str(w) for w in draw.choice(WORDS[:80], 4)).replace("$", ""), fontsize=8)
        if kind < 2:
            axes.legend(fontsize=6)
        axes.tick_params(labelsize=int(draw.integers(5, 10)))
    sink = io.BytesIO()
    figure.savefig(sink, format="png", facecolor=figure.get_facecolor())
    image = Image.open(sink).convert("RGB")
    return image if image.size == (SIDE, SIDE) else image.resize((SIDE, SIDE), Image.Resampling.NEAREST)


def pattern(material: Material, draw: np.random.Generator) -> Image.Image:
    """Rectangles, ellipses, polygons, lines, hatchings, checks and modules as of a barcode; edges of no width."""
    image = Image.new("RGB", (SIDE, SIDE), paper(draw))
    pen, gray = ImageDraw.Draw(image), draw.random() < 0.3

    def colour() -> Colour:
        shade = draw.integers(0, 256, 3)
        red, green, blue = (int(v) for v in (shade[[0, 0, 0]] if gray else shade))
        return red, green, blue

    for _ in range(int(draw.integers(10, 60))):
        left, top = (int(v) for v in draw.integers(-40, SIDE, 2))
        width, height = (int(np.exp(draw.uniform(1.5, 5.5))) for _ in range(2))
        box, fill, line = (left, top, left + width, top + height), colour(), int(draw.integers(1, 5))
        match int(draw.integers(0, 8)):
            case 0:
                pen.rectangle(box, fill=fill)
            case 1:
                pen.rectangle(box, outline=fill, width=line)
            case 2:
                pen.ellipse(box, fill=fill if draw.random() < 0.5 else None, outline=colour(), width=line)
            case 3:
                corners = [(left + int(v) * width // 100, top + int(w) * height // 100)
                           for v, w in draw.integers(0, 100, (int(draw.integers(3, 8)), 2))]  # fmt: skip
                pen.polygon(corners, fill=fill)
            case 4:
                pen.line(box, fill=fill, width=line)
            case 5:
                pitch, thick = int(draw.integers(2, 14)), int(draw.integers(1, 4))
                for x in range(left, left + width, pitch):
                    pen.line((x, top, x, top + height), fill=fill, width=thick)
            case 6:
                pitch = int(draw.integers(2, 14))
                for y in range(top, top + height, pitch):
                    pen.line((left, y, left + width, y), fill=fill, width=max(1, pitch // int(draw.integers(2, 5))))
            case _:
                module, cells = int(draw.integers(1, 9)), draw.random((24, 24)) < 0.5
                blocks = Image.fromarray(np.kron(cells, np.ones((module, module))).astype(np.uint8) * 255)
                image.paste(fill, (left, top), blocks)
    return image


def paper(draw: np.random.Generator) -> Colour:
    """White in half of the cases, else a light colour, a gray or any colour."""
    kind = draw.random()
    if kind < 0.5:
        return (255, 255, 255)
    low = 200 if kind < 0.75 else 0
    red, green, blue = (int(v) for v in draw.integers(low, 256, 3))
    return (red, red, red) if draw.random() < 0.4 else (red, green, blue)


def ink_on(background: Colour, draw: np.random.Generator) -> Colour:
    """Black or white, what is further from the background, in three of four cases; else any colour."""
    if draw.random() < 0.75:
        return (0, 0, 0) if sum(background) > 384 else (255, 255, 255)
    red, green, blue = (int(v) for v in draw.integers(0, 256, 3))
    return red, green, blue


def _shade(colour: tuple[int, ...]) -> tuple[float, float, float]:
    red, green, blue = (value / 255 for value in colour)
    return red, green, blue


def main() -> None:
    """Do what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--debian", type=Path, required=True, help="where the two packages were unpacked")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first page")
    arguments = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None  # the largest are passed over, but must be opened for that
    material = Material.below(arguments.debian)
    if not material.clip_art:
        parser.error(f"no clip art below {arguments.debian}: unpack openclipart-png there, as the first lines say")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.first, arguments.first + arguments.pages):
        page(material, number).save(arguments.out / f"{number:05d}.png")


if __name__ == "__main__":
    main()
