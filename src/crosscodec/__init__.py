"""Cross-domain lossy compression: a degraded picture in, one small file, a clean picture out."""

__version__ = "0.1.0"
