"""Columns beside a text, and trees, as ONNX graphs: ONNX Runtime answers rows as the trainer does."""

import numpy as np
import pytest

from unspool.candidates.texts.linear import COLUMNS
from unspool.candidates.texts.trees import COLUMN_TREES
from unspool.export import export_onnx
from unspool.tasks import Binary

from .test_columns import AS_TEXTS, CASES, LINEAR, NEW, folder, labels  # noqa: F401
from .test_onnx_texts import Sum

onnxruntime = pytest.importorskip("onnxruntime")
unspool_runtime = pytest.importorskip("unspool_runtime")

from onnx import TensorProto  # noqa: E402

from unspool.export.onnx_columns import add_trees  # noqa: E402
from unspool.export.onnx_graph import Graph  # noqa: E402

SUM = (Sum(LINEAR, COLUMNS, COLUMN_TREES), Binary(("no", "yes")), labels % 2)


@pytest.mark.parametrize("case", [*CASES, "sum"])
def test_rows_are_answered_alike(folder, tmp_path, monkeypatch, case):  # noqa: F811
    monkeypatch.setitem(CASES, "sum", SUM)
    trained, where = folder(case)
    found = export_onnx(where, tmp_path / "m.onnx")
    assert (found.count, found.largest < 2e-6) == (32 + 7 + 2, True)
    session = onnxruntime.InferenceSession(str(found.out))
    shapes = {one.name: (one.type, one.shape) for one in session.get_inputs()}
    assert shapes["numbers"] == ("tensor(double)", ["batch", 2])
    assert shapes["categories"] == ("tensor(int64)", ["batch", 1])
    assert ("tokens" in shapes) == (case in ("linear", "trees of both", "sum"))
    wanted = trained.outputs(AS_TEXTS)
    inputs = unspool_runtime.OnnxInputs(session)
    outputs = session.run(None, inputs(NEW))[0]
    np.testing.assert_allclose(outputs.reshape(wanted.shape), wanted, atol=2e-6)
    with pytest.raises(unspool_runtime.InputError, match=r"Example 1 .*: the text in column text is empty or blank"):
        inputs([NEW[0], NEW[1] | {"text": " "}])


def test_a_threshold_between_two_numbers_of_32_bits_parts_them():
    least = np.float32(0.1)
    between = (np.float64(least) + np.nextafter(least, np.float32(1))) / 2
    trees = {
        "roots": np.array([0, 3], np.int32),
        "feature": np.array([0, -1, -1, -1], np.int32),
        "left": np.array([1, 0, 0, 0], np.int32),
        "right": np.array([2, 0, 0, 0], np.int32),
        "threshold": np.array([between, 0, 0, 0]),
        "values": np.array([[0, 0], [1, 2], [3, 4], [10, 20]], np.float32),
    }
    graph = Graph()
    features = graph.input("features", TensorProto.FLOAT, "batch", 1)
    graph.output(add_trees(graph, trees, features), "means", "batch", "outputs")
    session = onnxruntime.InferenceSession(graph.written("", {}))
    given = np.array([[least], [np.nextafter(least, np.float32(1))]], np.float32)
    assert session.run(None, {"features": given})[0].tolist() == [[5.5, 11], [6.5, 12]]
