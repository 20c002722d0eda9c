"""Texts are parted into what is learned from and what is held out, and candidates are fitted to the one alone."""

import time
import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.candidates.examples import Examples
from unspool.candidates.texts import ConvolutionTexts, LinearTexts, NGrams, VectorTexts, held_out
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.folds import first_fold, folds
from unspool.candidates.texts.held_out import (
    TooLongError,
    cross_validate,
    cross_validate_repeatedly,
    parts_to_choose_on,
    repeated_splits,
    splits,
)

from .candidates import FittedGuess, Guess

PAIRS = LinearTexts("pairs", 2.0, (NGrams("words", 1, 2),), c=10.0)


def test_a_fold_of_a_linear_model_is_the_model_of_its_texts(reviews, targets_of):
    """N-grams are found once in all texts; those of too few texts of the fold must not count."""
    target = targets_of["binary"]
    held = cross_validate(PAIRS, Examples(reviews[0], target, "binary"), [(np.arange(15), np.arange(15, 120))])
    alone = PAIRS.fit(reviews[0][:15], target[:15], "binary")
    expected = alone.scores(reviews[0][15:]) / alone.solution.scale[0]
    np.testing.assert_allclose(held.scores[15:], expected, rtol=1e-3, atol=1e-3)
    assert held.c == PAIRS.c
    assert np.isnan(held.scores[:15]).all()


def test_linear_models_of_many_texts_are_not_calibrated_within_a_part(reviews, targets_of, monkeypatch):
    monkeypatch.setattr(held_out, "SEVERAL", 100)
    target = targets_of["binary"]
    parts = [(np.arange(80), np.arange(80, 120))]
    held = cross_validate(PAIRS, Examples(reviews[0], target, "binary"), parts)
    plain = replace(PAIRS, calibrated=False).fit(reviews[0][:80], target[:80], "binary")
    np.testing.assert_allclose(held.scores[80:], plain.scores(reviews[0][80:]), rtol=1e-6)
    assert not np.allclose(held.scores[80:], PAIRS.fit(reviews[0][:80], target[:80], "binary").scores(reviews[0][80:]))


@pytest.mark.parametrize(
    "candidate",
    [
        LinearTexts("words", 1.0, (NGrams("words", 1, 2),)),
        VectorTexts("vectors", 1.0, width=16, longest=2, epochs=2),
        ConvolutionTexts("cnn", 1.0, filters=16, epochs=2),
    ],
)
def test_folds_that_are_fitted_at_the_same_time_have_the_scores_of_folds_fitted_in_turn(
    candidate, reviews, targets_of, monkeypatch
):
    found = []
    for usable in (1, 3):
        monkeypatch.setattr("unspool.cores.usable", lambda usable=usable: usable)
        target = targets_of["binary"]
        one = cross_validate(candidate, Examples(Corpus(reviews[0]), target, "binary"), splits(target, "binary"))
        found.append(one)
    np.testing.assert_array_equal(found[0].scores, found[1].scores)
    np.testing.assert_array_equal(found[0].spread, found[1].spread)
    assert found[0].c == found[1].c


def test_a_candidate_is_fitted_to_the_training_texts_of_a_fold_and_scores_the_others(reviews, targets_of):
    texts, target, fitted = reviews[0], targets_of["binary"], []

    class Noting(Guess):
        def fit(self, corpus, wanted, task, seed=0, *, classes=None):
            fitted.append((list(corpus), wanted.tolist(), classes))
            return Fitted("", task)

    class Fitted(FittedGuess):
        def scores(self, some):
            return np.array([[texts.index(text)] for text in some], float)

    parts = [(np.arange(0, 120, 2), np.arange(1, 40, 2)), (np.arange(1, 120, 2), np.arange(0, 40, 2))]
    held = cross_validate(Noting("noting", 1.0), Examples(texts, target, "binary"), parts, in_turn=True)
    assert fitted == [([texts[row] for row in rows], target[rows].tolist(), 1) for rows, _ in parts]
    assert held.scores[:40, 0].tolist() == [texts.index(text) for text in texts[:40]]
    assert np.isnan(held.scores[40:]).all()


def test_groups_stay_together():
    groups = np.arange(300) // 10
    for train, held in splits(np.arange(300) % 2, "binary", groups=groups):
        assert not set(groups[train]) & set(groups[held])


@pytest.mark.parametrize("many", [False, True])
def test_in_the_order_of_time_a_group_that_is_held_out_is_not_learned_from(many, monkeypatch):
    if many:
        monkeypatch.setattr(held_out, "SEVERAL", 100)
    times, groups, target = np.arange(200.0), np.arange(200) // 10, np.arange(200) % 2
    groups[195:] = 0  # one that comes back
    parts = splits(target, "binary", groups=groups, times=times)
    assert len(parts) == (1 if many else 5)
    inner = parts_to_choose_on(Examples([""] * 200, target, "binary", groups=groups, times=times), np.arange(200), 0)
    for train, held in (*parts, *inner):
        assert times[train].max() < times[held].min()
        assert not set(groups[train]) & set(groups[held])


