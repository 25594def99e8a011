"""Measures: pure functions of arrays and numbers, called alike by training losses, evaluation and reports."""
