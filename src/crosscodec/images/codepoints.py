"""Colours that a file names by numbers (code points of ITU-T H.273) in place of an ICC profile.

PNG has them in its chunk cICP, AVIF and HEIC in a colr box of type nclx. Pillow and pillow-heif give the samples as
they are stored and say nothing of it: a photo of high dynamic range looks dull, and nobody can tell its samples from
those of sRGB.
"""

from typing import NamedTuple

from crosscodec.images.headers import Kind, png_chunks

_PRIMARIES = {
    4: "BT.470 M", 5: "BT.601 (625 lines)", 6: "BT.601 (525 lines)", 7: "SMPTE 240M", 8: "generic film", 9: "BT.2020",
    10: "XYZ", 11: "DCI-P3", 12: "Display P3", 22: "EBU 3213",
}  # fmt: skip
_CURVES = {
    4: "gamma 2.2", 5: "gamma 2.8", 7: "SMPTE 240M", 8: "linear", 9: "logarithmic", 10: "logarithmic", 16: "PQ (HDR)",
    17: "SMPTE 428", 18: "HLG (HDR)",
}  # fmt: skip
# Those of BT.709 and sRGB, and nothing said. The curves of BT.709, 601 and 2020 are one, which viewers show as sRGB's.
_USUAL_PRIMARIES, _USUAL_CURVES = frozenset((1, 2)), frozenset((1, 2, 6, 11, 12, 13, 14, 15))


class CodePoints(NamedTuple):
    """Colour primaries and transfer characteristics, by their numbers in H.273."""

    primaries: int
    curve: int

    @property
    def usual(self) -> bool:
        """Whether samples may be taken for sRGB, as all of them are."""
        return self.primaries in _USUAL_PRIMARIES and self.curve in _USUAL_CURVES

    def notice(self) -> str:
        """What to say of colours that are not: "colours of BT.2020, PQ (HDR): ..."."""
        told = [] if self.primaries in _USUAL_PRIMARIES else [_PRIMARIES.get(self.primaries, f"no. {self.primaries}")]
        if self.curve not in _USUAL_CURVES:
            told.append(_CURVES.get(self.curve, f"curve no. {self.curve}"))
        return f"colours of {', '.join(told)}: pixel values kept, and taken for sRGB"


def code_points(data: bytes, kind: Kind | None) -> CodePoints | None:
    """The code points of a PNG, AVIF or HEIC file; None where it has none.

    W3C PNG (third edition), 11.3.2.6; ISO 14496-12, 12.1.5. Of several colr boxes the first counts, as that of a gain
    map or of a preview comes behind the picture's.
    """
    if kind == "png":
        return _of_png(data)
    if kind in ("avif", "heic"):
        place = data.find(b"colrnclx") + len(b"colrnclx")
        if len(b"colrnclx") <= place <= len(data) - 4:
            return CodePoints(*(int.from_bytes(data[at : at + 2], "big") for at in (place, place + 2)))
    return None


def _of_png(data: bytes) -> CodePoints | None:
    for name, start, end in png_chunks(data):
        if name == b"cICP" and end - start == 4:
            return CodePoints(data[start], data[start + 1])
        if name == b"IDAT":  # it comes before
            return None
    return None
