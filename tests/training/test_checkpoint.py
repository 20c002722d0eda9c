"""A training that was stopped anywhere and goes on ends with the bits of one that was not."""

import errno
import os
import random
import time
from dataclasses import dataclass

import h5py
import keras
import numpy as np
import pytest

import unspool
from unspool.data.ragged import Ragged
from unspool.errors import UserError
from unspool.layers import LSTM, Dropout, WordConvolution
from unspool.training import buckets, steps
from unspool.training import checkpoint as checkpoint_module
from unspool.training.checkpoint import CheckpointSaves
from unspool.training.checkpoint_files import CheckpointFiles

pytestmark = pytest.mark.slow

LENGTH, WORDS = 12, 40


def sentences(count, ragged=False):
    rng = np.random.default_rng(0)
    x = rng.integers(1, WORDS, (count, LENGTH)).astype("int32")
    y = (x[:, :3].sum(1) > 1.5 * WORDS).astype("float32")
    return (Ragged.from_sequences([np.tile(row, 1 + i % 4) for i, row in enumerate(x)]) if ragged else x), y


def sentiment_model(optimizer=None):
    return compiled(keras.layers.GlobalAveragePooling1D, optimizer)


def recurrent_model():
    return compiled(lambda: LSTM(5))


def convolutional_model():
    keras.utils.set_random_seed(3)
    adagrad = keras.optimizers.Adagrad(keras.optimizers.schedules.PolynomialDecay(0.2, 20, 0.0))
    convolution = WordConvolution(WORDS, 6, optimizer=adagrad)
    stack = [keras.Input((None,), dtype="int32"), convolution, Dropout(0.3), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(stack)
    model.compile("adam", "binary_crossentropy")
    return model


def compiled(over_time, optimizer=None):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(WORDS, 6, mask_zero=True),
            Dropout(0.3),
            over_time(),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    metrics = ["accuracy", keras.metrics.AUC(name="auc")]
    model.compile(optimizer or keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=metrics)
    return model


def steering():
    return [
        keras.callbacks.ReduceLROnPlateau(patience=2, min_delta=0.02, factor=0.5),
        keras.callbacks.EarlyStopping(patience=4, min_delta=0.02, restore_best_weights=True),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: draw()),
    ]


def draw():
    """A number from each generator that Keras's models and callbacks may draw from."""
    return random.random(), np.random.rand(), keras.random.uniform((1,))[0].item()


@dataclass
class Ended:
    """All that a training leaves behind, as bytes where equality must be of bits."""

    variables: list[bytes]
    history: dict[str, list[float]]
    callbacks: list[tuple]
    random: tuple

    def __init__(self, model, callbacks):
        variables = (*model.variables, *model.optimizer.variables, *model.metrics_variables)
        self.variables = [np.asarray(variable.value).tobytes() for variable in variables]
        self.history = model.history.history | {"epoch": model.history.epoch}
        held = ("wait", "best", "best_epoch", "stopped_epoch", "cooldown_counter")
        self.callbacks = [tuple(getattr(callback, name, None) for name in held) for callback in callbacks]
        self.random = draw()


def train(x, y, checkpoint=None, make=sentiment_model, callbacks=steering, **arguments):
    """A whole training in a fresh model, as a script would do it."""
    model, hooks = make(), callbacks()
    keras.utils.set_random_seed(5)
    keras.random.uniform((1,))  # so that Keras's global generator exists
    settings = {"batch_size": 16, "epochs": 6, "validation_split": 0.2, "verbose": 0} | arguments
    try:
        unspool.fit(model, x, y, callbacks=hooks, checkpoint=checkpoint, **settings)
    finally:
        for hook in hooks:
            if isinstance(hook, keras.callbacks.CSVLogger):
                hook.csv_file.close()  # Keras leaves it open after an error
    return Ended(model, hooks)


DATA = sentences(85)
"""Validated on 17, trained on 68: four whole batches and a quarter of one; with the end of the epoch, six points."""


