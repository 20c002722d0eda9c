"""`unspool.fit` against `keras.Model.fit`: the same arguments, the same figures, the same calls."""

import re

import jax
import keras
import numpy as np
import pytest

import unspool
from unspool.data import Ragged
from unspool.layers import SimpleRNN
from unspool.training import steps
from unspool.training.arrays import to_examples

EXAMPLES, LENGTH, WORDS, BATCH = 150, 12, 40, 32
WHOLE = {"validation_split": 0.3, "batch_size": 35, "validation_batch_size": 45}
"""Of these examples, batches of one size: one program to compile for training and one for validation, not two each."""


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.integers(0, WORDS, (EXAMPLES, LENGTH)).astype("int32")
    return x, (x[:, :3].sum(1) > 1.5 * WORDS).astype("float32")


def sentiment_model(optimizer="adam"):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(WORDS, 6),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def recurrent_model():
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(WORDS, 6, mask_zero=True),
            keras.layers.LSTM(5, kernel_regularizer="l2"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
    return model


def both_histories(x, y, make=sentiment_model, **arguments):
    """The history of Keras's fit and of ours, from the same weights and the same seed."""
    histories = []
    for fit in (keras.Model.fit, unspool.fit):
        callbacks = arguments.get("callbacks", list)()
        model = make()
        keras.utils.set_random_seed(5)
        settings = {"batch_size": BATCH, "epochs": 3, "verbose": 0} | arguments | {"callbacks": callbacks}
        histories.append(fit(model, x, y, **settings).history)
    return histories


def assert_equal_histories(keras_history, our_history):
    assert list(our_history) == list(keras_history)
    for name, values in keras_history.items():
        np.testing.assert_allclose(our_history[name], values, atol=1e-5, rtol=0, err_msg=name)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="a partial last batch, shuffled"),
        pytest.param({"shuffle": False}, id="in order"),
        pytest.param({"shuffle": "batch"}, id="shuffled within batches"),
        pytest.param({"batch_size": EXAMPLES + 5}, id="one batch larger than the data"),
        pytest.param({"batch_size": 50}, id="whole batches"),
        pytest.param({"validation_split": 0.3}, id="validation_split"),
        pytest.param({"validation_split": 0.3, "validation_freq": 2}, id="validation every other epoch"),
        pytest.param({"validation_split": 0.3, "validation_freq": [1, 3]}, id="validation at named epochs"),
        pytest.param({"validation_split": 0.3, "validation_batch_size": 7}, id="validation_batch_size"),
        pytest.param({"class_weight": {0: 0.2, 1: 3.0}}, id="class_weight"),
        pytest.param({"class_weight": {1: 4.0}, "validation_split": 0.3}, id="class_weight spares validation"),
        pytest.param({"sample_weight": np.linspace(0, 2, EXAMPLES)}, id="sample_weight"),
        pytest.param({"sample_weight": np.linspace(0, 2, EXAMPLES), "validation_split": 0.3}, id="weights are split"),
        pytest.param({"initial_epoch": 1}, id="initial_epoch"),
    ],
)
@pytest.mark.slow
def test_history_equals_keras(data, arguments):
    assert_equal_histories(*both_histories(*data, **arguments))


@pytest.mark.parametrize("shuffle", [True, "batch"])
def test_what_is_random_beside_the_order_equals_keras_from_the_first_fit_on(data, shuffle):
    """Keras draws one batch to see the shapes; all of them were drawn, so that dropout drew other numbers."""

    def make():
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model

    x, y = data
    examples = x.reshape(len(x), -1).astype("float32")[:20] / 10
    assert_equal_histories(
        *both_histories(examples, y[:20].astype("float32"), make=make, shuffle=shuffle, batch_size=6)
    )


def test_a_recurrent_model_equals_keras(data):
    assert_equal_histories(*both_histories(*data, make=recurrent_model, **WHOLE))


def test_validation_data_with_weights_equals_keras(data):
    x, y = data
    validation = (x[:40], y[:40], np.linspace(0.5, 1.5, 40))
    sizes = {"batch_size": 55, "validation_batch_size": 40}
    assert_equal_histories(*both_histories(x[40:], y[40:], validation_data=validation, **sizes))


