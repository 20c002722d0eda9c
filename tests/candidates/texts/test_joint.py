"""A linear model over n-grams and vectors together: what it is fitted to, and that vectors are trained once."""

import threading
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.linear_model import LogisticRegression

from unspool.candidates.examples import Examples
from unspool.candidates.texts import LinearTexts, NGrams, VectorTexts, blend, choose, registry, splits, vector_training
from unspool.candidates.texts.attribution import attribute
from unspool.candidates.texts.blend import BlendTexts, Mixture
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.candidates.texts.held_out import cross_validate, spread
from unspool.candidates.texts.joint import JointTexts
from unspool.candidates.texts.linear_solution import usual
from unspool.candidates.texts.shifts import shifted
from unspool.candidates.texts.unlabelled import with_unlabelled
from unspool.candidates.texts.weighting import column_weights, row_norms, values
from unspool.data.texts.side_columns import TextRow

from .candidates import Guess

LINEAR = LinearTexts("linear", 1.0, (NGrams("words", 1, 2),))
TRAINING = {"width": 16, "longest": 1, "least": 2, "epochs": 10}
VECTORS = VectorTexts("vectors", 3.0, **TRAINING)
JOINT = JointTexts("joint", 4.0, **TRAINING, linear=LINEAR)


def test_it_is_the_logistic_regression_over_both(reviews, targets_of):
    texts, target = reviews[0], targets_of["binary"]
    model = JOINT.fit(texts, target, "binary")
    linear, vectors = model.parts
    (reader,), (block,) = linear.readers, linear.solution.blocks
    counts = reader.read(texts)
    weights = column_weights(counts, target[:, None].astype(float), "nb", 2)
    rows = values(counts, "nb").multiply(weights[:, 0]) / row_norms(counts, weights, "nb")
    c = usual(len(texts), 1, "binary")
    given = (vectors.vectors(texts) - vectors._center) / vectors._spread
    beside = hstack([rows, given * np.sqrt(JOINT.c / c)]).tocsr()
    # The constant is penalised as a weight is, in both.
    other = LogisticRegression(C=c, solver="liblinear", tol=1e-8, max_iter=10_000).fit(beside, target)
    np.testing.assert_allclose(model.scores(texts)[:, 0], other.decision_function(beside), atol=0.02)
    assert np.abs(model.scores(texts)).mean() > 1
    assert block.coefficients.any()
    assert vectors._weights.any()


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel", "regression"])
def test_it_learns_every_task_and_is_saved_whole(reviews, targets_of, task):
    model = JOINT.fit(reviews[0], targets_of[task], task)
    back = registry.from_state(*model.state())
    np.testing.assert_array_equal(back.scores(reviews[0]), model.scores(reviews[0]))
    found, wanted = model.outputs(reviews[0]), np.asarray(targets_of[task])
    if task == "regression":
        assert np.corrcoef(found.reshape(-1), wanted)[0, 1] > 0.9
    elif task == "multiclass":
        assert (found.argmax(axis=1) == wanted).mean() > 0.9
    else:
        assert ((found > 0.5) == wanted).mean() > 0.9


def test_classes_can_be_shifted(reviews, targets_of):
    model = JOINT.fit(reviews[0], targets_of["multiclass"], "multiclass")
    by = np.array([1.0, -2.0, 0.5, 0.0])
    before = model.scores(reviews[0])
    np.testing.assert_allclose(shifted(model, 0.5, by).scores(reviews[0]), before * 0.5 + by, atol=1e-5)
    np.testing.assert_array_equal(model.scores(reviews[0]), before)


def test_columns_beside_the_texts_are_read(reviews, targets_of):
    target = targets_of["binary"]
    rows = [TextRow(text, (float(yes),)) for text, yes in zip(reviews[0], target, strict=True)]
    model = JOINT.fit(rows, target, "binary")
    text = reviews[0][0]
    yes, no = model.scores([TextRow(text, (told,)) for told in (1.0, 0.0)])[:, 0]
    assert yes > no + 0.5


def test_what_words_add_is_the_whole_score(reviews, targets_of):
    model = JOINT.fit(reviews[0], targets_of["binary"], "binary")
    found = attribute(model, reviews[0][0])
    np.testing.assert_allclose(found.base + found.shares.sum(axis=0), model.scores(reviews[0][:1])[0], atol=1e-4)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_in_a_blend_its_vectors_are_those_of_the_other_part(reviews, targets_of, task):
    texts, target = reviews[0], targets_of[task]
    classes = int(max(target)) + 1 if task == "multiclass" else None
    corpus = Corpus(texts)
    both = [one.fit(corpus, target, task, classes=classes) for one in (VECTORS, JOINT)]
    blend = FittedBlendTexts("blend", task, both, np.array([0.5, 2.0]))
    assert [part.kind for part in blend.parts] == ["vectors", "linear"]
    wanted = 0.5 * both[0].scores(texts) + 2 * both[1].scores(texts)
    np.testing.assert_allclose(blend.scores(texts), wanted, atol=1e-9)
    loaded = registry.from_state(*blend.stored())
    np.testing.assert_array_equal(loaded.scores(texts), blend.scores(texts))
    assert blend.alone == both


