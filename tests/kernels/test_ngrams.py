"""N-grams level by level: native code against the reference, and the reference against plain counting."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.kernels import ngrams

DOCUMENTS = st.lists(st.lists(st.integers(-1, 3), max_size=12), max_size=8)


def laid_out(documents):
    flat = np.array([token for row in documents for token in row], np.int32)
    return flat, np.cumsum([0, *map(len, documents)]).astype(np.int64)


def levels(documents, apart, least, most=4):
    tokens, offsets = laid_out(documents)
    grams, found = None, []
    for size in range(1, most + 1):
        level, grams = ngrams.count(tokens, offsets, grams, size, apart, least)
        found.append((grams, *level.table()))
    return found


@given(documents=DOCUMENTS, apart=st.sampled_from([-1, 0]), least=st.integers(1, 3))
@settings(deadline=None)
def test_native_is_the_reference(documents, apart, least):
    with kernels.use("reference"):
        expected = levels(documents, apart, least)
    with kernels.use("native"):
        got = levels(documents, apart, least)
    for some, others in zip(got, expected, strict=True):
        for one, other in zip(some, others, strict=True):
            np.testing.assert_array_equal(one, other)


@given(documents=DOCUMENTS, apart=st.sampled_from([-1, 0]), least=st.integers(1, 3))
@settings(deadline=None)
def test_numbers_may_be_written_over_those_of_the_level_before(documents, apart, least):
    tokens, offsets = laid_out(documents)
    for path in ("reference", "native"):
        with kernels.use(path):
            first = ngrams.count(tokens, offsets, None, 1, apart, least)[1]
            apart_from = ngrams.count(tokens, offsets, first, 2, apart, least)[1]
            level, over = ngrams.count(tokens, offsets, first, 2, apart, least, out=first)
        assert over is first
        np.testing.assert_array_equal(over, apart_from)
        assert len(level.table()[0]) == apart_from.max(initial=-1) + 1


@given(documents=DOCUMENTS, least=st.integers(1, 3), apart=st.sampled_from([-1, 0]))
@settings(deadline=None)
def test_the_kept_are_those_of_enough_documents(documents, least, apart):
    """Pruning level by level loses none: an n-gram's parts occur wherever it does."""
    tokens, _ = laid_out(documents)
    names = {}
    for size, (grams, *_) in enumerate(levels(documents, apart, least), 1):
        held = Counter()
        for row in documents:
            windows = {tuple(row[at : at + size]) for at in range(len(row) - size + 1)}
            held.update(w for w in windows if min(w) >= 0 and (apart < 0 or apart not in w[1:-1]))
        for at in np.flatnonzero(grams >= 0):
            names.setdefault((size, int(grams[at])), set()).add(tuple(tokens[at : at + size].tolist()))
        kept = [names[key] for key in names if key[0] == size]
        assert all(len(name) == 1 for name in kept)
        assert {next(iter(name)) for name in kept} == {w for w, count in held.items() if count >= least}


@given(documents=DOCUMENTS, others=DOCUMENTS)
@settings(deadline=None)
def test_found_again_in_other_documents(documents, others):
    answers = []
    for path in ("reference", "native"):
        with kernels.use(path):
            tokens, offsets = laid_out(documents)
            first, words = ngrams.count(tokens, offsets, None, 1)
            second, pairs = ngrams.count(tokens, offsets, words, 2)
            loaded = [ngrams.load(*level.table()[:2]) for level in (first, second)]
            np.testing.assert_array_equal(loaded[0].find(tokens, offsets, None, 1, -1), words)
            np.testing.assert_array_equal(loaded[1].find(tokens, offsets, words, 2, -1), pairs)
            tokens, offsets = laid_out(others)
            words = loaded[0].find(tokens, offsets, None, 1, -1)
            answers.append((words, loaded[1].find(tokens, offsets, words, 2, -1)))
    for native, reference in zip(*answers, strict=True):
        np.testing.assert_array_equal(native, reference)


@given(documents=DOCUMENTS)
@settings(deadline=None)
def test_distinct(documents):
    tokens, offsets = laid_out(documents)
    columns, counts, rows = ngrams.distinct(tokens, offsets, 4)
    for i, row in enumerate(documents):
        held = Counter(token for token in row if token >= 0)
        assert (
            dict(zip(columns[rows[i] : rows[i + 1]].tolist(), counts[rows[i] : rows[i + 1]].tolist(), strict=True))
            == held
        )
        assert columns[rows[i] : rows[i + 1]].tolist() == list(held)


def test_many_of_them():
    tokens = np.arange(100_000, dtype=np.int32) % 50_000
    level, grams = ngrams.count(tokens, np.array([0, 50_000, 100_000]), None, 1, least=2)
    np.testing.assert_array_equal(grams, tokens)
    assert set(level.table()[2].tolist()) == {2}
