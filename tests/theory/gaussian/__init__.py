"""Tests of `crosscodec.theory.gaussian`; a package so that they can share their oracles."""
