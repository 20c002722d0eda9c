"""Series step by step: the bits of the whole series, from a state that can be moved."""

import numpy as np
import pytest

import small
from unspool_runtime import InputError, Model

STEPS = small.random(5).normal(size=(12, 2))


def deep(cell="lstm"):
    """Two recurrent layers, one upon the other."""
    draw, tree = small.random(2), small.series_network(cell)
    tree["model"]["layers"][:1] = [
        small.recurrent(draw, cell, 2, 4, False, "all"),
        small.recurrent(draw, cell, 4, 5, False, "last"),
    ]
    return tree


@pytest.fixture
def model(tmp_path):
    return Model.load(small.write(tmp_path, deep()))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru after", "gru before"])
def test_each_step_is_answered_as_the_series_so_far(tmp_path, kernels, cell):
    model = Model.load(small.write(tmp_path, deep(cell)))
    stream = model.stream()
    for length, step in enumerate(STEPS, start=1):
        wanted = model.probabilities([STEPS[:length]])
        if kernels == "native":
            np.testing.assert_array_equal(stream.push(step), wanted)
        else:  # matrix products of other sizes may differ in the last bit
            np.testing.assert_allclose(stream.push(step), wanted, atol=1e-6)


def test_a_state_goes_on_elsewhere(model, kernels):
    stream = model.stream()
    for step in STEPS[:6]:
        stream.push(step)
    moved = model.stream(saved=stream.save())
    assert moved.steps == 6
    for step in STEPS[6:]:
        np.testing.assert_array_equal(moved.push(step), stream.push(step))
    assert moved.take([0]).steps == stream.steps == 12


def test_several_series_at_once_are_those_alone(model, kernels):
    together, alone = model.stream(sessions=3), [model.stream() for _ in range(3)]
    for step in STEPS:
        rows = np.stack([step, 2 * step, -step])
        found = together.push(rows)
        np.testing.assert_allclose(found, [one.push(row)[0] for one, row in zip(alone, rows, strict=True)], atol=1e-6)
    last = together.take([2])
    np.testing.assert_allclose(last.push(STEPS[0]), alone[2].push(STEPS[0]), atol=1e-6)
    assert together.sessions == 3


def test_a_step_that_cannot_be_read_changes_nothing(model):
    stream = model.stream()
    stream.push(STEPS[0])
    before = stream.save()
    for step in ([1.0], [1.0, np.nan], [np.inf, 1.0], [1.0, 1e300], "ab", [[1.0, 2.0], [3.0, 4.0]]):
        with pytest.raises(InputError, match="step"):
            stream.push(step)
    assert stream.save() == before
    assert stream.steps == 1


def test_a_state_of_another_model_is_refused(model, tmp_path):
    other = Model.load(small.write(tmp_path, deep("gru after")))
    saved = model.stream().save()
    with pytest.raises(InputError, match="another model"):
        other.stream(saved=saved)
    counted = len(saved) - 4 * 2 * (4 + 5) - 8
    endless = saved[:counted] + b"\xff" * 8 + saved[counted + 8 :]
    for damaged in (b"", saved[:-1], saved + b"x", saved[:-4] + b"\xff\xff\xff\xff", endless):
        with pytest.raises(InputError, match=r"another model|damaged"):
            model.stream(saved=damaged)
    with pytest.raises(InputError, match="saved by an earlier version"):
        model.stream(saved=saved.replace(b"stream 2", b"stream 1"))
    with pytest.raises(InputError, match="not of 2 series"):
        model.stream(sessions=2, saved=saved)


@pytest.mark.parametrize(
    "tree",
    [small.series_network(both=True), small.words_network(), small.of_texts(small.linear())],
    ids=["both directions", "words", "n-grams"],
)
def test_a_model_that_looks_ahead_is_refused(tmp_path, tree):
    with pytest.raises(InputError, match="cannot read a stream"):
        Model.load(small.write(tmp_path, tree)).stream()
