"""Models that tag words or steps: the runtime gives the trainer's tags."""

import json

import keras
import numpy as np
import pytest

from unspool.data.ragged import Ragged
from unspool.descriptions.networks import Tagger
from unspool.errors import UserError
from unspool.export import export_model, export_onnx, readers
from unspool.export.golden import WORD_PROBES
from unspool.export.portable import Smaller
from unspool.readers import StepReader, WordReader
from unspool.runs.model import load_trained
from unspool.tasks import Tagging

from .test_networks import some_slow, stirred

unspool_runtime = pytest.importorskip("unspool_runtime")
READER = WordReader(("a", "fine", "film", "été", "i̇", "don't", "<x>", "<Xx>", "…e", "…ne", "…lme", "f…", "fi…", "<X9>"))
ITEMS = [["a", "fine", "film"], ["zzz"], ["Filme", "4G", "Fine"] * 30]
TAGS = Tagging(("capital", "lower", "stop"))
SERIES = [np.random.default_rng(steps).normal(size=(steps, 2)).astype(np.float32) for steps in (3, 1, 9, 70)]
CASES = {
    "words": (
        Tagger(cell="lstm", units=4, embedding=3),
        READER,
        READER.read(ITEMS),
    ),
    "words, stacked and normalized": (
        Tagger(cell="gru", units=4, embedding=3, layers=2, batch_normalization=True),
        READER,
        READER.read(ITEMS),
    ),
    "series": (
        Tagger(cell="rnn", units=4, bidirectional=False),
        StepReader(("x", "y"), (1.0, -2.0), (2.0, 0.5)),
        Ragged.from_arrays(SERIES),
    ),
}


def pad_to(length, ids):
    return np.pad(ids, ((0, length - len(ids)), (0, 0)))


def trained(folder_of, case):
    description, reader, inputs = CASES[case]
    keras.utils.set_random_seed(3)
    network = stirred(TAGS.build(description, reader.inputs))
    return folder_of(network, reader, TAGS, inputs, description)


@pytest.mark.parametrize("case", some_slow(CASES, ("words", "series")))
def test_the_tags_are_those_of_the_trainer(folder_of, tmp_path, case):
    folder = trained(folder_of, case)
    found = export_model(folder, tmp_path / "m.unspool")
    assert found.agree == found.count == len(CASES[case][2]) + (len(WORD_PROBES) if "words" in case else 0)
    assert found.largest < 2e-6
    model = unspool_runtime.Model.load(found.out)
    assert (model.task, model.labels) == ("tagging", ("capital", "lower", "stop"))
    assert model.reads == ("words" if "words" in case else "series")
    items = model._golden.examples
    trainer = load_trained(folder)
    read = trainer.reader.read if "words" in case else trainer.reader.read_series
    said, _ = trainer.decide(trainer.outputs(read(items)))
    tags = model.predict(items)
    assert tags == [list(one) for one in said]
    assert [len(one) for one in tags] == [len(one) for one in items]
    probabilities = model.probabilities(items)
    assert np.ptp(probabilities[:, 0]) > 1e-3
    assert probabilities.shape == (len(items), max(map(len, items)), 3)
    present = np.arange(probabilities.shape[1]) < np.array([len(one) for one in items])[:, None]
    np.testing.assert_allclose(probabilities.sum(axis=2), present, atol=1e-6)
    for item, one in zip(items, probabilities, strict=True):
        alone = model.probabilities([item])[0]
        np.testing.assert_array_equal(alone[: len(item)], one[: len(item)])


def test_of_long_series_the_last_steps_are_golden(folder_of, tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "MOST_STEPS", 5)
    found = export_model(trained(folder_of, "series"), tmp_path / "m.unspool")
    assert found.agree == found.count == len(SERIES)
    golden = sorted(unspool_runtime.Model.load(found.out)._golden.examples, key=lambda one: one.sum())
    wanted = sorted((one[-5:] * [2.0, 0.5] + [1.0, -2.0] for one in SERIES), key=lambda one: one.sum())
    for one, last in zip(golden, wanted, strict=True):
        np.testing.assert_allclose(one, last, atol=1e-6)


