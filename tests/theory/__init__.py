"""Tests of the theory wing; a package so that they can share their oracles."""
