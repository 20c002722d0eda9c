"""Searches of tiny recipes."""

import pytest

pytest.importorskip("optuna", reason="the extra `search` is not installed")

from unspool.runs.search.searching import search
from unspool.runs.search.subject import OfRecipe

from ..conftest import SMALL

OVER = ["model.units=2..6", "training.learning_rate=1e-3..1e-1:log"]


def searched(out, over=OVER, settings=SMALL, subject=None, **options):
    """Searches; gives what was found and what was said."""
    said = []
    options = {"trials": 3, "say": said.append} | options
    found = search(subject or OfRecipe("sentences-rnn", settings), over, out, **options)
    return found, said


@pytest.fixture(scope="session")
def finished_search(tmp_path_factory):
    """The folder of a search of three trials, all trained to their end, what was found, and what was said."""
    out = tmp_path_factory.mktemp("searches") / "small"
    return out, *searched(out, pruner="none")
