"""Candidates that read columns beside the texts."""

import numpy as np
import pytest

from unspool.candidates.examples import Examples
from unspool.candidates.registry import baselines, candidate_names, candidate_title, reads_side
from unspool.candidates.texts import BlendTexts, LinearTexts, NGrams, VectorTexts, choose, load
from unspool.candidates.texts.linear import COLUMNS
from unspool.candidates.texts.side import with_side
from unspool.candidates.texts.trees import COLUMN_TREES, FittedTreesTexts
from unspool.data.texts.side_columns import TextRow

pytestmark = pytest.mark.whole

WORDS = LinearTexts("words", 1.0, (NGrams("words", 1, 1),))
VECTORS = VectorTexts("small", 2.0, width=16, longest=1, least=1, epochs=4)


@pytest.fixture(scope="module")
def examples():
    """The label depends on the text, on the price and on the brand, each alike; 400 rows and their targets."""
    rng = np.random.default_rng(0)
    good, price, brand = rng.integers(0, 2, 400), rng.normal(100, 30, 400), rng.choice(["Acme", "Bolt", ""], 400)
    score = good + (price - 100) / 30 + (brand == "Acme") + rng.normal(0, 0.3, 400)
    price[rng.random(400) < 0.05] = np.nan
    words = (("dull", "poor"), ("fine", "good"))
    rows = [
        TextRow(f"a {rng.choice(words[g])} film", (float(p), str(b)))
        for g, p, b in zip(good, price, brand, strict=True)
    ]
    return rows, score


def right(model, rows, target):
    return float(np.mean((model.outputs(rows) > 0.5) == target))


def test_a_linear_model_reads_text_and_columns(examples):
    rows, score = examples
    target = (score > 0.8).astype(int)
    both, text = (
        WORDS.fit(rows[:300], target[:300], "binary"),
        WORDS.fit([*map(str, rows[:300])], target[:300], "binary"),
    )
    columns = COLUMNS.fit(rows[:300], target[:300], "binary")
    of = {name: right(one, rows[300:], target[300:]) for name, one in (("both", both), ("columns", columns))}
    of["text"] = right(text, [*map(str, rows[300:])], target[300:])
    assert of["both"] > max(of["columns"], of["text"]) + 0.05, of


def test_columns_alone_are_found_as_scikit_learn_finds_them(examples):
    from sklearn.linear_model import LogisticRegression

    rows, score = examples
    target = (score > 0.8).astype(int)
    model = LinearTexts("columns", 0.5, (), c=1.0, calibrated=False).fit(rows, target, "binary")
    encoded = model.encoder.encode([row.cells for row in rows])
    wanted = LogisticRegression(C=1.0, intercept_scaling=1.0, solver="liblinear", tol=1e-8).fit(encoded, target)
    np.testing.assert_allclose(model.scores(rows)[:, 0], wanted.decision_function(encoded), atol=0.02)


def test_numbers_are_predicted_from_columns(examples):
    rows, score = examples
    model = WORDS.fit(rows[:300], score[:300], "regression")
    off = model.outputs(rows[300:]) - score[300:]
    assert np.sqrt(np.mean(off**2)) < 0.6 * score[300:].std()


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_several_labels_are_predicted_from_columns(examples, task):
    rows, score = examples
    classes = np.digitize(score, [0.3, 1.2])
    target = classes if task == "multiclass" else np.stack([classes > 0, classes > 1], axis=1).astype(int)
    model = WORDS.fit(rows[:300], target[:300], task)
    said = model.outputs(rows[300:])
    answers = said.argmax(axis=1) if task == "multiclass" else said > 0.5
    assert np.mean(answers == target[300:]) > 0.7


def test_a_saved_model_says_the_same_bits_and_a_row_alone_too(examples, tmp_path):
    rows, score = examples
    blend = with_side(BlendTexts("blend", 9.0, (VECTORS,)))
    model = blend.fit(rows, (score > 0.8).astype(int), "binary")
    assert model.side is not None
    assert {"small", "columns"} <= {part.name for part in model.parts}
    model.save(tmp_path)
    again = load(tmp_path)
    assert np.array_equal(again.outputs(rows), model.outputs(rows))
    assert np.array_equal(np.concatenate([again.outputs([row]) for row in rows[:20]]), model.outputs(rows[:20]))


def test_a_model_of_columns_refuses_texts_without_them(examples):
    rows, score = examples
    model = COLUMNS.fit(rows, (score > 0.8).astype(int), "binary")
    with pytest.raises(ValueError, match="not those that the model reads"):
        model.outputs(["a fine film"])


def test_a_damaged_file_is_refused(examples, tmp_path):
    from unspool.errors import UserError

    rows, score = examples
    model = COLUMNS.fit(rows, (score > 0.8).astype(int), "binary")
    model.solution.side[:] = 0
    model.solution = type(model.solution)([], model.solution.constant, model.solution.scale, 1.0, np.zeros((2, 1)))
    model.save(tmp_path)
    with pytest.raises(UserError, match="do not fit 10 columns beside the texts"):
        load(tmp_path)


