"""Test examples that a model was trained on, in files of every kind: found, counted, and scored apart."""

import json

import numpy as np
import pytest

from unspool.evaluation.result import Baseline, Predictions
from unspool.evaluation.scoring import score
from unspool.evaluation.verdict import verdict
from unspool.runs.reading.prepare_file import prepare_file
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.seen_in_test import on_seen, seen_in_test
from unspool.runs.trained import Trained
from unspool.tasks import Binary

BINARY = Binary(("no", "yes"))
LABELS = np.tile([0, 1], 50)
UNTRAINED = Trained(None, {}, 0, 0, 0.0)


def text_of(number):
    return f"a {'fine' if number % 2 else 'dull'} film with number{number // 2}"


def texts(path, numbers):
    rows = [{"text": text_of(number), "label": "no" if number % 2 else "yes"} for number in numbers]
    path.write_text("\n".join(map(json.dumps, rows)))


def rated(path, numbers):
    rows = [{"text": text_of(number), "label": number + 0.5} for number in numbers]
    path.write_text("\n".join(map(json.dumps, rows)))


def tagged(path, numbers):
    rows = [{"tokens": text_of(number).split(), "tags": list("xyxyx")} for number in numbers]
    path.write_text("\n".join(map(json.dumps, rows)))


def pairs(path, numbers):
    """A test pair has another target than the training pair of its source, as a word may have several right answers."""
    rows = [{"source": text_of(number), "target": f"{path.name} {number}"} for number in numbers]
    path.write_text("\n".join(map(json.dumps, rows)))


def rows_of_numbers(path, numbers):
    rows = [f"{number % 7},{number},{number % 3},{'no' if number % 2 else 'yes'}" for number in numbers]
    path.write_text("\n".join(["t0,t1,t2,state", *rows]))


@pytest.mark.parametrize(
    ("write", "named"),
    [
        (texts, {"kind": "text"}),
        (rated, {"kind": "text"}),
        (tagged, {"kind": "tokens"}),
        (pairs, {"kind": "pairs"}),
        (rows_of_numbers, {"kind": "series"}),
    ],
)
def test_they_are_found_in_files_of_every_kind(write, named, tmp_path):
    ending = "csv" if write is rows_of_numbers else "jsonl"
    path, test = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    write(path, range(60))
    write(test, [*range(20), *range(100, 110)])

    def resolve(settings, task, examples):
        return recipe_for(settings, task, examples, [], 0)

    settings = FileSettings(path=str(path), test=str(test), **named)
    _, prepared = prepare_file(settings, 0, resolve, TrainingLog(), lambda text: None)
    assert seen_in_test(prepared, UNTRAINED).tolist() == [True] * 20 + [False] * 10


def baseline(wrong):
    outputs = right_but(wrong)
    return Baseline("strong", "the strong one", score(BINARY.measures, Predictions(LABELS, outputs), 0.5), outputs, 1.0)


def right_but(wrong):
    outputs = np.where(LABELS == 1, 0.9, 0.1)
    outputs[wrong] = 1 - outputs[wrong]
    return outputs


def said(seen, wrong, same=None, shared=None):
    strong, predictions = baseline(np.arange(50, 60)), Predictions(LABELS, right_but(wrong))
    found = verdict(BINARY.measures, predictions, 0.5, [strong], resamples=100, same=same)
    how = {"same": same, "shared": shared, "resamples": 100}
    return on_seen(seen, found, BINARY.measures, predictions, 0.5, [strong], **how)


def test_scores_of_the_others_stand_beside_those_of_all():
    seen = np.arange(100) < 40
    words = said(seen, np.arange(60, 90))
    assert words.startswith(
        "Of the 100 test examples, 40 also occur in training or validation, so the scores may be too high. On the "
        "other 60, this model has an accuracy of 50.0% and the strong one of 83.3%, a difference of -33.3 points (95% "
        "interval"
    )
    for count, words in ((1, "1 shares its source with one in"), (2, "2 share their source with one in")):
        assert f", {words} training or validation, so" in said(np.arange(100) < count, [], shared="source")
    assert said(seen, np.arange(60, 90), same="strong").endswith(
        " On the other 60, this model has an accuracy of 50.0%."
    )


def test_scores_are_not_called_too_high_where_the_others_are_higher():
    words = said(np.arange(100) < 40, np.arange(10, 40))
    assert words.startswith(
        "Of the 100 test examples, 40 also occur in training or validation. On the other 60, this model has an "
        "accuracy of 100.0% and"
    )


def test_nothing_is_said_of_none_and_no_score_is_given_for_too_few_others():
    assert said(np.zeros(100, dtype=bool), []) == ""
    all_but_one = np.arange(100) < 99
    assert said(all_but_one, []).endswith("so the scores may be too high.")