@pytest.fixture(scope="module")
def whole():
    """The training that was never stopped."""
    return train(*DATA)


class Stop(KeyboardInterrupt):
    pass


@pytest.fixture
def stopping(monkeypatch):
    """Makes a training stop at the point of this number, counted over all between-programs."""
    offer = CheckpointSaves.offer

    def at(number):
        points = iter(range(1, 10**6))

        def counted(self, point, *arguments, **settings):
            offer(self, point, *arguments, **settings)
            if next(points) == number:
                raise Stop

        monkeypatch.setattr(CheckpointSaves, "offer", counted)

    monkeypatch.setattr(checkpoint_module, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(steps, "SECONDS_A_PROGRAM", 0.0)  # one step a program: as many points on any machine
    return at


@pytest.fixture
def killing(monkeypatch):
    """Makes a stopped training leave only what was written by then, as `kill -9` does."""
    monkeypatch.setattr(CheckpointSaves, "close", lambda self: self._writer.shutdown())


def stop_and_go(stopping, folder, points, *data, **arguments):
    """Train, stopped at each of `points` in turn, and go on to the end."""
    for point in points:
        stopping(point)
        with pytest.raises(Stop):
            train(*data, unspool.Checkpoint(folder, steps=1), **arguments)
    stopping(None)
    return train(*data, unspool.Checkpoint(folder, steps=1), **arguments)


def test_stopped_again_and_again_it_ends_with_the_same_bits(whole, stopping, tmp_path):
    assert len(whole.history["loss"]) == 5, "early stopping did not stop"
    assert whole.history["learning_rate"][-1] < whole.history["learning_rate"][0]
    points = np.random.default_rng(1).integers(1, 9, 5).tolist()
    assert stop_and_go(stopping, tmp_path, points, *DATA) == whole


def test_killed_between_saves_it_trains_the_lost_steps_again(whole, stopping, killing, tmp_path):
    assert stop_and_go(stopping, tmp_path, [4, 7], *DATA) == whole


@pytest.mark.parametrize("make", [recurrent_model, convolutional_model])
def test_whole_batches_and_layers_of_ours(make, stopping, tmp_path):
    data = sentences(40)
    ended = train(*data, make=make, epochs=3)
    assert stop_and_go(stopping, tmp_path, [2, 3], *data, make=make, epochs=3) == ended


def test_sequences_in_buckets(stopping, tmp_path):
    """Of lengths 12, 24, 36 and 48, so that an epoch has several programs."""
    data = sentences(85, ragged=True)
    assert stop_and_go(stopping, tmp_path, [2], *data, epochs=2) == train(*data, epochs=2)


def test_stopped_by_a_callback_in_the_middle_of_an_epoch(stopping, tmp_path):
    def stops():
        hook = keras.callbacks.LambdaCallback()

        def stop(batch, logs):
            hook.model.stop_training = batch == 1

        hook.on_train_batch_end = stop
        return [hook]

    ended = train(*DATA, callbacks=stops)
    assert stop_and_go(stopping, tmp_path, [2], *DATA, callbacks=stops) == ended


def test_a_callback_is_told_which_epoch_goes_on(stopping, tmp_path):
    begun = []
    hook = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))
    stop_and_go(stopping, tmp_path, [8], *DATA, callbacks=lambda: [hook], epochs=3)
    assert begun == [0, 1, 1, 2]


def csv_log(name="log.csv"):
    return keras.callbacks.CSVLogger(name)


