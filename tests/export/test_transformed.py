"""Models that learned logarithms or square roots: runtime, page and graph answer in the unit of the numbers."""

import json
import zipfile

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.transformation import Transformation
from unspool.errors import UserError
from unspool.export import export_model, export_onnx
from unspool.readers import RawExamples, RawSeriesReader, RawTextReader
from unspool.runs.model import load_trained
from unspool.tasks import Regression

from .test_onnx_series import EQUAL
from .test_onnx_texts import read
from .test_series import PLAIN
from .test_texts import COUNTS, LINEAR, NEW, TEXTS

unspool_runtime = pytest.importorskip("unspool_runtime")
NUMBERS = {"text": np.exp(np.arange(len(TEXTS)) / 9.0), "series": np.exp(np.arange(len(EQUAL)) / 3.0)}
CASES = [("text", "logarithm"), ("text", "square root"), ("series", "logarithm"), ("series", "square root")]


@pytest.fixture
def trained(folder_of):
    def fitted(kind, of):
        unit = Transformation.of(of, NUMBERS[kind])
        target = unit.targets(NUMBERS[kind])
        given, candidate = (TEXTS, COUNTS) if kind == "text" else (EQUAL, PLAIN)
        model = candidate.fit(given, target, "regression", 0)
        raw = RawModel(kind, "small", "regression", model, Transformation(of, unit.least, unit.greatest, 1.25))
        reader = RawTextReader() if kind == "text" else RawSeriesReader(("x", "y"), (0.5, -0.5))
        return raw, folder_of(raw, reader, Regression(mean=3.0, scale=9.0), RawExamples(given))

    return fitted


def new_of(kind):
    return NEW if kind == "text" else [1000 * EQUAL[5], -1000 * EQUAL[5], EQUAL[3]]


def test_small_numbers_are_checked_by_their_size(folder_of, tmp_path):
    numbers = 1e-7 * NUMBERS["text"]
    raw = RawModel("text", "small", "regression", COUNTS.fit(TEXTS, numbers, "regression", 0))
    folder = folder_of(raw, RawTextReader(), Regression(mean=numbers.mean(), scale=numbers.std()), RawExamples(TEXTS))
    assert load_trained(folder).checkable.unit == max(numbers.mean(), numbers.std())
    exported = export_model(folder, tmp_path / "m.unspool")
    assert exported.agree == exported.count
    with zipfile.ZipFile(exported.out) as archive:
        tolerance = json.loads(archive.read("model.json"))["golden"]["tolerance"]
    assert tolerance < 1e-4 * numbers.mean()
    assert export_onnx(folder, tmp_path / "m.onnx").largest < tolerance


@pytest.mark.parametrize(("kind", "of"), CASES)
def test_all_answer_alike(trained, tmp_path, javascript, kind, of):
    raw, folder = trained(kind, of)
    new = new_of(kind)
    wanted = raw.outputs(new)
    assert wanted.max() <= 1.25 * NUMBERS[kind].max() * (1 + 1e-9)
    np.testing.assert_array_equal(load_trained(folder).network.outputs(new), wanted)
    exported = export_model(folder, tmp_path / "m.unspool")
    assert exported.agree == exported.count
    with zipfile.ZipFile(exported.out) as archive:
        description = json.loads(archive.read("model.json"))
    assert (description["version"], description["task"]["transformation"]["kind"]) == (3, of)
    loaded = unspool_runtime.Model.load(exported.out)
    np.testing.assert_allclose(loaded.outputs(new)[:, 0], wanted, rtol=2e-6)
    plain = new if kind == "text" else []
    check, found = javascript(exported.out, plain)
    assert check["agree"] == check["count"] > 20
    np.testing.assert_allclose(np.reshape(found, -1), wanted[: len(plain)], rtol=2e-6)


@pytest.mark.parametrize(("kind", "of"), CASES)
def test_a_graph_too(trained, tmp_path, kind, of):
    onnxruntime = pytest.importorskip("onnxruntime")
    raw, folder = trained(kind, of)
    found = export_onnx(folder, tmp_path / "m.onnx")
    session, new = onnxruntime.InferenceSession(str(found.out)), new_of(kind)
    described = json.loads(session.get_modelmeta().custom_metadata_map["unspool"])
    feed = read(new, described["reader"]) if kind == "text" else unspool_runtime.OnnxInputs(session)(new)
    (outputs,) = session.run(None, feed)
    np.testing.assert_allclose(outputs[:, 0], raw.outputs(new), rtol=1e-5)


def test_a_smaller_model_keeps_the_transformation(trained, tmp_path):
    from unspool.export.portable import Smaller

    raw, folder = trained("text", "logarithm")
    exported = export_model(folder, tmp_path / "m.unspool", Smaller("float16"))
    np.testing.assert_allclose(unspool_runtime.Model.load(exported.out).outputs(NEW)[:, 0], raw.outputs(NEW), rtol=0.05)


@pytest.mark.parametrize(
    "altered", [{"kind": "cube root"}, {"factor": -1.0}, {"least": "much"}, {"least": 9.0, "greatest": 1.0}, None, []]
)
def test_an_altered_transformation_is_refused(trained, altered):
    _, folder = trained("text", "logarithm")
    content = json.loads((folder / "chosen.json").read_text())
    given = content["transformation"] | altered if isinstance(altered, dict) else altered
    (folder / "chosen.json").write_text(json.dumps(content | {"transformation": given}))
    with pytest.raises(UserError, match=r"chosen\.json is altered"):
        load_trained(folder)


@pytest.mark.parametrize(
    "altered", [{"kind": "cube root"}, {"factor": 0.0}, {"least": "much"}, {"least": 9.0}, {"kind": None}]
)
def test_the_runtime_refuses_it_too(altered):
    from unspool_runtime.answers import Answers
    from unspool_runtime.node import Node

    unit = Transformation("logarithm", 0.0, 1.0).state() | altered
    task = {"kind": "regression", "labels": [], "mean": 0.0, "scale": 1.0, "transformation": unit}
    with pytest.raises(unspool_runtime.ModelError, match="transformation"):
        Answers(Node(task, {}, "task"))


@pytest.mark.parametrize("of", ["logarithm", "square root"])
def test_contributions_in_a_page_add_up_to_what_was_learned(folder_of, tmp_path, javascript, of):
    unit = Transformation.of(of, NUMBERS["text"])
    model = LINEAR.fit(TEXTS, unit.targets(NUMBERS["text"]), "regression")
    raw = RawModel("text", "linear", "regression", model, Transformation(of, unit.least, unit.greatest, 1.25))
    folder = folder_of(raw, RawTextReader(), Regression(), RawExamples(TEXTS))
    exported = export_model(folder, tmp_path / "m.unspool")
    total = (
        "model.texts.contributions(one, 0).tokens.reduce((all, t) => all + t, model.texts.contributions(one, 0).rest)"
    )
    learned = "model.answers.learned"
    _, found = javascript(exported.out, TEXTS[:5], f"[{learned}.times * ({total}) + {learned}.plus, {learned}.name]")
    wanted = {"logarithm": np.log, "square root": np.sqrt}[of](raw.outputs(TEXTS[:5]))
    np.testing.assert_allclose([one for one, _ in found], wanted, rtol=1e-5)
    assert found[0][1] == f"{of} of the number"
