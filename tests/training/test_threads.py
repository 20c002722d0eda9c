"""A whole training gives the same bits on one core, on two, and on all."""

import os

import pytest

from programs import output_of

PROGRAM = """
import hashlib, os, sys
os.sched_setaffinity(0, set(map(int, sys.argv[1].split(","))))
import unspool
import keras, numpy as np
from unspool.layers import LSTM, Bidirectional, Dropout
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).random((230, 28, 28)).astype("float32")
model = keras.Sequential([
    keras.Input((28, 28)), Dropout(0.1), Bidirectional(LSTM(28, return_sequences=True)),
    keras.layers.BatchNormalization(), keras.layers.TimeDistributed(keras.layers.Dense(28, activation="sigmoid")),
])
model.compile("adam", "binary_crossentropy")
unspool.fit(model, x, x, batch_size=100, epochs=2, validation_split=0.1, verbose=0)
digest = hashlib.sha256(repr(model.history.history).encode())
for variable in (*model.variables, *model.optimizer.variables):
    digest.update(np.asarray(variable.value).tobytes())
print(digest.hexdigest())
"""


def digest(cores, **environment):
    return output_of(PROGRAM, ",".join(map(str, cores)), **environment)


@pytest.mark.soak
def test_the_number_of_threads_does_not_change_a_bit():
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        pytest.skip("one core gives nothing to compare")
    everywhere = digest(cores)
    assert digest(cores, UNSPOOL_THREADS="1") == everywhere, "one thread in the kernels"
    assert digest(cores[:1]) == everywhere, "one core"
    if len(cores) > 2:
        assert digest(cores[:2]) == everywhere, "two cores"
