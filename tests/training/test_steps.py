import tracemalloc
import weakref

import jax
import keras
import numpy as np
import pytest

import unspool
from unspool.training.arrays import to_examples
from unspool.training.examples import Examples
from unspool.training.steps import ALIGNMENT, EvenPass, on_device

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


def test_a_block_is_no_larger_than_what_there_is_to_read():
    _, shapes, _ = _read(11, batch_size=2, steps_a_program=1000)
    assert shapes == [(10, 4), (1, 4)]


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


def test_no_block_is_on_the_device_beside_the_next(monkeypatch):
    monkeypatch.setattr("unspool.training.steps.BLOCK_BYTES", 4 * NUMBERS[0].nbytes)
    blocks = []

    def loop(state, data, start, steps, batch_size):
        if data not in [block() for block in blocks]:
            assert all(block() is None for block in blocks)
            blocks.append(weakref.ref(data))
        return {}, state

    even = EvenPass(loop, Examples(NUMBERS), 2)
    assert [done for done, _, _ in even.programs(np.arange(11, dtype=np.int32), lambda: ())][-1] == 6
    assert len(blocks) == 4


def test_programs_of_a_fixed_number_of_steps_do_not_end_where_blocks_end(monkeypatch):
    monkeypatch.setattr("unspool.training.steps.BLOCK_BYTES", 3 * NUMBERS[0].nbytes)
    even = EvenPass(lambda state, *arguments, batch_size: ({}, state), Examples(NUMBERS), 1, steps_a_program=2)
    ends = [done for done, _, _ in even.programs(np.arange(11, dtype=np.int32), lambda: ())]
    assert ends == [2, 4, 6, 8, 10, 11]


def test_what_is_given_as_input_and_target_is_placed_once(tmp_path):
    np.save(tmp_path / "numbers.npy", NUMBERS)
    mapped = np.load(tmp_path / "numbers.npy", mmap_mode="r")
    x, y = on_device(to_examples(mapped, mapped).packed(), np.arange(3), 3)
    assert x is y


def test_rows_lie_where_xla_reads_them_in_place(monkeypatch):
    put, given = jax.device_put, []
    monkeypatch.setattr(jax, "device_put", lambda array, **how: put(given.append(array) or array, **how))
    placed = on_device(NUMBERS, np.arange(11), 12)
    assert placed.unsafe_buffer_pointer() == given[0].ctypes.data
    assert placed.unsafe_buffer_pointer() % ALIGNMENT == 0
    assert np.array_equal(placed, np.concatenate([NUMBERS, np.zeros((1, 4))]))


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, lambda array: array[:, ::-1]])
def test_only_the_rows_that_are_asked_for_are_copied(layout):
    array = layout(np.random.default_rng(0).random((10_000, 50)))
    tracemalloc.start()
    placed = on_device(array, np.array([7, 9_000, 7]), 3)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.allclose(placed, array[[7, 9_000, 7]])
    assert most < array.nbytes / 10
