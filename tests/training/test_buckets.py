import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import unspool
from unspool import layers
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import StoredRagged
from unspool.training import buckets as buckets_module
from unspool.training.buckets import (
    BucketedPass,
    batch_sequence,
    bucket_length,
    buckets,
    joint_bucket_length,
    joint_buckets,
    pass_over,
)
from unspool.training.examples import Examples

LENGTHS = st.lists(st.integers(0, 700), min_size=1, max_size=60)


@given(st.integers(0, 10_000))
def test_a_bucket_is_at_most_half_as_long_again(length):
    assert length <= bucket_length(length) <= max(16, 1.5 * length)


@given(st.integers(0, 10_000))
def test_a_joint_bucket_is_never_longer(length):
    assert length <= joint_bucket_length(length) <= bucket_length(length)
    assert joint_bucket_length(length) < max(9, length + 4) or length > 24


@given(LENGTHS, st.integers(1, 9))
def test_each_row_is_in_one_bucket_that_is_long_enough(lengths, batch_size):
    found = buckets(np.array(lengths), batch_size)
    assert sorted(row for bucket in found for row in bucket.rows) == list(range(len(lengths)))
    assert all(lengths[row] <= bucket.length for bucket in found for row in bucket.rows)
    assert all(len(bucket.rows) % batch_size == 0 for bucket in found[:-1])
    assert len({bucket.length for bucket in found}) == len(found)


@given(LENGTHS, st.integers(1, 9), st.randoms(use_true_random=False))
def test_an_epoch_takes_each_row_once_in_batches_of_one_bucket(lengths, batch_size, random):
    order = list(range(len(lengths)))
    random.shuffle(order)
    found = joint_buckets([np.array(lengths)], batch_size)
    orders, batches = batch_sequence(found, np.array(order, dtype=np.int32))
    rows = [found[k].rows[orders[k][start : start + size]] for k, start, size in batches]
    assert sorted(np.concatenate(rows)) == list(range(len(lengths)))
    assert sum(len(batch) < batch_size for batch in rows) <= 1
    # A batch goes once it is full: in the order of the rows that filled it.
    places = [max(order.index(row) for row in batch) for batch in rows]
    assert places == sorted(places)


def test_batches_of_all_lengths_come_mixed():
    lengths = np.repeat([10, 100], 100)
    order = np.random.default_rng(0).permutation(200).astype(np.int32)
    found = joint_buckets([lengths], 10)
    _, batches = batch_sequence(found, order)
    first_half = [number for number, _, _ in batches[:10]]
    assert 3 <= sum(first_half) <= 7


def _model():
    keras.utils.set_random_seed(0)
    stack = [
        keras.Input((None,), dtype="int32"),
        keras.layers.Embedding(50, 8, mask_zero=True),
        layers.LSTM(6),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    model = keras.Sequential(stack)
    model.compile("adam", "binary_crossentropy")
    return model


def _sequences(count=60, longest=90):
    rng = np.random.default_rng(1)
    return Ragged.from_sequences([rng.integers(1, 50, n) for n in rng.integers(0, longest, count)])


FEW_BUCKETS = 33
"""Sequences shorter than this lie in three buckets, each of which is one more program to compile."""


def test_predictions_do_not_change_with_bucket_batch_mates_or_padding():
    model, x = _model(), _sequences(longest=FEW_BUCKETS)
    together = unspool.predict(model, x, batch_size=7)
    alone = np.concatenate([unspool.predict(model, x.take([i])) for i in range(len(x))])
    padded = unspool.predict(model, pad(x, 70), batch_size=60)
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, padded, atol=1e-6)


def test_fit_learns_from_each_row_as_if_all_were_padded_to_the_longest():
    x = Ragged.from_sequences([s for s in _sequences() if len(s) > 64][:8])  # of one bucket, so in the same batches
    y = (x.lengths > 75).astype("float32")
    ours, padded = _model(), _model()
    unspool.fit(ours, x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    unspool.fit(padded, pad(x, 150), y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(ours.get_weights(), padded.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_batches_of_long_rows_have_fewer_of_them(monkeypatch):
    x = Ragged.from_sequences([np.ones(length, "int32") for length in [10] * 32 + [20] * 106])
    sizes = []
    block = BucketedPass._block

    def noting(self, bucket, *where):
        sizes.append((bucket.lengths, bucket.batch_size))
        return block(self, bucket, *where)

    monkeypatch.setattr(BucketedPass, "_block", noting)
    model, y = _model(), np.ones(138, "float32")
    rows = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: rows.append(step))
    unspool.fit(model, x, y, batch_size=8, batch_tokens=96, epochs=1, verbose=0, callbacks=[count])
    assert set(sizes) == {((16,), 6), ((20,), 4)}
    assert len(rows) == 5 + 27  # 30 rows of 16 steps, too few for 12; the two that are left, and 106 others, of 20
    with pytest.raises(ValueError, match="batch_tokens is for sequences of different lengths"):
        unspool.fit(model, pad(x, 24), y, batch_size=8, batch_tokens=96, verbose=0)
    with pytest.raises(ValueError, match="batch_tokens is a whole number of at least 1, not 0"):
        unspool.fit(model, x, y, batch_tokens=0, verbose=0)


@pytest.mark.slow
def test_fit_trains_on_all_lengths_with_validation_weights_and_callbacks():
    x = _sequences(200, FEW_BUCKETS)
    y = (x.lengths > 16).astype("float32")
    model = _model()
    steps = []
    history = unspool.fit(
        model,
        x,
        y,
        batch_size=16,
        epochs=12,
        validation_split=0.2,
        class_weight={0: 1.0, 1: 2.0},
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: steps.append(step))],
        verbose=0,
    ).history
    assert history["loss"][-1] < history["loss"][0]
    assert steps[:11] == [*range(10), 0]
    assert unspool.evaluate(model, x, y) > 0


