"""Numbers from texts and series."""

import numpy as np

from unspool import SequenceRegressor

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
