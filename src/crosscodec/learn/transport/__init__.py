"""Codecs of small labelled pictures by constrained optimal transport or minimum entropy coupling."""
