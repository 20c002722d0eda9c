"""Columns that may identify groups are named; those that restate the label, or may by chance, are not."""

import random

import pytest

from unspool.data.possible_groups import possible_group, words_on_group, words_on_group_of_series

CUSTOMERS = [f"c{row // 4}" for row in range(120)]


def labelled(label):
    return {"customer": CUSTOMERS, "mood": label}


def test_a_column_whose_values_have_one_label_each_is_named():
    own = random.Random(0).choices("ab", k=30)
    found = possible_group(labelled([own[row // 4] for row in range(120)]), ["customer"], "mood")
    assert "hold out whole groups: --group customer" in words_on_group(found)[0]


@pytest.mark.parametrize(
    "labels",
    [
        ["a", "b"] * 60,  # not the same within a customer
        ["a"] * 116 + ["b"] * 4,  # nearly all the same: may be chance
        CUSTOMERS,  # the label itself
    ],
)
def test_other_columns_are_not_named(labels):
    assert not possible_group(labelled(labels), ["customer"], "mood")


def test_each_row_of_its_own_is_no_group():
    cells = {"id": [str(row) for row in range(120)], "mood": ["a", "b"] * 60}
    assert not possible_group(cells, ["id"], "mood")


def series(**columns):
    return {"series": [f"s{row // 10}" for row in range(80)], "label": [*"xy"] * 40} | columns


def test_a_column_with_one_value_in_several_series_is_named():
    cells = {"series": [f"s{row // 2}" for row in range(80)], "who": [f"p{row // 4}" for row in range(80)]}
    cells["label"] = [*"xy"] * 40
    assert "--group who" in words_on_group_of_series(cells, ["who"], "series", "label")[0]
    assert not words_on_group_of_series(cells | {"label": ["x"] * 80}, ["who"], "series", "label")


def test_a_quantity_or_a_text_that_tells_the_label_is_no_group():
    score = [row // 4 for row in range(120)]
    label = ["yes" if one >= 15 else "no" for one in score]
    assert possible_group({"score": score, "mood": label}, ["score"], "mood") is None
    assert possible_group({"customer_id": score, "mood": label}, ["customer_id"], "mood") == "customer_id"
    texts = [f"this is the text number {one}" for one in score]
    assert possible_group({"clean": texts, "mood": label}, ["clean"], "mood") is None


@pytest.mark.parametrize(
    ("name", "values", "named"),
    [
        ("code", ["x" if row < 40 else "y" for row in range(80)], False),  # as many values as labels
        ("patient", ["x" if row < 40 else "y" for row in range(80)], True),  # but a name that groups usually have
        ("who", [f"p{row}" for row in range(80)], False),  # several values in a series
        ("name", [f"s{row // 10}" for row in range(80)], False),  # another name of the series
        ("note", ["once" if row < 20 else "" for row in range(80)], False),  # mostly empty
        ("site", [f"p{row // 20}" for row in range(80)], False),  # few values
        ("height", [row // 20 * 1.5 for row in range(80)], False),
    ],
)
def test_columns_of_series_that_may_be_something_else(name, values, named):
    assert bool(words_on_group_of_series(series(**{name: values}), [name], "series", "label")) == named
