"""Sweeps: a grid of settings becomes a list of runs, each with an identity of its own."""
