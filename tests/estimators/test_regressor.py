"""Numbers from texts and series."""

import numpy as np
import pytest

from unspool import AutoRegressor, SequenceRegressor
from unspool.estimators.errors import InputError
from unspool.estimators.network import trained_plan
from unspool.models import Seq2Vec, Series
from unspool.tasks import Regression

from .small import QUICK, ragged, texts


def test_a_number():
    series, _ = ragged(200)
    slopes = np.array([one[-1, 0] - one[0, 0] for one in series])
    model = SequenceRegressor(**QUICK, epochs=40).fit(series, slopes)
    assert model.score(series, slopes) > 0.9
    assert model.predict(series).shape == (200,)


def test_several_numbers():
    series, _ = ragged(200)
    targets = np.array([[one[-1, 0], 1000 + 5 * len(one)] for one in series])
    model = SequenceRegressor(**QUICK, epochs=60).fit(series, targets)
    assert model.predict(series).shape == (200, 2)
    assert model.score(series, targets) > 0.8


def test_a_number_for_texts():
    sentences, _ = texts(300)
    lengths = [min(len(sentence.split()), 14) for sentence in sentences]
    model = SequenceRegressor(**QUICK | {"pooling": "last"}, epochs=40, length=16).fit(sentences, lengths)
    assert model.score(sentences, lengths) > 0.7


def test_a_weight_counts_in_training():
    series = [np.zeros(4)] * 60
    numbers = np.arange(60) % 2
    weights = np.where(numbers == 1, 9.0, 1.0)
    model = SequenceRegressor(**QUICK, epochs=60).fit(series, numbers, sample_weight=weights)
    np.testing.assert_allclose(model.predict(series), 0.9, atol=0.1)


def test_folds_whose_numbers_have_another_mean_share_a_network():
    one, other = (trained_plan(Seq2Vec(), Series(3, 2), Regression(mean=mean)) for mean in (1.0, 2.0))
    assert one == other


def test_numbers_are_standardised_by_those_that_are_trained_on():
    numbers = np.arange(60.0)
    model = SequenceRegressor(**QUICK, epochs=1).fit([np.zeros(4)] * 60, numbers)
    held_out = model._fitted.held_out
    assert len(held_out) == 6
    kept = np.delete(numbers, held_out)
    assert (model.mean_[0], model.scale_[0]) == (kept.mean(), kept.std())


@pytest.mark.parametrize("wrong", [1e9, 1e30, 1e200])
def test_numbers_of_weight_0_do_not_change_how_the_others_are_standardised(wrong):
    numbers, weights = np.arange(60.0), np.ones(60)
    numbers[7], weights[7] = wrong, 0
    model = SequenceRegressor(**QUICK, epochs=1).fit([np.zeros(4)] * 60, numbers, sample_weight=weights)
    kept = np.delete(numbers, [*model._fitted.held_out, 7])
    assert (model.mean_[0], model.scale_[0]) == (kept.mean(), kept.std())
    assert np.isfinite(model.history_["loss"]).all()


@pytest.mark.parametrize("model", [SequenceRegressor(**QUICK), AutoRegressor()])
@pytest.mark.parametrize("unit", [1e200, 1e307])
def test_numbers_whose_squares_overflow_are_refused(model, unit):
    with pytest.raises(InputError, match=r"numbers as large as \S+ overflow\. Correct the label, or give"):
        model.fit(np.zeros((20, 3, 1)), np.linspace(0, 5, 20) * unit)