def test_a_smaller_model_holds_its_own_answers(folder_of, tmp_path):
    found = export_model(trained(folder_of, "words"), tmp_path / "m.unspool", Smaller("int8"))
    assert found.reduction.golden.count == len(CASES["words"][2]) + len(WORD_PROBES)
    assert found.reduction.golden.largest < 0.1
    assert unspool_runtime.Model.load(found.out).check().passed


def test_what_is_no_list_of_words_is_refused(folder_of, tmp_path):
    model = unspool_runtime.Model.load(export_model(trained(folder_of, "words"), tmp_path / "m.unspool").out)
    for wrong, place in ((["a fine film"], 0), ([["a"], ["b", 3]], 1), ([["a"], ["b"], None], 2)):
        with pytest.raises(unspool_runtime.InputError, match=rf"Example {place} .* is not a list of words"):
            model.predict(wrong)
    with pytest.raises(unspool_runtime.InputError, match="cannot read a stream"):
        model.stream()
    assert model.predict([]) == []
    with pytest.raises(unspool_runtime.InputError, match=r"Example 1 .* is an empty list of words"):
        model.predict([["a"], []])


def test_the_command_prints_a_tag_for_each_word(folder_of, tmp_path, capsys):
    from unspool_runtime.cli import main

    out = export_model(trained(folder_of, "words"), tmp_path / "m.unspool").out
    (tmp_path / "lines.txt").write_text("a  fine FILM\nA\n")
    assert main([str(out), str(tmp_path / "lines.txt")]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["prediction"] == unspool_runtime.Model.load(out).predict([["a", "fine", "film"]])[0]
    assert [max(one, key=one.get) for one in first["probabilities"]] == first["prediction"]
    assert len(second["prediction"]) == len(second["probabilities"]) == 1


@pytest.mark.parametrize("case", some_slow(CASES, ("words", "series")))
def test_a_graph_gives_the_probabilities_at_each_step(folder_of, tmp_path, case):
    onnxruntime = pytest.importorskip("onnxruntime")
    folder = trained(folder_of, case)
    found = export_onnx(folder, tmp_path / "m.onnx")
    assert found.largest < 2e-6
    session = onnxruntime.InferenceSession(str(found.out))
    model = unspool_runtime.Model.load(export_model(folder, tmp_path / "m.unspool").out)
    if case == "series":
        feed = {"series": np.zeros((2, 5, 2), np.float32)}
        expected = model.probabilities([np.zeros((3, 2)), np.zeros((5, 2))])
    else:
        examples = [["a", "fine", "film"], ["zzz", "a", "a", "a", "don't"]]
        feed = {"tokens": np.stack([pad_to(5, ids) for ids in READER.read(examples)]).astype(np.int64)}
        assert unspool_runtime.OnnxInputs(session)(examples)["tokens"].tolist() == feed["tokens"].tolist()
        expected = model.probabilities(examples)
    if case == "series":
        gap = np.float32([[1, 2], [np.nan, np.nan]])
        np.testing.assert_array_equal(unspool_runtime.OnnxInputs(session)([gap])["series"], [[[1, 2], [1, 2]]])
    (outputs,) = session.run(None, feed | {"lengths": np.array([3, 5], np.int32)})
    np.testing.assert_allclose(outputs, expected, atol=2e-6)


@pytest.mark.parametrize("case", ["words", "series"])
def test_a_graph_that_tags_otherwise_leaves_no_file(folder_of, tmp_path, monkeypatch, case):
    pytest.importorskip("onnxruntime")
    from unspool.export import onnx_model

    right = onnx_model.answered
    monkeypatch.setattr(onnx_model, "answered", lambda *those: right(*those) + 2e-5)
    with pytest.raises(UserError, match="No file was written"):
        export_onnx(trained(folder_of, case), tmp_path / "m.onnx")
    assert not list(tmp_path.glob("*.onnx*"))
