"""Tests of `crosscodec.theory.coupling`; a package so that they can share their oracles."""