@pytest.mark.parametrize("how", ["by chance", "by time", pytest.param("by group", marks=pytest.mark.slow)])
def test_the_parts_of_a_million_texts_take_little_memory_and_time(how):
    count, random = 1_000_000, np.random.default_rng(0)
    kept = {"by time": {"times": random.random(count)}, "by group": {"groups": random.integers(0, 50_000, count)}}
    target = random.integers(0, 4, count)
    tracemalloc.start()
    began = time.process_time()
    [(train, held)] = splits(target, "multiclass", **kept.get(how, {}))
    took, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(train) == held_out.LEARN
    assert 0.9 * held_out.HOLD < len(held) < 1.1 * held_out.HOLD
    assert most < 200e6
    assert took < 20
    if how == "by group":
        assert not set(kept[how]["groups"][train]) & set(kept[how]["groups"][held])
    if how == "by time":
        assert kept[how]["times"][train].max() < kept[how]["times"][held].min()


def test_many_groups_stay_whole_and_are_divided_by_class():
    random = np.random.default_rng(0)
    groups, target = random.permutation(np.arange(9_000) // 3), np.zeros(9_000, int)
    target[groups % 10 == 0] = 1  # all texts of a group have the same class
    parts = folds(target, "binary", 5, groups=groups, seed=1)
    assert sorted(np.concatenate([held for _, held in parts]).tolist()) == list(range(9_000))
    for train, held in parts:
        assert not set(groups[train]) & set(groups[held])
        assert len(train) + len(held) == 9_000
        assert target[held].sum() == 180
    np.testing.assert_array_equal(first_fold(target, "binary", 5, groups=groups, seed=1)[1], parts[0][1])


def test_of_a_group_with_most_of_many_texts_some_are_held_out():
    groups = np.concatenate((np.zeros(100_000, int), np.arange(1, 20_001)))
    for seed in range(4):
        [(train, held)] = splits(groups % 2, "binary", groups=groups, seed=seed)
        assert len(held) <= 2 * held_out.HOLD
        assert not set(groups[train]) & set(groups[held])


def test_the_first_part_is_that_of_all():
    target, groups = np.arange(300) % 3, np.arange(300) // 10
    for how in ({}, {"groups": groups}):
        for one, other in zip(
            first_fold(target, "multiclass", 6, seed=4, **how),
            folds(target, "multiclass", 6, seed=4, **how)[0],
            strict=True,
        ):
            np.testing.assert_array_equal(one, other)


def test_few_texts_are_parted_more_than_once(reviews, targets_of):
    noise = np.random.default_rng(1).random(120) < 0.1  # so that the penalty that does best depends on the split
    target = targets_of["binary"] ^ noise
    examples = Examples(Corpus(reviews[0]), target, "binary")
    repeats = repeated_splits(target, "binary", seed=3)
    assert len(repeats) == 5
    assert len({tuple(map(tuple, (held for _, held in parts))) for parts in repeats}) == 5
    any_c = LinearTexts("any", 1.0, PAIRS.ngrams)
    found = cross_validate_repeatedly(any_c, examples, repeats, seed=3)
    alone = [cross_validate(any_c, examples, parts, seed=3) for parts in repeats]
    np.testing.assert_array_equal(found.scores, np.concatenate([one.scores for one in alone]))
    assert found.c < max(one.c for one in alone)
    assert found.c == sorted(one.c for one in alone)[2]
    assert found.spread.shape == (600, 1)


def test_many_texts_and_the_order_of_time_are_parted_once():
    target = np.arange(900) % 2
    assert len(repeated_splits(target, "binary")) == 1
    assert len(repeated_splits(target[:100], "binary", times=np.arange(100.0))) == 1


def test_the_first_fold_predicts_the_time_of_longer_ones(reviews, targets_of, monkeypatch):
    """With times, the first fold learns from the fewest texts: here from a third of the mean."""
    moments = iter(np.arange(100.0))
    monkeypatch.setattr(held_out, "time", SimpleNamespace(perf_counter=lambda: next(moments)))
    parts = [(np.arange(size), np.arange(100, 120)) for size in (20, 60, 100)]
    examples = Examples(reviews[0], targets_of["binary"], "binary")
    vectors = VectorTexts("vectors", 1.0, width=16, longest=2, epochs=2)
    with pytest.raises(TooLongError) as caught:
        cross_validate(vectors, examples, parts, limit=26, in_turn=True)
    assert caught.value.seconds == 3.0 * 3 * 3  # the clock was read three times after its start
