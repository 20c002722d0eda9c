"""A training, killed again and again with `kill -9`, and whether it ends as one that was let alone.

Each attempt is a child forked before JAX has begun to compute, so that it costs a second and not five; therefore this
is a program of its own. It prints a line of JSON.

    python killed_fit.py FOLDER KILLS SEED
"""

import hashlib
import json
import math
import os
import random
import signal
import stat
import sys
import time
from pathlib import Path

import unspool  # before keras

import jax  # isort: skip
import keras  # isort: skip
import numpy as np

from unspool.layers import Dropout

STEP_SECONDS = 0.003
"""Each step is held up, so that a kill finds the training at work and not at its end."""

EPOCHS = 16
"""Of 8 steps: 128 in all. The kills of `make test` let at most 98 pass: 51 until their saves, 47 in a random time."""


def train(folder, reached):
    """Train a small model to the end, and give a digest of all that it leaves behind."""
    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 6, 3)).astype("float32")
    y = (x.sum((1, 2)) > 0).astype("float32")
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6, 3)),
            Dropout(0.3),
            layers.GlobalAveragePooling1D(),
            layers.Dense(300),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    slow = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: (reached(), time.sleep(STEP_SECONDS)))
    hooks = [
        keras.callbacks.ReduceLROnPlateau(patience=2, min_delta=0.02),
        keras.callbacks.EarlyStopping(patience=99, restore_best_weights=True),
        slow,
    ]
    checkpoint = unspool.Checkpoint(folder, steps=3)
    unspool.fit(
        model,
        x,
        y,
        batch_size=16,
        epochs=EPOCHS,
        validation_split=0.2,
        callbacks=hooks,
        verbose=0,
        checkpoint=checkpoint,
    )
    digest = hashlib.sha256()
    for variable in (*model.variables, *model.optimizer.variables, *model.metrics_variables):
        digest.update(np.asarray(variable.value).tobytes())
    rest = model.history.history, hooks[0].wait, hooks[1].wait, hooks[1].best, random.random(), np.random.rand()
    digest.update(repr(rest).encode())
    return digest.hexdigest()


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def when_called(module, name, before, matches, count):
    """Run `before` at the `count`th call of a function whose first argument `matches`."""
    real, calls = getattr(module, name), iter(range(1, 10**6))

    def wrapper(*arguments, **settings):
        if matches(arguments[0]) and next(calls) == count:
            before(*arguments)
        return real(*arguments, **settings)

    setattr(module, name, wrapper)


def is_checkpoint(handle):
    return "checkpoint-" in os.readlink(f"/proc/self/fd/{handle}")


def is_folder(handle):
    return stat.S_ISDIR(os.fstat(handle).st_mode)


def cut_and_die(handle):
    os.ftruncate(handle, os.fstat(handle).st_size // 2)
    die()


POINTS = {
    "mid-write": (os, "fsync", cut_and_die, is_checkpoint),
    "before fsync": (os, "fsync", die, is_checkpoint),
    "before rename": (os, "replace", die, lambda path: "checkpoint-" in str(path)),
    "before the folder's fsync": (os, "fsync", die, is_folder),
    "before prune": (Path, "unlink", die, lambda path: path.name.endswith(".safetensors")),
}


def attempt(folder, point=None, count=1, after=None, compiles=False):
    """Train in a child; kill it `after` so many seconds of its first step, or at a point of its save number `count`.

    A child that `compiles` keeps its compiled programs for the others, which only read them: one that is killed while
    it writes would leave half a program.

    Returns:
        The digest of a training that came to its end, or None.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0 if compiles else math.inf)
            if point is not None:
                when_called(*POINTS[point], count)
            digest = train(folder, lambda: os.write(writer, b"."))
            os.write(writer, digest.encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as output:
        if after is not None:
            output.read(1)
            time.sleep(after)
            os.kill(child, signal.SIGKILL)
        said = output.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    return said.lstrip(b".").decode()


def main(folder, kills, seed):
    rng = random.Random(seed)
    jax.config.update("jax_compilation_cache_dir", str(folder / "compiled"))
    let_alone = attempt(folder / "let-alone", compiles=True)
    survived = []
    for point in POINTS:
        if attempt(folder / "killed", point, rng.randint(2, 6)) is None:
            survived.append(point)
    for _ in range(kills):
        if attempt(folder / "killed", after=rng.uniform(0, 0.15)) is None:
            survived.append("at random")
    print(json.dumps({"killed": survived, "equal": attempt(folder / "killed") == let_alone}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
