import io

import keras
import numpy as np
import pytest
from rich.console import Console

import unspool
from unspool.training import progress


@pytest.fixture
def fitted(monkeypatch):
    """Fits a small model with its display going to a string, as a terminal or not."""

    def fit(terminal, verbose="auto", notebook=False, callbacks=None):
        screen = io.StringIO()
        monkeypatch.setattr(
            progress.terminal,
            "console",
            lambda file: Console(
                file=screen, force_terminal=terminal, force_jupyter=notebook, width=120, color_system=None
            ),
        )
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        more = {"validation_split": 0.5, "verbose": verbose, "callbacks": callbacks}
        unspool.fit(model, np.ones((40, 1)), np.ones(40), epochs=2, **more)
        return screen.getvalue()

    return fit


def test_a_line_an_epoch_where_there_is_no_terminal(fitted):
    lines = fitted(terminal=False).splitlines()
    assert [line.split()[:2] for line in lines] == [["epoch", "1/2"], ["epoch", "2/2"]]
    assert all("examples/s" in line and "val_loss" in line for line in lines)


def test_a_line_has_what_callbacks_add_as_in_keras(fitted):
    class Adds(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 0:
                logs["note"] = "first"
            logs["twice"] = 2.5 * (epoch + 1)

    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.125)
    first, second = fitted(terminal=False, callbacks=[Adds(), schedule]).splitlines()
    assert "  twice 2.5" in first
    assert "  note first" in first
    assert "  learning_rate 0.125" in first
    assert "  twice 5" in second
    assert "note" not in second


def test_a_live_bar_in_a_terminal(fitted, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")  # rich moves nothing where it is dumb
    screen = fitted(terminal=True)
    assert "20/20" in screen
    assert "validating" in screen
    assert "\n\n" not in screen.split("epoch 2/2")[-1]


def test_lines_in_a_terminal_that_cannot_move_its_cursor(fitted, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    screen = fitted(terminal=True)
    assert [line.split()[:2] for line in screen.splitlines()] == [["epoch", "1/2"], ["epoch", "2/2"]]


def test_silence_when_asked_for(fitted):
    assert fitted(terminal=True, verbose=0) == ""


def test_a_notebook_has_one_display_whose_lines_stay(fitted, monkeypatch):
    pages = []

    class Bar:
        def show(self, done, total, text, lines):
            pages.append((done, total, text, list(lines)))

        def close(self, lines):
            pages.append(list(lines))

    monkeypatch.setattr(progress, "NotebookBar", Bar)
    monkeypatch.setattr(progress, "LINES_IN_A_NOTEBOOK", 1)
    assert fitted(terminal=False, notebook=True) == ""
    assert pages[0] == (0, 20, "epoch 1/2  compiling", [])
    assert (pages[1][0], pages[1][2][:9]) == (20, "epoch 1/2")
    assert pages[-2][3][0].startswith("epoch 1/2")
    assert [line[:9] for line in pages[-1]] == ["epoch 2/2"]
