"""Models of whole series as ONNX graphs: ONNX Runtime answers new series as the trainer does."""

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.features import Competition, Convolution, Quantiles
from unspool.candidates.features.plain import RawValues, Statistics, Totals
from unspool.candidates.series import EUCLIDEAN, WARPED, Blend, Encoded, Truth
from unspool.candidates.series.standardised import Standardised
from unspool.errors import UserError
from unspool.export import export_onnx
from unspool.readers import RawExamples, RawSeriesReader
from unspool.tasks import Binary, Multiclass, Regression

from .test_series import (
    BOOSTED,
    COMPETITION,
    CONVOLUTION,
    NETWORKS,
    PLAIN,
    SERIES,
    SEVERAL,
    THREE,
    TOTALS,
    Cut,
    classes,
    labels,
)

onnxruntime = pytest.importorskip("onnxruntime")
unspool_runtime = pytest.importorskip("unspool_runtime")

draw = np.random.default_rng(0)
EQUAL = [np.float32(draw.normal(size=(30, 2)).cumsum(axis=0)) for _ in range(24)]
EQUAL[3][:, 1] = 7  # a channel that is constant
READER = RawSeriesReader(("x", "y"), (0.5, -0.5))
TWO = Binary(("no", "yes"))


class Blended:
    """Blends parts, whatever they are worth."""

    def __init__(self, *parts):
        self.parts = parts

    def fit(self, series, target, task, seed):
        parts = [one.fit(series, target, task, seed) for one in self.parts]
        return Blend.fit(parts, Truth.of(target, task))


QUANTILES = Encoded("q", 1, (Quantiles(),), "trees")
FOREST = Encoded("f", 1, (RawValues(), Statistics(), Totals()), "trees")
GRAPHS = {
    "four pools, differences": (Encoded("c", 1, (Convolution(biases=252),)), THREE, classes),
    "one pool": (Encoded("s", 1, (Convolution(biases=84, pools=1, differences=False),)), TWO, classes % 2),
    "scaled": (Encoded("c", 1, (Convolution(biases=168, scale=True),)), Regression(), classes * 1.5),
    "competing kernels": (COMPETITION, TWO, classes % 2),
    "competing kernels, scaled": (Encoded("k", 1, (Competition(groups=4, scale=True),)), Regression(), classes * 1.5),
    "quantiles": (QUANTILES, THREE, classes),
    "few quantiles": (Encoded("t", 1, (Quantiles(depth=2, steps=2),), "trees"), Regression(), classes * 1.5),
    "statistics and values": (PLAIN, Regression(), classes * 1.5),
    "totals": (TOTALS, Regression(), classes * 1.5),
    "totals of other lengths": (Cut(20, 25, 30), Regression(), classes * 1.5),
    "forest": (FOREST, THREE, classes),
    "boosted trees": (BOOSTED, THREE, classes),
    "boosted trees of two": (BOOSTED, TWO, classes % 2),
    "boosted trees of numbers": (BOOSTED, Regression(), classes * 1.5),
    "nearest": (EUCLIDEAN, THREE, classes),
    "recurrent": (NETWORKS, TWO, classes % 2),
    "recurrent of numbers": (NETWORKS, Regression(), classes * 1.5),
    "recurrent of several labels": (NETWORKS, SEVERAL, labels),
    "blend": (Blended(COMPETITION, QUANTILES, CONVOLUTION, EUCLIDEAN), THREE, classes),
    "blend of numbers": (Blended(COMPETITION, PLAIN), Regression(), classes * 1.5),
    "blend of several labels": (Blended(COMPETITION, FOREST, NETWORKS), SEVERAL, labels),
    "blend of two": (Blended(QUANTILES, PLAIN), TWO, classes % 2),
}


def exported(folder_of, tmp_path, case, series):
    candidate, task, target = case
    raw = RawModel("series", "small", task.name, candidate.fit(series, target, task.name, 0))
    threshold = 0.5 if task.picks_threshold else None
    folder = folder_of(raw, READER, task, RawExamples(series), threshold=threshold)
    return raw, export_onnx(folder, tmp_path / "m.onnx")


