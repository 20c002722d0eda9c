"""Vectors of many texts: the linear model is fitted to those of some."""

import numpy as np
import pytest

from unspool.candidates.texts import VectorTexts, vectors

SMALL = VectorTexts("small", 3.0, width=16, longest=1, least=2, epochs=10, c=1.0)


@pytest.fixture
def calls(monkeypatch):
    """How many texts were read in each call of the kernels."""
    found = {"train": [], "infer": []}
    train, infer = vectors.document_vectors.train, vectors.document_vectors.infer

    def trained(model, grams, *more, **how):
        found["train"].append(len(grams))
        return train(model, grams, *more, **how)

    def inferred(model, grams, **how):
        found["infer"].append(len(grams))
        return infer(model, grams, **how)

    monkeypatch.setattr(vectors.document_vectors, "train", trained)
    monkeypatch.setattr(vectors.document_vectors, "infer", inferred)
    return found


def test_the_linear_model_is_fitted_to_some_of_many_texts(reviews, targets_of, calls, monkeypatch):
    monkeypatch.setattr(vectors, "_REGRESSED", 40)
    model = SMALL.fit(reviews[0], targets_of["binary"], "binary")
    assert calls["infer"] == [40]
    right = (model.outputs(reviews[0]) > 0.5) == targets_of["binary"]
    assert right.mean() > 0.9


def test_numbers_keep_the_units_of_all_texts(reviews, targets_of, monkeypatch):
    every = SMALL.fit(reviews[0], targets_of["regression"], "regression")
    monkeypatch.setattr(vectors, "_REGRESSED", 30)
    some = SMALL.fit(reviews[0], targets_of["regression"], "regression")
    np.testing.assert_array_equal(some._units, every._units)
    assert not np.array_equal(some._weights, every._weights)
