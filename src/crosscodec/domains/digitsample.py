"""Forty handwritten digits that come with the library, for a demonstration without any data set.

    packages/digits-sample.png    a sheet of 5 rows of 8 digits      ─┐
    packages/digits-sample.json   labels, source and licence of MNIST ─┴─► LabelledSet "mnist:test", its first 40

They are MNIST's, under CC BY-SA 3.0, and not under the library's own licence.
"""

import json
from pathlib import Path

import numpy as np

from crosscodec.domains.labelledset import LabelledSet
from crosscodec.errors import CorruptData
from crosscodec.files import read_bytes
from crosscodec.images.reading import read_picture

FOLDER = Path(__file__).resolve().parent.parent / "packages"
SHEET, FACTS = "digits-sample.png", "digits-sample.json"
COUNT = 40


def digit_sample(folder: Path = FOLDER) -> LabelledSet:
    """The first 40 digits of mnist:test, uint8 (40, 28, 28, 1), with labels: the same pictures under the same name, so
    that a degradation draws the same noise for them.

    InputMissing when the files did not come with the installation, CorruptData when they do not fit together.
    """
    sheet = read_picture(folder / SHEET).as_uint8()
    try:
        facts = json.loads(read_bytes(folder / FACTS))
        rows, columns, height, width = (int(facts[key]) for key in ("rows", "columns", "height", "width"))
        labels = np.array(facts["labels"], np.int64)
        cells = sheet.reshape(rows, height, columns, width).transpose(0, 2, 1, 3)
        images = cells.reshape(rows * columns, height, width, 1)
        return LabelledSet("mnist", "test", np.ascontiguousarray(images), labels, tuple("0123456789"))
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptData(f"{folder / FACTS} and {SHEET} do not fit together: {error}") from None