def test_loggers_may_be_added_and_removed(stopping, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = train(*DATA, epochs=3)
    stop_and_go(stopping, "saved", [8], *DATA, callbacks=lambda: [csv_log("one.csv"), *steering()], epochs=2)

    def more():
        return [csv_log("two.csv"), csv_log("one.csv"), *steering(), keras.callbacks.History()]

    longer = train(*DATA, unspool.Checkpoint("saved"), callbacks=more, epochs=3)
    assert (longer.variables, longer.history, longer.random) == (ended.variables, ended.history, ended.random)
    assert longer.callbacks[2:-1] == ended.callbacks
    assert [line.split(",")[0] for line in (tmp_path / "one.csv").read_text().splitlines()] == ["epoch", "0", "1", "2"]
    assert [line.split(",")[0] for line in (tmp_path / "two.csv").read_text().splitlines()] == ["epoch", "2"]
    assert train(*DATA, unspool.Checkpoint("saved"), epochs=3) == ended


def test_checkpoints_from_before_loggers_could_change_still_resume(stopping, tmp_path, monkeypatch):
    """They have the states in the order of the callbacks, Keras's History last, and the settings of all but it."""
    monkeypatch.chdir(tmp_path)

    def logged():
        reduces, stops, draws = steering()
        return [reduces, csv_log(), stops, draws]

    stopping(8)
    with pytest.raises(Stop):
        train(*DATA, unspool.Checkpoint("saved", steps=1), callbacks=logged)
    stopping(None)
    saved = CheckpointFiles(tmp_path / "saved").read_newest()
    classes = ["ReduceLROnPlateau", "CSVLogger", "EarlyStopping", "LambdaCallback"]
    assert saved["format"] == 1
    assert [one["class"] for one in saved["training"]["callbacks"]] == classes
    assert [[*state["attributes"]] for state in saved["callbacks"]] == [
        ["wait", "best", "cooldown_counter"],
        ["keys"],
        ["wait", "stopped_epoch", "best", "best_epoch", "best_weights"],
        [],
        ["epoch", "history"],
    ]
    assert train(*DATA, unspool.Checkpoint("saved")) == train(*DATA)


def test_a_moving_average_and_callbacks_that_keep_files(stopping, tmp_path):
    def make():
        return sentiment_model(keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True, ema_momentum=0.5))

    def callbacks_in(folder):
        folder.mkdir()
        return lambda: [
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            keras.callbacks.CSVLogger(folder / "log.csv"),
            keras.callbacks.ModelCheckpoint(folder / "best.weights.h5", save_best_only=True, save_weights_only=True),
            keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
            keras.callbacks.TerminateOnNaN(),
        ]

    one, other = callbacks_in(tmp_path / "one"), callbacks_in(tmp_path / "other")
    arguments = {"make": make, "epochs": 3}
    ended = train(*DATA, callbacks=one, **arguments)
    assert stop_and_go(stopping, tmp_path / "saved", [5, 7], *DATA, callbacks=other, **arguments) == ended
    assert (tmp_path / "one/log.csv").read_text() == (tmp_path / "other/log.csv").read_text()
    with h5py.File(tmp_path / "one/best.weights.h5") as one, h5py.File(tmp_path / "other/best.weights.h5") as other:
        places = []
        one.visit(lambda place: places.append(place) if isinstance(one[place], h5py.Dataset) else None)
        assert len(places) > 10
        assert all(np.array_equal(one[place], other[place]) for place in places)


@pytest.mark.parametrize("seconds", [0.0, 1000.0])
def test_how_steps_are_parted_into_programs_does_not_matter(seconds, whole, monkeypatch, stopping, tmp_path):
    """One step a program before the stop, as many as fit after it, or the other way."""
    monkeypatch.setattr(steps, "SECONDS_A_PROGRAM", seconds)
    stopping(7)
    with pytest.raises(Stop):
        train(*DATA, unspool.Checkpoint(tmp_path, steps=1))
    stopping(None)
    monkeypatch.setattr(steps, "SECONDS_A_PROGRAM", 1000.0 - seconds)
    assert train(*DATA, unspool.Checkpoint(tmp_path)) == whole


