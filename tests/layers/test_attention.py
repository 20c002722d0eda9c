import numpy as np
import pytest

from unspool.layers import Attention, MultiHeadAttention
from unspool.layers.positions import places_of, rotate, sinusoids


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def softmax(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum()


def test_multi_head_attention_is_the_formula():
    layer, x, memory = MultiHeadAttention(6, heads=2), random(1, 3, 6), random(1, 4, 6, seed=1)
    look = np.array([[True, True, False, True]] * 3)[None, None]
    found = layer(x, layer.keys_values(memory), look)
    q, k, v = (np.asarray(part(y))[0] for part, y in ((layer.queries, x), (layer.keys, memory), (layer.values, memory)))
    means = np.zeros((3, 6), "float32")
    for head in (slice(0, 3), slice(3, 6)):
        for t in range(3):
            chosen = look[0, 0, t]
            means[t, head] = softmax(k[chosen, head] @ q[t, head] / np.sqrt(3)) @ v[chosen, head]
    np.testing.assert_allclose(found[0], layer.result(means), atol=1e-5)


@pytest.mark.parametrize("score", ["additive", "dot"])
def test_attention_of_a_recurrent_decoder_is_the_formula(score):
    layer, states, memory = Attention(5, score), random(1, 2, 5), random(1, 4, 3, seed=1)
    present = np.array([[True, False, True, True]])
    context = layer(states, memory, layer.keys(memory), present)
    u = np.asarray(layer.keys.kernel)
    for t, q in enumerate(states[0]):
        if score == "dot":
            scores = memory[0] @ u @ q
        else:
            hidden = np.tanh(q @ np.asarray(layer.query.kernel) + np.asarray(layer.query.bias) + memory[0] @ u)
            scores = (hidden @ np.asarray(layer.sum.kernel))[:, 0]
        np.testing.assert_allclose(context[0, t], softmax(scores[present[0]]) @ memory[0, present[0]], atol=1e-5)


@pytest.mark.parametrize("places", [None, np.array([[0, 1, 2]])])
def test_heads_compute_in_the_type_that_is_asked_for(places):
    layer, x = MultiHeadAttention(6, heads=3, dtype="mixed_bfloat16"), random(1, 3, 6)
    keys_values = layer.keys_values(x, places)
    assert [one.dtype for one in keys_values] == ["bfloat16", "bfloat16"]
    assert layer(x, keys_values, np.ones((1, 1, 3, 3), bool), places).dtype == "bfloat16"
    assert {weight.dtype for weight in layer.weights} == {"float32"}


@pytest.mark.parametrize("score", ["additive", "dot"])
def test_attention_computes_in_the_type_that_is_asked_for(score):
    layer, memory = Attention(4, score, dtype="mixed_bfloat16"), random(2, 5, 3)
    assert layer(random(2, 6, 4), memory, layer.keys(memory), np.ones((2, 5), bool)).dtype == "bfloat16"


def test_what_stands_in_masked_places_changes_nothing():
    x, look = random(2, 5, 6), np.array([[True] * 3 + [False] * 2] * 2)
    other = x.copy()
    other[~look] = 1e3
    many, one = MultiHeadAttention(6, heads=3), Attention(6)
    queries = random(2, 4, 6, seed=2)
    a, b = (many(queries, many.keys_values(m), look[:, None, None]) for m in (x, other))
    np.testing.assert_array_equal(a, b)
    a, b = (one(queries, m, one.keys(m), look) for m in (x, other))
    np.testing.assert_array_equal(a, b)


def test_places_do_not_depend_on_the_side_or_the_amount_of_padding():
    present = np.array([[0, 0, 1, 1], [1, 1, 0, 0]], bool)
    places = np.asarray(places_of(present))
    assert places[present].tolist() == [0, 1, 0, 1]


def test_a_turned_product_depends_on_the_distance_alone():
    q, k = random(1, 1, 1, 8), random(1, 1, 1, 8, seed=1)

    def product(i, j):
        return float((rotate(q, np.array([[i]])) * rotate(k, np.array([[j]]))).sum())

    assert product(3, 1) == pytest.approx(product(12, 10), abs=1e-5)
    assert abs(product(3, 1) - product(3, 2)) > 1e-3
    np.testing.assert_allclose(rotate(q, np.array([[0]])), q)


def test_each_place_has_a_vector_of_its_own():
    vectors = np.asarray(sinusoids(np.arange(500), 8))
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=-1) + np.eye(500)
    assert distances.min() > 1e-2


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="3 heads"):
        MultiHeadAttention(8, heads=3)
    with pytest.raises(ValueError, match="score is 'cosine'"):
        Attention(8, score="cosine")
