"""Ragged targets: each real step counts once, padding never, whatever it is batched with."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score, roc_auc_score

import unspool
from unspool import layers
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import StoredRagged

pytestmark = pytest.mark.whole

TAGS, IDS = 4, 30


def tagger(outputs=TAGS, loss="sparse_categorical_crossentropy", activation="softmax", **compiled):
    keras.utils.set_random_seed(0)
    ids = keras.Input((None,), dtype="int32")
    vectors = keras.layers.Embedding(IDS, 8, mask_zero=True)(ids)
    states = layers.Bidirectional(layers.LSTM(6, return_sequences=True))(vectors)
    model = keras.Model(ids, keras.layers.Dense(outputs, activation=activation)(states))
    model.compile("adam", loss, **({"weighted_metrics": ["accuracy"]} | compiled))
    return model


def tagged(count=60, longest=40, seed=1):
    """Token ids, and of each its remainder, which a model can learn."""
    rng = np.random.default_rng(seed)
    x = Ragged.from_sequences([rng.integers(1, IDS, n) for n in rng.integers(0, longest, count)])
    return x, Ragged(x.flat % TAGS, x.offsets)


def by_hand(model, x, y):
    """The mean over all steps of loss and accuracy, from predictions of all sequences in one array."""
    longest = 50
    present = np.arange(longest) >= longest - x.lengths[:, None]
    p = unspool.predict(model, pad(x, longest))[present]
    return -np.log(p[np.arange(len(p)), y.flat]).mean(), (p.argmax(-1) == y.flat).mean()


@pytest.mark.parametrize("compiled", [{"metrics": ["accuracy"], "weighted_metrics": None}, {}])
@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_loss_and_metrics_are_means_over_the_real_steps(batch_size, compiled):
    model, (x, y) = tagger(**compiled), tagged()
    values = unspool.evaluate(model, x, y, batch_size=batch_size, return_dict=True)
    loss, accuracy = by_hand(model, x, y)
    assert values["loss"] == pytest.approx(loss, rel=1e-5)
    assert values["accuracy"] == pytest.approx(accuracy, rel=1e-5)


@pytest.mark.parametrize("weigh", [False, True])
@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_metrics_that_add_up_steps_count_each_real_step_alike(batch_size, weigh):
    x, y = tagged()
    y = Ragged((y.flat > 1).astype(np.int32) ^ (np.arange(len(y.flat)) % 3 == 0), y.offsets)
    weights = np.random.default_rng(2).random(len(x), dtype="float32") if weigh else None
    metrics = [keras.metrics.Precision(name="precision"), keras.metrics.Recall(name="recall")]
    metrics += [keras.metrics.AUC(5_000, name="auc"), keras.metrics.TruePositives(name="right")]
    model = tagger(1, "binary_crossentropy", "sigmoid", metrics=metrics, weighted_metrics=None)
    found = unspool.evaluate(model, x, y, batch_size=batch_size, sample_weight=weights, return_dict=True)
    present = np.arange(50) >= 50 - x.lengths[:, None]
    says = unspool.predict(model, pad(x, 50))[present][:, 0]
    each = np.ones(len(says)) if weights is None else np.repeat(weights, x.lengths)
    wanted = {
        "precision": precision_score(y.flat, says > 0.5, sample_weight=each),
        "recall": recall_score(y.flat, says > 0.5, sample_weight=each),
        "auc": roc_auc_score(y.flat, says, sample_weight=each),
        "right": each[(says > 0.5) & (y.flat == 1)].sum() / x.lengths.mean(),
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, rel=2e-3)


@pytest.mark.soak
@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=6).filter(any), st.integers(0, 99))
def test_a_loss_does_not_depend_on_batch_mates_order_or_padding(lengths, seed):
    model = test_a_loss_does_not_depend_on_batch_mates_order_or_padding.model
    rng = np.random.default_rng(seed)
    x = Ragged.from_sequences([rng.integers(1, IDS, n) for n in lengths])
    y = Ragged(x.flat % TAGS, x.offsets)
    order = rng.permutation(len(lengths))
    one = unspool.evaluate(model, x, y, batch_size=2)
    other = unspool.evaluate(model, x.take(order), y.take(order), batch_size=3)
    assert one == pytest.approx(other, rel=2e-5)


test_a_loss_does_not_depend_on_batch_mates_order_or_padding.model = tagger()


def trained(x, y, weights=None, **options):
    model = tagger()
    unspool.fit(model, x, y, sample_weight=weights, batch_size=4, epochs=2, shuffle=False, verbose=0, **options)
    return model.get_weights()


def close(ours, theirs, atol=2e-6):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=atol, rtol=0)


def test_a_gradient_does_not_depend_on_what_a_batch_is_padded_to(monkeypatch):
    x, y = tagged(4, 16)
    expected = trained(x, y)
    monkeypatch.setattr("unspool.training.buckets.bucket_length", lambda length: 75)
    close(expected, trained(x, y))


def test_what_stands_in_padding_is_never_learnt():
    x, y = tagged(8, 14)
    before = tagger().layers[1].get_weights()[0][0]
    np.testing.assert_array_equal(trained(x, y)[0][0], before)


@pytest.mark.soak
def test_weights_of_examples_and_of_steps_say_the_same():
    x, y = tagged(20)
    each = np.random.default_rng(0).random(20, dtype="float32")
    by_step = Ragged(np.repeat(each, x.lengths), x.offsets)
    close(trained(x, y, each), trained(x, y, by_step), atol=1e-7)
    zero = (np.arange(20) % 2).astype("float32")
    model = tagger()
    odd = np.flatnonzero(zero)
    values = unspool.evaluate(model, x, y, sample_weight=zero, return_dict=True)
    assert values["accuracy"] == pytest.approx(by_hand(model, x.take(odd), y.take(odd))[1], rel=1e-5)


def test_class_weights_are_weights_of_steps():
    x, y = tagged(20)
    model, expected = tagger(), tagger()
    weights = Ragged(np.where(y.flat == 2, 3.0, 1.0).astype("float32"), y.offsets)
    unspool.fit(model, x, y, class_weight={2: 3.0}, epochs=1, shuffle=False, verbose=0)
    unspool.fit(expected, x, y, sample_weight=weights, epochs=1, shuffle=False, verbose=0)
    close(model.get_weights(), expected.get_weights(), atol=0)


@pytest.mark.parametrize("width", [1, 3])
def test_targets_may_be_numbers_or_vectors(width):
    """(T_i,) beside outputs (B, L, 1), where Keras would take the mean over the steps, and (T_i, 3)."""
    x, _ = tagged(30)
    flat = np.random.default_rng(0).random((len(x.flat), width)).astype("float32")
    y = Ragged(flat[:, 0] if width == 1 else flat, x.offsets)
    model = tagger(width, "mse", "linear", weighted_metrics=["mae"])
    values = unspool.evaluate(model, x, y, batch_size=8, return_dict=True)
    predicted = unspool.predict(model, x, batch_size=8)
    np.testing.assert_array_equal(predicted.lengths, x.lengths)
    assert values["loss"] == pytest.approx(np.mean((predicted.flat - flat) ** 2), rel=1e-5)
    assert values["mae"] == pytest.approx(np.mean(np.abs(predicted.flat - flat)), rel=1e-5)


@pytest.mark.soak
def test_a_ragged_and_an_even_target_side_by_side():
    x, y = tagged(30)
    model = tagger()
    longest = keras.layers.Dense(1, activation="sigmoid", name="long")(
        layers.MeanMaxPooling1D()(model.layers[-2].output)
    )
    both = keras.Model(model.input, [model.output, longest])
    both.compile("adam", ["sparse_categorical_crossentropy", "binary_crossentropy"])
    is_long = (x.lengths > 20).astype("float32")[:, None]
    history = unspool.fit(both, x, [y, is_long], batch_size=15, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    values = unspool.evaluate(both, x, [y, is_long], batch_size=15, return_dict=True)
    tags, p = unspool.predict(both, x, batch_size=15)
    assert isinstance(tags, Ragged)
    assert p.shape == (30, 1)
    of_tags = -np.log(tags.flat[np.arange(len(y.flat)), y.flat]).mean()
    of_long = -np.log(np.where(is_long == 1, p, 1 - p)).mean()
    assert values["loss"] == pytest.approx(of_tags + of_long, rel=1e-5)


def test_a_loss_that_is_a_sum_is_refused():
    x, y = tagged(5)
    for reduction in ("sum", "mean_with_sample_weight"):
        with pytest.raises(ValueError, match=f"reduction='{reduction}'"):
            unspool.fit(tagger(loss=keras.losses.SparseCategoricalCrossentropy(reduction=reduction)), x, y, verbose=0)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.ones((5, 3)), "give a weight for each example"),
        (Ragged.from_arrays([np.ones(2)] * 5), "same lengths"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights, words):
    x, y = tagged(5)
    with pytest.raises(ValueError, match=words):
        unspool.fit(tagger(), x, y, sample_weight=weights, verbose=0)


def test_ragged_and_even_targets_are_not_mixed_between_training_and_validation():
    x, y = tagged(5)
    with pytest.raises(ValueError, match="both, or neither"):
        unspool.fit(tagger(), x, y, validation_data=(np.ones((2, 3)), np.ones((2, 3))), verbose=0)


def test_a_model_is_as_keras_made_it_once_the_step_is_traced():
    x, y = tagged(5)
    model = tagger()
    unspool.fit(model, x, y, verbose=0)
    assert not {"compute_loss", "compute_metrics"} & vars(model).keys()
    assert "update_state" not in vars(model._compile_metrics)


def _run(x, y, folder=None, stop_at=None):
    def act(step, logs):
        if step == stop_at:
            raise KeyboardInterrupt

    model = tagger()
    history = unspool.fit(
        model,
        x,
        y,
        batch_size=8,
        epochs=3,
        validation_split=0.2,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=act)],
        checkpoint=unspool.Checkpoint(folder, steps=1) if folder else None,
    )
    return history.history, model.get_weights()


@pytest.mark.soak
def test_from_files_in_blocks_and_resumed_the_bits_are_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("unspool.training.buckets.BLOCK_TOKENS", 1000)
    x, y = tagged(100)
    expected = _run(x, y)
    assert expected[0]["val_loss"][-1] < expected[0]["val_loss"][0]
    with pytest.raises(KeyboardInterrupt):
        _run(x, y, tmp_path / "saved", stop_at=4)
    stored = [StoredRagged.write([part], tmp_path, size) for part, size in ((x, IDS), (y, None))]
    for found in (_run(*stored), _run(*stored, tmp_path / "saved")):
        assert found[0] == expected[0]
        close(found[1], expected[1], atol=0)
    monkeypatch.undo()
    history, weights = _run(x, y)  # whole buckets on the device
    close(weights, expected[1], atol=1e-6)
    assert history["accuracy"] == pytest.approx(expected[0]["accuracy"], abs=1e-6)
