"""What the tables of every kind of run are made of."""

from dataclasses import replace

import pytest

from unspool.evaluation.certificate import Check
from unspool.evaluation.result import Interval, Score, Verdict
from unspool.report.content import Cell, CheckRow, cell_of, check_rows, outcome, percent_cell, rate_drops, without_width


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ([], ""),
        ([0.1, 0.1, 0.1], ""),
        ([0.1, 0.1, 0.05], "epoch 3"),
        ([0.1, 0.05, 0.05, 0.02], "epochs 2 and 4"),
        ([4, 3, 2, 1], "epochs 2, 3 and 4"),
    ],
)
def test_lowered_learning_rates(result, rates, words):
    assert rate_drops(replace(result, history={"learning_rate": rates})) == words


def test_a_score_that_is_not_there_has_an_empty_cell():
    assert cell_of(str, None) == percent_cell(None) == Cell("", "")
    assert not without_width(None)


def test_each_number_of_a_score_is_said_alike():
    assert cell_of("{:.1f}".format, Score(2.0, Interval(1.0, 3.0))) == Cell("2.0", "1.0 to 3.0")


@pytest.mark.parametrize(
    ("low", "high", "beats", "expected"),
    [
        (0.1, 0.2, True, "better"),
        (-0.2, -0.1, True, "better"),
        (0.1, 0.2, False, "worse"),
        (-0.2, -0.1, False, "worse"),
        (-0.1, 0.1, False, "open"),
        (0.0, 0.1, False, "open"),
    ],
)
def test_the_outcome_of_a_verdict(low, high, beats, expected):
    assert outcome(Verdict("linear", "mse", (low + high) / 2, Interval(low, high), beats, "In words.")) == expected


def test_a_check_is_told_by_what_was_measured_and_what_is_allowed(result):
    passed, open_, _ = check_rows(result.certificate)
    assert passed == CheckRow("reload", "the model read from its file", "0", "0", "passed", "")
    assert (open_.measured, open_.bound, open_.outcome) == ("0.02", "", "does not apply")
    broken = replace(result.certificate, checks=(Check("bucket", "others", 1e-5, 0.3, False),))
    assert check_rows(broken) == [CheckRow("bucket", "others", "0.3", "1e-05", "not passed", "")]
