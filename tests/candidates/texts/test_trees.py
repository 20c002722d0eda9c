"""Trees over counts of n-grams."""

import numpy as np
import pytest

from unspool.candidates.examples import Examples
from unspool.candidates.texts import LinearTexts, NGrams, choose, compare, from_state, load
from unspool.candidates.texts import trees as module
from unspool.candidates.texts.candidate import Limits
from unspool.candidates.texts.trees import COLUMN_TREES, COUNT_TREES, TreesTexts
from unspool.data.texts.side_columns import TextRow

CHARACTERS = NGrams("characters", 1, 2)
LINEAR = LinearTexts("linear", 1.0, (CHARACTERS,), "counts", c=1.0, calibrated=False)
TREES = TreesTexts("trees", 2.0, CHARACTERS)


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch):
    monkeypatch.setattr(module, "ROUNDS", 20)


@pytest.fixture(scope="module")
def together():
    """400 texts, and whether both a and b or neither occurs: either letter alone tells nothing."""
    rng = np.random.default_rng(0)
    has = rng.integers(0, 2, (400, 2))
    letters = [[*rng.choice([*"cdefgh"], 6), *("a" * a), *("b" * b)] for a, b in has]
    return ["".join(rng.permutation(one)) for one in letters], (has[:, 0] == has[:, 1]).astype(int)


def right(model, texts, target):
    return float(np.mean((model.outputs(texts) > 0.5) == target))


def test_trees_learn_what_n_grams_mean_together(together):
    texts, target = together
    assert right(TREES.fit(texts[:300], target[:300], "binary"), texts[300:], target[300:]) > 0.95
    assert right(LINEAR.fit(texts[:300], target[:300], "binary"), texts[300:], target[300:]) < 0.7


def test_they_read_counts_lengths_and_columns(together):
    texts, _ = together
    longer = [text * (1 + place % 3) for place, text in enumerate(texts)]
    rows = [TextRow(text, (float(place % 5),)) for place, text in enumerate(longer)]
    numbers = np.array([len(row) + 10 * row.cells[0] for row in rows])
    model = TREES.fit(rows[:300], numbers[:300], "regression")
    assert np.abs(model.outputs(rows[300:]) - numbers[300:]).mean() < 2
    assert model.side is not None


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_several_labels(together, task):
    texts = together[0]
    has = np.array([["a" in text, "b" in text] for text in texts]).astype(int)
    given = has if task == "multilabel" else has.sum(axis=1)
    found = TREES.fit(texts[:300], given[:300], task).outputs(texts[300:])
    answers = found > 0.5 if task == "multilabel" else found.argmax(axis=1)
    assert np.mean(answers == given[300:]) > 0.95


def test_only_the_n_grams_of_most_texts_are_counted(together, monkeypatch):
    texts, target = together
    monkeypatch.setattr(module, "MOST_NGRAMS", 12)
    model = TREES.fit([*texts, *["xyz"] * 2], [*target, 0, 0], "binary")
    names = model.reader.names()
    assert len(names) == 12
    assert {" ", "a", "b"} <= {*names}
    assert not {"x", "xy"} & {*names}
    assert {name[0] for name in names} | {name[-1] for name in names} <= {*names}  # the parts of each n-gram
    counts = model.reader.read(["ab a"]).toarray()[0]
    assert dict(zip(names, counts.tolist(), strict=True)) == {one: " ab a ".count(one) for one in names}


def test_many_texts_are_drawn_from(together, monkeypatch):
    texts, target = together
    monkeypatch.setattr(module, "MOST_EXAMPLES", 150)
    model = TREES.fit(texts, target, "binary")
    assert right(model, texts, target) > 0.9
    assert np.array_equal(model.outputs(texts), TREES.fit(texts, target, "binary").outputs(texts))


def test_a_saved_model_says_the_same_bits_and_a_text_alone_too(together, tmp_path):
    texts, target = together
    model = TREES.fit(texts, target, "binary")
    model.rescale(0.7)
    model.save(tmp_path)
    again = load(tmp_path)
    assert np.array_equal(again.outputs(texts), model.outputs(texts))
    assert np.array_equal(np.concatenate([again.outputs([text]) for text in texts[:9]]), model.outputs(texts[:9]))
    assert again.outputs([]).shape == (0,)


def test_trees_of_columns_from_before_are_still_read(together):
    texts, target = together
    rows = [TextRow(text, (float(one),)) for text, one in zip(texts, target, strict=True)]
    model = COLUMN_TREES.fit(rows, target, "binary")
    plain, arrays = model.state()
    again = from_state(plain | {"kind": "column trees"}, arrays)
    assert np.array_equal(again.outputs(rows), model.outputs(rows))


def test_a_damaged_model_is_refused(together):
    plain, arrays = TREES.fit(*together, "binary").state()
    with pytest.raises(ValueError, match="do not fit what they read"):
        from_state(plain, arrays | {"feature": np.where(arrays["feature"] < 0, -1, arrays["feature"] + 200)})
    with pytest.raises(ValueError, match="do not fit what they read"):
        from_state({key: value for key, value in plain.items() if key != "ngrams"}, arrays)
    with pytest.raises(ValueError, match="do not fit what they read"):  # the length would be in another place
        from_state(plain | {"ngrams": plain["ngrams"] | {"longest": 1}}, arrays)
    for name in ("values", "factor"):
        with pytest.raises(ValueError, match="not finite"):
            from_state(plain, arrays | {name: arrays[name] * np.nan})
    with pytest.raises(ValueError, match="name parts that are not there"):
        from_state(plain, arrays | {"reader_first_2": arrays["reader_first_2"] + 500})


def test_a_comparison_leaves_them_out_where_they_cost_too_much(together):
    texts, target = together
    for limits, why in (
        (Limits(longest=5), "the texts have more than 5 characters on average"),
        (Limits(fewest=500), "there are fewer than 500 texts"),
        (Limits(most=0), "there are more than 0 labels"),
    ):
        limited = TreesTexts("trees", 2.0, CHARACTERS, limits=limits)
        examples = Examples(texts, target, "binary")
        choice = choose(examples, [LINEAR, limited], budget=float("inf"))
        assert (choice.name, choice.tried[1].note) == ("linear", why)
        assert choose(examples, [limited], budget=float("inf")).name == "trees"  # asked for by name
        assert compare(examples, [limited]) == {}
    assert choose(examples, [LINEAR, TREES], budget=float("inf")).name == "trees"


def test_default_limits():
    assert COUNT_TREES.limits == Limits(200, 150, 5)
    assert not COUNT_TREES.limits.exceeded(200, 150.0, 5)
