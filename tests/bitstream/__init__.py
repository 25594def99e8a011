"""Tests of the bitstream; a package so that they can share their samples."""
