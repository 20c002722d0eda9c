"""Models that read columns beside a text take rows, and say what is wrong with one."""

import numpy as np
import pytest

import small
from unspool_runtime import InputError, Model, ModelError

ROWS = [
    {"review": "a fine film", "price": 2.0, "brand": "a", "other": 3},
    {"review": "?!", "price": None, "brand": None},
    {"review": "dull", "price": "NA", "brand": "new"},
    {"review": "dull", "price": 1e9, "brand": "b"},
]


@pytest.fixture
def load(tmp_path):
    return lambda tree, golden=None: Model.load(small.write(tmp_path, tree, golden))


def test_columns_change_the_answer(load, kernels):
    model = load(small.of_rows())
    assert (model.reads, model.task) == ("rows", "binary")
    found = model.outputs([ROWS[0] | {"price": price, "brand": brand} for price in (0, 3, None) for brand in "abc"])
    assert len({*found.ravel().round(9).tolist()}) == 9


def test_a_text_may_lie_in_the_columns_of_the_training(load, kernels):
    tree = small.of_rows()
    tree["reader"]["text"] = "title, body"
    model = load(tree)
    beside = {"price": 1, "brand": "a"}
    joined = model.outputs([beside | {"title, body": text} for text in ("a | fine film", " | dull")])
    apart = [beside | {"title": "a ", "body": "fine film"}, beside | {"title": None, "body": "dull"}]
    np.testing.assert_array_equal(model.outputs(apart), joined)
    with pytest.raises(InputError, match=r"Example 0 .* has no column 'body' \(text\)"):
        model.predict([beside | {"title": "a"}])


def test_unknown_categories_share_a_column(load, kernels):
    model = load(small.of_rows())
    unseen = [ROWS[0] | {"brand": brand} for brand in ("x", "", None, float("nan"), 7)]
    assert len({*model.outputs(unseen).ravel().tolist()}) == 1


def test_a_number_beyond_the_outer_knots_changes_no_more(load, kernels):
    model = load(small.of_rows())
    assert np.ptp(model.outputs([ROWS[0] | {"price": price} for price in (3.0, 3.1, 1e30)])) == 0


def test_an_answer_does_not_depend_on_the_other_rows(load, kernels):
    model = load(small.of_rows())
    alone = np.concatenate([model.outputs([row]) for row in ROWS])
    np.testing.assert_allclose(model.outputs(ROWS), alone, atol=1e-6)
    assert len(model.predict(ROWS)) == 4


def test_golden_rows_are_answered_again(load, kernels):
    model = load(small.of_rows())
    golden = {"examples": "rows", "tolerance": 1e-5, "rows": ROWS}
    golden |= {"labels": model.predict(ROWS), "outputs": model.outputs(ROWS)}
    assert load(small.of_rows(), golden).check().passed
    assert load(small.of_rows(), golden | {"rows": ROWS[::-1]}).check().agree < 4


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a fine film", r"Example 1 \(counted from 0\) is str, and this model reads rows: a dict with .*'brand'"),
        ({"review": "x", "brand": "a"}, r"Example 1 \(counted from 0\) has no column 'price' \(numeric\)"),
        ({"review": "x", "price": 1}, r"has no column 'brand' \(categorical\)"),
        ({"price": 1, "brand": "a"}, r"has no column 'review' \(text\)"),
        ({"review": " ", "price": 1, "brand": "a"}, r"Example 1 .*: the text in column review is empty or blank\."),
        ({"review": "\ud800", "price": 1, "brand": "a"}, "column review: it contains half a character"),
        ({"review": 3, "price": 1, "brand": "a"}, "the column 'review' holds int, where a text should be"),
        ({"review": "x", "price": "cheap", "brand": "a"}, "'price' holds 'cheap', which is not a finite number"),
        ({"review": "x", "price": "1_0", "brand": "a"}, "'price' holds '1_0', which is not a finite number"),
        ({"review": "x", "price": float("inf"), "brand": "a"}, "'price' holds 'inf', which is not a finite number"),
        ({"review": "x", "price": [1], "brand": "a"}, r"'price' holds '\[1\]', which is not a finite number"),
        ({"review": "x", "price": 1, "brand": ["a"]}, r"'brand' holds .* \(list\), where a category should be"),
        ({"review": "x", "price": 1, "brand": float("inf")}, r"'brand' holds 'inf' \(float\)"),
    ],
)
def test_a_row_that_cannot_be_read_is_told(load, row, message):
    with pytest.raises(InputError, match=message):
        load(small.of_rows()).predict([ROWS[0], row])


def changed(part, **values):
    tree = small.of_rows()
    place = tree
    for name in part:
        place = place[name]
    place.update(values)
    return tree


def test_trees_read_how_often_n_grams_occur_and_how_many_words_there_are(tmp_path, kernels, monkeypatch):
    monkeypatch.setattr("unspool_runtime.texts.models._AT_ONCE", 2)

    def scores(feature, threshold):
        nodes = {name: np.array(values, np.int32) for name, values in (("left", [1, 0, 0]), ("right", [2, 0, 0]))}
        nodes |= {"roots": np.zeros(1, np.int32), "feature": np.array([feature, -1, -1], np.int32)}
        nodes |= {"threshold": np.array([threshold, 0, 0]), "values": np.array([[0], [-1], [1]], np.float32)}
        model = {"kind": "tree texts", "ngrams": small.ngrams(), "trees": nodes, "link": "identity", "factor": 1.0}
        outputs = Model.load(small.write(tmp_path, small.of_texts(model))).outputs(
            ["a fine, a fine film", "film", "no"]
        )
        return (outputs.ravel() > 0.5).tolist()

    assert scores(0, 1.5) == [True, False, False]  # "a" twice
    assert scores(len(small.WORDS), 1.5) == [True, False, False]  # "a fine" twice
    assert scores(len(small.WORDS) + 1, 0.5) == [True, False, False]  # "fine film" once
    assert scores(len(small.WORDS) + 3, 0.5) == [True, True, False]  # known words
    assert scores(len(small.WORDS) + 3, 4.5) == [True, False, False]


LINEAR, TREES, BOTH = (("model", "parts", part) for part in range(3))


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (changed(("reader",), kind="texts"), "are not the columns that are read"),
        (changed(("reader",), numeric=[]), "are not the columns that are read"),
        (changed(("reader",), numeric=["price", "age"]), "are not the columns that are read"),
        (changed(("reader",), numeric=["brand"]), "not all different"),
        (changed(("reader",), numeric=["review"]), "not all different"),
        (changed((*LINEAR, "columns", "numbers", 0), knots=[1.0, 0.0]), "its knots do not rise"),
        (changed((*LINEAR, "columns", "numbers", 0), scale=0.0), "its scale is not positive"),
        (changed((*LINEAR, "columns", "numbers", 0), knots=[0.0, 1.0]), "column_coefficients"),
        (changed((*LINEAR, "columns", "categories", 0), names=["a", "a"]), "a category occurs twice"),
        (changed((*TREES, "trees"), feature=np.array([0, -1, -1, 6, -1, -1], np.int32)), "feature that does not exist"),
        (changed((*BOTH, "trees"), feature=np.array([17, -1, -1, 0, -1, -1], np.int32)), "feature that does not exist"),
        (changed((*BOTH, "ngrams"), levels=[]), "not one level for each length"),
        (changed(TREES, link="probit"), "link is 'probit'"),
    ],
)
def test_a_damaged_description_is_refused(load, tree, message):
    with pytest.raises(ModelError, match=message):
        load(tree)
