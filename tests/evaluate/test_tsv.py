"""Cells of tables as text."""

import math

from crosscodec.evaluate.tsv import tsv_text


def test_cells():
    rows = [("a", "b"), (None, 1), (0.1234567, math.inf), ("tab\there", 12345678), (1e-9, 100000.0)]
    assert tsv_text(rows) == 'a\tb\n\t1\n0.123457\tinf\n"tab\there"\t12345678\n1e-09\t100000\n'
    assert tsv_text([]) == ""
