"""The arguments and options that several commands share, each defined and explained once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class OnExist(StrEnum):
    """What to do when an output is there already."""

    FAIL = "fail"
    SKIP = "skip"
    OVERWRITE = "overwrite"


DEFAULT_PACKAGE = "photo-denoise"

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for each input on stdout.")]
Recursive = Annotated[
    bool,
    typer.Option(
        "-r",
        "--recursive",
        help="IN is a folder: take the files of its folders too. Links to folders are followed, names that begin with "
        "a dot left out.",
    ),
]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, max=256, help="IN is a folder: work on so many files at a time.")
]
ExistPolicy = Annotated[
    OnExist, typer.Option("--on-exist", help="When an output is there already: fail, skip or overwrite it.")
]
EncoderPackage = Annotated[
    str,
    typer.Option(
        "--package",
        "-p",
        metavar="NAME|FILE",
        help="The package to encode with: a name that `models` lists, or an .xcm file.",
    ),
]
DecoderPackage = Annotated[
    str | None,
    typer.Option(
        "--package",
        "-p",
        metavar="NAME|FILE",
        help="The package to decode with; without it the file itself says which one it needs.",
    ),
]
Decoder = Annotated[
    str,
    typer.Option(
        "--decoder",
        metavar="NAME",
        help="Which decoder of the package: fidelity stays closest to the original; fidelity-x4 closer still, in four "
        "mirrored passes.",
    ),
]
Encoder = Annotated[
    str,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="Which encoder of the package (see crosscodec models): auto chooses by the noise of the picture; best "
        "takes longer for a better file, best-x4 four times as long again.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Encode even what the package's card does not promise to handle.")]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        envvar="CROSSCODEC_DATA",
        help="The folder that holds the data sets (kodak/, bsds500/, ...).",
    ),
]
Seed = Annotated[
    int,
    typer.Option("--seed", min=0, help="Seed of the degradation: the same seed gives the same noise on every machine."),
]
DitherSeed = Annotated[
    int,
    typer.Option(
        "--seed",
        min=0,
        max=2**64 - 1,
        help="Seed of the dither of a package that dithers; with common randomness it is written into the file.",
    ),
]
SampleSeed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        max=2**64 - 1,
        help="Another sample of a decoder that draws noise for itself; without it the file decides.",
    ),
]
Quality = Annotated[
    int | None,
    typer.Option(
        "--quality",
        metavar="0..100",
        min=0,
        max=100,
        help="Of a package with several qualities: from the smallest file (0) to the closest picture (100).",
    ),
]
TargetBpp = Annotated[
    float | None,
    typer.Option("--target-bpp", metavar="B", help="The highest quality whose file has at most so many bits a pixel."),
]
TargetSize = Annotated[
    str | None,
    typer.Option(
        "--target-size",
        metavar="BYTES",
        help="The highest quality whose file has at most so many bytes: 20000, 20k, 19.5KiB, 1.2MB.",
    ),
]
Pages = Annotated[
    str | None,
    typer.Option(
        "--pages",
        metavar="all|LIST",
        help="IN has several pages or frames: take these alone, counted from 0, for instance 3,7-9. Without it, all "
        "pages of a TIFF, and of an animation the first frame; all: each of its frames.",
    ),
]
Range = Annotated[
    str | None,
    typer.Option(
        "--range",
        metavar="full|auto|LOW,HIGH",
        help="Which samples are black and white, in units of the file: what is decoded has such samples again, of 16 "
        "bits or floats. full: all that so many bits hold; auto: from the darkest to the brightest of the picture.",
    ),
]
Profile = Annotated[
    bool,
    typer.Option(
        "--profile/--no-profile", help="Keep the colour profile (ICC) of a picture, some hundred bytes of the file."
    ),
]
ExifData = Annotated[
    bool,
    typer.Option(
        "--exif/--no-exif",
        help="Keep when, where and with what a photo was taken (EXIF), some 200 bytes of the file.",
    ),
]
Balance = Annotated[
    float | None,
    typer.Option(
        "--balance",
        metavar="0..1",
        help="Mix the decoders fidelity (0) and perception (1) of one file instead of choosing one.",
    ),
]
Only = Annotated[
    str | None,
    typer.Option(
        "--only", metavar="LIST", help="IN.xcd holds several pictures: decode only these, for instance 3,7-9."
    ),
]
Pack = Annotated[
    bool, typer.Option("--pack", help="IN is a folder: put all its pictures into one coded file, ordered by name.")
]
PictureFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="KIND",
        help="Kind of the pictures written into a folder or to stdout: png (without it), tiff, webp, npy, ...",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="IN is a folder: work in the processes of a Dask cluster: local, local:4, or tcp://HOST:8786.",
    ),
]
