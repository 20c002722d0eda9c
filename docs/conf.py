"""Sphinx: the documentation is built with `make docs`, which also draws the tutorial's figures."""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import draw_figures
import make_notebooks

project = "unspool"
author = "the unspool authors"
release = importlib.metadata.version("unspool")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "notebooks"]
html_theme = "furo"
html_title = f"unspool {release}"
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["ref.python"]


def setup(app):
    """Draw the figures and write the notebooks before the pages are read, which show and link them."""
    make_notebooks.write_all()
    if draw_figures.is_outdated():
        draw_figures.draw_in_own_process()
