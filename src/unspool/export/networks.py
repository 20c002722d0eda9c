"""Recurrent networks as parts of a portable model: a list of layers with their weights."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.descriptions.networks import Recurrent, Seq2Vec, Tagger, Upscaler, Vec2Seq
from unspool.errors import UserError
from unspool.export.packing import Matrix, Node

ACTIVATIONS = ("linear", "sigmoid", "softmax", "tanh")


def seq2vec_node(config: Seq2Vec, network: keras.Model, reads_tokens: bool) -> Node:
    """Describe what `seq2vec` built.

    Args:
        config: the description that it was built from.
        network: the model.
        reads_tokens: whether it reads token ids.

    Raises:
        UserError: a layer cannot be exported; names it.
    """
    layers: list[Node] = []
    bigrams = bool(reads_tokens and config.bigrams)
    if reads_tokens:
        layers.append(
            {
                "kind": "embedding",
                "vectors": _matrix(network.get_layer("embedding").embeddings),
                "mask_zero": config.mask_padding,
            }
        )
        if bigrams:
            layers.append({"kind": "bigrams", "vectors": _matrix(network.get_layer("bigram_embedding").embeddings)})
    gives = "all" if config.pooling == "mean_max" else "last"
    layers += _recurrent_nodes(config, network, gives)
    if config.pooling == "mean_max":
        layers.append({"kind": "pooling", "with_bigrams": bigrams})
    elif config.pooling == "flatten":
        layers.append({"kind": "flatten", "mean": _array(network.get_layer("flatten").mean)})
    layers += _normalization(config, network)
    if config.outputs:
        layers.append(_dense(network.get_layer("head")))
    return {"kind": "network", "layers": layers}


def tagger_node(config: Tagger, network: keras.Model, reads_words: bool) -> Node:
    """Describe what `tagger` built; arguments and errors as for `seq2vec_node`."""
    layers: list[Node] = []
    if reads_words:
        vectors = _array(network.get_layer("embedding").embeddings).copy()
        vectors[0] = 0  # of no form
        layers.append({"kind": "forms", "vectors": Matrix.of(vectors)})
    layers += _step_nodes(config, network, network.get_layer("head"))
    return {"kind": "network", "layers": layers}


def upscaler_node(config: Upscaler, network: keras.Model) -> Node:
    """Describe what `upscaler` built.

    Raises:
        UserError: a layer cannot be exported; names it.
    """
    layers = _step_nodes(config, network, network.get_layer("head"))
    return {"kind": "upscaler", "factor": config.factor, "network": {"kind": "network", "layers": layers}}


def vec2seq_node(config: Vec2Seq, network: keras.Model) -> Node:
    """Describe what `vec2seq` built.

    Raises:
        UserError: a layer cannot be exported; names it.
    """
    if not config.layers:
        head = _dense(network.get_layer("numbers"))
        times = network.get_layer("rows").target_shape[0]
        return {
            "kind": "network",
            "layers": [*_normalization(config, network), head, {"kind": "unflatten", "times": times}],
        }
    layers: list[Node] = [{"kind": "repeat", "times": network.get_layer("repeat").n}]
    layers += _step_nodes(config, network, network.get_layer("rows").layer)
    return {"kind": "network", "layers": layers}


def _step_nodes(config: Recurrent, network: keras.Model, last: Any) -> list[Node]:
    """Layers that give something at each step, up to the last, which is dense."""
    return [*_recurrent_nodes(config, network, "all"), *_normalization(config, network), _dense(last)]


def _recurrent_nodes(config: Recurrent, network: keras.Model, gives: str) -> list[Node]:
    found = []
    for number in range(1, config.layers + 1):
        name = config.cell if config.layers == 1 else f"{config.cell}_{number}"
        layer = network.get_layer(f"bidirectional_{name}" if config.bidirectional else name)
        directions = {"forward": layer}
        if config.bidirectional:
            directions = {"forward": layer.forward_layer, "backward": layer.backward_layer}
        cell, activation = _cell(config, directions["forward"])
        found.append(
            {
                "kind": "recurrent",
                "cell": cell,
                "activation": activation,
                "gives": gives if number == config.layers else "all",
            }
            | {which: _direction(one) for which, one in directions.items()}
        )
    return found


def _cell(config: Recurrent, layer: Any) -> tuple[str, str]:
    activation = layer.cell.activation.__name__
    cell: str = config.cell
    if cell == "gru":
        cell = "gru after" if layer.cell.reset_after else "gru before"
    sigmoid = cell == "rnn" or layer.cell.recurrent_activation is keras.activations.sigmoid
    if not sigmoid or activation not in (("tanh", "relu") if cell == "rnn" else ("tanh",)):
        raise UserError(f"The layer {layer.name} cannot be exported: its activations are not a {cell}'s usual ones.")
    return cell, activation


def _direction(layer: Any) -> Node:
    cell = layer.cell
    if cell.bias is None:
        raise UserError(f"The layer {layer.name} cannot be exported: it has no bias.")
    return {
        "kernel": _matrix(cell.kernel),
        "recurrent": _matrix(cell.recurrent_kernel),
        "bias": _array(cell.bias),
        "zero_masked": bool(layer.zero_output_for_mask),
    }


def _normalization(config: Recurrent, network: keras.Model) -> list[Node]:
    """Batch normalization as a factor and an offset."""
    if not config.batch_normalization:
        return []
    layer = network.get_layer("batch_normalization")
    gamma, beta, mean, variance = (
        _array(one).astype(np.float64) for one in (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
    )
    scale = gamma / np.sqrt(variance + layer.epsilon)
    offset = beta - mean * scale
    return [{"kind": "normalization", "scale": scale.astype(np.float32), "offset": offset.astype(np.float32)}]


def _dense(layer: Any) -> Node:
    activation = layer.activation.__name__
    if activation not in ACTIVATIONS:
        raise UserError(f"The layer {layer.name} cannot be exported: its activation is {activation}.")
    return {
        "kind": "dense",
        "weights": _matrix(layer.kernel),
        "bias": _array(layer.bias),
        "activation": activation,
    }


def _matrix(variable: Any) -> Matrix:
    return Matrix.of(_array(variable))


def _array(variable: Any) -> NDArray[np.float32]:
    return np.asarray(variable, np.float32)
