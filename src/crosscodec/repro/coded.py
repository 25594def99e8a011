"""A code that ran once for each seed, as points of a figure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crosscodec.report.figures import Point
from crosscodec.repro.points import measured_point
from crosscodec.simulate.rows import Report


@dataclass(frozen=True)
class Coded:
    """The series that its points belong to, and the table of each seed."""

    series: str
    reports: Sequence[Report]

    def measured(self, quantity: str) -> list[float]:
        """The measured value of the row whose quantity starts with these words, a value a seed."""
        return [report.row(quantity).measured for report in self.reports]

    @property
    def rates(self) -> list[float]:
        """Payload, bits a symbol, a value a seed."""
        return self.measured("rate")

    @property
    def distortion(self) -> list[float]:
        """Measured, a value a seed."""
        return self.measured("distortion")

    @property
    def file(self) -> float:
        """Bits a symbol of the whole file, of the first seed."""
        return float(self.reports[0].facts["file_bits_per_symbol"])

    def point(self, panel: str, values: Sequence[float]) -> Point:
        """These values over the payload's rate."""
        return measured_point(panel, self.series, self.rates, values, self.file)

    def turned(self, panel: str) -> Point:
        """The payload's rate over the distortion."""
        return measured_point(panel, self.series, self.distortion, self.rates, self.file, rate_is_y=True)
