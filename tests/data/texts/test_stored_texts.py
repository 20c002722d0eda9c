"""Texts on disk come back as they were, in their order, and nothing is left of them."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from unspool.data.texts import stored_texts
from unspool.data.texts.stored_texts import StoredTexts
from unspool.errors import UserError

TEXTS = {3: "a film", 4: "", 9: "Très bien 👍🏽\n\0", 10: "broken \udce4", 4000: "x" * 3_000_000}


@pytest.fixture
def texts() -> StoredTexts:
    stored = StoredTexts()
    for number, text in TEXTS.items():
        stored.add(number, text)
    return stored


def test_all_or_some_come_back(texts: StoredTexts) -> None:
    assert [text for some in texts.read() for text in some] == list(TEXTS.values())
    assert list(texts.read(np.array([4, 10]))) == [["", "broken \udce4"]]
    assert list(texts.read(np.array([], dtype=np.int64))) == []


def test_they_come_a_thousand_at_a_time_also_after_more_were_added(texts: StoredTexts) -> None:
    assert sum(map(len, texts.read())) == len(TEXTS)
    for number in range(5000, 7000):
        texts.add(number, f"film {number}")
    chunks = list(texts.read(np.arange(5000, 7000)))
    assert [len(some) for some in chunks] == [1000, 1000]
    assert chunks[1][-1] == "film 6999"


def test_the_file_has_no_name(texts: StoredTexts, cache: Path) -> None:
    list(texts.read())
    assert list(cache.iterdir()) == []


def test_a_full_disk_is_told(texts: StoredTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(stored_texts.os, "pwrite", full)
    texts.add(5000, "one more")
    with pytest.raises(UserError, match="No space left on device"):
        list(texts.read())