def test_short_programs_do_not_change_the_result(data, monkeypatch):
    monkeypatch.setattr(steps, "SECONDS_A_PROGRAM", 0.0)
    assert_equal_histories(*both_histories(*data))


@pytest.mark.slow
def test_callbacks_that_steer_training_equal_keras(data):
    def callbacks():
        return [
            keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1, min_delta=0.5),
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, min_delta=0.5, restore_best_weights=True),
        ]

    keras_history, our_history = both_histories(*data, callbacks=callbacks, validation_split=0.3, epochs=9)
    assert_equal_histories(keras_history, our_history)
    assert len(our_history["loss"]) == 3, "early stopping did not stop"
    assert our_history["learning_rate"][-1] < our_history["learning_rate"][0]


def test_early_stopping_restores_the_best_weights(data):
    x, y = data
    model = sentiment_model(keras.optimizers.Adam(0.3))
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True)
    history = unspool.fit(model, x, y, batch_size=BATCH, epochs=12, validation_split=0.3, callbacks=[stop], verbose=0)
    cut = int(EXAMPLES * 0.7)
    best = min(history.history["val_loss"])
    assert best < history.history["val_loss"][-1]
    assert unspool.evaluate(model, x[cut:], y[cut:])[0] == pytest.approx(best, abs=1e-6)


def test_batch_hooks_get_each_batch(data):
    seen = {"keras": [], "unspool": []}

    def callbacks(name):
        return [keras.callbacks.LambdaCallback(on_train_batch_end=lambda b, logs: seen[name].append((b, logs["loss"])))]

    for name, fit in (("keras", keras.Model.fit), ("unspool", unspool.fit)):
        model = sentiment_model()
        keras.utils.set_random_seed(5)
        fit(model, *data, batch_size=BATCH, epochs=2, verbose=0, callbacks=callbacks(name))
    assert [batch for batch, _ in seen["unspool"]] == [0, 1, 2, 3, 4] * 2
    np.testing.assert_allclose(*([loss for _, loss in seen[name]] for name in seen), atol=1e-5)


def test_epoch_hooks_see_the_current_weights(data):
    kernels = []

    def note(epoch, logs):
        kernels.append(model.get_weights()[-2])

    model = sentiment_model()
    hook = keras.callbacks.LambdaCallback(on_epoch_end=note)
    unspool.fit(model, *data, epochs=2, verbose=0, callbacks=hook)
    assert not np.array_equal(kernels[0], kernels[1])


def test_model_checkpoint_and_csv_logger_write_their_files(data, tmp_path):
    callbacks = [
        keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", monitor="loss", save_best_only=True),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
    ]
    model = sentiment_model()
    unspool.fit(model, *data, epochs=2, verbose=0, callbacks=callbacks)
    saved = keras.saving.load_model(tmp_path / "best.keras")
    np.testing.assert_array_equal(unspool.predict(saved, data[0]), unspool.predict(model, data[0]))
    assert (tmp_path / "log.csv").read_text().startswith("epoch,accuracy,loss,")


def test_a_callback_can_stop_within_an_epoch(data):
    def stop(batch, logs):
        model.stop_training = batch == 1

    model = sentiment_model()
    hook = keras.callbacks.LambdaCallback(on_train_batch_end=stop)
    unspool.fit(model, *data, batch_size=BATCH, epochs=5, verbose=0, callbacks=hook)
    assert int(model.optimizer.iterations) == 2


def two_headed_model():
    keras.utils.set_random_seed(3)
    a, b = keras.Input((4,), name="a"), keras.Input((6, 2), name="b")
    joint = keras.layers.Concatenate()([a, keras.layers.GlobalMaxPooling1D()(b)])
    outputs = {"p": keras.layers.Dense(1, name="p")(joint), "q": keras.layers.Dense(2, name="q")(joint)}
    model = keras.Model({"a": a, "b": b}, outputs)
    model.compile("rmsprop", {"p": "mse", "q": "mae"}, loss_weights={"p": 1.0, "q": 0.3})
    return model


