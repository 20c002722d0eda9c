"""Dates in many languages: always the same, without doubtful ones, no date on both sides."""

import datetime
import sys

import pytest

from unspool.data.named import dates
from unspool.data.named.registry import load
from unspool.errors import UserError


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(dates, "COUNT", 100)


def test_no_date_is_on_both_sides(few):
    dataset = load("dates")
    train, test = (set(split.texts[dates.ISO]) for split in (dataset.train, dataset.test))
    assert len(train) == 90
    assert len(test) == 10
    assert train.isdisjoint(test)
    assert all(datetime.date.fromisoformat(one) for one in train)
    assert len(set(dataset.train.texts[dates.WRITTEN])) == len(dataset.train)
    assert dataset.digest == load("dates").digest


def test_what_has_two_meanings_is_left_out():
    rows = [("1/2", "a", 0), ("3 May", "b", 1), ("1/2", "c", 2), ("3 May", "b", 1)]
    assert dates._unambiguous(iter(rows)) == [("3 May", "b", 1)]


def test_without_babel_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "babel", None)
    with pytest.raises(UserError, match=r"pip install 'unspool\[dates\]'"):
        load("dates")
