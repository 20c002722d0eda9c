"""One process of a training by several, or the only one: `two_processes.py FOLDER`, with torchrun's variables.

It writes what training gave to FOLDER/INDEX.json. With DIES=N in the environment, process 1 is killed after N programs.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import keras
import numpy as np

import unspool
from unspool.data.ragged import Ragged
from unspool.interruption import Terminated, leaving_politely
from unspool.training import processes

FOLDER = Path(sys.argv[1])


class Note(keras.callbacks.Callback):
    """Ends the process after so many epochs."""

    def on_epoch_end(self, epoch, logs=None):
        if os.environ.get("DIES") == str(epoch) and os.environ["RANK"] == "1":
            os.kill(os.getpid(), signal.SIGKILL)

    def get_state(self):
        return {}

    def set_state(self, state):
        pass


def network(cell):
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            unspool.layers.Embedding(50, 8, mask_zero=True),
            unspool.layers.Dropout(0.3),
            cell(6, return_sequences=True),
            cell(5),
            keras.layers.BatchNormalization(),
            unspool.layers.Dropout(0.2),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def trained(cell, ragged, checkpoint=None, epochs=3):
    """The losses and the weights of a small network on 46 examples, in batches of 8: the last one has 6."""
    keras.utils.set_random_seed(0)
    model = network(cell)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    random = np.random.default_rng(0)
    x = random.integers(1, 50, (46, 12)).astype("int32")
    y = (x[:, 0] > 25).astype("float32")
    if ragged:
        x = Ragged.from_lengths(x.ravel()[: 46 * 6], np.tile([3, 9], 23))
    with processes.together():
        history = unspool.fit(
            model,
            x,
            y,
            batch_size=8,
            epochs=epochs,
            verbose=0,
            validation_data=(x.take(np.arange(20)) if ragged else x[:20], y[:20]),
            callbacks=[Note()],
            checkpoint=unspool.Checkpoint(checkpoint) if checkpoint else None,
        )
    return {
        "losses": history.history["loss"] + history.history["val_loss"],
        "weights": [float(w) for array in model.get_weights() for w in np.ravel(array)],
    }


def heeds_sigterm():
    """Whether SIGTERM still reaches Python, which saves: JAX would like to have it."""
    try:
        with leaving_politely():
            signal.raise_signal(signal.SIGTERM)
            time.sleep(0.1)
    except Terminated:
        return True
    return False


def main():
    place = processes.from_environment()
    index = place[2] if place else 0
    if place:
        processes.join(*place)
        assert heeds_sigterm()
    if "CHECKPOINT" in os.environ:
        found = {"resumed": trained(unspool.layers.LSTM, False, os.environ["CHECKPOINT"] if index == 0 else None)}
    else:
        layers = unspool.layers
        found = {
            "lstm": trained(layers.LSTM, False),
            "gru, lengths of their own": trained(layers.GRU, True),
        }
    processes.leave()
    (FOLDER / f"{index}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    try:
        main()
    except unspool.UserError as error:
        print(f"unspool: {error}", file=sys.stderr, flush=True)
        os._exit(1)