def test_stopped_within_validation_it_validates_again(whole, stopping, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("unspool.training.loop.evaluate_pass", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(*DATA, unspool.Checkpoint(tmp_path))
    assert train(*DATA, unspool.Checkpoint(tmp_path)) == whole


def test_the_folder_may_be_in_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    unspool.fit(model, np.ones((2, 1)), np.ones((2, 1)), verbose=0, checkpoint=unspool.Checkpoint("~/saved"))
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert len([*(tmp_path / "home" / "saved").iterdir()]) > 1


def test_ctrl_c_saves_and_is_passed_on(whole, stopping, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint_module, "SHARE", 1e-9)  # nothing is saved but at the end
    stopping(9)
    with pytest.raises(Stop):
        train(*DATA, unspool.Checkpoint(tmp_path))
    assert CheckpointFiles(tmp_path).read_newest()["point"]["total"] == 8
    stopping(None)
    assert train(*DATA, unspool.Checkpoint(tmp_path)) == whole


def test_a_training_that_has_ended_is_not_trained_again(whole, tmp_path, monkeypatch):
    assert train(*DATA, unspool.Checkpoint(tmp_path)) == whole
    monkeypatch.setattr("unspool.training.loop.Loop._epoch", None)
    assert train(*DATA, unspool.Checkpoint(tmp_path)) == whole


def test_more_epochs_go_on_and_fewer_are_refused(whole, tmp_path):
    train(*DATA, unspool.Checkpoint(tmp_path), epochs=2)
    assert train(*DATA, unspool.Checkpoint(tmp_path)) == whole
    with pytest.raises(UserError, match="epochs: 5 done there, 3 here"):
        train(*DATA, unspool.Checkpoint(tmp_path), epochs=3)


def test_the_interrupted_model_itself_goes_on(whole, stopping, tmp_path):
    """In a notebook the same cell is run again: the model has its weights, and its learning rate has moved."""
    assert whole.history["learning_rate"][3] != whole.history["learning_rate"][0]
    model, hooks = sentiment_model(), steering()
    keras.utils.set_random_seed(5)
    keras.random.uniform((1,))
    arguments = {"batch_size": 16, "epochs": 6, "validation_split": 0.2, "verbose": 0, "callbacks": hooks}
    stopping(26)
    with pytest.raises(Stop):
        unspool.fit(model, *DATA, checkpoint=unspool.Checkpoint(tmp_path), **arguments)
    stopping(None)
    unspool.fit(model, *DATA, checkpoint=unspool.Checkpoint(tmp_path), **arguments)
    assert Ended(model, hooks) == whole


class Counts(keras.callbacks.Callback):
    """A user's own: counts steps and slows down after so many."""

    def __init__(self):
        super().__init__()
        self.seen = {"steps": 0, "losses": np.zeros(0)}

    def on_epoch_end(self, epoch, logs):
        self.seen = {"steps": self.seen["steps"] + 1, "losses": np.append(self.seen["losses"], logs["loss"])}
        self.model.optimizer.learning_rate = 0.02 / self.seen["steps"] ** 2


class Remembers(Counts):
    def get_state(self):
        return self.seen

    def set_state(self, state):
        self.seen = state


def test_a_callback_can_say_what_it_remembers(stopping, tmp_path, caplog):
    ended = train(*DATA, callbacks=lambda: [Remembers()], epochs=4)
    assert stop_and_go(stopping, tmp_path / "a", [15], *DATA, callbacks=lambda: [Remembers()], epochs=4) == ended
    assert caplog.messages == []
    assert stop_and_go(stopping, tmp_path / "b", [15], *DATA, callbacks=lambda: [Counts()], epochs=4) != ended
    assert caplog.messages[0].startswith("Counts has attributes, but no get_state() and set_state(state)")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 17}, "batch_size: 16 there, 17 here"),
        ({"shuffle": False}, "shuffle: True there, False here"),
        ({"initial_epoch": 1}, "initial_epoch: 0 there, 1 here"),
        ({"validation_split": 0.3}, r"training data.x.0: int32 \(68, 12\) \w+ there, int32 \(59, 12\) \w+ here"),
        ({"sample_weight": np.ones(85)}, "training data.sample_weight.0: none there"),
        ({"callbacks": lambda: steering()[:2]}, "EarlyStopping, LambdaCallback there, .*EarlyStopping here"),
        ({"callbacks": lambda: [*steering(), Counts()]}, "LambdaCallback there, .*LambdaCallback, Counts here"),
        (
            {"callbacks": lambda: [keras.callbacks.ProgbarLogger(), *steering()[1:]]},
            "ReduceLROnPlateau, .* there, EarlyStopping, .* here",
        ),
        ({"make": lambda: sentiment_model(keras.optimizers.Adam(0.01))}, "learning rate.0: 0.01999.* there, 0.00999"),
        ({"make": lambda: sentiment_model(keras.optimizers.Adam(0.02, beta_1=0.8))}, "beta_1: 0.9 there, 0.8 here"),
    ],
)
def test_another_training_is_refused_with_the_differences(change, message, one_epoch):
    folder = one_epoch
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    with pytest.raises(UserError, match=f"holds checkpoints of another training .*{message}"):
        train(*DATA, unspool.Checkpoint(folder), **({"epochs": 1} | change))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_other_batches_of_sequences_are_refused(tmp_path, monkeypatch):
    data, checkpoint = sentences(85, ragged=True), unspool.Checkpoint(tmp_path)
    train(*data, checkpoint, epochs=1)
    monkeypatch.setattr(buckets, "SHORTEST", 20)
    with pytest.raises(UserError, match=r"of another training \(batches: 3 entries there, 4 entries here\)"):
        train(*data, checkpoint, epochs=1)


