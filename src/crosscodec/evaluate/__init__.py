"""Evaluation: real files, written by one process and read by another, measured against the clean pictures."""
