"""Columns that may identify groups are named; those that restate the label, or may by chance, are not."""

import random

import pytest

from unspool.data.possible_groups import (
    group_of_series,
    may_identify,
    possible_group,
    words_on_group,
    words_on_group_of_series,
)

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


def test_a_column_with_one_value_in_several_series_is_named():
    values = {"who": [f"p{number // 4}" for number in range(80)]}
    assert group_of_series(values, [*"xy"] * 40) == group_of_series(values, None) == "who"
    assert "--group who" in words_on_group_of_series("who")[0]
    assert words_on_group_of_series(None) == ()


def test_numbers_as_labels_do_not_hide_a_group():
    values = {"who": [f"p{number // 4}" for number in range(80)]}
    assert group_of_series(values, list(range(80))) == "who"
    assert group_of_series(values, [0, 0, *range(2, 80)]) == "who"


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
        ("code", [f"c{number % 20}" for number in range(80)], False),  # another form of the label
        ("patient", ["x" if number < 40 else "y" for number in range(80)], True),
        ("Patient ID", ["1" if number < 40 else "2" for number in range(80)], True),
        ("name", [f"s{number}" for number in range(80)], False),  # another name of the series
        ("site", [f"p{number // 20}" for number in range(80)], False),  # few values
        ("unit", ["kg"] * 80, False),
    ],
)
def test_columns_of_series_that_may_be_something_else(name, values, named):
    assert (group_of_series({name: values}, [number % 20 for number in range(80)]) == name) == named


def test_one_of_several_columns_that_name_a_series_may_be_its_group():
    few = {"rig": [f"r{number // 20}" for number in range(80)], "run": [str(number % 20) for number in range(80)]}
    labels = [number % 20 for number in range(80)]
    assert group_of_series(few, labels, ["rig", "run"]) == "rig"
    assert group_of_series(few | {"person": few["rig"]}, labels, ["rig", "run"]) == "person"


@pytest.mark.parametrize(
    ("name", "cells", "may"),
    [
        ("site", ["north", "south"], True),
        ("subject", [1, 2], True),
        ("trial_no", [1, 2], True),
        ("height", [1.5, 2], False),
        ("day", ["2026-01-31", "2026-02-01"], False),
        ("note", ["this is a text of words"] * 2, False),
    ],
)
def test_names_and_numbers_of_persons_may_identify_groups(name, cells, may):
    assert may_identify(name, cells) == may
