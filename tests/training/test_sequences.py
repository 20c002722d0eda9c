"""Several inputs, each even or ragged, of lengths of their own."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

import unspool
from unspool import layers
from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import StoredRagged
from unspool.training.buckets import FEWEST_BATCHES, joint_buckets
from unspool.training.examples import Examples
from unspool.training.sequences import LengthGroups

PAIRS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=60)


@given(PAIRS, st.integers(1, 9), st.none() | st.integers(1, 600))
def test_each_row_is_in_one_bucket_that_is_long_enough_for_both(pairs, batch_size, batch_tokens):
    groups = list(np.array(pairs).T)
    found = joint_buckets(groups, batch_size, batch_tokens)
    assert sorted(row for bucket in found for row in bucket.rows) == list(range(len(pairs)))
    for bucket in found[:-1]:
        assert len(bucket.rows) % bucket.batch_size == 0
        assert len(bucket.rows) >= FEWEST_BATCHES * bucket.batch_size
    for bucket in found:
        assert 1 <= bucket.batch_size <= batch_size
        if batch_tokens is not None and bucket.batch_size > 1:
            assert bucket.batch_size * max(bucket.lengths) <= batch_tokens
        for lengths, padded in zip(groups, bucket.lengths, strict=True):
            assert (lengths[bucket.rows] <= padded).all()


def test_equal_lengths_are_one_group_and_are_padded_alike():
    source, target = ragged([2, 5]), ragged([4, 1])
    numbers = Ragged.from_arrays([np.ones((2, 3)), np.ones((5, 3))])
    groups = LengthGroups.of(examples := Examples([source, target, np.zeros((2, 7)), numbers], target))
    assert groups.of_leaf == [0, 1, None, 0, 1, None]
    padded = groups.padded(examples, (6, 4))
    assert [array.shape for array in padded.x] == [(2, 6), (2, 4), (2, 7), (2, 6, 3)]
    assert padded.y.shape == (2, 4)
    assert (padded.x[0][0, :4] == 0).all()
    assert np.isnan(padded.x[3][0, :4]).all()  # of numbers 0 is one of them
    np.testing.assert_array_equal(padded.x[3][0, 4:], np.ones((2, 3)))
    other = Examples(target, numbers)
    assert LengthGroups.of(other).padded(other, (4, 6)).y[0].tolist() == [[0.0] * 3] * 4 + [[1.0] * 3] * 2


def ragged(lengths, seed=0):
    rng = np.random.default_rng(seed)
    return Ragged.from_sequences([rng.integers(1, 20, n) for n in lengths])


def two_sided(seed=0):
    """Reads a source, says something after each step of a target; a second output after each step of the source."""
    keras.utils.set_random_seed(seed)
    source, target = (keras.Input((None,), dtype="int32", name=name) for name in ("source", "target"))
    beside = keras.Input((2,), name="beside")
    embed = keras.layers.Embedding(20, 5, mask_zero=True)
    states = layers.GRU(4, return_sequences=True)(embed(source))
    start = layers.GRU(4)(embed(source))
    vectors = embed(target)
    # Keras forgets the mask of a layer that is given a state, unless it is handed over.
    answers = layers.GRU(4, return_sequences=True)(vectors, initial_state=start, mask=embed.compute_mask(target))
    scaled = keras.layers.Multiply()([answers, keras.layers.Reshape((1, 4))(keras.layers.Dense(4)(beside))])
    outputs = {"each": keras.layers.Dense(3)(scaled), "source": states, "all": start}
    return keras.Model({"source": source, "target": target, "beside": beside}, outputs)


def data(count=30):
    rng = np.random.default_rng(3)
    lengths = rng.integers(0, 30, (2, count))
    return {
        "source": ragged(lengths[0]),
        "target": ragged(lengths[1], 1),
        "beside": rng.random((count, 2), dtype="float32"),
    }


def take(x, rows):
    return {name: leaf.take(rows) if isinstance(leaf, Ragged) else leaf[rows] for name, leaf in x.items()}


def test_outputs_are_as_long_as_the_input_that_they_follow_whatever_the_batch():
    model, x = two_sided(), data()
    together = unspool.predict(model, x, batch_size=8)
    np.testing.assert_array_equal(together["each"].lengths, x["target"].lengths)
    np.testing.assert_array_equal(together["source"].lengths, x["source"].lengths)
    assert together["all"].shape == (30, 4)
    order = np.random.default_rng(0).permutation(30)
    other = unspool.predict(model, take(x, order), batch_size=2)
    for name in ("each", "source"):
        np.testing.assert_allclose(other[name].flat, together[name].take(order).flat, atol=1e-6)
    np.testing.assert_allclose(other["all"], together["all"][order], atol=1e-6)


def test_a_fixed_output_as_long_as_a_bucket_is_an_array():
    model = keras.Sequential([keras.Input((None,), dtype="int32"), keras.layers.Embedding(20, 3), layers.GRU(16)])
    assert unspool.predict(model, ragged([3, 9, 2]), batch_size=2).shape == (3, 16)


class Crossed(keras.layers.Layer):
    def call(self, x):
        return ops.expand_dims(x, 1) * ops.expand_dims(x, 2)


class Shifted(keras.layers.Layer):
    def call(self, x):
        return x[:, 1:]


@pytest.mark.parametrize("layer", [Crossed, Shifted])
def test_outputs_that_grow_in_another_way_are_refused(layer):
    model = keras.Sequential([keras.Input((None,)), layer()])
    with pytest.raises(ValueError, match="grow with its input"):
        unspool.predict(model, ragged([3, 40]), batch_size=1)


def trained(x, y, folder=None, stop_at=None):
    def act(step, logs):
        if step == stop_at:
            raise KeyboardInterrupt

    model = two_sided()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = keras.Model(model.input, model.output["each"])
    model.compile("adam", loss, metrics=["accuracy"])
    history = unspool.fit(
        model,
        x,
        y,
        batch_size=8,
        epochs=2,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=act)],
        checkpoint=unspool.Checkpoint(folder, steps=1) if folder else None,
    )
    return history.history, model.get_weights()


@pytest.mark.soak
def test_two_sides_train_from_memory_from_files_and_resumed_to_the_same_bits(tmp_path, monkeypatch):
    x = data()
    y = Ragged(x["target"].flat % 3, x["target"].offsets)
    monkeypatch.setattr("unspool.training.buckets.BLOCK_TOKENS", 500)
    history, weights = trained(x, y)
    with pytest.raises(KeyboardInterrupt):
        trained(x, y, tmp_path / "saved", stop_at=2)
    stored = {n: StoredRagged.write([a], tmp_path, 20) if isinstance(a, Ragged) else a for n, a in x.items()}
    resumed = trained(stored, StoredRagged.write([y], tmp_path), tmp_path / "saved")
    assert resumed[0] == history
    for ours, theirs in zip(resumed[1], weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
