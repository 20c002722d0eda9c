"""Commands that train begin again with huge pages, once, and only where the system gives them on request."""

import os
import sys

import pytest

from unspool.cli import huge_pages


@pytest.fixture
def restarts(monkeypatch, tmp_path):
    """What the program would be replaced by; a system that gives huge pages to those who ask."""
    calls = []
    mode = tmp_path / "enabled"
    mode.write_text("always [madvise] never\n")
    monkeypatch.setattr(huge_pages, "_MODE", mode)
    monkeypatch.setattr(os, "execv", lambda program, arguments: calls.append((program, arguments)))
    monkeypatch.setattr(sys, "argv", ["/bin/unspool", "run", "digits-lstm-ae"])
    monkeypatch.setattr(sys, "orig_argv", ["python", "-W", "ignore", "/bin/unspool", "run", "digits-lstm-ae"])
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    return calls


def test_a_training_begins_again_as_it_was_called(restarts):
    huge_pages.with_huge_pages()
    assert restarts == [(sys.executable, [sys.executable, "-W", "ignore", "/bin/unspool", "run", "digits-lstm-ae"])]
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    huge_pages.with_huge_pages()
    assert len(restarts) == 1


def test_a_search_begins_again_too(restarts, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/bin/unspool", "search", "imdb-lstm"])
    huge_pages.with_huge_pages()
    assert len(restarts) == 1


def test_other_tunables_stay(restarts, monkeypatch):
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.arena_max=1")
    huge_pages.with_huge_pages()
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["predict", "run"]])
def test_what_does_not_train_goes_on(restarts, monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["unspool", *arguments])
    huge_pages.with_huge_pages()
    assert restarts == []


@pytest.mark.parametrize("mode", ["[always] madvise never\n", "always madvise [never]\n", None])
def test_where_asking_changes_nothing_it_goes_on(restarts, monkeypatch, tmp_path, mode):
    file = tmp_path / "other"
    if mode is not None:
        file.write_text(mode)
    monkeypatch.setattr(huge_pages, "_MODE", file)
    huge_pages.with_huge_pages()
    assert restarts == []
