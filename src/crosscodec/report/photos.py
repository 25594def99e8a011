"""One page about a photo evaluation: every picture degraded, by a peer at the same bytes, restored, and clean.

    folder of a run ─► cards ─► templates/photos.html ─► one HTML file, pictures inside
                          └───► curve, where the run has several qualities

The page needs no other file and no network; it is read at a desk and on a telephone, by day and by night.
"""

import base64
import io
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from crosscodec.report.cards import read_photo_run
from crosscodec.report.curve import rate_curve_svg

TEMPLATE = "photos.html"
_DEFAULT = "default"  # the encoder that is taken when none is asked for
_QUALITY = 92  # of the WebP copies on the page


def photo_page(run: Path) -> str:
    """The page about the run in a folder, as HTML that needs no other file.

    The run must have kept its pictures; errors as in `read_photo_run`.
    """
    found = read_photo_run(run)
    environment = Environment(loader=PackageLoader("crosscodec.report"), autoescape=True, undefined=StrictUndefined)
    environment.globals["address"] = picture_address
    encoder = found.settings.get("encoder", _DEFAULT)  # releases before encoders could be chosen named none
    package = found.package if encoder == _DEFAULT else f"{found.package}, encoder {encoder}"
    return environment.get_template(TEMPLATE).render(
        title=f"{package}: {found.settings['degradation']} on {found.settings['set']}",
        run=found,
        curve=rate_curve_svg(found.curves),
        quality=_QUALITY,
    )


def picture_address(path: Path) -> str:
    """A picture file as a data address that a page can hold: WebP, nearly lossless to the eye."""
    buffer = io.BytesIO()
    with Image.open(path) as image:
        image.save(buffer, "WEBP", quality=_QUALITY, method=2)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
