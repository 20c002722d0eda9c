"""Graphs of layers as people write them, with masks, arithmetic and slices in between; too large ones are refused."""

import json
import zipfile

import keras
import numpy as np
import pytest
from keras import layers, ops

from unspool.errors import UserError
from unspool.models.loading import load_model

STEPS = np.random.default_rng(0).normal(size=(4, 5, 3)).astype(np.float32)
TOKENS = np.random.default_rng(0).integers(0, 9, (4, 5)).astype(np.int32)


def _masking(x):
    return layers.LSTM(4)(layers.Masking()(x))


def _mask_of_tokens(x):
    return layers.Bidirectional(layers.GRU(4))(layers.Embedding(9, 4, mask_zero=True)(x))


def _attention(x):
    read = layers.LSTM(4, return_sequences=True)(layers.Embedding(9, 4, mask_zero=True)(x))
    return layers.GlobalAveragePooling1D()(layers.Attention()([read, read]))


def _transformer_block(x):
    read = layers.Embedding(9, 4, mask_zero=True)(x)
    read = layers.LayerNormalization()(read + layers.MultiHeadAttention(2, 2)(read, read))
    return ops.mean(read, axis=1)


def _last_step(x):
    return layers.GRU(3, return_sequences=True)(x)[:, -1]


def _weighted_sum(x):
    read = layers.GRU(3, return_sequences=True)(x)
    return ops.sum(read * ops.softmax(layers.Dense(1)(read), axis=1), axis=1)


def _scaled(x):
    scaled = layers.Rescaling(0.5)(x)
    return layers.Average()([layers.GRU(3)(scaled), layers.GRU(3)(ops.flip(scaled, axis=1))])


@pytest.mark.parametrize(
    ("build", "data"),
    [
        (_masking, STEPS),
        (_mask_of_tokens, TOKENS),
        (_attention, TOKENS),
        (_transformer_block, TOKENS),
        (_last_step, STEPS),
        (_weighted_sum, STEPS),
        (_scaled, STEPS),
    ],
)
def test_graphs_with_operations_between_layers_are_read(build, data, tmp_path):
    inputs = keras.Input(data.shape[1:], dtype=data.dtype.name)
    model = keras.Model(inputs, build(inputs))
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(data), model.predict_on_batch(data))


def test_an_operation_that_makes_too_much_of_an_example_is_refused(tmp_path):
    inputs = keras.Input((10_000, 1))
    keras.Model(inputs, inputs @ ops.transpose(inputs, (0, 2, 1))).save(tmp_path / "model.keras")
    with pytest.raises(UserError, match=r"layer or operation 'matmul' makes 100,000,000 numbers of an example"):
        load_model(tmp_path / "model.keras")


def test_an_operation_that_repeats_is_refused(tmp_path):
    inputs = keras.Input((5, 3))
    keras.Model(inputs, ops.tile(inputs, (1, 2, 1))).save(tmp_path / "model.keras")
    with pytest.raises(UserError, match=r"names keras\.src\.ops\.numpy\.Tile, which is not a layer or operation"):
        load_model(tmp_path / "model.keras")


def test_an_operation_on_mere_numbers_is_refused(tmp_path):
    """Keras computes it as it reads the file: two short lists could make a large array."""
    inputs = keras.Input((5, 3))
    path = tmp_path / "model.keras"
    keras.Model(inputs, ops.add(inputs, 1.0)).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    added = next(layer for layer in config["config"]["layers"] if layer["class_name"] == "Add")
    added["inbound_nodes"].append({"args": [[0.0] * 100, [[0.0]] * 100], "kwargs": {}})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | {"config.json": json.dumps(config).encode()}).items():
            archive.writestr(name, content)
    with pytest.raises(UserError, match="'add' is called without a tensor"):
        load_model(path)
