"""Integers to bytes and back: frequency tables, range coder, container. The layout is specified in docs/format.md.

    symbols (C,N) ──FrequencyTables──► indices, escapes ──range coder──► payload ──container──► coded file (.xcd)

Tables know probabilities, the coder knows integers and tables, the container knows bytes; none knows networks.
"""
