import keras
import numpy as np
import pytest

import unspool
from unspool.training.arrays import Examples
from unspool.training.steps import EvenPass

NUMBERS = np.arange(44, dtype=np.float32).reshape(11, 4)


def _read(count, batch_size, data=None, steps_a_program=None):
    """What a pass reads of `data`, batch by batch, and the shapes of the data that its programs were given."""
    data = NUMBERS[:count] if data is None else data
    read, shapes = [], []

    def loop(state, data, start, steps, batch_size):
        shapes.append(data[0].shape)
        for step in range(steps):
            first = start + step * batch_size
            read.append([np.asarray(array[first : first + batch_size]) for array in data])
        return {}, state

    order = np.random.default_rng(0).permutation(count).astype(np.int32)
    even = EvenPass(loop, Examples(data, data), batch_size, steps_a_program)
    assert [done for done, _, _ in even.programs(order, lambda: ())][-1] == even.steps
    return read, shapes, order


@pytest.mark.parametrize("block_bytes", [1, 16 * 2 * 4, 1 << 20])
@pytest.mark.parametrize("count", [1, 2, 8, 11])
def test_every_row_is_read_once_and_in_order_whatever_a_block_holds(monkeypatch, block_bytes, count):
    monkeypatch.setattr("unspool.training.steps.BLOCK_BYTES", block_bytes)
    read, _, order = _read(count, batch_size=2)
    for part in zip(*read, strict=True):
        assert np.array_equal(np.concatenate(part), NUMBERS[order])


def test_blocks_hold_no_more_than_they_should_and_have_one_shape(monkeypatch):
    monkeypatch.setattr("unspool.training.steps.BLOCK_BYTES", 4 * NUMBERS[0].nbytes)  # input and target are one array
    _, shapes, _ = _read(11, batch_size=2, steps_a_program=2)
    assert set(shapes) == {(4, 4), (1, 4)}  # the rest is a step of its own
    assert len(shapes) == 3 + 1  # five batches by two, and the rest


def test_a_batch_larger_than_a_block_is_read_whole(monkeypatch):
    monkeypatch.setattr("unspool.training.steps.BLOCK_BYTES", 1)
    _, shapes, _ = _read(11, batch_size=5)
    assert set(shapes) == {(5, 4), (1, 4)}


def test_an_array_on_disk_is_read_from_there(tmp_path):
    np.save(tmp_path / "numbers.npy", NUMBERS)
    read, _, order = _read(11, batch_size=3, data=np.load(tmp_path / "numbers.npy", mmap_mode="r"))
    assert np.array_equal(np.concatenate([x for x, _ in read]), NUMBERS[order])


def test_training_is_the_same_whatever_a_block_holds(monkeypatch):
    x = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")

    def trained(block_bytes):
        monkeypatch.setattr("unspool.training.steps.BLOCK_BYTES", block_bytes)
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dropout(0.5)])
        model.compile("adam", "mse")
        history = unspool.fit(model, x, x[:, :2], batch_size=8, epochs=3, verbose=0, validation_data=(x, x[:, :2]))
        return model.get_weights(), history.history

    weights, history = trained(1 << 24)
    others, other_history = trained(200)
    assert all(map(np.array_equal, weights, others))
    assert history == other_history
