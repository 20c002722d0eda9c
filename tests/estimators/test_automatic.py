"""The model that is best in a cross-validation, as scikit-learn estimators."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from tests.estimators.small import ragged

import unspool
from unspool.estimators.errors import InputError


def films(count):
    """Texts that a word tells apart, and their moods."""
    random = np.random.default_rng(0)
    moods = np.array(["good" if number % 2 else "bad" for number in range(count)])
    telling = {"good": "fine", "bad": "dull"}
    words = random.choice(["the", "film", "was", "plot", "scene", "and"], (count, 6))
    return [" ".join([*row, telling[mood]]) for row, mood in zip(words, moods, strict=True)], moods


@pytest.fixture(scope="module")
def of_series():
    series, ways = ragged(60)
    return unspool.AutoClassifier(random_state=0).fit(series, ways), series, ways


def test_it_is_what_train_chooses(of_series, tmp_path):
    model, series, ways = of_series
    settings = {"evaluation.resamples": 100}
    run = unspool.train(series, label=ways.tolist(), out=tmp_path / "run", settings=settings, verbose=False)
    compared = [one.name for one in run.result.candidates]
    assert [one.name for one in model.tried_] == compared
    assert model.chosen_ in compared
    assert model.score(*ragged(40, seed=1)) == 1


def test_missing_steps_and_numbers_are_filled_in(of_series):
    model, series, _ = of_series
    gaps = [one.copy() for one in series]
    for one in gaps:
        one[1, 1] = np.nan
    assert (model.predict(gaps) == model.predict(series)).all()


@pytest.mark.parametrize("name", ["auto", "nb-words", "cnn", "vectors", "blend"])
def test_models_of_texts_are_pickled_copied_and_saved(name, tmp_path):
    texts, moods = films(60)
    model = unspool.AutoClassifier(model=name, random_state=0).fit(texts[:40], moods[:40])
    again = clone(model).fit(texts[:40], moods[:40])
    answers = model.predict_proba(texts[40:])
    np.testing.assert_array_equal(answers, again.predict_proba(texts[40:]))
    np.testing.assert_array_equal(answers, pickle.loads(pickle.dumps(model)).predict_proba(texts[40:]))
    model.save(tmp_path / "model")
    loaded = unspool.load(tmp_path / "model", check=True)
    assert loaded.predict(texts[40:]) == model.predict(texts[40:]).tolist()
    np.testing.assert_array_equal(loaded.probabilities(texts[40:]), answers)
    with pytest.raises(unspool.UserError, match="trained on all"):
        loaded.evaluate(texts[:40], labels=moods[:40].tolist())


def test_what_a_saved_model_depends_on_names_no_network_where_there_is_none(tmp_path):
    texts, moods = films(60)
    unspool.AutoClassifier(model="nb-words").fit(texts, moods).save(tmp_path / "linear")
    there = json.loads((tmp_path / "linear" / "environment.json").read_text())
    assert not there.keys() & {"device", "float", "XLA_FLAGS"}
    assert "numpy" in there
    series, ways = ragged(60)
    model = unspool.AutoClassifier(model="statistics").fit(series, ways)
    model.chosen_ = "blend"
    model.tried_ = tuple(replace(model.tried_[0], name=name) for name in ("statistics", "recurrent"))
    model.save(tmp_path / "blend")
    assert "device" in json.loads((tmp_path / "blend" / "environment.json").read_text())


def test_series_are_pickled_and_saved(of_series, tmp_path):
    model, series, _ = of_series
    answers = model.predict_proba(series)
    np.testing.assert_array_equal(answers, pickle.loads(pickle.dumps(model)).predict_proba(series))
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(unspool.load(tmp_path / "model").probabilities(series), answers)


def test_classes_keep_their_order_though_a_file_would_have_another():
    series, ways = ragged(60)
    numbers = np.array([100, 9])[(ways == "rising").astype(int)]
    model = unspool.AutoClassifier(model="statistics").fit(series, numbers)
    assert model.classes_.tolist() == [9, 100]
    assert (model.predict(series) == numbers).all()


def test_several_labels_of_a_text():
    texts, moods = films(60)
    both = np.stack([moods == "good", moods == "bad"], axis=1).astype(int)
    model = unspool.AutoClassifier(model="nb-words").fit(texts, both)
    np.testing.assert_array_equal(model.predict(texts), both)


def test_numbers_are_predicted():
    texts, moods = films(60)
    stars = np.where(moods == "good", 5.0, 1.0)
    model = unspool.AutoRegressor(model="nb-words").fit(texts, stars)
    assert model.score(texts, stars) > 0.9


def test_why_a_model_was_chosen_says_how_many_lacked_time():
    series, labels = [np.arange(9.0) * (number % 2) for number in range(20)], [0, 1] * 10
    chosen = unspool.AutoClassifier(budget=1e-9).fit(series, labels)
    assert chosen.chosen_ == "statistics"
    assert "models lacked time, which a larger budget gives them" in chosen.why_


def test_classes_of_one_group_each_are_refused():
    """Groups could not be held out, and scores of single series were reported as if they had been."""
    series, labels = [np.arange(5.0) + number for number in range(12)], np.repeat(["a", "b", "c"], 4)
    with pytest.raises(unspool.UserError, match="label a are in one group, as are those of 2 other labels"):
        unspool.AutoClassifier(model="nearest neighbour").fit(series, labels, groups=labels)


def test_groups_are_held_out_together():
    """Labels that only the group tells are not learned from others of it."""
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 6)
    series = [np.full((5, 1), group) + 0.01 * random.normal(size=(5, 1)) for group in groups]
    labels = random.permutation(np.arange(20) % 2)[groups]
    scores = {
        known: unspool.AutoClassifier(model="nearest neighbour").fit(series, labels, groups=of).tried_[0].score
        for known, of in (("groups", groups), ("none", None))
    }
    assert scores["none"] == 1
    assert scores["groups"] < 0.9


def test_copies_are_held_out_together():
    """Noise that comes three times was predicted without an error."""
    random = np.random.default_rng(0)
    series, labels = np.tile(random.normal(size=(40, 5, 1)), (3, 1, 1)), np.tile(random.integers(0, 2, 40), 3)
    model = unspool.AutoClassifier(model="nearest neighbour", random_state=0).fit(series, labels)
    assert model.tried_[0].score < 0.8
    texts = [" ".join(f"w{number}" for number in random.integers(0, 400, 12)) for _ in range(40)] * 3
    model = unspool.AutoClassifier(model="nb-words", random_state=0).fit(texts, labels)
    assert model.tried_[0].score < 0.8


def test_it_is_cross_validated():
    texts, moods = films(60)
    assert cross_val_score(unspool.AutoClassifier(model="nb-words"), texts, moods, cv=2).min() == 1


def test_each_model_is_told_as_it_is_compared(capsys):
    series, ways = ragged(20)
    unspool.AutoClassifier(model="statistics", verbose=1).fit(series, ways)
    assert "statistics" in capsys.readouterr().out
    unspool.AutoClassifier(model="statistics").fit(series, ways)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("parameters", "X", "message"),
    [
        ({"model": "lstm"}, [np.arange(5.0)] * 20, "There is no model 'lstm' for series. There are 'statistics', 'raw"),
        ({"budget": 0}, [np.arange(5.0)] * 20, "budget is 0. Give seconds, or None"),
        ({"budget": True}, [np.arange(5.0)] * 20, "budget is True. Give seconds, or None"),
        ({"verbose": "x"}, [np.arange(5.0)] * 20, "verbose is 'x'. Give 0, or a larger"),
        ({"reads": "table"}, np.ones((20, 5)), "reads is 'table'. It can be 'auto', 'text' or 'series'"),
        ({"reads": "tokens"}, [[1, 2]] * 20, "reads texts or series. For token ids use SequenceClassifier"),
        ({}, [np.arange(5.0)] * 4, "X has 4 samples. Give at least 10"),
        ({}, [np.arange(5.0)] * 19 + [np.ones(0)], r"X\[19\] has no numbers. Leave it out"),
        ({}, [np.arange(5.0)] * 19 + [np.full(4, np.nan)], r"X\[19\] has no numbers"),
        ({}, np.vstack([np.ones((19, 5)), np.full((1, 5), np.nan)]), r"X\[19\] has no numbers"),
        ({}, [np.stack([np.arange(5.0), np.full(5, np.nan)], axis=1)] * 20, r"^X: channel 1 \(counted from 0\) has no"),
    ],
)
def test_what_is_wrong_is_told(parameters, X, message):
    with pytest.raises(InputError, match=message):
        unspool.AutoClassifier(**parameters).fit(X, np.arange(len(X)) % 2)


def test_a_grid_may_hold_numbers_of_numpy_and_groups_numbers_and_names():
    pandas = pytest.importorskip("pandas")
    series, ways = ragged(20)
    for kind in (np.int64, np.float32):
        model = unspool.AutoClassifier(model="statistics", budget=kind(5))
        assert model.fit(series, ways, groups=pandas.Series([1, "a", "b", "c"] * 5)).chosen_ == "statistics"


def test_a_new_series_without_a_number_is_refused_as_by_the_saved_model(of_series):
    model, series, _ = of_series
    for empty in (np.full((4, 2), np.nan), np.ones((0, 2))):
        with pytest.raises(InputError, match=r"X\[1\] has no numbers"):
            model.predict([series[0], empty])


def test_series_may_have_several_labels():
    series, ways = ragged(40)
    several = np.stack([ways == ways[0], np.arange(40) % 3 == 0], axis=1).astype(int)
    model = unspool.AutoClassifier(model="statistics").fit(series, several)
    probabilities = model.predict_proba(series)
    assert probabilities.shape == (40, 2)
    np.testing.assert_array_equal(model.predict(series), probabilities >= 0.5)
    assert (model.predict(series)[:, 0] == several[:, 0]).mean() > 0.9


def test_prices_are_learned_as_logarithms(tmp_path):
    words, draw = ("tiny", "small", "plain", "fair", "large", "huge"), np.random.default_rng(0)
    rows = draw.integers(0, len(words), (240, 4))
    prices, texts = np.exp(rows.sum(axis=1) / 3), [" ".join(words[i] for i in row) for row in rows.tolist()]
    model = unspool.AutoRegressor(model="nb-words", random_state=0).fit(texts, prices)
    assert model.model_.transformation.kind == "logarithm"
    assert model.score(texts, prices) > 0.9
    predicted = model.predict(texts)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(texts), predicted)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(unspool.load(tmp_path / "model").predict(texts), predicted)
