"""The task summary: what it is scored by, and beside what."""

import sys

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.result import Predictions
from unspool.evaluation.text_arrays import as_array, texts_of
from unspool.tasks import Summary

DOCUMENTS = [f"Number {n} is big. It is a number." for n in range(6)]
SUMMARIES = [f"Number {n} is big." for n in range(6)]


def test_it_stands_beside_the_first_sentence_and_the_nearest_document():
    _, task = Summary.fitted(DOCUMENTS, SUMMARIES)
    part = RawPart(lambda: DOCUMENTS, task.truth(task.encode(SUMMARIES)))
    lead, nearest = task.simple_models(RawParts(part, part, part, task.measures["rouge_2"]))
    assert nearest.title == "the summary of the nearest training document (TF-IDF)"  # in the words of a verdict
    assert texts_of(lead.outputs) == texts_of(nearest.outputs) == SUMMARIES
    assert (lead.held_out, nearest.held_out) == (100, 100)


def test_its_scores_say_how_they_are_computed():
    _, task = Summary.fitted(DOCUMENTS, SUMMARIES)
    said = np.asarray(as_array(SUMMARIES[1:] + SUMMARIES[:1]), float)
    scores = task.scores(Predictions(task.truth(task.encode(SUMMARIES)), said), None, resamples=100)
    assert list(scores.figures) == ["rouge_l", "rouge_1", "rouge_2"]
    assert scores["rouge_l"].value == 75
    assert "no stemming" in scores.details["signatures"]["ROUGE"]


def test_what_a_score_needs_is_asked_for_before_training(monkeypatch):
    monkeypatch.setitem(sys.modules, "rouge_score.rouge_scorer", None)
    with pytest.raises(UserError, match=r"pip install 'unspool\[summary\]'"):
        Summary.fitted(DOCUMENTS, SUMMARIES)
