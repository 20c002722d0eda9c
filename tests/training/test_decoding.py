"""Answers to many sources: whatever they are batched with, kept keys and values or not, and learnt in seconds."""

import jax
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import unspool
from unspool import kernels
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import StoredRagged
from unspool.models import EncoderDecoder, Tokens, Transformer, encoder_decoder, transformer
from unspool.models.search import Beam, Sampling
from unspool.training.decoding import decode, log_probabilities, teacher_forcing

pytestmark = pytest.mark.whole

START, END, SIZE = 1, 2, 13
EDGES = {"start": START, "end": END, "maximum": 10}
NARROW = Transformer(layers=1, width=16, heads=2, feed_forward=16, dropout=0.0)


def sources(count, longest=8, seed=0):
    rng = np.random.default_rng(seed)
    return Ragged.from_sequences([rng.integers(3, SIZE, n) for n in rng.integers(1, longest + 1, count)])


def forced_log_probabilities(model, x, targets):
    """Of each given answer, its end included: what the decoder gives when it reads the answer itself."""
    read, said = teacher_forcing(targets, START, END)
    shares = jax.nn.log_softmax(model.decode(model.encode(pad(x, 12)), pad(read, 11, padding="post")))
    return np.array([np.asarray(one)[np.arange(len(ids)), ids].sum() for one, ids in zip(shares, said, strict=True)])


@pytest.fixture(params=["native", "reference"])
def path(request):
    """The native search, and the compiled one."""
    with kernels.use(request.param):
        yield


@pytest.fixture(scope="module")
def model():
    """Untrained, but with large weights: it has decided opinions, and ends some answers."""
    keras.utils.set_random_seed(1)
    model = transformer(NARROW, Tokens(SIZE), Tokens(SIZE))
    model.set_weights([3 * weight for weight in model.get_weights()])
    return model


@given(st.lists(st.lists(st.integers(3, 9), max_size=5), max_size=5))
def test_teacher_forcing_is_one_step_apart(targets):
    read, said = teacher_forcing(Ragged.from_sequences(targets), START, END)
    assert read.tolist() == [[START, *target] for target in targets]
    assert said.tolist() == [[*target, END] for target in targets]


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("how", [Sampling(), Sampling(temperature=1.0, seed=3), Beam(size=3, returned=3)])
def test_an_answer_does_not_depend_on_batch_mates_padding_or_bucket(model, how, monkeypatch, tmp_path):
    x = sources(9, longest=14)
    together = decode(model, x, how, **EDGES, batch_size=4)
    monkeypatch.setattr("unspool.training.buckets.bucket_length", lambda length: 40)
    stored = StoredRagged.write([x], tmp_path, size=SIZE)
    other = decode(model, stored, how, **EDGES, batch_size=9)
    assert other.tokens.tolist() == together.tokens.tolist()
    np.testing.assert_allclose(other.scores, together.scores, atol=1e-4)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("how", [Sampling(), Sampling(temperature=1.0), Beam(size=3, returned=3)])
def test_scores_from_kept_keys_and_values_are_those_of_forced_decoding(model, how):
    x = sources(12, longest=12)
    found = decode(model, x, how, **EDGES, batch_size=12)
    answers = found.scores.shape[1]
    assert found.ended.any()
    forced = forced_log_probabilities(model, x.take(np.repeat(np.arange(12), answers)), found.tokens)
    ended = found.ended.ravel()
    np.testing.assert_allclose(found.log_probabilities.ravel()[ended], forced[ended], atol=1e-4)


def test_given_answers_are_as_likely_whatever_they_are_batched_with(model, monkeypatch, tmp_path):
    x, y = sources(9, longest=14), sources(9, longest=20, seed=1)
    found = log_probabilities(model, x, y, start=START, end=END)
    assert found.lengths.tolist() == (y.lengths + 1).tolist()
    totals = [one.sum() for one in found]
    read, said = teacher_forcing(y, START, END)
    alone = jax.jit(lambda ids, read: jax.nn.log_softmax(model.decode(model.encode(ids), read))[0])
    for row in range(0, len(said), 4):  # not every row, as each compiles its own program
        ids = said[row]
        shares = alone(x[row][None], read[row][None])
        np.testing.assert_allclose(found[row], np.asarray(shares)[np.arange(len(ids)), ids], atol=2e-3)
    monkeypatch.setattr("unspool.training.decoding.TOKENS_AT_ONCE", 48)
    few = log_probabilities(model, StoredRagged.write([x], tmp_path, size=SIZE), y, start=START, end=END)
    np.testing.assert_allclose([one.sum() for one in few], totals, atol=2e-3)


def test_an_id_that_cannot_be_written_is_impossible(model):
    found = log_probabilities(model, sources(1), Ragged.from_sequences([[5, SIZE]]), start=START, end=END)
    assert np.isneginf(found.flat).tolist() == [False, True, False]


@pytest.mark.usefixtures("path")
def test_greedy_is_a_beam_of_one(model):
    x = sources(12, longest=12)
    greedy, beam = (decode(model, x, how, **EDGES, batch_size=12) for how in (Sampling(), Beam(size=1)))
    assert greedy.tokens.tolist() == beam.tokens.tolist()
    np.testing.assert_array_equal(greedy.log_probabilities, beam.log_probabilities)
    np.testing.assert_array_equal(greedy.scores, beam.scores)


@pytest.mark.usefixtures("path")
def test_what_never_ends_is_cut_at_the_maximum(model):
    x = sources(5)
    long = decode(model, x, start=START, end=SIZE - 1, maximum=3, batch_size=5)
    assert (long.tokens.lengths[~long.ended[:, 0]] == 3).all()
    assert not long.ended.all()


def test_ids_that_cannot_be_are_refused(model):
    with pytest.raises(ValueError, match="ids from 1 to 12"):
        decode(model, sources(2), start=1, end=SIZE, maximum=3)


LEARNERS = {
    "reverse": (encoder_decoder, EncoderDecoder(units=32, width=16, dropout=0.0), 12, 2000),
    "copy": (transformer, Transformer(layers=1, width=32, heads=4, feed_forward=64, dropout=0.0), 15, 4000),
}


@pytest.mark.soak
@pytest.mark.parametrize("task", LEARNERS)
def test_a_model_learns_to_answer_sequences_that_it_has_not_seen(task):
    keras.utils.set_random_seed(0)
    build, config, epochs, count = LEARNERS[task]
    x = sources(count + 200)
    y = x if task == "copy" else Ragged.from_sequences([source[::-1] for source in x])
    model = build(config, Tokens(SIZE), Tokens(SIZE))
    rate = keras.optimizers.schedules.CosineDecay(5e-3, epochs * count // 50)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), loss, metrics=["accuracy"])
    train, new = np.arange(count), np.arange(count, count + 200)
    read, said = teacher_forcing(y.take(train), START, END)
    history = unspool.fit(model, (x.take(train), read), said, batch_size=50, epochs=epochs, verbose=0).history
    assert history["accuracy"][-1] > 0.99
    found = decode(model, x.take(new), **EDGES, batch_size=200).best.tolist()
    right = sum(one == answer for one, answer in zip(found, y.take(new).tolist(), strict=True))
    assert right >= 196  # of 200; which of them are missed depends on the processor's last bits


@pytest.mark.usefixtures("path")
def test_sources_that_are_padded_already_give_the_same_answers(model):
    x = sources(5)
    together = decode(model, x, **EDGES, batch_size=8)
    for side in ("pre", "post"):
        assert decode(model, pad(x, 19, side), **EDGES, batch_size=2).tokens.tolist() == together.tokens.tolist()
