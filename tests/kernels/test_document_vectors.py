"""Vectors of documents: native code against the reference, and what they must not depend on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.data.ragged import Ragged
from unspool.kernels import document_vectors
from unspool.kernels import library as native_library
from unspool.kernels.document_vectors import GramVectors

TEXTS = st.lists(st.lists(st.integers(0, 5), max_size=90), min_size=1, max_size=4)


def found(texts, seed, width=32, keep=0.7):
    random = np.random.default_rng(seed)
    grams = Ragged.from_sequences(texts)
    vectors = random.normal(size=(6, width)).astype(np.float32) * np.float32(0.1)
    drawn = np.array([0, 1, 2, 3, 4, 5, 5], np.int32)
    model = GramVectors(vectors, np.full(6, keep, np.float32), drawn, negatives=5, training_negatives=3)
    documents = random.uniform(-0.1, 0.1, (len(texts), width)).astype(np.float32)
    for epoch in range(2):
        order = random.permutation(len(texts))
        document_vectors.train(
            model, grams, documents, order, first=epoch * len(texts), steps=2 * len(texts), seed=seed
        )
    return [vectors, documents, document_vectors.infer(model, grams, epochs=3, seed=seed)]


@given(texts=TEXTS, seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_native_is_the_reference(texts, seed):
    with kernels.use("reference"):
        expected = found(texts, seed)
    with kernels.use("native"):
        native = found(texts, seed)
    for one, other in zip(native, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_every_instruction_set_gives_the_same_bits():
    library = native_library.load()
    before = library.instruction_set
    texts = [list(range(6)) * 4, [], [1, 1, 2]]
    try:
        every = []
        for name in library.instruction_sets:
            library.choose(name)
            every.append(found(texts, 1, width=96))
    finally:
        library.choose(before)
    for some in every:
        for one, first in zip(some, every[0], strict=True):
            np.testing.assert_array_equal(one, first)


@given(text=st.lists(st.integers(0, 5), max_size=12), seed=st.integers(0, 2**32), keep=st.sampled_from([0.3, 1.0]))
@settings(max_examples=25, deadline=None)
def test_what_each_occurrence_moves_a_vector_sums_to_it(text, seed, keep):
    vectors = np.random.default_rng(seed).normal(size=(6, 16)).astype(np.float32)
    model = GramVectors(vectors, np.full(6, keep, np.float32), np.array([0, 1, 2, 3, 4, 5, 5], np.int32))
    grams = Ragged.from_sequences([text])
    moves = document_vectors.moves(model, grams.flat, epochs=3, seed=seed)
    assert moves.shape == (len(text), 16)
    whole = document_vectors.infer(model, grams, epochs=3, seed=seed)[0]
    np.testing.assert_allclose(moves.sum(axis=0), whole, rtol=1e-4, atol=1e-5)


def test_a_new_documents_vector_does_not_depend_on_the_others():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(50, 16)).astype(np.float32)
    model = GramVectors(vectors, np.full(50, 0.8, np.float32), np.arange(50, dtype=np.int32))
    texts = [random.integers(0, 50, i % 9) for i in range(600)]
    together = document_vectors.infer(model, Ragged.from_sequences(texts), epochs=2, seed=5)
    alone = [document_vectors.infer(model, Ragged.from_sequences([text]), epochs=2, seed=5)[0] for text in texts[::37]]
    np.testing.assert_array_equal(together[::37], alone)
    assert (together[0] == 0).all()


def test_documents_of_the_same_n_grams_lie_together():
    random = np.random.default_rng(0)
    texts = [random.integers(0, 10, 30) + 10 * (i % 2) for i in range(60)]
    model = GramVectors(np.zeros((20, 16), np.float32), np.ones(20, np.float32), np.arange(20, dtype=np.int32))
    documents = random.uniform(-0.1, 0.1, (60, 16)).astype(np.float32)
    grams = Ragged.from_sequences(texts)
    for epoch in range(20):
        document_vectors.train(model, grams, documents, np.arange(60), first=60 * epoch, steps=1200, seed=0)
    inferred = document_vectors.infer(model, grams, epochs=5, seed=0)
    for some in (documents, inferred):
        unit = some / np.linalg.norm(some, axis=1, keepdims=True)
        alike = unit @ unit.T
        assert alike[::2, ::2].mean() > alike[::2, 1::2].mean() + 0.5


def test_what_does_not_fit_is_refused():
    model = GramVectors(np.zeros((3, 16), np.float32), np.ones(3, np.float32), np.arange(3, dtype=np.int32))
    with pytest.raises(ValueError, match="do not fit"):
        document_vectors.infer(model, Ragged.from_sequences([[3]]), epochs=1, seed=0)
    with pytest.raises(ValueError, match="do not fit 1 documents"):
        document_vectors.train(
            model, Ragged.from_sequences([[1]]), np.zeros((1, 32), np.float32), np.arange(1), first=0, steps=1, seed=0
        )
