"""Sphinx: `sphinx-build -W -b html docs docs/_build/html`, and `-b man` for the man page. No network is needed."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "dev"))

import docs as generated_pages  # noqa: E402 - dev/docs.py
from sox_hooks import __version__  # noqa: E402

generated_pages.generate(HERE / "reference")

project = "sox-hooks"
author = "The sox-hooks maintainers"
release = version = __version__
copyright = author

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"sox-hooks {__version__}"
html_copy_source = False
html_show_sphinx = False

man_pages = [
    ("reference/man", "sox-hooks", "tag, decide, sign and verify AI assistance in commits", [author], 1),
]
