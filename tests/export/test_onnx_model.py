"""Networks as ONNX graphs: ONNX Runtime answers as the trainer does."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.descriptions.networks import Seq2Vec
from unspool.errors import UserError
from unspool.export import export_onnx, onnx_model
from unspool.export.golden import answered
from unspool.export.models import describe
from unspool.readers import SeriesReader, TextReader, TokenReader
from unspool.runs.model import load_trained
from unspool.tasks import Multilabel

from .test_networks import AUTOENCODERS, BINARY, CASES, IDS, QUICK, some_slow, stirred

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
unspool_runtime = pytest.importorskip("unspool_runtime")

MORE = {
    "a gru that resets before": (
        Seq2Vec(cell="gru", units=4, bidirectional=True, embedding=3, outputs=2),
        TokenReader(np.arange(3, 11), 9),
        Multilabel(("x", "y")),
        IDS,
    ),
}


def exported(folder_of, tmp_path, case, change=lambda network: network):
    description, reader, task, inputs = case
    keras.utils.set_random_seed(3)
    network = change(stirred(task.build(description, reader.inputs)))
    folder = folder_of(network, reader, task, inputs, description, 0.5 if task is BINARY else None)
    return export_onnx(folder, tmp_path / "m.onnx")


@pytest.mark.slow
def test_onnx_runtime_reports_its_use_to_nobody(tmp_path):
    """Where it does, it writes the number of its session to the folder for temporary files."""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    program = "from unspool.export.onnx_model import _require_libraries; _require_libraries()"
    subprocess.run([sys.executable, "-c", program], check=True, env=environment | {"TMPDIR": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("case", some_slow(CASES | MORE, ("pooled bigrams", "series", "flattened series")))
def test_a_network_answers_alike_whatever_the_batch(folder_of, tmp_path, case):
    found = exported(folder_of, tmp_path, (CASES | MORE)[case])
    assert found.largest < 2e-6
    assert found.size == found.out.stat().st_size
    assert [path.name for path in tmp_path.glob("*.onnx*")] == ["m.onnx"]


def test_series_far_from_zero_are_answered_alike(folder_of, tmp_path):
    mean, scale = 101_325.3, 10.0  # air pressure in Pa
    series = np.random.default_rng(0).normal(mean, scale, size=(24, 20, 1)).astype(np.float32)
    reader = SeriesReader(("pressure",), 20, (mean,), (scale,))
    case = Seq2Vec(cell="gru", units=8), reader, BINARY, reader.read_series(series)
    assert exported(folder_of, tmp_path, case).largest < 2e-6


@pytest.mark.parametrize("case", some_slow(CASES | MORE, ("pooled bigrams", "series", "flattened series")))
def test_the_runtime_reads_examples_for_a_session(folder_of, tmp_path, case):
    session = onnxruntime.InferenceSession(str(exported(folder_of, tmp_path, (CASES | MORE)[case]).out))
    model = load_trained(tmp_path / "model")
    examples = describe(model, tmp_path / "model", []).examples
    read = [place for place, one in enumerate(examples.items) if not isinstance(one, str) or one.strip()]
    given = [examples.items[place] for place in read]  # blank texts, which are among them, are refused
    (outputs,) = session.run(None, unspool_runtime.OnnxInputs(session)(given))
    wanted = answered(model, examples)[read]
    np.testing.assert_allclose(outputs.reshape(wanted.shape), wanted, atol=2e-6)


@pytest.mark.parametrize("case", some_slow(AUTOENCODERS, QUICK))
def test_an_autoencoder_gives_its_code_and_the_sequences(folder_of, tmp_path, case):
    found = exported(folder_of, tmp_path, AUTOENCODERS[case])
    assert found.largest < 2e-6
    session = onnxruntime.InferenceSession(str(found.out))
    assert [one.name for one in session.get_outputs()] == ["vectors", "sequences"]


def test_what_the_reader_and_the_decision_do_stands_in_the_metadata(folder_of, tmp_path):
    found = exported(folder_of, tmp_path, CASES["embeddings alone"])
    (prop,) = onnx.load(found.out).metadata_props
    told = json.loads(prop.value)
    assert told["task"] == {"kind": "multiclass", "labels": ["a", "b", "c"]}
    assert told["reader"]["vocabulary"][:3] == ["a", "fine", "film"]


def test_a_graph_that_answers_otherwise_leaves_no_file(folder_of, tmp_path, monkeypatch):
    right = onnx_model.answered
    monkeypatch.setattr(onnx_model, "answered", lambda *those: right(*those) + 2e-5)
    with pytest.raises(UserError, match=r"a number differs by 2e-05, and 1e-05 is allowed\. No file was written"):
        exported(folder_of, tmp_path, CASES["embeddings alone"])
    assert not list(tmp_path.glob("*.onnx*"))


@pytest.mark.parametrize(
    ("kind", "why"),
    [("forecaster", "Models that forecast have no ONNX graph"), ("forest", "the kind 'forest' has no ONNX graph")],
)
def test_what_has_no_graph_is_refused_by_name(folder_of, tmp_path, monkeypatch, kind, why):
    monkeypatch.setattr(
        onnx_model, "describe", lambda *those: onnx_model.Described({}, {"model": {"kind": kind}}, None)
    )
    with pytest.raises(UserError, match=why):
        exported(folder_of, tmp_path, CASES["embeddings alone"])


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"the file of an ONNX model ends in \.onnx"):
        export_onnx(tmp_path, tmp_path / "m.unspool")


def test_a_network_of_pieces_of_words_has_a_graph(folder_of, tmp_path):
    texts = ["a fine film", "a dull film", "très bien"] * 4
    reader, config = TextReader(BytePairTokenizer.fit(texts, size=300), length=12), Seq2Vec(units=4, embedding=3)
    keras.utils.set_random_seed(3)
    network = stirred(BINARY.build(config, reader.inputs))
    folder = folder_of(network, reader, BINARY, reader.read(texts[:3]), config, 0.5)
    assert export_onnx(folder, tmp_path / "m.onnx").largest < 2e-6


def test_golden_examples_are_answered_once_to_check_a_graph(folder_of, tmp_path, monkeypatch):
    calls = []
    answered = onnx_model.answered
    monkeypatch.setattr(onnx_model, "answered", lambda *those: calls.append(those) or answered(*those))
    exported(folder_of, tmp_path, MORE["a gru that resets before"])
    assert len(calls) == 1


class Session:
    """What `OnnxInputs` asks of a session."""

    def __init__(self, told):
        self.told = told

    def get_inputs(self):
        return []

    def get_modelmeta(self):
        return self

    @property
    def custom_metadata_map(self):
        return {} if self.told is None else {"unspool": self.told}


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "[]",
        "{}",
        '{"reader": 3}',
        '{"reader": {"kind": "histories"}}',
        '{"reader": {"kind": "series", "channels": 3}}',
        '{"reader": {"kind": "series", "channels": ["x"], "mean": [1, 2]}}',
        '{"reader": {"kind": "ids", "length": 3, "known": [1e300]}}',
        '{"reader": {"kind": "words", "length": 3, "vocabulary": [3]}, "characters": {}}',
        '{"reader": {"kind": "texts", "inputs": [{"tokens": "t"}]}, "characters": {"starts": [0], "classes": [7]}}',
        "[" * 100_000,
    ],
)
def test_metadata_that_unspool_did_not_write_is_refused(told):
    with pytest.raises(unspool_runtime.ModelError):
        unspool_runtime.OnnxInputs(Session(told))


def test_which_example_cannot_be_read_is_said(folder_of, tmp_path):
    session = onnxruntime.InferenceSession(str(exported(folder_of, tmp_path, CASES["embeddings alone"]).out))
    with pytest.raises(unspool_runtime.InputError, match=r"Example 1 \(counted from 0\) is int"):
        unspool_runtime.OnnxInputs(session)(["fine", 3])


def test_an_example_without_tokens_is_refused_as_the_graph_would_read_one(folder_of, tmp_path):
    session = onnxruntime.InferenceSession(str(exported(folder_of, tmp_path, CASES["token ids"]).out))
    with pytest.raises(unspool_runtime.InputError, match="Example 1 has no tokens"):
        unspool_runtime.OnnxInputs(session)([[3, 70], []])
