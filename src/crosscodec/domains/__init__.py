"""Domains: (clean, degraded, label) as a pure function of (seed, set, split, index)."""
