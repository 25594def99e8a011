"""One-shot trade-offs of a binary source, in closed form; start at `transport`."""
