"""Tests of `crosscodec.theory.finite`; a package so that they can share their oracles."""
