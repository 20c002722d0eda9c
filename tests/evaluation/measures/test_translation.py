"""BLEU, chrF and exact match: sacrebleu's own figures, and the same from counts."""

import numpy as np
import pytest
from sacrebleu import corpus_bleu, corpus_chrf

from unspool.evaluation.measures.translation import (
    MEASURES,
    details_of,
    long_enough_for_bleu,
    sentence_scores,
    signature,
)
from unspool.evaluation.result import Predictions
from unspool.evaluation.scoring import score
from unspool.evaluation.text_arrays import as_array
from unspool.evaluation.translation_examples import chosen_examples

WANTED = ["a man walks in the park", "two dogs run on the beach", "a child eats", "the sun, at last, shines today"]
SAID = ["a man walks in a park", "two dogs run on the beach", "an old child", "the sun at last shines"]
Y, P = as_array(WANTED), as_array(SAID).astype(np.float64)


def test_figures_are_those_of_sacrebleu():
    assert MEASURES["bleu"].value(Y, P, 0.5) == corpus_bleu(SAID, [WANTED]).score
    assert MEASURES["chrf"].value(Y, P, 0.5) == corpus_chrf(SAID, [WANTED]).score
    assert MEASURES["exact_match"].value(Y, P, 0.5) == 0.25


@pytest.mark.parametrize("name", MEASURES)
def test_counts_give_what_repeated_examples_give(name):
    counts = np.array([[1, 1, 1, 1], [2, 0, 1, 3], [0, 3, 0, 0]])
    found = MEASURES[name].prepare(Y, P, 0.5)(counts.astype(np.float64))
    for row, figure in zip(counts, found, strict=True):
        times = np.repeat(np.arange(4), row)
        assert figure == pytest.approx(MEASURES[name].value(Y[times], P[times], 0.5))


def test_a_figure_lies_in_its_interval_and_is_said_in_points():
    scores = score(MEASURES, Predictions(Y, P), resamples=200)
    bleu = scores["bleu"]
    assert bleu.interval.low < bleu.value < bleu.interval.high
    assert MEASURES["bleu"].say(40.849) == "40.8"
    assert MEASURES["bleu"].say_difference(10.0, bleu.interval).startswith("+10.0 points (95% interval ")


def test_details_tell_signatures_and_lengths():
    found = details_of(Predictions(Y, P))
    assert found["signatures"] == {"BLEU": signature("bleu"), "chrF": signature("chrf")}
    assert "tok:13a" in signature("bleu")
    words = found["words"]
    assert words["references"][1] == 6
    assert words["ratio"] == pytest.approx(20 / 21)
    assert (words["shorter"], words["longer"]) == (0.25, 0.0)


def test_a_report_shows_the_best_the_median_and_the_worst():
    found = chosen_examples(["s0", "s1", "s2", "s3"], Predictions(Y, P), sentence_scores(Y, P))
    assert [one.place for one in found] == ["best", "median", "worst"]
    assert (found[0].source, found[0].score) == ("s1", 100.0)
    assert found[2].source == "s2"
    assert found[0].score > found[1].score > found[2].score
    errors = np.array([2.0, 0.0, 3.0, 1.0])
    found = chosen_examples(["s0", "s1", "s2", "s3"], Predictions(Y, P), errors, higher_is_better=False)
    assert [(one.place, one.source) for one in found] == [("best", "s1"), ("median", "s3"), ("worst", "s2")]


def test_texts_that_are_split_into_words_are_scored_without_a_word(caplog):
    texts = as_array(["a man walks ."] * 200)
    assert MEASURES["bleu"].value(texts, texts, 0.5) == pytest.approx(100)
    assert not caplog.records


@pytest.mark.parametrize(
    ("references", "enough"),
    [
        (["a man walks here", "a man"], True),
        (["a man walks here", "a man", "a dog"], False),
        (["2031-03-14"], True),  # five words to BLEU
        (["今天天气很好我们去散步"], False),
        (["a man walks here"] * 1500 + ["hello"] * 1499, True),
        (["a man walks here"] * 1500 + ["hello"] * 1600, False),
    ],
)
def test_texts_of_few_words_are_too_short_for_bleu(references, enough):
    assert long_enough_for_bleu(references) == enough
    if len(references) == 1:
        assert (corpus_bleu(references, [references]).score > 0) == enough


def test_bleu_is_undefined_where_no_reference_has_four_words():
    words = as_array(["one", "two", "three"])
    figures = score(MEASURES, Predictions(words, words), resamples=10).figures
    assert "bleu" not in figures
    assert figures["exact_match"].value == 1
    longer = as_array(["one", "two", "one two three four"])
    assert score(MEASURES, Predictions(longer, longer), resamples=10).figures["bleu"].value == pytest.approx(100)


def test_each_meaning_stands_alone():
    """The report begins with the measure of the verdict, whichever it is; captions are no translations."""
    assert not [one for one in MEASURES.values() if "the same" in one.meaning or "translation" in one.meaning]
