"""What people do with estimators: clone, chain, cross-validate, search, keep and show them."""

import pickle
import random

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from programs import output_of
from unspool import SequenceClassifier, SequenceEncoder, SequenceRegressor

from .small import QUICK, digits, ragged, texts, tokens

PREDICT = """
import pickle, sys
import numpy as np
with open(sys.argv[1], "rb") as file:
    for model, X, method, expected in pickle.load(file):
        assert np.array_equal(getattr(model, method)(X), expected), f"other bits: {model}"
"""


def halved(images):
    return images / 2


def test_a_clone_has_the_parameters_and_nothing_else():
    model = SequenceClassifier(**QUICK, epochs=1).fit(*ragged(20))
    assert clone(model).get_params() == model.get_params()
    assert not hasattr(clone(model), "weights_")
    assert model.set_params(units=3).units == 3


@pytest.mark.soak
def test_a_pipeline_hands_on_what_it_makes():
    images, labels = digits(200)
    pipeline = make_pipeline(FunctionTransformer(halved), SequenceClassifier(**QUICK, epochs=15))
    assert pipeline.fit(images, labels).score(images, labels) > 0.8
    text_pipeline = make_pipeline(
        FunctionTransformer(lambda X: [x.upper() for x in X]), SequenceClassifier(**QUICK, length=16)
    )
    text_pipeline.set_params(sequenceclassifier__epochs=1)
    assert text_pipeline.fit(*texts(100)).predict(texts(100)[0]).shape == (100,)


@pytest.mark.soak
@pytest.mark.parametrize("data", [ragged(90), texts(90), digits(90)], ids=["ragged", "texts", "digits"])
def test_cross_validation(data, capsys):
    scores = cross_val_score(SequenceClassifier(**QUICK, epochs=2, length=16), *data, cv=3, error_score="raise")
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()
    assert capsys.readouterr() == ("", "")


@pytest.mark.soak
def test_a_grid_of_numpys_numbers_is_searched():
    series, labels = ragged(60)
    grid = {"units": np.array([8, 16]), "learning_rate": np.array([0.00001, 0.03])}
    search = GridSearchCV(SequenceClassifier(**QUICK, epochs=6), grid, cv=2, error_score="raise").fit(series, labels)
    assert search.best_params_["learning_rate"] == 0.03
    assert search.best_score_ > 0.9


@pytest.mark.soak
def test_a_grid_over_texts_is_searched():
    sentences, labels = tokens(120)
    sentences = [" ".join(f"w{id}" for id in ids) for ids in sentences]
    grid = {"learning_rate": [0.00001, 0.01]}
    model = SequenceClassifier(epochs=20, batch_size=60, random_state=0)
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(sentences, labels)
    assert search.best_params_["learning_rate"] == 0.01
    assert search.best_score_ > 0.65  # of 60 examples; 0.5 is guessing


def test_an_interrupted_fit_leaves_nothing_behind(monkeypatch):
    series, labels = ragged(60)
    expected = SequenceClassifier(**QUICK, epochs=3).fit(series, labels)
    state = random.getstate(), np.random.get_state()[1].tolist()
    on_epoch_end = keras.callbacks.EarlyStopping.on_epoch_end

    def ctrl_c_after_two(self, epoch, logs=None):
        on_epoch_end(self, epoch, logs)
        if epoch == 1:
            raise KeyboardInterrupt

    model = SequenceClassifier(**QUICK, epochs=3)
    with monkeypatch.context() as patch:
        patch.setattr(keras.callbacks.EarlyStopping, "on_epoch_end", ctrl_c_after_two)
        with pytest.raises(KeyboardInterrupt):
            model.fit(series, labels)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == state
    with pytest.raises(NotFittedError):
        model.predict(series)
    assert all(map(np.array_equal, model.fit(series, labels).weights_, expected.weights_))


