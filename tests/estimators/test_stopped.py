"""An estimator whose first fit was stopped by Ctrl-C is not fitted; one whose second was answers as before."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import unspool
from unspool.estimators import automatic, base, features

SERIES = np.random.default_rng(0).random((60, 5))
LABELS = SERIES.sum(axis=1) > 2.5
TEXTS = ["a fine film, and a long one", "a fine bore, and a long one"] * 30


def stopped(*_, **__):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("estimator", "given", "place", "name"),
    [
        (unspool.AutoClassifier(model="statistics", random_state=0), SERIES, automatic, "choose"),
        (unspool.SequenceClassifier(epochs=1, random_state=0), SERIES, base, "learn"),
        (unspool.SeriesFeatures("statistics"), SERIES, features._KINDS["statistics"], "fit_transform"),
        (unspool.TextVectors(16), TEXTS, features.VectorTexts, "without_labels"),
    ],
)
def test_a_stopped_fit_leaves_the_estimator_as_it_was(estimator, given, place, name, monkeypatch):
    def answered(some):
        return (estimator.predict if hasattr(estimator, "predict") else estimator.transform)(some)

    with monkeypatch.context() as patch:
        patch.setattr(place, name, stopped)
        with pytest.raises(KeyboardInterrupt):
            estimator.fit(given, LABELS)
        with pytest.raises(NotFittedError):
            answered(given)
    estimator.fit(given, LABELS)
    fitted = dict(vars(estimator))
    with monkeypatch.context() as patch:
        patch.setattr(place, name, stopped)
        with pytest.raises(KeyboardInterrupt):
            estimator.fit(given[:50], LABELS[:50])
    assert vars(estimator) == fitted
