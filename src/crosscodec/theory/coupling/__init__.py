"""Couplings of least entropy (`minimum`), exact for small marginals (`search`), and with a bottleneck."""
