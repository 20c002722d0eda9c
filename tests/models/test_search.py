"""Searches over a model that is a table of probabilities, so that what they should find can be listed."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unspool.models.search import Beam, Sampling, beam_search, sample

START, END, MAXIMUM = 1, 2, 4
EDGES = {"start": START, "end": END, "maximum": MAXIMUM}


class Table:
    """The next token depends on the source and on the token before."""

    def __init__(self, logits):
        self.logits = jnp.asarray(logits, jnp.float32)  # (sources, V, V)

    def encode(self, source):
        return {"rows": source[:, 0]}

    def start(self, memory, steps):
        return {"written": jnp.zeros_like(memory["rows"])}

    def step(self, memory, state, token):
        return self.logits[memory["rows"], token], {"written": state["written"] + 1}


def random_table(sources=3, vocabulary=6, seed=0, scale=2.0):
    return Table(np.random.default_rng(seed).normal(size=(sources, vocabulary, vocabulary)) * scale)


def search(table, how, rows=(0, 1, 2), there=None, **edges):
    rows = jnp.asarray(rows)
    there = jnp.ones(len(rows), bool) if there is None else jnp.asarray(there)
    edges = EDGES | edges

    def run(rows, there):
        memory = table.encode(rows[:, None])
        if isinstance(how, Beam):
            return beam_search(table, memory, there, how, **edges)
        return sample(table, memory, rows, there, how, **edges)

    return jax.tree.map(np.asarray, jax.jit(run)(rows, there))


def log_probability(table, row, tokens):
    each = np.asarray(jax.nn.log_softmax(table.logits[row]))
    return sum(each[a, b] for a, b in zip([START, *tokens], tokens, strict=False))


def all_ended(table, row, how):
    """Every answer that ends within the maximum and is not empty, the best first."""
    inner = [token for token in range(1, table.logits.shape[-1]) if token != END]
    found = []
    for length in range(1, MAXIMUM):
        for tokens in product(inner, repeat=length):
            answer = (*tokens, END)
            total = log_probability(table, row, answer)
            found.append((total / ((5 + len(answer)) / 6) ** how.length_penalty, total, answer))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_wide_beam_finds_the_best_of_all_answers(penalty):
    table, how = random_table(), Beam(size=30, length_penalty=penalty, returned=3)
    found = search(table, how)
    for row in range(3):
        best = all_ended(table, row, how)[:3]
        assert [tuple(t[t > 0]) for t in found.tokens[row, :3]] == [answer for _, _, answer in best]
        np.testing.assert_allclose(found.scores[row, :3], [score for score, _, _ in best], atol=1e-4)
        np.testing.assert_allclose(found.log_probabilities[row, :3], [total for _, total, _ in best], atol=1e-4)


def test_greedy_takes_the_likeliest_and_a_beam_of_one_is_greedy():
    table = random_table(seed=3)
    greedy, beam = search(table, Sampling()), search(table, Beam(size=1, length_penalty=0.0))
    np.testing.assert_array_equal(greedy.tokens, beam.tokens)
    np.testing.assert_allclose(greedy.log_probabilities, beam.log_probabilities, atol=1e-5)
    for row in range(3):
        token, expected = START, []
        while len(expected) < MAXIMUM and token != END:
            barred = [0] if expected else [0, END]
            token = int(np.argmax(table.logits[row, token].at[jnp.array(barred)].set(-np.inf)))
            expected.append(token)
        tokens = greedy.tokens[row, 0]
        assert tokens[tokens > 0].tolist() == expected
        assert greedy.log_probabilities[row, 0] == pytest.approx(log_probability(table, row, expected), abs=1e-4)


def test_an_end_counts_among_all_candidates_only():
    """With a beam of 1 the end is second best after 3: it must not be taken as the best of those that end."""
    logits = np.full((1, 6, 6), -5.0)
    logits[:, START, 3] = 9.0
    logits[:, 3, 4], logits[:, 3, END] = 1.0, 0.9
    logits[:, 4, 5], logits[:, 4, END] = 0.2, 0.1
    logits[:, 5, END] = 9.0
    found = search(Table(logits), Beam(size=1, length_penalty=0.0), rows=[0])
    assert found.tokens[0, 0].tolist() == [3, 4, 5, END]


@pytest.mark.parametrize("how", [Sampling(), Beam(size=2)])
def test_a_model_that_never_ends_stops_at_the_maximum(how):
    table = random_table()
    table.logits = table.logits.at[:, :, END].set(-1e9)
    found = search(table, how)
    assert (found.tokens[:, 0] > 0).all()
    assert (found.tokens != END).all()
    assert np.isfinite(found.scores[:, 0]).all()


@pytest.mark.parametrize("how", [Sampling(temperature=1.0, seed=4), Beam(size=3, returned=3)])
def test_an_answer_does_not_depend_on_the_rows_beside_it(how):
    table = random_table()
    together = search(table, how)
    alone = search(table, how, rows=[2])
    other = search(table, how, rows=[2, 0, 0], there=[True, False, False])
    for found in (alone, other):
        np.testing.assert_array_equal(found.tokens[0], together.tokens[2])
        np.testing.assert_allclose(found.scores[0], together.scores[2], atol=1e-6)


@pytest.mark.parametrize("how", [Sampling(), Sampling(temperature=1.0), Beam(size=1), Beam(size=3, returned=3)])
def test_no_answer_is_empty_however_likely_that_is(how):
    table = random_table(scale=1.0)
    table.logits = table.logits.at[:, START, END].set(20.0)
    found = search(table, how)
    assert (found.tokens[:, :, 0] > 0).all()
    assert (found.tokens[:, :, 0] != END).all()
    for row in range(3):
        tokens = found.tokens[row, 0]
        total = log_probability(table, row, tokens[tokens > 0].tolist())
        assert found.log_probabilities[row, 0] == pytest.approx(total, abs=1e-4)  # of the model, which would end


def test_padding_is_never_said():
    table = random_table()
    table.logits = table.logits.at[:, :, 0].set(50.0)
    for how in (Sampling(), Sampling(temperature=1.0), Beam(size=2)):
        found = search(table, how)
        assert (found.tokens[:, 0, 0] > 0).all()


@pytest.mark.parametrize(
    ("options", "allowed"),
    [({}, [1, 2, 3, 4, 5]), ({"top_k": 2}, [4, 5]), ({"top_p": 0.6}, [4, 5]), ({"top_p": 0.01}, [5])],
)
def test_draws_follow_the_probabilities_among_those_allowed(options, allowed):
    weights = np.array([1e-9, 1.0, 2.0, 3.0, 4.0, 10.0])
    table = Table(np.log(np.broadcast_to(weights, (2000, 6, 6))))
    found = search(table, Sampling(temperature=1.0, **options), rows=np.arange(2000), end=6, maximum=1)
    counts = np.bincount(found.tokens[:, 0, 0], minlength=6) / 2000
    expected = np.zeros(6)
    expected[allowed] = weights[allowed] / weights[allowed].sum()
    np.testing.assert_allclose(counts, expected, atol=0.04)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sampling(temperature=-1.0),
        lambda: Sampling(top_p=0.0),
        lambda: Beam(size=2, returned=3),
        lambda: Beam(length_penalty=-1.0),
    ],
)
def test_settings_that_cannot_be_are_refused(make):
    with pytest.raises(ValueError, match=r"must not|not negative"):
        make()
