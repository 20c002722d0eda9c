"""What is found once for a whole corpus, and what only for the texts that are used."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from unspool.candidates.texts.corpus import Corpus

TEXTS = ["a film", "one film more", "dull", "a play"]


def lengths(corpus, seen, **how):
    def make(whole):
        seen.append(list(whole))
        return np.array([len(text) for text in whole])

    return corpus.kept("lengths", make, lambda found, rows: found[rows], **how).tolist()


def test_a_limited_corpus_finds_what_may_be_limited_in_its_texts_alone():
    seen = []
    limited = Corpus(TEXTS).limited([1, 3])
    assert list(limited) == TEXTS
    assert lengths(limited.take([3, 1]), seen, limited=True) == [6, 13]
    assert lengths(limited.take([1, 3]).take([1]), seen, limited=True) == [6]
    assert seen == [["one film more", "a play"]]
    assert lengths(limited.take([0]), seen) == [6]
    assert seen[1:] == [TEXTS]
    with pytest.raises(ValueError, match="beyond"):
        lengths(limited.take([0, 1]), seen, limited=True)


def test_words_have_the_numbers_of_the_whole_corpus():
    corpus = Corpus(TEXTS)
    limited = corpus.limited([1, 3])
    assert limited.take([3]).words()[1].tolist() == corpus.take([3]).words()[1].tolist()


def test_what_is_forgotten_is_found_again():
    seen = []
    limited = Corpus(TEXTS).limited([1, 3])
    for _ in range(2):
        assert lengths(limited.take([1]), seen, limited=True) == [13]
        limited.forget()
    assert seen == [["one film more", "a play"]] * 2


def test_what_is_kept_for_exactly_these_texts_is_made_once_until_it_is_forgotten():
    corpus, made = Corpus(TEXTS), []

    def found(*rows):
        return corpus.take(rows).own("count", lambda: made.append(rows) or len(made))

    assert [found(0, 2), found(2), found(0, 2)] == [1, 2, 1]
    corpus.forget_own()
    assert [found(0, 2), found(0, 2)] == [3, 3]
    corpus.release()
    assert found(2) == 4


def test_what_several_threads_want_is_made_once():
    corpus, made, together = Corpus(["a film"] * 4), [], threading.Barrier(4, timeout=60)

    def make(given):
        made.append(len(given))
        time.sleep(0.05)  # in which the other threads ask
        return np.arange(len(given))

    def wanted(row):
        together.wait()
        return corpus.take([row]).kept("rows", make, lambda found, rows: found[rows]).tolist()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(wanted, range(4))) == [[0], [1], [2], [3]]
    assert made == [4]
