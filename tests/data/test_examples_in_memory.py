"""Examples in memory: the texts, tokens and series of data frames, lists and arrays."""

import numpy as np
import pytest

from unspool.data.examples_in_memory import series_of, texts_of, tokens_of
from unspool.data.texts.side_columns import SideColumns
from unspool.errors import UserError

pandas = pytest.importorskip("pandas")

ROWS = {"text": ["a fine film", "a bore, größer"], "stars": [4, 1]}


def test_texts_of_a_frame_or_a_list():
    frame = pandas.DataFrame(ROWS)
    assert texts_of(frame, "text") == texts_of(ROWS["text"], None) == texts_of(np.array(ROWS["text"]), None)
    assert texts_of(frame[["text"]], None) == ROWS["text"]
    for data, column, message in (
        (frame, "review", r"no column 'review'\. Its columns are text, stars"),
        (frame, None, "has no column None"),
        (frame, "stars", r"Entry 0 \(counted from 0\) is 4, and a text was expected"),
        (["a", None], None, r"Entry 1 \(counted from 0\) is None"),
        (["a", ""], None, r"Entry 1 \(counted from 0\) is empty or blank\. Leave it out\."),
        (["a", " \n"], None, r"Entry 1 \(counted from 0\) is empty or blank"),
        (["\ud800"], None, r"Entry 0 \(counted from 0\): it contains half a character, U\+D800\. Remove it\."),
    ):
        with pytest.raises(UserError, match=message):
            texts_of(data, column)


def test_the_column_of_tokens_is_found_by_its_usual_names_unless_it_is_known():
    tokens = [["Ada", "wrote"], ["Oslo"]]
    for name in ("tokens", "words"):
        assert tokens_of(pandas.DataFrame({"id": [1, 2], name: tokens}), None) == [*map(tuple, tokens)]
    with pytest.raises(UserError, match=r"no column 'tokens'\. Its columns are said"):
        tokens_of(pandas.DataFrame({"said": tokens}), None)
    with pytest.raises(UserError, match=r"no column 'said'\. Its columns are tokens"):
        tokens_of(pandas.DataFrame({"tokens": tokens}), "said")


def test_rows_are_read_as_a_frame_of_them_where_columns_stand_beside_the_text():
    side = SideColumns(("price",), ("brand",))
    rows = [
        {"title": "Fine", "body": "a gift", "price": 20, "brand": "Acme"},
        {"title": None, "body": "dull", "price": None, "brand": "", "more": 1},
        {"title": "", "body": "fun", "price": "3.5", "brand": None},
    ]
    for column in ("body", "title,body"):
        found, expected = texts_of(rows, column, side), texts_of(pandas.DataFrame(rows), column, side)
        assert found == expected
        assert repr([row.cells for row in found]) == repr([row.cells for row in expected])  # NaN is unlike itself
    with pytest.raises(UserError, match=r"Entry 1 \(counted from 0\) has no column 'price'"):
        texts_of([rows[0], {"body": "fun", "brand": "x"}], "body", side)
    with pytest.raises(UserError, match=r"Entry 0 \(counted from 0\) is {'body': 'fun'}, and a text was expected"):
        texts_of([{"body": "fun"}], "body")


def test_a_number_too_large_for_32_bits_becomes_infinite_without_a_warning():
    assert np.isinf(series_of([np.array([[1e300, 1.0]])])[0][0, 0])


def test_series_of_arrays_and_lists():
    assert series_of(np.zeros((2, 3)))[0].shape == (3, 1)
    assert [one.shape for one in series_of([np.zeros((4, 2)), np.zeros((1, 2))])] == [(4, 2), (1, 2)]
    gap = np.array([[1.0], [np.nan], [3.0], [np.nan]])
    assert np.isnan(series_of([gap])[0][:, 0]).tolist() == [False, True, False]
    for data, channels, message in (
        ([np.zeros((4, 2)), np.zeros((4, 3))], None, r"Entry 1 .*shape \(4, 3\), and a series \(steps, 2\)"),
        ([np.zeros((4, 2))], 3, r"a series \(steps, 3\) was expected"),
        ([[1.0], ["a"]], None, "Entry 1 .* is not a series of numbers"),
        (
            np.zeros((2, 3, 4, 4)),
            None,
            r"Entry 0 .*Flatten each step: entry\.reshape\(len\(entry\), -1\)",
        ),
    ):
        with pytest.raises(UserError, match=message):
            series_of(data, channels)
