"""A language model of texts: what it learns, that it goes on where it was killed, and when it is taken."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax

from unspool.candidates.examples import Examples
from unspool.candidates.texts import BlendTexts, LanguageModelTexts, LinearTexts, NGrams, choose
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.language_models import budget as choosing
from unspool.candidates.texts.language_models import fine_tuning, pretraining, weights
from unspool.candidates.texts.language_models.budget import Sizing
from unspool.candidates.texts.language_models.frequent_words import BOUNDARY, FIRST, LENGTH, FrequentWords, tail
from unspool.candidates.texts.language_models.size import WINDOW, Size, least_work
from unspool.data.ragged import Ragged
from unspool.kernels.lstm_states import lstm_states
from unspool.kernels.recurrent import lstm

pytestmark = pytest.mark.whole

WORDS = LinearTexts("words", 1.0, (NGrams("words", 1, 1),), c=10.0)
MODEL = LanguageModelTexts("language-model", 9.0, work=0.4, least=1)
BLEND = BlendTexts("blend", 10.0, (WORDS, MODEL))
SMALL = Size(16, 8, 40, 1)


@pytest.fixture(scope="module")
def chain():
    """100 texts in which every word tells, of 30, the one that follows, nine times of ten."""
    random = np.random.default_rng(0)
    texts = []
    for _ in range(100):
        words = [FIRST + int(random.integers(30))]
        while len(words) < 40:
            follows = FIRST + (7 * words[-1] + 3) % 30
            words.append(follows if random.random() < 0.9 else FIRST + int(random.integers(30)))
        texts.append(words)
    return Ragged.from_sequences(texts)


@pytest.fixture(scope="module")
def orders():
    """160 texts whose label is the order of two of their words: no word alone tells it."""
    random = np.random.default_rng(0)
    plain, texts, labels = ["the", "a", "film", "plot", "it", "was"], [], []
    for i in range(160):
        two = ["good", "bad"] if i % 2 else ["bad", "good"]
        texts.append(" ".join([*random.choice(plain, 3), *two, *random.choice(plain, 3)]))
        labels.append(i % 2)
    return texts, np.array(labels)


def loss(model, texts):
    """The mean loss of the next word over the whole vocabulary."""
    dense, words = model.dense, np.asarray(model.words)
    weights = [np.asarray(one) for one in (dense.kernel, dense.recurrent, dense.bias)]
    rows = np.stack([[BOUNDARY, *text] for text in texts]).astype(np.int32)
    states = lstm_states(np.ascontiguousarray(rows[:, :-1]), np.ascontiguousarray(words[:, :-1]), *weights)
    logits = states @ np.asarray(dense.projection) @ words[:, :-1].T + words[:, -1]
    return -np.take_along_axis(log_softmax(logits, axis=-1), rows[:, 1:, None], axis=-1).mean()


def test_it_foretells_words_better_than_their_frequency(chain, monkeypatch):
    monkeypatch.setattr(pretraining, "_RATE", 0.03)  # so few steps suffice
    model = pretraining.pretrain(chain, 32, Size(32, 16, 64, 1), seed=0)
    shares = np.bincount(chain.flat) / len(chain.flat)
    unigrams = -np.log(shares[chain.flat]).mean()
    assert unigrams > 3.3
    assert loss(model, chain) < 2  # at best .67: a tenth of the words is drawn, log(30) / 30 for the first of a text


@pytest.fixture(autouse=True, scope="module")
def few_negatives():
    """Programs are traced with this number, so those of other modules cannot be used here, nor these elsewhere."""
    pretraining._train.clear_cache()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pretraining, "NEGATIVES", 64)
        yield
    pretraining._train.clear_cache()


def same(one, other):
    for array, again in zip((*one.dense, one.words), (*other.dense, other.words), strict=True):
        np.testing.assert_array_equal(array, again)


class Killed(Exception):
    """Stands for a process that is killed."""


def test_it_begins_with_the_frequency_of_words(chain):
    often = Ragged.from_sequences([[*text, *[2] * 40] for text in chain.tolist()])
    shares = np.bincount(often.flat, minlength=32)[2:] / len(often.flat)
    begun = pretraining.pretrain(often, 32, Size(16, 8, 1, 1), seed=0)
    assert loss(begun, often) == pytest.approx(-(shares * np.log(shares)).sum(), abs=0.1)


@pytest.mark.parametrize("steps", [16, 33])
def test_killed_and_resumed_it_has_the_same_bits(chain, steps, tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining, "SECONDS_BETWEEN_SAVES", 0)
    whole = pretraining.pretrain(chain, 32, SMALL, seed=3)
    told = []

    def kill(done):
        told.append(done)
        if done >= steps:
            raise Killed

    def train(**more):
        return pretraining.pretrain(chain, 32, SMALL, 3, saves=pretraining.Saves(tmp_path, "it", 0.5), **more)

    with pytest.raises(Killed):
        train(advance=kill)
    before = len(told)
    same(train(advance=told.append), whole)
    assert told[before] > told[before - 2] > 0  # it did not begin anew
    assert pretraining.saved_work(tmp_path) == 0.5
    same(train(advance=kill), whole)  # at its end nothing is left to do


def test_what_was_saved_of_another_training_or_is_damaged_is_not_gone_on_with(chain, tmp_path):
    first = pretraining.pretrain(chain, 32, SMALL, 3, saves=pretraining.Saves(tmp_path, "it", 0.5))
    (saved,) = tmp_path.iterdir()
    told = []
    other = pretraining.Saves(tmp_path, "other", 0.5)
    same(pretraining.pretrain(chain, 32, SMALL, 3, saves=other, advance=told.append), first)
    assert told
    saved.write_bytes(saved.read_bytes()[:1000])
    assert pretraining.saved_work(tmp_path) is None
    same(pretraining.pretrain(chain, 32, SMALL, 3, saves=other), first)


@pytest.mark.slow
def test_it_learns_what_depends_on_the_order_of_words(orders):
    texts, labels = orders
    words, model = (
        one.fit(texts[:120], labels[:120], "binary")
        for one in (WORDS, LanguageModelTexts("language-model", 9.0, work=2.0, least=1))
    )
    right = [((one.outputs(texts[120:]) > 0.5) == labels[120:]).mean() for one in (words, model)]
    assert right[0] < 0.7
    assert right[1] > 0.9


def test_a_blend_holds_it_only_where_held_out_texts_speak_for_it(reviews, targets_of):
    target = targets_of["binary"]
    choice = choose(Examples(reviews[0], target, "binary"), [WORDS, MODEL, BLEND], budget=np.inf, work=0.01)
    assert [one.name for one in choice.tried] == ["words", "language-model", "blend"]
    assert choice.tried[0].loss < choice.tried[1].loss
    assert choice.name == "words"


def test_how_long_it_takes_to_fit_is_not_estimated(reviews, targets_of):
    examples = Examples(reviews[0], targets_of["binary"], "binary")
    known = {}
    for model in (WORDS, MODEL):
        choose(examples, [model], budget=np.inf, work=0.01, fitting=known.__setitem__)
    assert known["words"] > 0
    assert known["language-model"] is None


def test_choosing_killed_and_resumed_gives_the_same(reviews, targets_of, tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining, "SECONDS_BETWEEN_SAVES", 0)
    monkeypatch.setattr(choosing, "_SHARE", 1e-4)
    paces = iter([20.0, 40.0])  # the clock runs otherwise the second time
    monkeypatch.setattr(pretraining, "pace", lambda: next(paces))

    def run(**more):
        return choose(Examples(reviews[0], targets_of["binary"], "binary"), [MODEL], budget=100, saves=tmp_path, **more)

    def kill(line):
        raise Killed

    with pytest.raises(Killed):
        run(tell=kill)
    with pytest.raises(Killed):
        run(tell=lambda line: kill(line) if "fine-tuning" in line else None)
    resumed = run()
    assert resumed.work == pytest.approx(0.2, rel=0.1)
    again = choose(Examples(reviews[0], targets_of["binary"], "binary"), [MODEL], budget=np.inf, work=resumed.work)
    np.testing.assert_array_equal(again.model.scores(reviews[0]), resumed.model.scores(reviews[0]))


def test_when_it_is_tried(monkeypatch):
    monkeypatch.setattr(pretraining, "pace", lambda: 0.1)
    few, many = Corpus(["a film " * 50] * 100), Corpus(["a film " * 5000] * 100)

    def said(corpus, seconds, alone=False):
        found = Sizing(corpus, None, None, print).sized(BLEND, seconds, alone=alone)
        return found if isinstance(found, str) else found.parts[1].work

    assert "too few words" in said(few, np.inf)
    assert "10 minutes" in said(many, 500)
    assert said(few, 500, alone=True) == said(few, 500.0, alone=True) == pytest.approx(40)
    assert said(many, 1000) == pytest.approx(80)
    assert said(many, np.inf) == pytest.approx(576)
    monkeypatch.setattr(pretraining, "pace", lambda: 1e-4)
    assert "longer than the budget" in said(many, 1000)


def test_more_time_makes_it_larger_and_reads_more():
    sizes = [Size.of(work, 20e6, 5e6, 25_000) for work in (1, 40, 100, 200, 400, 1000)]
    assert [one.units for one in sizes] == [128, 128, 128, 256, 256, 512]
    assert all(one.steps < other.steps for one, other in pairwise(sizes) if one.units == other.units)
    assert least_work(20e6, 5e6, 25_000) < 80
    assert Size.of(1e6, 1e5, 1e5, 100) == Size(128, 64, 1000, 40)


def test_rare_words_and_long_texts():
    texts = ["a b b", "b a c"]
    lexicon, ragged = Corpus(texts).words()
    vocabulary, numbers = FrequentWords.of(lexicon, ragged, most=10, least=2)
    assert vocabulary.words == ["b", "a"]
    assert vocabulary.read(texts).tolist() == numbers.tolist() == [[3, 2, 2], [2, 3, 0]]
    assert len(tail(np.arange(1000, dtype=np.int32))) == LENGTH + 1
    assert tail(np.arange(1000, dtype=np.int32))[-1] == 999


@pytest.mark.parametrize("large", [1e30, np.inf, np.nan])
def test_gradients_that_are_too_large_change_nothing(large):
    dense, words = weights.drawn(5, 3, 2, np.random.default_rng(0))
    state, rows = weights.State.of(dense, words), jnp.array([1, 1, 4])
    rates = (weights.Dense(0.1, 0.1, 0.1, 0.1), 0.1)
    usual, of_rows = jax.tree.map(jnp.ones_like, dense), jnp.ones((3, 4))
    after = weights.step(state, usual._replace(recurrent=usual.recurrent * large), rows, of_rows * large, rates, 1.0)
    for one, other in zip(jax.tree.leaves(after[:2]), jax.tree.leaves(state[:2]), strict=True):
        np.testing.assert_array_equal(one, other)
    moved = weights.step(after, usual, rows, of_rows, rates, 1.0)
    assert np.isfinite(moved.words).all()
    assert (np.asarray(moved.words != words).any(axis=1)).tolist() == [False, True, False, False, True]


def test_matrices_decay_and_biases_and_words_do_not():
    dense, words = weights.drawn(5, 3, 2, np.random.default_rng(0))
    none = jax.tree.map(jnp.zeros_like, dense)
    rates = (weights.Dense(0.1, 0.2, 0.3, 0.4), 0.1)
    after = weights.step(weights.State.of(dense, words), none, jnp.array([1]), jnp.zeros((1, 4)), rates, 1.0, 0.5)
    np.testing.assert_allclose(after.dense.kernel, dense.kernel * (1 - 0.1 * 0.5), rtol=1e-6)
    np.testing.assert_allclose(after.dense.recurrent, dense.recurrent * (1 - 0.2 * 0.5), rtol=1e-6)
    np.testing.assert_allclose(after.dense.projection, dense.projection * (1 - 0.4 * 0.5), rtol=1e-6)
    np.testing.assert_array_equal(after.dense.bias, dense.bias)
    np.testing.assert_array_equal(after.words, words)


def test_in_fine_tuning_a_window_of_words_sees_the_one_before_but_sends_no_gradient_there():
    random = np.random.default_rng(0)
    dense, _ = weights.drawn(5, 3, 4, random)
    length = WINDOW + 20
    sequences, mask = (
        jnp.asarray(random.normal(size=(2, length, 3)), jnp.float32),
        jnp.arange(length) < jnp.array([[length], [9]]),
    )
    zeros = jnp.zeros((2, 4))
    states = fine_tuning._states(dense, sequences, mask)
    whole, *_ = lstm(sequences, zeros, zeros, *dense[:3], mask)
    np.testing.assert_allclose(states[0], whole[0], atol=1e-6)
    np.testing.assert_allclose(states[1, :9], whole[1, :9], atol=1e-6)
    met = jax.grad(lambda given: fine_tuning._states(dense, given, mask)[0, -1].sum())(sequences)
    assert not met[0, :WINDOW].any()
    assert met[0, WINDOW:].all()


def test_the_last_state_of_a_text_learns_wherever_it_ends():
    random = np.random.default_rng(0)
    dense, _ = weights.drawn(5, 3, 4, random)
    dense = dense._replace(projection=jnp.zeros((13, 1)).at[:4].set(1.0))  # reads the last state alone
    vectors, mask = (
        jnp.asarray(random.normal(size=(2 * 100, 4)), jnp.float32),
        jnp.arange(100) < jnp.array([[100], [9]]),
    )
    kept = jnp.ones((2, 13), bool)
    given = jnp.zeros((2, 1))
    met = jax.grad(fine_tuning._loss, argnums=1)(dense, vectors, mask, given, kept, "sigmoid")
    met = np.asarray(met[:, :-1]).reshape(2, 100, 3)
    assert met[0, WINDOW:].all()
    assert met[1, :9].all()
    assert not met[1, 9:].any()
