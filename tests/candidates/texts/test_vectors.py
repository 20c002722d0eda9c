"""Vectors of texts: to which the linear model is fitted, and how they are inferred."""

import numpy as np
import pytest

from unspool.candidates.texts import VectorTexts, registry, vector_heads, vector_training
from unspool.candidates.texts.vector_training import INFERENCES
from unspool.candidates.texts.vectors import FittedVectorTexts

SMALL = VectorTexts("small", 3.0, width=16, longest=1, least=2, epochs=10, c=1.0)


@pytest.fixture
def calls(monkeypatch):
    """How many texts were read in each call of the kernels."""
    found = {"train": [], "infer": []}
    train, infer = vector_training.document_vectors.train, vector_training.document_vectors.infer

    def trained(model, grams, *more, **how):
        found["train"].append(len(grams))
        return train(model, grams, *more, **how)

    def inferred(model, grams, **how):
        found["infer"].append(len(grams))
        return infer(model, grams, **how)

    monkeypatch.setattr(vector_training.document_vectors, "train", trained)
    monkeypatch.setattr(vector_training.document_vectors, "infer", inferred)
    return found


def test_the_linear_model_is_fitted_to_some_of_many_texts(reviews, targets_of, calls, monkeypatch):
    monkeypatch.setattr(vector_training, "_REGRESSED", 40)
    model = SMALL.fit(reviews[0], targets_of["binary"], "binary")
    assert calls["infer"] == [40] * len(INFERENCES)
    right = (model.outputs(reviews[0]) > 0.5) == targets_of["binary"]
    assert right.mean() > 0.9


def test_inferences_are_compared_on_some_of_the_texts_that_are_inferred(reviews, targets_of, calls, monkeypatch):
    monkeypatch.setattr(vector_heads, "COMPARED", 60)
    SMALL.fit(reviews[0], targets_of["binary"], "binary")
    assert calls["infer"] == [*[60] * len(INFERENCES), len(reviews[0])]


def test_numbers_keep_the_units_of_all_texts(reviews, targets_of, monkeypatch):
    every = SMALL.fit(reviews[0], targets_of["regression"], "regression")
    monkeypatch.setattr(vector_training, "_REGRESSED", 30)
    some = SMALL.fit(reviews[0], targets_of["regression"], "regression")
    np.testing.assert_array_equal(some._units, every._units)
    assert not np.array_equal(some._weights, every._weights)


@pytest.fixture
def in_small_steps(reviews, targets_of, monkeypatch):
    """A model for which the second inference was chosen."""
    monkeypatch.setattr(vector_heads, "choice", lambda *given: 1)
    return SMALL.fit(reviews[0], targets_of["binary"], "binary")


def test_the_inference_that_was_chosen_is_used_and_saved(reviews, in_small_steps):
    plain, arrays = in_small_steps.state()
    assert plain["inference"] == {"rate": 0.03, "epochs": 3}
    back = registry.from_state(plain, arrays)
    np.testing.assert_array_equal(back.scores(reviews[0]), in_small_steps.scores(reviews[0]))
    usual = registry.from_state(plain | {"inference": {"rate": 0.1, "epochs": 5}}, arrays)
    earlier = registry.from_state({name: plain[name] for name in plain if name != "inference"}, arrays)
    np.testing.assert_array_equal(earlier.vectors(reviews[0]), usual.vectors(reviews[0]))
    size, usual_size = (np.abs(one.vectors(reviews[0])).mean() for one in (back, usual))
    assert size < usual_size


def test_what_is_chosen_is_what_fits_the_held_out_texts(reviews, targets_of, monkeypatch):
    seen, chosen = [], vector_heads.choice
    monkeypatch.setattr(vector_heads, "choice", lambda *given: seen.append((given, chosen(*given))) or seen[-1][1])
    model = SMALL.fit(reviews[0], targets_of["binary"], "binary")
    ((alternatives, wanted, *_), taken) = seen[0]
    assert [len(one) for one in alternatives] == [len(wanted)] * len(INFERENCES)
    assert model.state()[0]["inference"] == vars(INFERENCES[taken])


def test_what_the_n_grams_add_is_the_whole_score(reviews, in_small_steps):
    text = reviews[0][0]
    _, _, added = in_small_steps.shares(text)
    np.testing.assert_allclose(
        added.sum(axis=0), (in_small_steps.scores([text]) - in_small_steps.scores([""]))[0], atol=1e-4
    )


@pytest.mark.parametrize(
    "wrong", [{"rate": 0.0}, {"rate": np.inf}, {"epochs": 0}, {"epochs": 10**9}, {"epochs": 3.0}, {"epochs": True}]
)
def test_a_damaged_inference_is_refused(in_small_steps, wrong):
    plain, arrays = in_small_steps.state()
    with pytest.raises(ValueError, match="cannot be inferred"):
        FittedVectorTexts.from_state(plain | {"inference": wrong}, arrays)
