import csv

import keras
import numpy as np

from unspool.runs.records.log_callback import LogCallback
from unspool.runs.records.training_log import LOG, TrainingLog
from unspool.training import fit


def test_the_log_tells_time_and_memory_of_each_step_and_epoch(tmp_path):
    log = TrainingLog()
    log.note("read")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    fit(model, np.ones((8, 1)), np.ones(8), epochs=2, callbacks=[LogCallback(log)], verbose=0)
    log.write_log(tmp_path)
    with (tmp_path / LOG).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["done"] for row in rows] == ["read", "epoch 1", "epoch 2"]
    seconds = [float(row["seconds"]) for row in rows]
    assert seconds == sorted(seconds)
    assert all(0 < float(row["memory_mb"]) <= float(row["peak_memory_mb"]) for row in rows)
