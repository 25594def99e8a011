"""Tests of `crosscodec.theory.bernoulli`; a package so that they can share their oracles."""
