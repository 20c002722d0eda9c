"""ONNX Runtime, for prediction: the graph is written by hand from the weights, with one LSTM, GRU or RNN operator."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.specs import GATES, Sentiment

# Keras's LSTM orders its gates i f c o and ONNX's i o f c; a GRU's are z r h in both.
ORDER = {"lstm": (0, 3, 1, 2), "gru": (0, 1, 2), "rnn": (0,)}
_threads = 1


def start(threads: int) -> dict[str, str]:
    global _threads
    _threads = threads
    return {"onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__}


def predict(spec: Sentiment, weights: Any, batch_size: int) -> Callable[[Any], Any]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _threads
    options.inter_op_num_threads = 1
    graph = export(spec, weights).SerializeToString()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def run(ids: Any) -> Any:
        batches = [ids[first : first + batch_size] for first in range(0, len(ids), batch_size)]
        return np.concatenate([session.run(None, {"ids": batch})[0] for batch in batches])

    return run


def predict_one(spec: Sentiment, weights: Any) -> Callable[[Any], Any]:
    return predict(spec, weights, 1)


def export(spec: Sentiment, weights: Any) -> onnx.ModelProto:
    """The ONNX model of ids (B, T) to probabilities (B,), in inference: no dropout, normalization as an affine map."""
    constants = {
        "table": weights["embedding"]["table"],
        **_cell(spec.cell, weights["cell"]),
        **_head(weights.get("norm"), weights["head"]),
        "one": np.array([1], np.int64),
        "directions": np.array([0], np.int64),
    }
    options = {"hidden_size": spec.units} | ({"linear_before_reset": 1} if spec.cell == "gru" else {})
    outputs = ["", "last", ""][: 3 if spec.cell == "lstm" else 2]
    nodes = [
        helper.make_node("Transpose", ["ids"], ["ids_by_time"], perm=[1, 0]),
        helper.make_node("Gather", ["table", "ids_by_time"], ["x"]),
        helper.make_node(spec.cell.upper(), ["x", "W", "R", "B"], outputs[:2], **options),
        helper.make_node("Squeeze", ["last", "directions"], ["h"]),
        helper.make_node("Gemm", ["h", "head", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["column"]),
        helper.make_node("Squeeze", ["column", "one"], ["probabilities"]),
    ]
    graph = helper.make_graph(
        nodes,
        "sentiment",
        [helper.make_tensor_value_info("ids", TensorProto.INT32, ["batch", spec.length])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch"])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def _cell(cell: str, arrays: Any) -> dict[str, Any]:
    def rows(array: Any) -> Any:
        gates = np.split(array, GATES[cell], axis=-1)
        return np.concatenate([gates[gate] for gate in ORDER[cell]], axis=-1).T[None].copy()

    bias = arrays["bias"] if cell == "gru" else np.stack([arrays["bias"], np.zeros_like(arrays["bias"])])
    both = np.concatenate([rows(bias[0]), rows(bias[1])], axis=-1)
    return {"W": rows(arrays["kernel"]), "R": rows(arrays["recurrent_kernel"]), "B": both}


def _head(norm: Any, head: Any) -> dict[str, Any]:
    """The normalization folded into the dense layer behind it, as exporters do."""
    if norm is None:
        return {"head": head["kernel"], "bias": head["bias"]}
    scale = norm["gamma"] / np.sqrt(norm["variance"] + np.float32(1e-3))
    shift = norm["beta"] - norm["mean"] * scale
    return {"head": scale[:, None] * head["kernel"], "bias": head["bias"] + shift @ head["kernel"]}