@pytest.fixture(scope="module")
def together():
    """The label is whether exactly one of price and age is high: neither tells anything alone."""
    rng = np.random.default_rng(1)
    price, age = rng.uniform(0, 1, (2, 600))
    rows = [TextRow("a film", (float(p), float(a))) for p, a in zip(price, age, strict=True)]
    return rows, ((price > 0.5) != (age > 0.5)).astype(int)


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel", "regression"])
def test_trees_find_what_columns_tell_only_together(together, tmp_path, task):
    rows, target = together
    given = np.stack([target, 1 - target], axis=1) if task == "multilabel" else target
    model = COLUMN_TREES.fit(rows[:500], given[:500], task)
    said = model.outputs(rows[500:])
    answers = said.argmax(axis=1) if task == "multiclass" else (said[:, 0] if task == "multilabel" else said) > 0.5
    assert np.mean(answers == target[500:]) > 0.9
    if task == "binary":
        assert right(COLUMNS.fit(rows[:500], target[:500], task), rows[500:], target[500:]) < 0.65
    model.rescale(0.5)
    model.save(tmp_path)
    again = load(tmp_path)
    assert np.array_equal(again.outputs(rows), model.outputs(rows))
    assert np.array_equal(np.concatenate([again.scores([row]) for row in rows[:9]]), model.scores(rows[:9]))


def test_of_many_examples_some_are_drawn(together, monkeypatch):
    rows, target = together
    whole = COLUMN_TREES.fit(rows, target, "binary").state()[1]
    monkeypatch.setattr("unspool.candidates.texts.trees.MOST_EXAMPLES", 200)
    model = COLUMN_TREES.fit(rows, target, "binary")
    assert len(model.state()[1]["feature"]) < 0.8 * len(whole["feature"])
    assert right(model, rows, target) > 0.8
    assert np.array_equal(model.outputs(rows), COLUMN_TREES.fit(rows, target, "binary").outputs(rows))


def test_with_many_outputs_there_are_fewer_trees_of_each(together):
    rows, target = together
    several = np.stack([target, 1 - target, *np.zeros((48, len(target)), int)], axis=1)
    model = COLUMN_TREES.fit(rows, several, "multilabel")
    assert len(model.state()[1]["roots"]) == 2 * 20, "labels that nothing has need none"
    assert np.mean((model.outputs(rows) > 0.5) == several) > 0.98
    few = np.where(np.arange(len(target)) < 2, 3, target)  # class 2 is missing
    assert COLUMN_TREES.fit(rows, few, "multiclass", classes=5).outputs(rows).argmax(axis=1).max() <= 3


def test_older_trees_whose_means_are_probabilities_are_still_read(together):
    rows, target = together
    plain, arrays = COLUMN_TREES.fit(rows, target, "binary").state()
    del plain["gives_scores"]
    shares = arrays | {"values": np.full_like(arrays["values"], 0.2)}
    np.testing.assert_allclose(FittedTreesTexts.from_state(plain, shares).outputs(rows), 0.2, atol=1e-6)


def test_trees_need_columns_and_a_damaged_forest_is_refused(together):
    rows, target = together
    with pytest.raises(ValueError, match="no columns beside the texts"):
        COLUMN_TREES.fit(["a", "b"], [0, 1], "binary")
    few = COLUMN_TREES.fit(rows[:3], [0, 1, 1], "binary")
    assert few.outputs(rows[:3]).shape == (3,)
    plain, arrays = COLUMN_TREES.fit(rows, target, "binary").state()
    beyond = np.where(arrays["feature"] < 0, -1, arrays["feature"] + 20)
    with pytest.raises(ValueError, match="do not fit what they read"):
        FittedTreesTexts.from_state(plain, arrays | {"feature": beyond})
    with pytest.raises(ValueError, match="no thresholds or values"):
        FittedTreesTexts.from_state(plain, arrays | {"values": arrays["values"][1:]})


def test_the_choice_takes_what_reads_more(examples):
    rows, score = examples
    target = (score > 0.8).astype(int)
    blend = BlendTexts("blend", 9.0, (VECTORS,))
    choice = choose(Examples(rows, target, "binary"), [COLUMNS, WORDS, VECTORS, blend], budget=float("inf"))
    of = {one.name: one.score for one in choice.tried}
    assert choice.name == "words"
    assert of["blend"] > of["small"] + 0.05  # the columns are one more part of it
    alone = choose(Examples([*map(str, rows)], target, "binary"), [WORDS, VECTORS], budget=float("inf"))
    assert alone.model.side is None


def test_names_titles_and_baselines_say_who_reads_columns():
    assert candidate_names("text", "binary", side=True)[:2] == ("columns", "column-trees")
    assert not {"columns", "column-trees"} & {*candidate_names("text", "binary")}
    assert baselines("text", "binary", side=True) == (
        "nb-words",
        "words+characters",
        "counts",
        "count-trees",
        "columns",
        "column-trees",
    )
    assert baselines("text", "binary") == ("nb-words", "words+characters", "counts", "count-trees")
    assert [name for name in candidate_names("text", "binary", side=True) if not reads_side([name])] == [
        "vectors",
        "cnn",
        "cnn-characters",
        "language-model",
    ]
    assert candidate_title("nb-words", "regression", side=True) == (
        "ridge regression over runs of 1 to 3 words, and the columns beside the text"
    )