@pytest.fixture(scope="module")
def one_epoch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    train(*DATA, unspool.Checkpoint(folder), epochs=1)
    return folder


def _altered(folder, tmp_path, change):
    """The newest checkpoint with a change, and a digest that is right all the same."""
    saved = CheckpointFiles(folder).read_newest()
    change(saved)
    altered = tmp_path / "altered"
    altered.mkdir()
    CheckpointFiles(altered).write(saved)
    return altered


def _point(**changes):
    return lambda saved: saved["point"].update(changes)


ORDER = np.arange(68, dtype=np.int32)


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (_point(epoch=-5), r"it is in epoch -5"),
        (_point(epoch=True), r"not whole numbers"),
        (_point(steps=10**9, total=10**9), r"it has done 1,000,000,000 of 0 steps"),
        (_point(order=ORDER, steps=6, total=9), r"it has done 6 of 5 steps"),
        (_point(order=ORDER[:-1], epoch=0), r"each of the 68 examples once"),
        (_point(order=ORDER - 1, epoch=0), r"each of the 68 examples once"),
        (_point(order=np.zeros_like(ORDER), epoch=0), r"each of the 68 examples once"),
        (_point(order=ORDER.astype("int64"), epoch=0), r"each of the 68 examples once"),
        (_point(more=1), r"how far the training had come"),
        (lambda saved: saved.pop("random"), r"a part of it is missing"),
        (lambda saved: saved["variables"][0].pop(), r"does not fit the model"),
        (lambda saved: saved["variables"][0].__setitem__(0, np.zeros(3, "f4")), r"does not fit the model"),
        (lambda saved: saved["callbacks"][0]["attributes"].update(on_epoch_end=1), r"keeps no 'on_epoch_end'"),
        (lambda saved: saved.update(random={}), r"does not fit the model"),
    ],
)
def test_what_no_training_has_saved_is_refused(one_epoch, tmp_path, change, flaw):
    altered = _altered(one_epoch, tmp_path, change)
    with pytest.raises(UserError, match=f"no training can have saved: .*{flaw}"):
        train(*DATA, unspool.Checkpoint(altered), epochs=1)