@pytest.mark.slow
def test_several_inputs_and_outputs_equal_keras():
    rng = np.random.default_rng(1)
    x = {"a": rng.normal(size=(50, 4)), "b": rng.normal(size=(50, 6, 2))}
    y = {"p": rng.normal(size=(50, 1)), "q": rng.normal(size=(50, 2))}
    assert_equal_histories(*both_histories(x, y, make=two_headed_model))


@pytest.mark.slow
def test_a_moving_average_of_the_weights_equals_keras(data):
    def make():
        return sentiment_model(keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True, ema_momentum=0.5))

    assert_equal_histories(*both_histories(*data, make=make))


def test_a_model_with_dropout_learns_and_differs_between_steps(data):
    x, y = data
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((LENGTH,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    losses = unspool.fit(model, x, y, batch_size=EXAMPLES, epochs=3, verbose=0).history["loss"]
    assert len(set(losses)) == 3, "the same dropout mask was drawn in each step"


def test_training_twice_compiles_once_and_goes_on(data):
    model = sentiment_model()
    unspool.fit(model, *data, epochs=1, verbose=0)
    programs = model._unspool_programs
    unspool.fit(model, *data, epochs=1, verbose=0)
    assert model._unspool_programs is programs
    assert programs.train._cache_size() == 2, "one program for full batches, one for the last"
    model.compile("sgd", "mse")
    unspool.fit(model, *data, epochs=1, verbose=0)
    assert model._unspool_programs is not programs


def test_layers_that_stay_slow_are_logged_once_and_fast_ones_are_used_at_once(data, caplog, monkeypatch):
    class Subclassed(keras.Model):  # which accelerate changes in place
        def __init__(self):
            super().__init__()
            self.read = keras.layers.SimpleRNN(1, name="read")

        def call(self, inputs):
            return self.read(inputs[..., None])

    x, y = data
    model = Subclassed()
    model.compile("sgd", "mse")
    for _ in range(2):
        unspool.fit(model, x, y, verbose=0)
        model.compile("sgd", "mse")  # so that `fit` compiles its programs again
    (line,) = caplog.messages
    assert line.endswith(
        "as slow as in Keras: read: it is keras.layers.SimpleRNN, which unspool.accelerate swaps for a fast one"
    )
    loops = []
    fast_loop = SimpleRNN.inner_loop
    monkeypatch.setattr(SimpleRNN, "inner_loop", lambda *a, **k: loops.append(1) or fast_loop(*a, **k))
    unspool.accelerate(model)
    caplog.clear()
    unspool.fit(model, x, y, verbose=0)
    assert loops, "fit ran what it had compiled with Keras's layer"
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"checkpoint": "folder"},
            r"must be an unspool.Checkpoint, as in unspool.Checkpoint\('folder'\), not 'folder'",
        ),
        ({"callbacks": [keras.callbacks.EarlyStopping]}, "holds the class EarlyStopping: give an instance"),
        ({"callbacks": [unspool.Checkpoint("folder")]}, "but one is Checkpoint.*: pass it to fit as checkpoint="),
        ({"x": np.array([np.ones(2), np.ones(3)], dtype=object)}, r"x has dtype object.*Ragged\.from_arrays\(x\)"),
        ({"y": np.array(["a", "b"])}, r"y has dtype <U1.*y = np\.unique\(y, return_inverse=True\)"),
        ({"y": ["a", "b"]}, r"y holds str.*y = np\.unique\(y, return_inverse=True\)"),
        ({"y": [0, 1]}, r"y holds int, .* A list stands for several inputs or outputs: give np\.asarray\(y\)"),
        ({"callbacks": ["stop"]}, "must be Keras callbacks, but one is 'stop'"),
        ({"model": "model.keras"}, "the first argument must be a Keras model, not str"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(arguments, message, data):
    with pytest.raises(TypeError, match=message):
        unspool.fit(**{"model": sentiment_model(), "x": data[0], "y": data[1], "verbose": 0} | arguments)


def test_arguments_that_fit_does_not_have_are_refused_in_the_words_of_python(data):
    with pytest.raises(TypeError, match=r"^fit\(\) got an unexpected keyword argument 'workers'"):
        unspool.fit(sentiment_model(), *data, workers=2)
    with pytest.raises(TypeError, match=r"^fit\(\) missing 1 required positional argument: 'x'"):
        unspool.fit(sentiment_model())


def test_an_interrupted_model_is_whole(data):
    def interrupt(batch, logs):
        if batch == 2:
            raise KeyboardInterrupt

    model = sentiment_model()
    hook = keras.callbacks.LambdaCallback(on_train_batch_end=interrupt)
    with pytest.raises(KeyboardInterrupt):
        unspool.fit(model, *data, batch_size=BATCH, epochs=5, verbose=0, callbacks=hook)
    assert int(model.optimizer.iterations) == 3
    assert np.isfinite(unspool.predict(model, data[0])).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps_per_epoch": 3}, "steps_per_epoch"),
        ({"validation_steps": 3}, "validation_steps"),
        ({"class_weight": {0: 1.0}, "sample_weight": np.ones(EXAMPLES)}, "not both"),
        ({"validation_split": 0.999}, "leaves one side empty"),
        ({"epochs": 1.5}, "epochs is a whole number of at least 0, not 1.5"),
        ({"epochs": -1}, "epochs is a whole number of at least 0, not -1"),
        ({"epochs": "3"}, "epochs is a whole number of at least 0, not '3'"),
        ({"initial_epoch": -1}, "initial_epoch is a whole number of at least 0, not -1"),
        ({"validation_freq": 0}, "validation_freq is a whole number of at least 1, or a list .*, not 0"),
        ({"validation_freq": 1.0}, "validation_freq is .*, not 1.0"),
        ({"validation_freq": [0, 2]}, r"validation_freq is .*, not \[0, 2\]"),
        ({"verbose": 3}, "verbose is 0, 1, 2 or 'auto'"),
        ({"validation_split": "a"}, "validation_split must be a number from 0 to less than 1, not 'a'"),
        ({"validation_split": float("nan")}, "validation_split must be .*, not nan"),
        ({"validation_split": 1.0}, "validation_split must be .*, not 1.0"),
        ({"shuffle": "yes"}, "shuffle is True, False or 'batch', not 'yes'"),
        (
            {"validation_data": (np.ones(3),) * 4},
            r"^validation_data is \(x, y\) or \(x, y, sample_weight\), not 4 parts$",
        ),
        (
            {"validation_data": {"x": np.ones((3, LENGTH))}},
            r"y of validation_data is missing.* validation_data is \(x, y\) or",
        ),
        (
            {"validation_data": (np.ones((3, LENGTH)), np.ones(2))},
            "sample_weight of validation_data must have the same number of rows.*x has 3; y has 2",
        ),
        (
            {"sample_weight": np.where(np.arange(EXAMPLES) == 3, np.nan, 1.0)},
            r"sample_weight has nan in row 3 \(counted from 0\): the loss would be NaN",
        ),
        ({"x": [*np.ones((EXAMPLES, LENGTH))]}, r"x is a list of 150 arrays, .* give np\.stack\(x\)"),
        ({"x": [np.ones((3 + n % 2, 2)) for n in range(EXAMPLES)]}, r"give unspool\.data\.Ragged\.from_arrays\(x\)"),
        ({"x": [], "y": []}, "^x is empty: give an array with a row for each example"),
        ({"x": {}, "y": {}}, "^x is empty"),
        ({"y": [*np.ones((EXAMPLES, 2))]}, r"y is a list of 150 arrays, .* give np\.stack\(y\)"),
        ({"sample_weight": np.ones(EXAMPLES - 1)}, "one for each example: x has 150; y has 150; sample_weight has 149"),
        ({"sample_weight": [np.ones(EXAMPLES)]}, "sample_weight is a list or dict of arrays, but y is one array"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(data, arguments, message):
    with pytest.raises(ValueError, match=message):
        unspool.fit(sentiment_model(), **{"x": data[0], "y": data[1]} | arguments)


def test_kerass_limit_of_epochs_holds(data, monkeypatch):
    monkeypatch.setattr(keras.config, "max_epochs", lambda: 2)
    with pytest.warns(UserWarning, match="Limiting epochs to 2"):
        history = unspool.fit(sentiment_model(), *data, epochs=5, verbose=0)
    assert history.epoch == [0, 1]
    assert unspool.fit(sentiment_model(), *data, epochs=1, verbose=0).epoch == [0]


def test_kerass_limit_of_steps_is_not_supported_with_a_warning(data, monkeypatch):
    monkeypatch.setattr(keras.config, "max_steps_per_epoch", lambda: 1)
    with pytest.warns(UserWarning, match="does not support keras.config.max_steps_per_epoch"):
        unspool.fit(sentiment_model(), *data, epochs=1, verbose=0)


@pytest.mark.parametrize("every", [np.int64(2), [2], (2,), np.array([2])])
def test_numbers_of_epochs_may_be_those_of_numpy(data, every):
    history = unspool.fit(
        sentiment_model(), *data, epochs=np.int64(2), validation_split=0.3, validation_freq=every, verbose=0
    ).history
    assert [len(history[name]) for name in ("loss", "val_loss")] == [2, 1]


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.array([[1, 2], [3, 2**31]]), None, "x has the integer 2,147,483,648 in row 1, step 1 .* Number ids"),
        (np.zeros((2, 1)), np.array([5, -(2**40)]), r"y has the integer -1,099,511,627,776 in row 1 \(counted"),
        (np.zeros((2, 1)), np.array([5, 2**32], "uint64"), "the integer 4,294,967,296 .* from 0 to 4,294,967,295"),
        (Ragged(np.array([1, 2, 2**31]), np.array([0, 1, 3])), None, "the integer 2,147,483,648 in row 1, step 1"),
        (Ragged(np.array([1, 2, 2**31], "uint32"), np.array([0, 1, 3])), None, "2,147,483,648 in row 1, step 1"),
        (np.zeros((20_001, 1)), np.arange(20_001)[:, None] // 20_000 << 32, r"y has .* in row 20,000 \(counted"),
    ],
)
def test_numbers_that_jax_would_cut_are_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        to_examples(x, y)


