"""Labels that a loss cannot read are told before training, with their place, unless they count for nothing."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unspool
from unspool.data.ragged import Ragged
from unspool.training.examples import Examples
from unspool.training.targets import check_targets

SPARSE, BINARY = "sparse_categorical_crossentropy", "binary_crossentropy"
X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
Y = np.arange(12) % 3


def classifier(loss, units=3, steps=False):
    shape = (5, 4) if steps else (4,)
    model = keras.Sequential([keras.Input(shape), keras.layers.Dense(units)])
    model.compile("sgd", loss)
    return model


def fit(model, x, y, **more):
    return unspool.fit(model, x, y, batch_size=4, shuffle=False, verbose=0, **more)


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        (
            SPARSE,
            Y + 1,
            r"y has the label 3 in row 2 \(counted from 0\), but the model has 3 outputs, for labels from 0 to 2\.",
        ),
        (SPARSE, np.where(np.arange(12) == 7, -1, Y)[:, None], "the label -1 in row 7 .counted from 0."),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), Y + 5, "the label 5 in row 0"),
        (keras.losses.sparse_categorical_crossentropy, Y + 1.0, "the label 3 in row 2"),
        (
            keras.losses.SparseCategoricalCrossentropy(ignore_class=-1),
            np.where(Y == 1, -1, Y + 1),
            "the label 3 in row 2",
        ),
        (SPARSE, np.where(Y == 1, np.nan, Y), "the label nan in row 1"),
        (BINARY, np.stack([Y % 2] * 3, axis=1) + 1, "the label 2 in row 1, step 0 .*needs labels from 0 to 1"),
        (keras.losses.BinaryFocalCrossentropy(), np.full((12, 3), -1), "the label -1 in row 0"),
    ],
)
def test_labels_out_of_range_are_told_with_the_first_place(loss, y, message):
    model = classifier(loss)
    before = [weight.copy() for weight in model.get_weights()]
    with pytest.raises(ValueError, match=message):
        fit(model, X, y)
    assert all(map(np.array_equal, before, model.get_weights()))
    with pytest.raises(ValueError, match=message):
        unspool.evaluate(model, X, y)


def test_missing_targets_are_told():
    with pytest.raises(ValueError, match=r"^y is missing, but the model was compiled with a loss"):
        fit(classifier(SPARSE), X, None)
    with pytest.raises(ValueError, match="y of validation_data is missing"):
        fit(classifier(SPARSE), X, Y, validation_data=(X, None))


def test_a_model_that_adds_its_own_loss_needs_no_targets():
    class Mean(keras.layers.Layer):
        def call(self, x):
            self.add_loss(keras.ops.mean(x))
            return x

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), Mean()])
    model.compile("sgd")
    assert np.isfinite(fit(model, X, None).history["loss"]).all()


def test_labels_of_validation_are_told_as_such():
    with pytest.raises(ValueError, match="y of validation_data has the label 3 in row 2"):
        fit(classifier(SPARSE), X, Y, validation_data=(X, Y + 1))


@pytest.mark.parametrize(
    ("loss", "y", "more"),
    [
        (SPARSE, Y, {}),
        (keras.losses.SparseCategoricalCrossentropy(ignore_class=-1), np.where(Y == 1, -1, Y), {}),
        (SPARSE, np.where(Y == 1, -1, Y), {"sample_weight": (Y != 1).astype(np.float32)}),
        (SPARSE, np.where(Y == 1, 9, Y), {"class_weight": {9: 0.0}}),
        (BINARY, np.stack([Y / 2] * 3, axis=1), {}),
        (BINARY, np.stack([Y % 2] * 3, axis=1) * (1 + 1e-7), {}),
        ("mse", np.stack([Y] * 3, axis=1) * 1000, {}),
        ("categorical_crossentropy", np.eye(3)[Y] * 5, {}),  # rewards, say
        (lambda y, outputs: keras.ops.mean(outputs, axis=-1), Y + 100, {}),
    ],
)
def test_what_a_loss_can_read_is_trained_on(loss, y, more):
    assert np.isfinite(fit(classifier(loss), X, y, **more).history["loss"][0])


STEPS = np.random.default_rng(1).normal(size=(12, 5, 4)).astype(np.float32)
TAGS = np.arange(60).reshape(12, 5) % 3
PADDED = np.where(np.arange(5) > 2, -1, TAGS)


def test_padded_steps_count_for_nothing_by_weight_or_by_mask():
    model = classifier(SPARSE, steps=True)
    with pytest.raises(ValueError, match="the label -1 in row 0, step 3"):
        fit(model, STEPS, PADDED)
    fit(model, STEPS, PADDED, sample_weight=(PADDED >= 0).astype(np.float32))
    with pytest.raises(ValueError, match="the label 7 in row 4, step 1"):
        fit(model, STEPS, np.where(np.arange(60).reshape(12, 5) == 21, 7, TAGS))
    inputs = keras.Input((5, 4))
    masked = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Masking()(inputs)))
    masked.compile("sgd", SPARSE)
    fit(masked, np.where(np.arange(5)[:, None] > 2, 0, STEPS), PADDED)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.data())
@settings(max_examples=30)
def test_ragged_labels_are_told_with_example_and_step(lengths, data):
    tags = Ragged.from_lengths(np.zeros(sum(lengths), np.int64), lengths)
    example = data.draw(st.integers(0, len(lengths) - 1))
    step = data.draw(st.integers(0, lengths[example] - 1))
    place = int(tags.offsets[example]) + step
    tags.flat[place] = 3
    x = Ragged.from_lengths(np.zeros((sum(lengths), 4), np.float32), lengths)
    model = ragged_model()
    with pytest.raises(ValueError, match=f"the label 3 in row {example}, step {step} "):
        check_targets(model, Examples(x, tags), pytest.fail)
    for weight in (np.arange(len(lengths)) != example, Ragged(tags.flat != 3, tags.offsets)):
        check_targets(model, Examples(x, tags, weight), pytest.fail)


_MODELS = []


def ragged_model():
    if not _MODELS:
        inputs = keras.Input((None, 4))
        model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Masking(np.nan)(inputs)))
        model.compile("sgd", SPARSE)
        model.compute_loss(None, np.zeros((1, 2), np.int32), np.zeros((1, 2, 3), np.float32))  # builds the loss
        _MODELS.append(model)
    return _MODELS[0]


def test_each_output_has_its_range():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, [keras.layers.Dense(3)(inputs), keras.layers.Dense(2, activation="sigmoid")(inputs)])
    model.compile("sgd", [SPARSE, BINARY])
    fit(model, X, [Y, np.eye(2)[Y % 2]])
    with pytest.raises(ValueError, match=r"y\[1\] has the label 2 in row 0, step 0"):
        fit(model, X, [Y, np.eye(2)[Y % 2] * 2])
    with pytest.raises(ValueError, match=r"y\[0\] has the label 3 in row 2 "):
        fit(model, X, [Y + 1, np.eye(2)[Y % 2]])


def by_name(nested):
    """A model with the outputs "urgent" (binary) and "subject" (five classes), not in alphabetical order."""
    inputs = keras.Input((4,))
    urgent = keras.layers.Dense(1, activation="sigmoid", name="urgent")(inputs)
    subject = keras.layers.Dense(5, activation="softmax", name="subject")(inputs)
    model = keras.Model(inputs, {"urgent": urgent, "subject": subject} if nested else [urgent, subject])
    model.compile("sgd", {"urgent": BINARY, "subject": SPARSE})
    return model


@pytest.mark.parametrize("nested", [True, False], ids=["dict of outputs", "list of outputs"])
def test_labels_by_name_have_the_range_of_their_output(nested):
    y = {"urgent": Y % 2, "subject": Y + 2}
    fit(by_name(nested), X, y)
    fit(by_name(nested), X, y, validation_data=(X, y))
    with pytest.raises(ValueError, match=r"y\['urgent'\] has the label 2 in row 2 "):
        fit(by_name(nested), X, y | {"urgent": Y})
    with pytest.raises(ValueError, match=r"y\['subject'\] has the label 5 in row 2 "):
        fit(by_name(nested), X, y | {"subject": Y + 3})


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)

    def call(self, x):
        return self.dense(x)


class OwnLoss(Subclassed):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(y_pred)


def test_a_model_of_a_class_of_its_own_is_checked_unless_its_loss_is():
    for kind in (Subclassed, OwnLoss):
        model = kind()
        model.compile("sgd", SPARSE)
        fit(model, X, Y)
        if kind is OwnLoss:
            fit(model, X, Y + 1)
            continue
        with pytest.raises(ValueError, match="the model has 3 outputs"):
            fit(model, X, Y + 1)


def test_fractions_of_labels_are_told():
    message = (
        r"y has the label 1\.9 in row 4 .*, but the labels of classes are whole numbers, and Keras would cut it to 1"
    )
    with pytest.raises(ValueError, match=message):
        fit(classifier(SPARSE), X, np.where(np.arange(12) == 4, 1.9, Y))


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        (SPARSE, np.eye(3)[Y], r"has the shape \(12, 3\), a number for each of 3 classes.*the loss 'categorical_cross"),
        (
            "categorical_crossentropy",
            Y,
            r"has the shape \(12,\), one label for each.*'sparse_categorical_crossentropy'",
        ),
        (keras.losses.CategoricalFocalCrossentropy(), Y[:, None], r"has the shape \(12, 1\), one label for each"),
    ],
)
def test_the_loss_that_suits_is_named(loss, y, message):
    for use in (fit, unspool.evaluate):
        with pytest.raises(ValueError, match=f"^y {message}"):
            use(classifier(loss), X, y)
    unbuilt = keras.Sequential([keras.layers.Dense(3)])
    unbuilt.compile("sgd", loss)
    with pytest.raises(ValueError, match=f"^y {message}"):
        fit(unbuilt, X, y)
    right = Y if loss == SPARSE else np.eye(3)[Y]
    with pytest.raises(ValueError, match=f"^y of validation_data {message}"):
        fit(classifier(loss), X, right, validation_data=(X, y))


def test_targets_that_are_not_finite_are_told_even_with_a_weight_of_0():
    y = np.where(np.arange(12) == 7, np.nan, 1.0)
    for weights in (None, np.isfinite(y).astype(np.float32)):
        with pytest.raises(ValueError, match=r"y has nan in row 7 \(counted from 0\): the loss would be NaN"):
            fit(classifier("mse", units=1), X, y, sample_weight=weights)
    leaves_out = classifier(lambda y, outputs: keras.ops.mean(keras.ops.nan_to_num(y - outputs) ** 2, axis=-1), units=1)
    assert np.isfinite(fit(leaves_out, X, y[:, None]).history["loss"][0])
