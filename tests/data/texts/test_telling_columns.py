import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.texts.side_columns import MISSING, SideColumns
from unspool.data.texts.telling_columns import TellingColumn, telling_columns

NAN = float("nan")
LABELS = ["lost", "saved"] * 50
BOTH = SideColumns(("number",), ("category",))


def found(numbers: list[float], categories: list[str], labels: list[Any] = LABELS) -> tuple[TellingColumn, ...]:
    return telling_columns(BOTH, list(zip(numbers, categories, strict=True)), labels, numbers=False)


def random_cells(seed: int = 0) -> tuple[list[float], list[str]]:
    random = np.random.default_rng(seed)
    return random.normal(size=100).tolist(), random.choice(["a", "b", "c"], 100).tolist()


def test_columns_that_have_nothing_to_do_with_the_label_are_not_named():
    assert found(*random_cells()) == ()


def test_it_is_named_if_its_cell_is_empty_only_beside_one_label():
    numbers, categories = random_cells()
    assert found([NAN if n % 2 else one for n, one in enumerate(numbers)], categories) == (
        TellingColumn("number", 1.0, empty=True),
    )
    assert found(numbers, [one if n % 2 else MISSING for n, one in enumerate(categories)]) == (
        TellingColumn("category", 1.0, empty=True),
    )


def test_it_is_named_if_its_numbers_or_categories_are_those_of_one_label():
    numbers, categories = random_cells()
    assert found([math.copysign(one, n % 2 - 0.5) for n, one in enumerate(numbers)], categories) == (
        TellingColumn("number", 1.0),
    )
    assert found(numbers, ["ab"[n % 2] for n in range(100)]) == (TellingColumn("category", 1.0),)


def test_a_few_exceptions_do_not_hide_it_but_more_do():
    numbers, _ = random_cells()
    for exceptions, named in ((1, True), (8, False)):
        categories = ["ab"[n % 2 if n >= exceptions else 1 - n % 2] for n in range(100)]
        assert bool(found(numbers, categories)) == named


def test_a_category_of_few_rows_tells_nothing():
    numbers, _ = random_cells()
    assert found(numbers, [f"id {n}" for n in range(100)]) == ()


def test_what_is_nearly_always_right_anyway_is_not_named():
    numbers, categories = random_cells()
    assert found(numbers, categories, ["usual"] * 99 + ["rare"]) == ()


def test_numbers_in_the_order_of_labels_that_are_numbers_are_named():
    random = np.random.default_rng(0)
    prices = random.lognormal(size=100)
    rows = [(one, other) for one, other in zip(np.log(prices), random.normal(size=100), strict=True)]
    names = SideColumns(("euro", "weight"))
    assert [one.name for one in telling_columns(names, rows, prices.tolist(), numbers=True)] == ["euro"]
    doubted = [(one + random.normal(), other) for one, other in rows]
    assert telling_columns(names, doubted, prices.tolist(), numbers=True) == ()


@pytest.mark.parametrize("labels", [["a", "b"] * 10, [("a", "b"), ("a",)] * 50])
def test_few_rows_and_several_labels_a_row_are_not_looked_at(labels: list[Any]):
    rows = [(float(n % 2), "ab"[n % 2]) for n in range(len(labels))]
    assert telling_columns(BOTH, rows, labels, numbers=False) == ()


@given(
    st.lists(
        st.tuples(st.one_of(st.just(NAN), st.floats(allow_nan=False, allow_infinity=False)), st.sampled_from("ab")),
        min_size=40,
        max_size=60,
    ),
    st.booleans(),
)
def test_any_cells_are_looked_at(rows: list[tuple[float, str]], numbers: bool):
    labels = [float(n % 7) if numbers else f"{n % 3}" for n in range(len(rows))]
    named = telling_columns(BOTH, rows, labels, numbers=numbers)
    assert {one.name for one in named} <= {"number", "category"}