def test_whole_numbers_of_64_bits_may_be_small():
    y = np.array([2**31 - 1, -(2**31)])
    np.testing.assert_array_equal(to_examples(np.zeros((2, 1)), y).y, y)


def small_model(kind=keras.Sequential, **compilation):
    model = kind([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", **{"loss": "mse"} | compilation)
    return model


def test_a_backup_is_resumed_in_its_epoch(tmp_path):
    def stop(epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt

    x, y = np.ones((4, 2)), np.ones((4, 1))
    arguments = {"epochs": 4, "verbose": 0}
    backup = keras.callbacks.BackupAndRestore(str(tmp_path / "backup"))
    interrupting = keras.callbacks.LambdaCallback(on_epoch_begin=stop)
    with pytest.raises(KeyboardInterrupt):
        unspool.fit(small_model(), x, y, callbacks=[backup, interrupting], **arguments)
    model = small_model()
    assert unspool.fit(model, x, y, callbacks=backup, **arguments).epoch == [2, 3]
    assert unspool.fit(model, x, y, epochs=2, verbose=0).epoch == [0, 1]


def test_a_subclass_of_model_checkpoint_gets_its_calls_after_each_batch(tmp_path):
    class Counting(keras.callbacks.ModelCheckpoint):
        batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

    counting = Counting(str(tmp_path / "model.keras"))
    unspool.fit(small_model(), np.ones((8, 2)), np.ones((8, 1)), batch_size=2, epochs=3, verbose=0, callbacks=counting)
    assert counting.batches == 12


class Weighted(keras.Model):
    """Adds its own loss, times a factor, and logs it in parts; `compile` is given none."""

    def __init__(self):
        super().__init__()
        self.factor, self.dense = 1.0, keras.layers.Dense(1, kernel_initializer="ones")

    def call(self, x):
        y = self.dense(x)
        self.add_loss(self.factor * keras.ops.mean(y**2))
        return y

    def train_step(self, state, data):
        logs, state = super().train_step(state, data)
        return {"parts": {"own": logs["loss"]}}, state


@pytest.mark.parametrize("fit", [keras.Model.fit, unspool.fit], ids=["keras", "unspool"])
def test_what_a_model_without_a_compiled_loss_changed_counts_after_compile(fit):
    model, x, optimizer = Weighted(), np.ones((8, 1), "float32"), keras.optimizers.SGD(0.0)
    for factor in (1.0, 10.0):
        model.factor = factor
        model.compile(optimizer)
        assert fit(model, x, verbose=0).history == {"own": [factor]}


def test_a_model_compiled_again_with_the_same_optimizer_and_its_own_loss_gets_its_metrics():
    class Own(keras.Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return keras.ops.mean((y - y_pred) ** 2)

    data = np.ones((4, 2)), np.ones((4, 1))
    model = small_model(Own, loss=None, metrics=["mae"])
    unspool.fit(model, *data, verbose=0)
    model.compile(model.optimizer, metrics=["mse", "mae"])
    assert unspool.fit(model, *data, verbose=0).history.keys() == {"loss", "mse", "mae"}


def test_no_epoch_trains_nothing(data):
    assert unspool.fit(sentiment_model(), *data, epochs=0, verbose=0).history == {}


@pytest.mark.parametrize(
    ("y", "weights", "message"),
    [
        (np.zeros(3), "balanced", r"class_weight must map numbers to weights, as in \{0: 1.0, 1: 5.0\}, but is 'b"),
        (np.zeros(3), {"0": 2.0}, r"class_weight must map numbers to weights, .*, but is \{'0': 2.0\}"),
        (np.zeros(3), {0: 1.0, 1: -1.0}, "class_weight gives label 1 the weight -1.0: it must be a number from 0"),
        (
            np.zeros(3),
            {0: 1.0, 1: 1e308},
            r"class_weight gives label 1 the weight 1e\+308: it must be a number from 0 to",
        ),
        (np.zeros(3), {0: float("nan")}, "class_weight gives label 0 the weight nan"),
        (np.zeros(3), {0: "2"}, "class_weight gives label 0 the weight '2'"),
        (
            np.array([[0, 1, 2], [2, 2, 0], [1, 0, 0]]),
            {1: 2.0},
            r"one label for each example, but y has the shape \(3, 3",
        ),
        (np.array([[0, 1], [1, 1], [0, 0]]), {1: 2.0}, "is not one-hot. Give sample_weight instead"),
        (np.zeros((3, 4, 1)), {1: 2.0}, r"y has the shape \(3, 4, 1\)"),
    ],
)
def test_class_weights_that_no_label_has_are_refused(y, weights, message):
    with pytest.raises(ValueError, match=message):
        to_examples(np.zeros((3, 2)), y, class_weight=weights)


def test_class_weights_are_those_of_one_hot_and_of_shared_labels():
    y = np.array([[0, 1, 0], [1, 0, 0], [0.05, 0.05, 0.9]])
    assert to_examples(np.zeros((3, 2)), y, class_weight={1: 2.0, 2: 3.0}).sample_weight.tolist() == [2, 1, 3]


def test_class_weights_may_be_arrays_of_one_number():
    weights = {0: np.array(2.0), 1: jax.numpy.asarray(3)}
    assert to_examples(np.zeros((2, 2)), np.array([1, 0]), class_weight=weights).sample_weight.tolist() == [3, 2]


def several_figures():
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((LENGTH,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=[keras.metrics.F1Score(name="f1"), "accuracy"])
    return model


def test_metrics_with_several_numbers_equal_keras(data, capsys):
    x, y = data[0], np.eye(3)[np.arange(EXAMPLES) % 3]
    assert_equal_histories(*both_histories(x, y, make=several_figures, **WHOLE))
    model = several_figures()
    assert unspool.evaluate(model, x, y, return_dict=True)["f1"].shape == (3,)
    for ours, theirs in zip(unspool.evaluate(model, x, y), model.evaluate(x, y, verbose=0), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    unspool.evaluate(model, x, y, verbose=2)
    assert re.search(r"f1 \[[\d.]+ [\d.]+ [\d.]+\]", capsys.readouterr().err)


def test_metrics_with_several_numbers_are_kept_in_checkpoints(data, tmp_path):
    x, y = data[0], np.eye(3)[np.arange(EXAMPLES) % 3]
    whole = unspool.fit(several_figures(), x, y, epochs=2, verbose=0, shuffle=False).history
    for epochs in (1, 2):
        checkpoint = unspool.Checkpoint(tmp_path / "kept")
        resumed = unspool.fit(several_figures(), x, y, epochs=epochs, verbose=0, shuffle=False, checkpoint=checkpoint)
    assert_equal_histories(whole, resumed.history)


class SquaredError(keras.losses.Loss):
    """Broadcasts targets (N,) against outputs (N, 1): Keras fits the shapes only for losses of its own."""

    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


class Line(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1, kernel_initializer="ones")

    def call(self, inputs):
        return self.dense(inputs["a"])


def test_columns_of_pandas_equal_keras():
    def make():
        model = Line()
        model.compile("sgd", SquaredError(), metrics=[keras.metrics.MeanMetricWrapper(SquaredError().call, name="own")])
        return model

    pandas = pytest.importorskip("pandas")
    column = pandas.Series(np.linspace(-1, 1, 20))
    x, y = {"a": column}, 2 * column + 1
    assert_equal_histories(*both_histories(x, y, make=make, sample_weight=column.abs(), batch_size=10))
    assert_equal_histories(*both_histories(x, y, make=make, validation_data=(x, -y), batch_size=10))
    model = make()
    assert unspool.evaluate(model, x, y) == pytest.approx(model.evaluate(x, y, verbose=0), abs=1e-5)
    assert unspool.predict(model, x).shape == (20, 1)


def test_a_column_of_pandas_as_weights_of_targets_without_a_second_dimension(data):
    pandas = pytest.importorskip("pandas")
    x, y = data
    weights = pandas.Series(np.where(np.arange(EXAMPLES) == 7, 0.0, 1.0))
    wrong = np.where(np.arange(EXAMPLES) == 7, 5.0, y)
    unspool.fit(sentiment_model(), x, wrong, sample_weight=weights, verbose=0)  # a label with weight 0 may be any
    with pytest.raises(ValueError, match=r"y has the label 5 in .*\b7\b"):
        unspool.fit(sentiment_model(), x, wrong, sample_weight=1 - weights, verbose=0)


def test_data_that_is_no_array_is_refused():
    with pytest.raises(TypeError, match=r"x holds generator, .* use the model's own method"):
        unspool.fit(sentiment_model(), (row for row in [1, 2]))
    with pytest.raises(TypeError, match=r"x holds generator, .* use the model's own method"):
        unspool.fit(sentiment_model(), (row for row in [1, 2]), class_weight={0: 1.0})
    with pytest.raises(TypeError, match=r"x holds int, .*Ragged.from_arrays\(x\) for sequences of different lengths"):
        unspool.fit(sentiment_model(), [[4, 5], [6]], np.zeros(2))
    with pytest.raises(TypeError, match="dtype <U1"):
        unspool.fit(sentiment_model(), np.array(["a"]), np.zeros(1))


def test_a_model_that_cannot_run_compiled_is_refused(data):
    model = sentiment_model()
    model.compile("adam", "mse", run_eagerly=True)
    with pytest.raises(ValueError, match=r"run_eagerly=True .* or use the model's own method"):
        unspool.fit(model, *data)
    uncompiled = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="compile the model first"):
        unspool.fit(uncompiled, np.zeros((2, 2)), np.zeros(2))


def test_a_layer_that_was_frozen_after_compiling_is_told():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(3), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    x, y = np.ones((4, 2)), np.ones(4)
    model.layers[0].trainable = False
    unspool.fit(model, x, y, verbose=0)  # nothing was built before
    for frozen in ([True, True, True], [True, False, True]):
        for layer, trainable in zip(model.layers, frozen, strict=True):
            layer.trainable = trainable
        with pytest.raises(ValueError, match=r"not the 4 that its optimizer was built for.* compile the model again"):
            unspool.fit(model, x, y, verbose=0)
    model.compile("adam", "mse")
    unspool.fit(model, x, y, verbose=0)