@pytest.mark.soak
def test_two_processes_find_what_one_finds():
    series, labels = ragged(40)
    grid = {"units": [2, 4]}
    one, two = (
        GridSearchCV(SequenceClassifier(**QUICK, epochs=2), grid, cv=2, n_jobs=jobs, error_score="raise").fit(
            series, labels
        )
        for jobs in (1, 2)
    )
    assert np.array_equal(one.predict_proba(series), two.predict_proba(series))
    assert one.cv_results_["mean_test_score"].tolist() == two.cv_results_["mean_test_score"].tolist()


@pytest.mark.soak
def test_a_pickle_predicts_the_same_bits_in_a_fresh_process(tmp_path):
    fitted = [
        (SequenceClassifier(epochs=1, random_state=0).fit(*texts(80)), texts(80)[0], "predict_proba"),
        (SequenceClassifier(**QUICK, epochs=1, length=16).fit(*texts(80)), texts(80)[0], "predict_proba"),
        (SequenceRegressor(**QUICK, epochs=1).fit(*digits(80)), digits(80)[0], "predict"),
        (SequenceEncoder(**QUICK, latent=2, epochs=1).fit(ragged(60)[0]), ragged(60)[0], "transform"),
    ]
    kept = [(model, X, method, getattr(model, method)(X)) for model, X, method in fitted]
    (tmp_path / "fitted.pickle").write_bytes(pickle.dumps(kept))
    output_of(PREDICT, str(tmp_path / "fitted.pickle"))


def test_a_pickle_holds_weights_and_little_else():
    model = SequenceClassifier(**QUICK, epochs=1).fit(*digits(100))
    model.predict(digits(100)[0])
    weights = sum(array.nbytes for array in model.weights_)
    assert len(pickle.dumps(model)) < weights + 6000  # ten examples of 256 bytes are among it, for `check`
    assert b"keras" not in pickle.dumps(model)


def test_a_seed_gives_the_same_bits_whatever_was_fitted_before():
    series, labels = ragged(60)
    first = SequenceClassifier(**QUICK, epochs=3).fit(series, labels)
    SequenceClassifier(**QUICK | {"random_state": 5}, epochs=2).fit(series, labels)
    again = SequenceClassifier(**QUICK, epochs=3).fit(series, labels)
    other = SequenceClassifier(**QUICK | {"random_state": 5}, epochs=3).fit(series, labels)
    assert all(map(np.array_equal, first.weights_, again.weights_))
    assert not all(map(np.array_equal, first.weights_, other.weights_))
    assert first.history_ == again.history_


def test_without_a_seed_each_fit_is_another():
    series, labels = ragged(20)
    one, two = (SequenceClassifier(**QUICK | {"random_state": None}, epochs=1).fit(series, labels) for _ in range(2))
    assert not all(map(np.array_equal, one.weights_, two.weights_))


@pytest.mark.parametrize("random_state", [0, None])
def test_the_global_generators_are_left_alone(random_state):
    keras.utils.set_random_seed(3)
    expected = random.random(), np.random.rand(), np.asarray(keras.random.uniform((2,))).tolist()
    keras.utils.set_random_seed(3)
    model = SequenceClassifier(**QUICK | {"random_state": random_state}, epochs=1).fit(*ragged(20))
    model.predict(ragged(20)[0])
    assert (random.random(), np.random.rand(), np.asarray(keras.random.uniform((2,))).tolist()) == expected


def test_a_notebook_shows_what_was_fitted():
    series, labels = ragged(60)
    model = SequenceClassifier(**QUICK, epochs=2)
    assert "What was fitted" not in model._repr_html_()
    model.fit(series, np.where(labels == "rising", "<script>", "falling"))
    shown = model._repr_html_()
    for expected in ("What was fitted", "series: the last 9 steps", "validation loss", "2, of which epoch"):
        assert expected in shown
    assert f"{sum(array.size for array in model.weights_):,}" in shown
    assert "&lt;script&gt;, falling" in shown
    assert "<script>, falling" not in shown
    assert "What was fitted" in model._repr_mimebundle_()["text/html"]