def test_other_data_and_another_patience_are_refused(one_epoch):
    folder, (x, y) = one_epoch, DATA
    other = y.copy()
    other[7] = 1 - other[7]
    with pytest.raises(UserError, match=r"training data\.y\.0"):
        train(x, other, unspool.Checkpoint(folder), epochs=1)
    patient = steering()
    patient[1].patience = 5
    with pytest.raises(UserError, match=r"callbacks\.1\.patience: 4 there, 5 here"):
        train(x, y, unspool.Checkpoint(folder), epochs=1, callbacks=lambda: patient)


def test_what_was_written_under_other_conditions_goes_on_with_a_warning(one_epoch, monkeypatch, caplog):
    folder = one_epoch
    real = checkpoint_module.surroundings()
    monkeypatch.setattr(checkpoint_module, "surroundings", lambda: real | {"instruction set": "baseline"})
    train(*DATA, unspool.Checkpoint(folder), epochs=1)
    (line,) = caplog.messages
    assert f"instruction set: {real['instruction set']} there, baseline here" in line


def test_a_folder_in_use_is_refused(tmp_path):
    refusals = []

    def second(epoch, logs):
        with pytest.raises(UserError) as refusal:
            train(*DATA, unspool.Checkpoint(tmp_path), epochs=1)
        refusals.append(str(refusal.value))

    hook = keras.callbacks.LambdaCallback(on_epoch_end=second)
    train(*DATA, unspool.Checkpoint(tmp_path), epochs=1, callbacks=lambda: [hook])
    assert refusals == [f"{tmp_path} is in use: another process trains with it."]


def test_a_full_disk_is_told_once_and_training_goes_on(whole, tmp_path, monkeypatch, caplog):
    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    ended = train(*DATA, unspool.Checkpoint(tmp_path, steps=1))
    monkeypatch.undo()
    assert ended == whole
    (line,) = caplog.messages
    assert line.startswith("No checkpoint was saved; training continues, and saving will be tried again.")
    assert "No space left on device" in line
    assert [path.name for path in tmp_path.iterdir()] == ["training.lock"]


def test_a_folder_that_cannot_be_made_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        train(*DATA, unspool.Checkpoint(tmp_path / "file" / "folder"))


@pytest.mark.parametrize(
    "arguments",
    [{"seconds": 0}, {"seconds": -1}, {"steps": 0}, {"steps": 1.5}, {"steps": True}, {"seconds": float("nan")}],
)
def test_an_interval_that_is_none_is_refused(arguments):
    with pytest.raises(ValueError, match="between two checkpoints must be"):
        unspool.Checkpoint("folder", **arguments)


def test_it_is_said_where_training_goes_on(tmp_path, stopping, capsys):
    stopping(8)
    with pytest.raises(Stop):
        train(*DATA, unspool.Checkpoint(tmp_path), verbose=2)
    stopping(None)
    capsys.readouterr()
    train(*DATA, unspool.Checkpoint(tmp_path), verbose=2)
    assert capsys.readouterr().err.startswith("continuing from the checkpoint: epoch ")
    train(*DATA, unspool.Checkpoint(tmp_path), verbose=2)
    assert capsys.readouterr().err == "this training has ended: its end is read from the checkpoint\n"


def test_a_folder_that_was_moved_away_is_told_and_what_has_taken_its_place_stays_as_it_is(whole, tmp_path, caplog):
    def move(epoch, logs):
        if epoch == 1:
            time.sleep(0.5)  # until nothing is being written
            folder.rename(tmp_path / "moved")
            folder.mkdir()

    folder = tmp_path / "checkpoints"
    hook = keras.callbacks.LambdaCallback(on_epoch_end=move)
    ended = train(*DATA, unspool.Checkpoint(folder, steps=1), callbacks=lambda: [*steering(), hook])
    assert ended.variables == whole.variables
    assert list(folder.iterdir()) == []
    (line,) = caplog.messages
    assert f"{folder} was moved away, and its place may be another training's." in line
