"""Asymptotic trade-offs of Gaussian sources, scalar (`transport`) and vector (`vector`)."""
