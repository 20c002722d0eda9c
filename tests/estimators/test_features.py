"""Features of series and vectors of texts, without labels."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, RidgeClassifierCV
from sklearn.pipeline import make_pipeline

import unspool
from unspool.estimators.errors import InputError

KINDS = ["convolution", "competition", "quantiles", "statistics"]


@pytest.fixture(scope="module")
def waves():
    """60 series of two channels and several lengths, and which of two frequencies each has."""
    random = np.random.default_rng(0)
    fast = np.arange(60) % 2
    steps = [np.arange(30 + n % 5) + random.uniform(0, 9) for n in range(60)]
    series = [
        np.stack([np.sin(t * (0.3, 0.7)[f]), random.normal(size=len(t))], 1) for t, f in zip(steps, fast, strict=True)
    ]
    return series, fast


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_those_of_the_series_alone_and_the_same_again(kind, waves):
    series, _ = waves
    model = unspool.SeriesFeatures(kind, random_state=0)
    found = model.fit_transform(series[:40])
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, clone(model).fit(series[:40]).transform(series[:40]))
    new = model.transform(series[40:])
    np.testing.assert_array_equal(new[3:4], model.transform(series[43:44]))
    np.testing.assert_array_equal(new, pickle.loads(pickle.dumps(model)).transform(series[40:]))
    assert len(model.get_feature_names_out()) == found.shape[1]


def test_a_linear_model_on_convolutions_tells_frequencies(waves):
    series, fast = waves
    model = make_pipeline(unspool.SeriesFeatures(random_state=0), RidgeClassifierCV(np.logspace(-3, 3, 7)))
    assert model.fit(series[:40], fast[:40]).score(series[40:], fast[40:]) == 1


def test_missing_numbers_are_interpolated():
    series = np.sin(np.arange(20) * np.array([[0.3], [0.5], [0.9]]))
    gaps = series.copy()
    gaps[:, 7] = np.nan
    series[:, 7] = (series[:, 6] + series[:, 8]) / 2
    model = unspool.SeriesFeatures(random_state=0).fit(series)
    np.testing.assert_allclose(model.transform(gaps), model.transform(series), atol=1e-3)


@pytest.mark.parametrize(
    ("kind", "series", "message"),
    [
        ("wavelets", [[1.0, 2.0]], r"kind is 'wavelets'. It can be convolution, competition, quantiles, statistics"),
        (["quantiles"], [[1.0, 2.0]], r"kind is \['quantiles'\]. It can be convolution"),
        ("convolution", [np.ones((4, 2)), np.ones((4, 3))], r"X\[1\] has 3 channels, and 2 were expected"),
        ("convolution", [np.ones(4), np.ones(0)], r"X\[1\] has no numbers"),
        ("convolution", [np.ones(4), [np.nan, np.nan]], r"X\[1\] has no numbers"),
        ("convolution", [np.ones(4), [1.0, np.inf]], r"X\[1\] has a number that is infinite, in step 1"),
        (
            "convolution",
            [np.array([[1.0, np.nan], [2.0, np.nan]])] * 3,
            r"^X: channel 1 \(counted from 0\) has no number in any training series.* Leave that channel out\.$",
        ),
    ],
)
def test_series_that_cannot_be_used_are_refused(kind, series, message):
    with pytest.raises(InputError, match=message):
        unspool.SeriesFeatures(kind).fit(series)


def test_other_channels_than_in_training_are_refused(waves):
    model = unspool.SeriesFeatures("statistics").fit(waves[0])
    with pytest.raises(InputError, match=r"X\[0\] has 1 channel, and 2 were expected"):
        model.transform([np.ones(4)])


def texts_of(topics):
    random = np.random.default_rng(1)
    words = [["goal", "match", "player", "league", "win"], ["oven", "sugar", "flour", "butter", "bake"]]
    return [" ".join(["the", *random.choice(words[topic], 6), "was"]) for topic in topics]


def test_vectors_tell_topics_that_no_label_told():
    topics = np.arange(200) % 2
    texts = texts_of(topics)
    model = unspool.TextVectors(width=16, random_state=0).fit(texts)
    vectors = model.transform(texts)
    assert (vectors.dtype, vectors.shape) == (np.float32, (200, 16))
    few = LogisticRegression().fit(vectors[:10], topics[:10])
    assert few.score(vectors[10:], topics[10:]) == 1
    np.testing.assert_array_equal(vectors, clone(model).fit(texts).transform(np.array(texts)))
    np.testing.assert_array_equal(vectors[7:8], pickle.loads(pickle.dumps(model)).transform(texts[7:8]))
    assert not model.transform(["unheard of", ""]).any()
    assert model.get_feature_names_out()[0] == "textvectors0"


@pytest.mark.parametrize(
    ("width", "texts", "message"),
    [
        (20, ["a b"] * 4, "width is 20. It must be a multiple of 16"),
        (0, ["a b"] * 4, "width is 0. It must be a multiple of 16"),
        (16.0, ["a b"] * 4, "width is 16.0. It must be a multiple of 16"),
        (16, ["a b"] * 3, "No word of X occurs in 4 of its texts"),
        (16, ["a b", 7], r"X\[1\] is an int, and a text was expected"),
        (16, [], "X is empty"),
        (16, np.ones((3, 2)), "X holds no texts"),
    ],
)
def test_texts_that_cannot_be_used_are_refused(width, texts, message):
    with pytest.raises(InputError, match=message):
        unspool.TextVectors(width).fit(texts)