def _history_and_weights(x, callbacks=(), **options):
    y = (x.lengths > 16).astype("float32")
    model = _model()
    history = unspool.fit(
        model, x, y, batch_size=8, epochs=2, validation_split=0.2, callbacks=callbacks, verbose=0, **options
    )
    return history.history, model.get_weights(), unspool.predict(model, x, batch_size=8), unspool.evaluate(model, x, y)


@pytest.fixture(scope="module")
def expected():
    """What comes of the sequences in memory."""
    return _history_and_weights(_sequences(200, FEW_BUCKETS))


@pytest.mark.parametrize("tokens", [1, 800, 1 << 20])  # blocks of one batch, of some, and of whole buckets
@pytest.mark.slow
def test_sequences_in_a_file_and_blocks_of_any_size_give_the_same_bits(tmp_path, monkeypatch, tokens, expected):
    x = _sequences(200, FEW_BUCKETS)
    monkeypatch.setattr("unspool.training.buckets.BLOCK_TOKENS", tokens)
    stored = StoredRagged.write([x.take(range(90)), x.take(range(90, 200))], tmp_path, size=50)
    found = _history_and_weights(stored)
    assert found[0] == expected[0]
    assert found[3] == expected[3]
    for ours, theirs in zip([*found[1], found[2]], [*expected[1], expected[2]], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_no_more_than_a_block_of_each_bucket_is_read_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("unspool.training.buckets.BLOCK_TOKENS", 400)
    shapes = []

    def loop(state, data, start, steps, batch_size):
        shapes.append(data.shape)
        return {}, state

    x = StoredRagged.write([_sequences(300)], tmp_path, size=50)
    bucketed = pass_over(loop, Examples(x), batch_size=2)
    assert [done for done, _, _ in bucketed.programs(np.arange(300, dtype=np.int32), lambda: ())][-1] == 150
    assert max(rows * length for rows, length in shapes) <= 400
    assert len({length for _, length in shapes}) == len(set(shapes)) == 6  # of each bucket one shape


@pytest.mark.slow
def test_a_training_from_memory_goes_on_from_a_file(tmp_path):
    x = _sequences(100, FEW_BUCKETS)
    stored = StoredRagged.write([x], tmp_path, size=50)
    whole = _history_and_weights(x)

    def stop(step, logs):
        if step == 5:
            raise KeyboardInterrupt

    checkpoint = unspool.Checkpoint(tmp_path / "saved", steps=1)
    with pytest.raises(KeyboardInterrupt):
        _history_and_weights(x, [keras.callbacks.LambdaCallback(on_train_batch_end=stop)], checkpoint=checkpoint)
    resumed = _history_and_weights(
        stored, [keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: None)], checkpoint=checkpoint
    )
    assert resumed[0] == whole[0]
    np.testing.assert_array_equal(resumed[2], whole[2])


def test_the_batches_of_an_epoch_are_walked_over_once(monkeypatch):
    class Counted(list):
        seen = 0

        def __getitem__(self, place):
            Counted.seen += 1
            return super().__getitem__(place)

        def __iter__(self):
            for one in super().__iter__():
                Counted.seen += 1
                yield one

    def counted(*given):
        orders, batches = batch_sequence(*given)
        return orders, Counted(batches)

    monkeypatch.setattr(buckets_module, "batch_sequence", counted)
    x = Ragged.from_sequences([[1] * (10 + 10 * (row % 5)) for row in range(1000)])
    bucketed = pass_over(lambda state, *arguments, batch_size: ({}, state), Examples(x), batch_size=2)
    list(bucketed.programs(np.random.default_rng(0).permutation(1000).astype(np.int32), lambda: ()))
    assert Counted.seen <= 8 * bucketed.steps


def test_a_program_grows_from_one_step_whatever_the_lengths():
    x = Ragged.from_sequences([[1, 2, 3]] * 100)  # of one bucket: all 20 steps come in a row
    bucketed = pass_over(lambda state, *arguments, batch_size: ({}, state), Examples(x), batch_size=5)
    done = [steps for steps, _, _ in bucketed.programs(np.arange(100, dtype=np.int32), lambda: ())]
    assert (done[0], done[-1]) == (1, 20)
