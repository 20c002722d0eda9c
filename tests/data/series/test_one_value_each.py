"""Columns with one value in each series are told from others, however the rows are cut and mixed."""

import pytest

from unspool.data.series.one_value_each import OneValueEach
from unspool.data.tables.table import Chunk

SERIES = [f"s{row // 10}" for row in range(80)]


def found(values, size=7):
    beside = OneValueEach("id", ["of"])
    for begin in range(0, 80, size):
        cells = {"id": SERIES[begin : begin + size], "of": values[begin : begin + size]}
        beside.add(Chunk([], cells, []))
    return beside.of(["s1", "s0"])


def test_values_are_gathered_over_chunks():
    assert found([f"p{row // 20} " for row in range(80)]) == {"of": ["p0", "p0"]}
    assert found([row // 10 for row in range(80)]) == {"of": ["1", "0"]}


@pytest.mark.parametrize(
    "values",
    [
        [f"p{row}" for row in range(80)],
        ["x"] * 75 + ["y"] * 5,  # differs in the last series, long after the first rows
        ["x"] * 79 + [""],
        ["x"] * 79 + [float("nan")],
        ["x"] * 79 + [None],
    ],
)
def test_columns_that_change_or_lack_a_value_are_given_up(values):
    assert found(values) == {}
