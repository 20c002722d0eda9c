"""Cells beside a text, and their encoding."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tables.problems import Flaw, Reason
from unspool.data.texts.side_columns import SideColumns, TextRow, cells_of, side_columns_that_fit
from unspool.data.texts.side_encoder import LEAST, MOST, SideEncoder

SIDE = SideColumns(("price", "age"), ("brand",))


def test_cells_become_numbers_and_categories():
    price, age, brand = SIDE.parse(["", 3, True])
    assert np.isnan(price)
    assert (age, brand) == (3.0, "true")
    assert all(np.isnan(SIDE.parse([cell, 1, "a"])[0]) for cell in ("NA", "n/a", " null ", "?", "NaN", None))
    assert SIDE.parse([1, 2, "NA"])[2] == "NA"
    assert SIDE.parse([1, 2, 7.0])[2] == "7"
    assert SIDE.parse([1, 2, None])[2] == SIDE.parse([1, 2, " "])[2] == ""


@pytest.mark.parametrize(
    ("cells", "reason", "column"),
    [
        (["cheap", 1, "a"], Reason.NOT_FINITE, "price"),
        ([1, "inf", "a"], Reason.NOT_FINITE, "age"),
        ([1, 1e39, "a"], Reason.NOT_FINITE, "age"),
        ([1, 2, ["a"]], Reason.TYPE, "brand"),
    ],
)
def test_what_is_neither_is_a_flaw_of_its_column(cells, reason, column):
    flaw = SIDE.parse(cells)
    assert isinstance(flaw, Flaw)
    assert (flaw.reason, flaw.column) == (reason, column)


def test_a_row_without_a_text_keeps_what_stands_there():
    found = list(SideColumns(("x",)).rows(["a", None, 3], {"x": [1, "word", "word"]}))
    assert found == ["a", None, 3]
    assert found[0].cells == (1.0,)


def test_texts_with_different_cells_are_refused():
    assert cells_of(["a", "b"]) == [(), ()]
    with pytest.raises(ValueError, match="different cells"):
        cells_of([TextRow("a", (1.0,)), "b"])
    with pytest.raises(ValueError, match="different cells"):
        cells_of([TextRow("a", (1.0,)), TextRow("b", ("x",))])


def test_a_row_can_be_copied_and_its_text_alone_is_plain():
    row = TextRow("a film", (1.0, "x"))
    for one in (copy.deepcopy(row), pickle.loads(pickle.dumps(row))):
        assert (one, one.cells) == (row, row.cells)
    assert type(str(row)) is str


def test_columns_that_fit_are_numbers_that_do_not_name_rows_and_few_categories():
    sample = {
        "row": ["1", "4", "2", "3"],
        "price": ["3", "NA", "1", "1"],
        "weight": [0.5, 0.25, 1, 2],
        "same": ["1", "1", "1", "1"],
        "brand": ["a", "b", "a", "b"],
        "name": ["p", "q", "r", "s"],
        "empty": [None] * 4,
    }
    assert side_columns_that_fit(sample, sample, 20) == SideColumns(("price", "weight"), ("brand",))


def test_booleans_are_suggested_as_categories_whether_of_json_or_csv():
    """As a number, `true` of JSON was read, but `True` of the same table as CSV was refused."""
    for cells in ([True, False, None, True], ["True", "False", "", "True"]):
        assert side_columns_that_fit({"vip": cells}, ["vip"], 20) == SideColumns((), ("vip",))


def test_numbers_are_standardised_and_missing_ones_are_the_mean_and_marked():
    rows = [(1.0,), (3.0,), (float("nan"),), (5.0,)]
    encoder = SideEncoder.fit(rows)
    found = encoder.encode(rows)
    np.testing.assert_allclose(found[:, 0], np.array([-2, 0, 0, 2]) / np.std([1, 3, 5]), rtol=1e-6)
    assert found[:, 1].tolist() == [0, 0, 1, 0]
    assert SideEncoder.fit([(float("nan"),)] * 3).encode([(2.0,)]).tolist() == [[0.0, 0.0]]
    assert SideEncoder.fit([(7.0,)] * 3).encode([(8.0,), (float("nan"),)]).tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_one_number_far_from_all_others_leaves_them_apart():
    """A single 999999 made the others equal, so that no model could learn anything from the column."""
    numbers = [float(n) for n in range(101)]
    encoder = SideEncoder.fit([(one,) for one in [*numbers, 999_999.0]])
    found = encoder.encode([(20.0,), (80.0,), (999_999.0,)])[:, 0]
    assert found[1] - found[0] > 0.3
    assert found[2] > found[1]
    assert SideEncoder.fit([(0.0,)] * 99 + [(5.0,)]).encode([(0.0,), (5.0,)])[:, 0].std() > 1  # mostly zeros


def test_the_slope_may_change_at_the_quintiles_and_is_none_beyond_the_range():
    encoder = SideEncoder.fit([(float(n),) for n in range(101)])
    (numbers,) = encoder.numbers
    np.testing.assert_allclose(np.array(numbers.knots) * numbers.scale + numbers.mean, [0, 20, 40, 60, 80, 100])
    assert encoder.width == 6
    found = encoder.encode([(70.0,), (100.0,), (1e30,), (-5.0,), (0.0,)])
    np.testing.assert_allclose(found[0, 2:] * numbers.scale, [50, 30, 10, 0], atol=1e-4)
    assert np.array_equal(found[1], found[2])
    assert np.array_equal(found[3], found[4])


def test_rare_and_unseen_categories_share_a_column_and_an_empty_cell_is_a_category():
    encoder = SideEncoder.fit([("a",)] * LEAST + [("",)] * LEAST + [("rare",)] * (LEAST - 1))
    assert encoder.categories == (("", "a"),)
    assert encoder.encode([("",), ("a",), ("rare",), ("new",)]).tolist() == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [0, 0, 1],
    ]
    many = SideEncoder.fit([(str(n),) for n in range(MOST + 50)] * LEAST)
    assert many.width == MOST + 1


def test_a_category_is_known_however_its_number_or_boolean_is_written():
    encoder = SideEncoder.fit([("1",)] * LEAST + [("-2.50",)] * LEAST + [("a",)] * LEAST)
    for written, known in (("1.0", "1"), ("01", "1"), ("-2.5", "-2.50"), ("true", "True"), ("FALSE", "false")):
        np.testing.assert_array_equal(encoder.encode([(written,)]), encoder.encode([(known,)]))
    for new in ("10", "-1", "1e0", "1,0", "A", "", "2.5", "\u0661"):
        assert encoder.encode([(new,)]).tolist() == [[0, 0, 0, 1]]
    both = SideEncoder.fit([("1",)] * LEAST + [("1.0",)] * LEAST)
    assert both.encode([("1",), ("1.0",), ("1.00",)]).tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0]]


def test_rows_of_other_columns_are_refused():
    encoder = SideEncoder.fit([(1.0, "a")] * 5)
    for row in [(1.0,), ("a", 1.0), (), (1.0, "a", "b")]:
        with pytest.raises(ValueError, match="not those that the model reads"):
            encoder.encode([row])


@given(st.lists(st.tuples(st.one_of(st.just(float("nan")), st.floats(-1e30, 1e30)), st.text()), min_size=1))
def test_any_cells_become_finite_numbers_and_the_state_gives_the_encoder_again(rows):
    encoder = SideEncoder.fit(rows)
    found = encoder.encode(rows)
    assert found.shape == (len(rows), encoder.width)
    assert np.isfinite(found).all()
    again = SideEncoder.from_state(encoder.state())
    assert np.array_equal(again.encode(rows), found)


@pytest.mark.parametrize(
    "change",
    [
        {"numbers": [{"mean": 1.0, "scale": 0.0, "knots": []}]},
        {"numbers": [{"mean": float("nan"), "scale": 1.0, "knots": []}]},
        {"numbers": [{"mean": 1.0, "scale": 1.0, "knots": [1.0, 1.0]}]},
        {"numbers": [{"mean": "x", "scale": 1.0, "knots": []}]},
        {"numbers": [{"mean": 1.0, "scale": 1.0, "knots": [*map(float, range(7))]}]},
        {"categories": [["a", "a"]]},
        {"categories": [[str(number) for number in range(MOST + 1)]]},
    ],
)
def test_a_damaged_state_is_refused(change):
    state = SideEncoder.fit([(1.0, "a"), (2.0, "b")] * 5).state()
    with pytest.raises(ValueError):  # noqa: PT011 (each has its own message)
        SideEncoder.from_state(state | change)