@pytest.mark.parametrize("case", GRAPHS)
def test_new_series_are_answered_alike(folder_of, tmp_path, case):
    raw, found = exported(folder_of, tmp_path, GRAPHS[case], EQUAL)
    assert (found.count, found.largest < 1e-5) == (24, True)
    new = [np.float32(np.random.default_rng(row).normal(size=(30, 2)).cumsum(axis=0)) for row in range(9)]
    new += [1000 * EQUAL[5], -1000 * EQUAL[5]] if raw.task == "regression" else []  # beyond the limits
    new[4][3:5, 1] = np.nan
    session = onnxruntime.InferenceSession(str(found.out))
    (one,) = session.get_inputs()
    assert (one.name, one.shape) == ("series", ["batch", 30, 2])
    (outputs,) = session.run(None, unspool_runtime.OnnxInputs(session)(new))
    wanted = raw.outputs(READER.read_series(new).items)
    np.testing.assert_allclose(outputs.reshape(wanted.shape), wanted, rtol=1e-5, atol=1e-5)


VALUES = Encoded("v", 1, (RawValues(),))


@pytest.mark.parametrize("candidate", [VALUES, NETWORKS, Blended(VALUES, EUCLIDEAN, NETWORKS)])
def test_series_of_different_lengths_are_answered_alike(folder_of, tmp_path, candidate):
    raw, found = exported(folder_of, tmp_path, (candidate, THREE, classes), SERIES)
    assert (found.count, found.largest < 2e-6) == (24, True)
    session = onnxruntime.InferenceSession(str(found.out))
    assert [one.name for one in session.get_inputs()] == ["series", "lengths"]
    new = [SERIES[3][:1], np.float32([[1, np.nan], [np.nan, 2], [3, 4]]), EQUAL[0]]
    (outputs,) = session.run(None, unspool_runtime.OnnxInputs(session)(new))
    wanted = raw.outputs(READER.read_series(new).items)
    np.testing.assert_allclose(outputs.reshape(wanted.shape), wanted, atol=2e-6)


@pytest.mark.parametrize("steps", [3, 4, 129, 600])
def test_quantiles_are_those_of_training_to_the_bit(steps):
    from onnx import TensorProto

    from unspool.export.onnx_encoders import add_quantiles
    from unspool.export.onnx_graph import Graph
    from unspool.kernels import FlatSeries

    series = np.float32(np.random.default_rng(1).normal(size=(20, steps, 2)))
    fitted = Quantiles().fit(FlatSeries.of([*series]))
    graph = Graph()
    given = graph.input("series", TensorProto.FLOAT, "batch", steps, 2)
    node = {"depth": fitted.depth, "steps": fitted.steps, "length": fitted.length}
    graph.output(add_quantiles(graph, node, given, (steps, 2)), "features", "batch", "features")
    session = onnxruntime.InferenceSession(graph.written("", {}))
    (found,) = session.run(None, {"series": series})
    wanted = fitted.transform(FlatSeries.of([*series]))
    different = found != wanted
    # The spectrum comes from another Fourier transform: a few of its numbers may be rounded the other way.
    assert different.mean() < 1e-2
    np.testing.assert_allclose(found, wanted, rtol=3e-7, atol=1e-6)


@pytest.mark.parametrize(
    ("candidate", "series", "why"),
    [
        (CONVOLUTION, SERIES, "differ in length, and its convolutions can be exported"),
        (WARPED, EQUAL, "dynamic time warping needs a loop within a loop"),
        (Blended(WARPED, PLAIN), EQUAL, "dynamic time warping needs a loop within a loop"),
        (PLAIN, [one[:2] for one in EQUAL], "its series have fewer than 3 steps"),
    ],
)
def test_other_models_of_series_have_no_graph(folder_of, tmp_path, candidate, series, why):
    with pytest.raises(UserError, match=why):
        exported(folder_of, tmp_path, (candidate, THREE, classes), series)
    assert not list(tmp_path.glob("*.onnx"))


def test_numbers_that_single_precision_rounds_away_have_no_graph(folder_of, tmp_path):
    with pytest.raises(UserError, match="single precision, in which a graph answers, rounds its numbers too much"):
        exported(folder_of, tmp_path, (Standardised(VALUES), Regression(), 1.7e9 + classes), EQUAL)


def test_series_of_another_length_are_refused_by_name(folder_of, tmp_path):
    _, found = exported(folder_of, tmp_path, (PLAIN, Multiclass(("a", "b", "c")), classes), EQUAL)
    inputs = unspool_runtime.OnnxInputs(onnxruntime.InferenceSession(str(found.out)))
    with pytest.raises(unspool_runtime.InputError, match="examples of one length"):
        inputs([EQUAL[0], EQUAL[1][:20]])
    with pytest.raises(unspool_runtime.InputError, match=r"Example 1 \(counted from 0\) is not a series of 2 channels"):
        inputs([EQUAL[0], EQUAL[1][:, :1]])
