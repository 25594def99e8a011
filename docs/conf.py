"""Sphinx settings: Markdown pages, the furo theme, and the signatures and docstrings of the source."""

import crosscodec

project = "crosscodec"
author = "crosscodec authors"
copyright = "2026, crosscodec authors"
version = release = crosscodec.__version__
extensions = ["myst_parser", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
# format.md marks blocks that tests read (`hex`, `symbols`); they are no programming languages.
suppress_warnings = ["misc.highlighting_failure"]
html_theme = "furo"
html_title = f"crosscodec {release}"
exclude_patterns = ["_build", "requirements.txt"]
