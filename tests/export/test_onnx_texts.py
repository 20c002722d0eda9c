"""Models of texts as ONNX graphs: ONNX Runtime answers new texts as the trainer does."""

import json
from dataclasses import replace

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.texts import ConvolutionTexts, LinearTexts, NGrams
from unspool.candidates.texts.corpus import characters
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.data.tokenizers.text_tokens import text_tokens
from unspool.errors import UserError
from unspool.export import export_onnx, onnx_model
from unspool.readers import RawExamples, RawTextReader
from unspool.tasks import Regression

from .test_texts import (
    BINARY,
    CASES,
    CONVOLUTION,
    LANGUAGE_MODEL,
    NEW,
    OF_CHARACTERS,
    TEXTS,
    THREE,
    TREES,
    VECTORS,
    labels,
)

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

BOTH = LinearTexts(
    "both", 1.0, (NGrams("words", 1, 2), NGrams("characters", 2, 3, within_words=True)), "tfidf", 1.0, False
)


class Sum:
    """Candidates whose scores are added up as they are: `BlendTexts` would leave out those that do not help."""

    name = "sum"

    def __init__(self, *parts):
        self.parts = parts

    def fit(self, texts, target, task):
        parts = [one.fit(texts, target, task) for one in self.parts]
        return FittedBlendTexts(self.name, task, parts, np.linspace(0.5, 1.5, len(parts)))


GRAPHS = CASES | {
    "counts": (replace(BOTH, weighting="counts"), THREE, labels % 3),
    "convolution of classes": (CONVOLUTION, THREE, labels % 3),
    "convolution of numbers": (CONVOLUTION, Regression(), labels / 7.0),
    "words and characters": (BOTH, BINARY, labels % 2),
    "all at once": (Sum(BOTH, CONVOLUTION, OF_CHARACTERS, TREES, VECTORS, LANGUAGE_MODEL), THREE, labels % 3),
}


def fitted(candidate, task, target, folder_of):
    model = candidate.fit(TEXTS, target, task.name)
    raw = RawModel("text", candidate.name, task.name, model)
    threshold = 0.4 if task.name in ("binary", "multilabel") else None
    return model, folder_of(raw, RawTextReader(), task, RawExamples(TEXTS), threshold=threshold)


def read(texts, reader):
    """Texts as a person would turn them into a graph's inputs, by its metadata."""
    feed = {}
    for one in reader["inputs"]:
        known = {token: number for number, token in enumerate(one["alphabet"], start=1)}
        split = map(text_tokens, texts) if one["of"] == "words" else (map(chr, row) for row in characters(texts))
        ids = [[known.get(token, 0) for token in row] for row in split]
        longest = max(*map(len, ids), 1)
        feed[one["tokens"]] = np.array([row + [0] * (longest - len(row)) for row in ids], np.int64)
        if one["lengths"]:
            feed[one["lengths"]] = np.array([len(row) for row in ids], np.int32)
    return feed


@pytest.mark.parametrize("case", GRAPHS)
def test_new_texts_are_answered_alike(folder_of, tmp_path, case):
    model, folder = fitted(*GRAPHS[case], folder_of)
    found = export_onnx(folder, tmp_path / "m.onnx")
    assert (found.count, found.largest < 2e-6) == (39, True)
    (prop,) = onnx.load(found.out).metadata_props
    reader = json.loads(prop.value)["reader"]
    assert reader["kind"] == "texts"
    session = onnxruntime.InferenceSession(str(found.out))
    wanted = model.outputs(NEW)
    for texts, answers in ((NEW, wanted), (NEW[3:4], wanted[3:4])):
        feed = read(texts, reader)
        assert [*feed] == [one.name for one in session.get_inputs()]
        (outputs,) = session.run(None, feed)
        np.testing.assert_allclose(outputs.reshape(answers.shape), answers, rtol=2e-6, atol=2e-6)


def test_inputs_are_those_that_the_model_reads(folder_of, tmp_path):
    def inputs(candidate, name):
        folder = folder_of(*fitted_parts(candidate), threshold=0.4)
        found = export_onnx(folder, tmp_path / f"{name}.onnx")
        folder.rename(tmp_path / name)
        session = onnxruntime.InferenceSession(str(found.out))
        return {one.name: (one.type, one.shape) for one in session.get_inputs()}

    def fitted_parts(candidate):
        raw = RawModel("text", candidate.name, "binary", candidate.fit(TEXTS, labels % 2, "binary"))
        return raw, RawTextReader(), BINARY, RawExamples(TEXTS)

    whole = ("tensor(int64)", ["batch", "time"])
    assert inputs(LinearTexts("words", 1.0, (NGrams("words", 1, 2),)), "one") == {"tokens": whole}
    assert inputs(CONVOLUTION, "two") == {"tokens": whole, "lengths": ("tensor(int32)", ["batch"])}
    assert inputs(Sum(BOTH, OF_CHARACTERS), "three") == {
        "tokens": whole,
        "characters": ("tensor(int64)", ["batch", "characters"]),
        "character_lengths": ("tensor(int32)", ["batch"]),
    }


def test_parts_with_vocabularies_of_their_own_read_one_input(folder_of, tmp_path):
    few = ConvolutionTexts("few", 1.0, widths=(1,), filters=16, tokens=3, epochs=1, members=1)
    blend = Sum(LinearTexts("linear", 1.0, (NGrams("words", 1, 2, least=1),)), few)
    _, folder = fitted(blend, BINARY, labels % 2, folder_of)
    found = export_onnx(folder, tmp_path / "m.onnx")
    assert found.largest < 2e-6
    (prop,) = onnx.load(found.out).metadata_props
    (one,) = json.loads(prop.value)["reader"]["inputs"]
    assert len(one["alphabet"]) == len({*one["alphabet"]}) > 10


def test_more_than_a_file_can_hold_is_refused(folder_of, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_model, "_MOST", 1000)
    _, folder = fitted(*CASES["linear"], folder_of)
    with pytest.raises(UserError, match=r"0\.0 GB of weights and n-grams, and an ONNX file holds at most 2 GB"):
        export_onnx(folder, tmp_path / "m.onnx")
    assert not list(tmp_path.glob("*.onnx*"))


@pytest.mark.parametrize("case", ["blend", "characters", "all at once"])
def test_the_runtime_reads_texts_for_a_session(folder_of, tmp_path, case):
    unspool_runtime = pytest.importorskip("unspool_runtime")
    model, folder = fitted(*GRAPHS[case], folder_of)
    session = onnxruntime.InferenceSession(str(export_onnx(folder, tmp_path / "m.onnx").out))
    inputs, wanted = unspool_runtime.OnnxInputs(session), model.outputs(NEW)
    np.testing.assert_allclose(session.run(None, inputs(NEW))[0].reshape(wanted.shape), wanted, atol=2e-6)
    with pytest.raises(
        unspool_runtime.InputError, match=r"Example 1 \(counted from 0\) is int, and this model reads texts"
    ):
        inputs(["fine", 3])
    with pytest.raises(unspool_runtime.InputError, match=r"Example 1 \(counted from 0\) is empty or blank"):
        inputs(["fine", " "])
    with pytest.raises(unspool_runtime.InputError, match="Give a list of examples; this is one text"):
        inputs("fine")
    with pytest.raises(unspool_runtime.InputError, match="a list of at least one example"):
        inputs([])
    of_generator = inputs(text for text in NEW)
    for name, array in inputs(NEW).items():
        np.testing.assert_array_equal(of_generator[name], array)
