"""Limits of the format that other rooms ask for without needing the coder (docs/format.md)."""

LARGEST_SYMBOL = 2**24  # in absolute value
MOST_CONTEXTS = 64  # of a channel
BEST_QUALITY = 100  # the highest; the lowest is 0
MOST_TABLES = 2**16  # in one package; of channels there are no more
