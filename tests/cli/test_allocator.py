"""Commands that train restart once: the C library then has one heap, in huge pages if these are given on request."""

import os
import sys

import pytest

from unspool.cli import allocator

ONE_HEAP = "glibc.malloc.arena_max=1"


@pytest.fixture
def restarts(monkeypatch, tmp_path):
    """What the program would be replaced by, on a Linux that gives huge pages on request."""
    calls = []
    mode = tmp_path / "enabled"
    mode.write_text("always [madvise] never\n")
    monkeypatch.setattr(allocator, "_MODE", mode)
    monkeypatch.setattr(os, "execv", lambda program, arguments: calls.append((program, arguments)))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "argv", ["/bin/unspool", "run", "digits-lstm-ae"])
    monkeypatch.setattr(sys, "orig_argv", ["python", "-W", "ignore", "/bin/unspool", "run", "digits-lstm-ae"])
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    return calls


def test_a_training_begins_again_as_it_was_called(restarts):
    allocator.with_allocator_set()
    assert restarts == [(sys.executable, [sys.executable, "-W", "ignore", "/bin/unspool", "run", "digits-lstm-ae"])]
    assert os.environ["GLIBC_TUNABLES"] == f"{ONE_HEAP}:glibc.malloc.hugetlb=1"
    allocator.with_allocator_set()
    assert len(restarts) == 1


def test_a_search_begins_again_too(restarts, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/bin/unspool", "search", "imdb-lstm"])
    allocator.with_allocator_set()
    assert len(restarts) == 1


def test_other_tunables_stay(restarts, monkeypatch):
    chosen = "glibc.malloc.arena_max=4:glibc.malloc.check=1"
    monkeypatch.setenv("GLIBC_TUNABLES", chosen)
    allocator.with_allocator_set()
    assert os.environ["GLIBC_TUNABLES"] == f"{chosen}:glibc.malloc.hugetlb=1"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["predict", "run"]])
def test_what_does_not_train_goes_on(restarts, monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["unspool", *arguments])
    allocator.with_allocator_set()
    assert restarts == []


def test_another_system_goes_on(restarts, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    allocator.with_allocator_set()
    assert restarts == []


@pytest.mark.parametrize("mode", ["[always] madvise never\n", "always madvise [never]\n", None])
def test_huge_pages_are_asked_for_only_where_that_changes_something(restarts, monkeypatch, tmp_path, mode):
    file = tmp_path / "other"
    if mode is not None:
        file.write_text(mode)
    monkeypatch.setattr(allocator, "_MODE", file)
    allocator.with_allocator_set()
    assert len(restarts) == 1
    assert os.environ["GLIBC_TUNABLES"] == ONE_HEAP
