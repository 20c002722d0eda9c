"""The code of every page runs, page by page, in order; a page may use the real datasets where they are at hand."""

import os
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser


@pytest.fixture(scope="module")
def in_scratch_folder(tmp_path_factory):
    """A page's files go to a folder of its own."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("page"))
    yield
    os.chdir(before)


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()], pattern="*.md", fixtures=["in_scratch_folder"]
).pytest()
