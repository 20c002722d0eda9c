"""Latent scores against scikit-learn, the projection, the grid, bad input."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier

from unspool.errors import UserError
from unspool.evaluation.latent import LatentErrors, latent_errors, latent_grid, project, scores_of_latent_errors


def _vectors(examples, dimensions=2, seed=0):
    """Three clouds that overlap, and sequences that the vectors are a part of."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, examples)
    inputs = random.normal(size=(examples, 3, 2)) + labels[:, np.newaxis, np.newaxis]
    return inputs.reshape(examples, 6)[:, :dimensions].astype(np.float32), labels, inputs


def latent_scores(*given, seed=0):
    return scores_of_latent_errors(latent_errors(*given, seed=seed), seed=seed)


def test_scores_are_scikit_learns():
    (train, train_labels, _), (test, test_labels, inputs) = _vectors(300, seed=1), _vectors(200, seed=2)
    scores = latent_scores(train, train_labels, test, test_labels, inputs)
    answers = KNeighborsClassifier(10).fit(train, train_labels).predict(test)
    assert scores.dimensions == 2
    assert scores.neighbours_accuracy.value == accuracy_score(test_labels, answers)
    assert 0.5 < scores.neighbours_accuracy.interval.low < scores.neighbours_accuracy.value
    assert scores.trustworthiness == trustworthiness(inputs.reshape(200, 6), test, n_neighbors=10)
    assert scores.trustworthiness_examples == 200


def test_whole_groups_are_drawn():
    right = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    once, again = (LatentErrors(2, right.repeat(times), 0.9, 8) for times in (1, 5))
    alone = scores_of_latent_errors(once, resamples=50).neighbours_accuracy
    grouped = scores_of_latent_errors(again, np.arange(8).repeat(5), resamples=50).neighbours_accuracy
    assert grouped.interval == alone.interval
    assert scores_of_latent_errors(again, resamples=50).neighbours_accuracy.interval.low > alone.interval.low


def test_of_many_examples_a_sample_is_taken(monkeypatch):
    monkeypatch.setattr("unspool.evaluation.latent._MOST_FOR_TRUSTWORTHINESS", 50)
    vectors, labels, inputs = _vectors(400)
    scores = latent_scores(vectors, labels, vectors, labels, inputs, seed=3)
    again = latent_scores(vectors, labels, vectors, labels, inputs, seed=3)
    other = latent_scores(vectors, labels, vectors, labels, inputs, seed=4)
    assert scores.trustworthiness_examples == 50
    assert scores == again
    assert scores.trustworthiness != other.trustworthiness


def test_without_labels_there_is_no_accuracy():
    vectors, _, inputs = _vectors(40)
    scores = latent_scores(vectors, None, vectors, None, inputs)
    assert scores.neighbours_accuracy is None
    assert 0.5 < scores.trustworthiness <= 1


def test_padding_does_not_tell_sequences_apart():
    vectors, labels, inputs = _vectors(40)
    mask = np.ones((40, 3), bool)
    mask[::2, 0] = False
    zeros, wild = inputs.copy(), inputs.copy()
    zeros[::2, 0], wild[::2, 0] = 0, np.nan
    assert latent_scores(vectors, labels, vectors, labels, wild, mask) == latent_scores(
        vectors, labels, vectors, labels, zeros, mask
    )


def test_a_few_examples_have_fewer_neighbours():
    vectors, labels, inputs = _vectors(4)
    scores = latent_scores(vectors[:3], labels[:3], vectors, labels, inputs)
    assert scores.trustworthiness == trustworthiness(inputs.reshape(4, 6), vectors, n_neighbors=1)


VECTORS, LABELS, INPUTS = _vectors(30)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((VECTORS[:, :1], LABELS, VECTORS, LABELS, INPUTS), "1 dimensions in training, 2 in the test set"),
        ((VECTORS, LABELS, VECTORS, LABELS, INPUTS[1:]), "there are 30 and 29"),
        ((VECTORS, LABELS, VECTORS[:2], LABELS[:2], INPUTS[:2]), "at least three"),
        ((VECTORS, LABELS, VECTORS, None, INPUTS), "for both the training and the test vectors, or for neither"),
        ((VECTORS, LABELS[1:], VECTORS, LABELS, INPUTS), r"30 training vectors, but their labels have shape \(29,\)"),
        ((VECTORS, LABELS, VECTORS, LABELS[1:], INPUTS), "30 test vectors, but"),
        ((VECTORS[0], LABELS, VECTORS, LABELS, INPUTS), r"training vectors must be .* their shape is \(2,\)"),
        ((VECTORS, LABELS, np.where(np.arange(30) == 4, np.nan, VECTORS.T).T, LABELS, INPUTS), r"test .* of row 4 "),
        ((VECTORS, LABELS, VECTORS, LABELS, INPUTS[:, 0]), "test inputs must be numbers of shape"),
    ],
)
def test_what_cannot_be_scored_is_refused(arguments, message):
    with pytest.raises(UserError, match=message):
        latent_scores(*arguments)


def test_the_projection_is_that_of_principal_components():
    vectors = _vectors(100, dimensions=6)[0].astype(np.float64)
    projection = project(vectors)
    pca = PCA(2).fit(vectors)
    np.testing.assert_allclose(projection.vectors, pca.transform(vectors))
    share = 100 * pca.explained_variance_ratio_.sum()
    assert projection.title == f"PCA of the 6 latent dimensions, {share:.0f}% of their variance"


def test_equal_vectors_are_projected_too():
    projection = project(np.ones((5, 4)))
    assert np.all(projection.vectors == 0)
    assert projection.title.endswith("0% of their variance")


@pytest.mark.parametrize("vectors", [np.zeros((5, 2)), np.zeros((1, 3)), np.full((5, 3), np.inf), np.zeros(3)])
def test_what_cannot_be_projected_is_refused(vectors):
    with pytest.raises(UserError):
        project(vectors)


def test_the_grid_lies_as_a_plot_does():
    grid = latent_grid((-1, 0), (1, 4), rows=3, columns=5)
    assert grid.shape == (3, 5, 2)
    assert grid[0, 0].tolist() == [-1, 4]
    assert grid[-1, -1].tolist() == [1, 0]
    assert grid[1, 2].tolist() == [0, 2]