def test_a_blend_keeps_apart_vectors_that_were_trained_apart(reviews, targets_of):
    texts, target = reviews[0], targets_of["binary"]
    both = [one.fit(texts, target, "binary", seed) for seed, one in enumerate((VECTORS, JOINT))]
    blend = FittedBlendTexts("blend", "binary", both, np.array([0.5, 2.0]))
    assert [part.kind for part in blend.parts] == ["vectors", "linear", "vectors"]
    wanted = 0.5 * both[0].scores(texts) + 2 * both[1].scores(texts)
    np.testing.assert_allclose(blend.scores(texts), wanted, atol=1e-9)


@pytest.fixture
def trainings(monkeypatch):
    """How many epochs vectors were trained, in all."""
    done, train = [], vector_training.document_vectors.train
    monkeypatch.setattr(
        vector_training.document_vectors, "train", lambda *given, **how: done.append(how) or train(*given, **how)
    )
    return done


@pytest.mark.parametrize("many", [0, 10**9])
def test_a_blend_fits_its_vectors_once_also_where_linear_models_take_turns(binary, trainings, monkeypatch, many):
    monkeypatch.setattr(blend, "MANY_CHARACTERS", many)
    parts = LINEAR, VECTORS, JOINT
    mixture = Mixture((0.5, 0.25, 0.25), 1.0, np.zeros(1), np.zeros((len(binary.inputs), 1)))
    model = BlendTexts("all", 9.0, parts).fit_weighted(replace(binary, inputs=Corpus(binary.inputs)), mixture)
    assert [part.kind for part in model.parts] == ["linear", "vectors", "linear"]
    assert len(trainings) == TRAINING["epochs"]
    alone = [
        one.fit(binary.inputs, binary.targets, "binary") for one in (replace(LINEAR, calibrated=False), *parts[1:])
    ]
    corpus = Corpus(binary.inputs)
    wanted = sum(
        weight * one.scores(corpus) / spread(one, corpus) for weight, one in zip(mixture.weights, alone, strict=True)
    )
    np.testing.assert_allclose(model.scores(binary.inputs), wanted, atol=1e-6)


FOLDS = 5 * 5  # of few texts, five times


def test_vectors_are_trained_once_for_both_models_of_a_fold(binary, trainings):
    choice = choose(binary, [VECTORS, JOINT], budget=600)
    assert [one.name for one in choice.tried] == ["vectors", "joint"]
    assert len(trainings) == (FOLDS + 1) * TRAINING["epochs"]


def test_the_vectors_of_folds_are_freed_before_other_models(binary, reviews, targets_of, trainings):
    corpus, kept = Corpus(reviews[0]), []

    class Watching(Guess):
        def fit(self, *given, **how):
            kept.append(len(corpus._own))
            return super().fit(*given, **how)

    examples = Examples(corpus, targets_of["binary"], "binary")
    choose(examples, [VECTORS, Watching("guess", 20.0)], budget=600)
    assert kept == [0] * FOLDS
    assert len(trainings) == (FOLDS + 1) * TRAINING["epochs"]
    assert not corpus._own


@pytest.mark.parametrize("by_labels", [False, True])
def test_it_learns_from_unlabelled_texts(reviews, targets_of, trainings, by_labels):
    texts, target = reviews[0], targets_of["binary"]
    others = texts[40:]
    parts = [with_unlabelled(one, others, by_labels=by_labels) for one in (VECTORS, JOINT)]
    choice = choose(Examples(texts[:40], target[:40], "binary"), parts, budget=600)
    assert len(trainings) == (FOLDS + 1 if by_labels else 1) * TRAINING["epochs"]
    assert ((choice.compared["joint"].fit().outputs(texts[40:]) > 0.5) == target[40:]).mean() > 0.9


def test_all_of_many_texts_are_read(reviews, targets_of, monkeypatch):
    texts, target = reviews[0], targets_of["binary"]
    every = JOINT.fit(texts, target, "binary")
    monkeypatch.setattr(vector_training, "_REGRESSED", 40)
    some = JOINT.fit(texts, target, "binary")  # whose vectors are standardised by those of 40 texts
    np.testing.assert_allclose(some.scores(texts), every.scores(texts), atol=0.5)
    assert not np.array_equal(some.parts[1]._center, every.parts[1]._center)


def test_the_seconds_of_a_fit_include_vectors_that_another_model_trained(binary, monkeypatch):
    clocks, train = defaultdict(float), JointTexts._train  # each thread has its own

    def slowly(*given):
        clocks[threading.get_ident()] += 100.0
        return train(*given)

    monkeypatch.setattr("time.perf_counter", lambda: clocks[threading.get_ident()])
    monkeypatch.setattr(JointTexts, "_train", slowly)
    parts = splits(binary.targets, "binary")
    corpus = Corpus(binary.inputs)
    examples = replace(binary, inputs=corpus)
    first, again = (cross_validate(JOINT, examples, parts, in_turn=True) for _ in range(2))
    assert (first.seconds, first.fits) == (500.0, 500.0)
    assert (again.seconds, again.fits) == (0.0, 500.0)
