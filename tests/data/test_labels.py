import datetime
from decimal import Decimal

import numpy as np
import pytest

from unspool.data.labels import Label, as_number, label_of, label_of_cell, shown, type_of
from unspool.data.tables.problems import Flaw, Reason


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
    ("cell", "label"),
    [
        ('["a", "b"]', ("a", "b")),
        (' ["a;b"] ', ("a;b",)),
        ('["\\u00e9"]', ("é",)),
        ("['a', \"it's\"]", ("a", "it's")),  # as pandas writes a list to CSV
        ("[1, 2.5]", ("1", "2.5")),
        ("[]", ()),
        (["a"], ("a",)),
        ("[a]", "[a]"),
        ("['a' 'b']", "['a' 'b']"),
        ("[01]", "[01]"),
        ('["a\nb"]', '["a\nb"]'),
        ("['\\d']", "['\\d']"),
        ('[["a"]]', '[["a"]]'),
    ],
)
def test_a_list_in_the_text_of_a_cell_is_several_labels(cell: object, label: object) -> None:
    assert label_of_cell(cell) == label


def test_a_text_in_a_list_is_one_label() -> None:
    assert label_of_cell(['["a"]', "b"]) == ('["a"]', "b")


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
    ("value", "name"),
    [
        ("a", "text"),
        (np.str_("a"), "text"),
        (True, "a truth value"),
        (np.bool_(True), "a truth value"),
        (1, "a number"),
        (2.5, "a number"),
        (np.int64(3), "a number"),
        (["a"], "a list"),
        (("a",), "a list"),
        ({"body": "a"}, "an object"),
    ],
)
def test_types_that_a_column_must_not_mix_have_names(value: object, name: str) -> None:
    assert type_of(value) == name


@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("-3", -3.0),
        ("1e3", 1000.0),
        (" 2.5 ", 2.5),
        ("1_000", None),
        ("nan", None),
        ("-inf", None),
        ("1,5", None),
        ("", None),
        (("1",), None),
    ],
)
def test_a_label_is_a_number_where_it_is_a_finite_one(label: Label, number: float | None) -> None:
    assert as_number(label) == number


def test_a_long_label_is_cut_in_a_sentence() -> None:
    assert shown("x" * 40) == "x" * 40
    assert shown("x" * 41) == "x" * 37 + "..."
    assert shown(("a", "b")) == "a, b"
