"""Series to vectors and back."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from unspool import SequenceEncoder
from unspool.errors import UserError

from .small import QUICK, digits, ragged, texts


def waves(count, seed=0):
    """Sines of one period in 12 steps, each shifted by a random time and with a height of its own."""
    rng = np.random.default_rng(seed)
    times = np.arange(12) / 12 + rng.random((count, 1))
    return (np.sin(2 * np.pi * times) * rng.uniform(1, 3, (count, 1)))[:, :, None]


@pytest.mark.soak
def test_vectors_keep_what_series_differ_in():
    model = SequenceEncoder(latent=2, units=24, epochs=60, random_state=0).fit(waves(300))
    new = waves(100, seed=1)
    assert model.score(new) > 0.9
    vectors = model.transform(new)
    assert vectors.shape == (100, 2)
    back = model.inverse_transform(vectors)
    assert 1 - np.sum((back - new) ** 2) / np.sum((new - new.mean()) ** 2) == pytest.approx(model.score(new), abs=0.01)


@pytest.mark.soak
def test_two_numbers_of_a_digit_say_more_than_two_principal_components():
    images, labels = digits(1200)
    flat = PCA(2, random_state=0).fit_transform(images.reshape(1200, -1))
    vectors = SequenceEncoder(latent=2, units=32, epochs=60, random_state=0).fit_transform(images, labels)
    of_pca, ours = (cross_val_score(KNeighborsClassifier(15), part, labels, cv=3).mean() for part in (flat, vectors))
    assert ours > of_pca + 0.05


def test_series_of_different_lengths():
    series, labels = ragged(100)
    pipeline = make_pipeline(SequenceEncoder(**QUICK, latent=3, epochs=15), LogisticRegression()).fit(series, labels)
    new, truth = ragged(40, seed=1)
    assert pipeline.score(new, truth) > 0.9
    encoder = pipeline[0]
    assert encoder.inverse_transform(encoder.transform(new)).shape == (40, encoder.reader_.length, 2)
    assert encoder.get_feature_names_out().tolist() == ["sequenceencoder0", "sequenceencoder1", "sequenceencoder2"]


def test_padding_does_not_count():
    series, _ = ragged(60)
    model = SequenceEncoder(**QUICK, latent=2, epochs=2).fit(series)
    longest = np.argmax([len(one) for one in series])
    together = model.transform(series)
    shortest = np.argmin([len(one) for one in series])
    assert shortest != longest
    np.testing.assert_allclose(model.transform([series[shortest]])[0], together[shortest], atol=1e-5)


def test_texts_are_refused_with_what_to_do():
    for tool in (
        r"TextVectors\(\).fit\(X\).transform\(X\)",
        r"SequenceClassifier\(\)\.fit\(X, y\)\.encode\(X\)",
    ):
        with pytest.raises(ValueError, match=tool):
            SequenceEncoder().fit(texts(60)[0])


def test_a_decoder_without_recurrence_is_refused():
    with pytest.raises(UserError, match="layers is 0, and an encoder of this kind has at least 1 recurrent layer"):
        SequenceEncoder(layers=0).fit(ragged(20)[0])


def test_vectors_of_another_width_are_refused():
    model = SequenceEncoder(**QUICK, latent=2, epochs=1).fit(ragged(20)[0])
    with pytest.raises(UserError, match="X has 3 numbers a row; the model's vectors have 2"):
        model.inverse_transform(np.zeros((1, 3)))
