"""Sphinx: the documentation is built with `make docs`."""

import importlib.metadata

project = "unspool"
author = "the unspool authors"
release = importlib.metadata.version("unspool")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "conftest.py"]
html_theme = "furo"
html_title = f"unspool {release}"
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["ref.python"]
