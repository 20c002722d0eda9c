import datetime
from decimal import Decimal

import numpy as np
import pytest

from unspool.data.tables.problems import Flaw, Reason
from unspool.data.task import find_task, label_of
from unspool.errors import UserError


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (" good ", "good"),
        ("01", "01"),
        (1, "1"),
        (1.0, "1"),
        (2.5, "2.5"),
        (True, "true"),
        (np.float32(0.5), "0.5"),
        (np.int64(3), "3"),
        (np.str_("a"), "a"),
        (Decimal("1.50"), "1.50"),
        (["a", 1, "a"], ("a", "1")),
        ([], ()),
    ],
)
def test_a_cell_becomes_a_label(value: object, label: object) -> None:
    assert label_of(value) == label


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.NO_VALUE),
        ("  ", Reason.NO_VALUE),
        (["a", None], Reason.NO_VALUE),
        (float("nan"), Reason.NOT_FINITE),
        (float("-inf"), Reason.NOT_FINITE),
        (Decimal("NaN"), Reason.NOT_FINITE),
        (b"bytes", Reason.TYPE),
        ({"a": 1}, Reason.TYPE),
        (datetime.date(2026, 1, 1), Reason.TYPE),
    ],
)
def test_what_is_no_label_is_told(value: object, reason: Reason) -> None:
    flaw = label_of(value)
    assert isinstance(flaw, Flaw)
    assert flaw.reason == reason


@pytest.mark.parametrize(
    ("labels", "task", "why"),
    [
        (["pos", "neg"] * 3, "binary", "there are two labels, neg and pos"),
        (["0.5", "1.5"] * 3, "binary", "there are two labels, 0.5 and 1.5"),
        (["1", "2", "3"] * 3, "multiclass", "labels are only 3 different whole numbers"),
        ([str(n) for n in range(21)] * 2, "regression", "labels are 21 different whole numbers"),
        (["1", "2.5", "3"], "regression", "labels are numbers that are not all whole"),
        (["1e3", "-2", "0.1"], "regression", "labels are numbers that are not all whole"),
        (["a", "b", "c"] * 3, "multiclass", "there are 3 different labels"),
        (["1", "2", "unknown"] * 3, "multiclass", "there are 3 different labels"),
        ([str(n / 7) for n in range(100)] + ["n/a"], "regression", "labels are numbers that are not all whole"),
        (["a", "a|b", "b"], "multilabel", 'labels such as a|b hold "|"'),
        (["a", "a; b", "b"], "multilabel", 'labels such as a; b hold ";"'),
        ([("a",), ("a", "b"), ()], "multilabel", "labels are lists"),
    ],
)
def test_the_task_is_read_from_the_labels(labels: list[str], task: str, why: str) -> None:
    found = find_task(labels)
    assert (found.task, found.why) == (task, why)


@pytest.mark.parametrize(
    ("labels", "task", "separator"),
    [
        (["1", "2", "3"] * 3, "regression", None),
        (["1.5", "2.5", "3.5"], "multiclass", None),
        (["a|b", "c", "a|b"], "binary", None),
        (["a", "b"], "multilabel", None),
        (["a|b", "a|b"], "multilabel", "|"),
        (["a", "b"], "multiclass", None),
    ],
)
def test_the_task_can_be_forced(labels: list[str], task: str, separator: str | None) -> None:
    found = find_task(labels, task)  # type: ignore[arg-type]
    assert (found.task, found.why, found.separator) == (task, "it was asked for", separator)


@pytest.mark.parametrize(
    ("labels", "forced", "message"),
    [
        ([], None, "There are no labels"),
        (["good"] * 1200, None, "one label: all 1,200 examples have the label good"),
        (["good"] * 3, "multiclass", "one label: all 3 examples"),
        (["a", "b", "c"], "binary", "binary asks for two labels, but there are 3. Use multiclass"),
        (["a", "b"], "regression", "regression asks for numbers, but labels are such as a"),
        ([("a",), ("b",)], "multiclass", "multiclass asks for one label an example, but labels are lists"),
        (["a", "b"], "ranking", "no task 'ranking': it is one of binary, multiclass, multilabel, regression"),
        (
            [f"text {n}" for n in range(9)],
            None,
            "9 examples have 9 different labels, such as text 0: these are neither",
        ),
        ([f"text {n}" for n in range(1001)] * 3, None, "have 1,001 different labels"),
        (["x" * 100] * 2, None, f"have the label {'x' * 37}[.]{{3}}"),
    ],
)
def test_labels_that_suit_no_task_are_told(labels: list[str], forced: str | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        find_task(labels, forced)  # type: ignore[arg-type]
