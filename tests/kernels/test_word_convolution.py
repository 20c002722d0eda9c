"""The convolution over words with a maximum over the text, against the reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.data.ragged import Ragged
from unspool.kernels import library as native_library
from unspool.kernels import word_convolution as convolution
from unspool.kernels.word_convolution_reference import shares
from unspool.kernels.word_convolution_weights import LOSSES, Training, Weights, first_vectors

TEXTS = st.lists(st.lists(st.integers(-1, 6), max_size=9), min_size=1, max_size=5)
WIDTHS = st.sampled_from([(1,), (1, 2, 3), (4, 2)])


def trained(texts, widths, loss, outputs, filters=32, seed=3):
    ragged = Ragged.from_sequences(texts)
    weights = Weights.drawn(5, widths, filters, outputs, seed)
    squares = weights.like(1e-3)
    random = np.random.default_rng(seed)
    order = random.integers(0, len(texts), 6)
    targets = (
        np.eye(outputs)[random.integers(0, outputs, len(texts))] if outputs > 1 else random.random((len(texts), 1))
    )
    how = Training(loss, steps=10, seed=seed)
    mean = convolution.train(weights, squares, how, ragged, targets.astype(np.float32), order, 2)
    return [*weights.arrays(), *squares.arrays(), convolution.outputs(weights, ragged), mean]


@given(texts=TEXTS, widths=WIDTHS, loss=st.sampled_from(LOSSES), outputs=st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_native_is_the_reference(texts, widths, loss, outputs):
    with kernels.use("reference"):
        expected = trained(texts, widths, loss, outputs)
    with kernels.use("native"):
        found = trained(texts, widths, loss, outputs)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)


@given(text=st.lists(st.integers(-1, 6), max_size=9), widths=WIDTHS, seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_what_each_token_adds_sums_to_the_outputs_beyond_those_of_an_empty_text(text, widths, seed):
    weights = Weights.drawn(5, widths, 16, 2, seed)
    weights.bias[:] = np.random.default_rng(seed).uniform(-0.1, 0.1, weights.bias.shape)
    found = shares(weights, np.array(text, np.int32))
    assert found.shape == (len(text), 2)
    assert not found[[not 0 <= token < 5 for token in text]].any()
    whole, empty = convolution.outputs(weights, Ragged.from_sequences([text, []]))
    np.testing.assert_allclose(found.sum(axis=0), whole - empty, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("filters", [16, 64, 80, 256])
def test_every_instruction_set_and_number_of_filters_gives_the_same_bits(filters):
    texts = [[0, 1, 2, 3, 4, 0, 0], [], [3], [9, 9]]
    library = native_library.load()
    before = library.instruction_set
    try:
        found = []
        for name in library.instruction_sets:
            library.choose(name)
            found.append(trained(texts, (1, 2, 3), "sigmoid", 1, filters))
    finally:
        library.choose(before)
    with kernels.use("reference"):
        expected = trained(texts, (1, 2, 3), "sigmoid", 1, filters)
    for some in found:
        for one, first, reference in zip(some, found[0], expected, strict=True):
            np.testing.assert_array_equal(one, first)
            np.testing.assert_allclose(one, reference, rtol=2e-4, atol=2e-5)


def test_weights_begin_at_a_cache_line():
    weights = Weights.drawn(6, (1, 2), 16, 1, 0)
    assert [one.vectors.ctypes.data % 64 for one in (weights, weights.like(0.5))] == [0, 0]
    assert all((array == 0.5).all() for array in weights.like(0.5).arrays())


@pytest.mark.parametrize("words", [1, 7, 30_000])
def test_vectors_are_drawn_again_to_the_bit(words):
    weights = Weights.drawn(words, (1, 2), 16, 1, seed=2**61 + words)
    np.testing.assert_array_equal(first_vectors(weights.vectors.shape, weights.seed), weights.vectors)


def test_only_rows_of_the_text_are_touched():
    weights = Weights.drawn(6, (1, 2), 16, 1, 0)
    before = weights.vectors.copy()
    how = Training("sigmoid", steps=1, token_dropout=0, output_dropout=0)
    texts = Ragged.from_sequences([[1, 4]])
    convolution.train(weights, weights.like(1e-3), how, texts, np.ones((1, 1), np.float32), np.array([0]), 0)
    changed = (weights.vectors != before).any(axis=(1, 2))
    assert changed.tolist() == [False, True, False, False, True, False]


def test_a_texts_outputs_do_not_depend_on_the_others():
    weights = Weights.drawn(50, (1, 2, 3), 64, 2, 0)
    texts = [np.random.default_rng(i).integers(-1, 60, i) for i in range(12)]
    together = convolution.outputs(weights, Ragged.from_sequences(texts))
    alone = np.concatenate([convolution.outputs(weights, Ragged.from_sequences([text])) for text in texts])
    np.testing.assert_array_equal(together, alone)


def test_it_learns_an_order_of_words():
    random = np.random.default_rng(0)
    texts = [[*random.integers(2, 8, 4), *pair, *random.integers(2, 8, 3)] for pair in [(0, 1), (1, 0)] * 100]
    targets = np.tile([[1], [0]], (100, 1)).astype(np.float32)
    weights = Weights.drawn(8, (1, 2), 16, 1, 0)
    squares, how, ragged = weights.like(1e-3), Training("sigmoid", steps=1000), Ragged.from_sequences(texts)
    for epoch in range(5):
        convolution.train(weights, squares, how, ragged, targets, random.permutation(200), 200 * epoch)
    assert ((convolution.outputs(weights, ragged) > 0) == targets).mean() > 0.95


@pytest.mark.parametrize("filters", [0, 8, 24])
def test_filters_that_fill_no_vectors_are_refused(filters):
    with pytest.raises(ValueError, match="multiple of 16"):
        Weights.drawn(5, (1,), filters, 1, 0)


def test_targets_that_do_not_fit_are_refused():
    weights = Weights.drawn(5, (1,), 16, 1, 0)
    texts, how = Ragged.from_sequences([[1]]), Training("sigmoid", steps=1)
    with pytest.raises(ValueError, match="do not fit"):
        convolution.train(weights, weights.like(1e-3), how, texts, np.ones((2, 1), np.float32), np.array([0]), 0)
    with pytest.raises(ValueError, match="do not fit"):
        convolution.train(weights, weights.like(1e-3), how, texts, np.ones((1, 1), np.float32), np.array([1]), 0)
