"""Models of whole texts: the runtime answers as the trainer does."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.texts import BlendTexts, ConvolutionTexts, LinearTexts, NGrams, VectorTexts
from unspool.candidates.texts.joint import JointTexts
from unspool.candidates.texts.language_models.candidate import LanguageModelTexts
from unspool.candidates.texts.shifts import shifted
from unspool.candidates.texts.trees import TreesTexts
from unspool.candidates.texts.vector_training import INFERENCES
from unspool.candidates.texts.vectors import FittedVectorTexts
from unspool.export import export_model
from unspool.readers import RawExamples, RawTextReader
from unspool.tasks import Binary, Multiclass, Multilabel, Regression

unspool_runtime = pytest.importorskip("unspool_runtime")

TEXTS = [
    text
    for number in range(12)
    for text in (
        f"a fine film, no. {number}!",
        "a dull film",
        f"fine acting; {'fine ' * number} plot",
        "dull, dull",
        "très bien 我 fine",
    )
]
NEW = ["a fine new film", "dull", "?!", "été 我喜欢 fine", "x" * 1000, "fine fine dull!! <br /> a film"]
LINEAR = LinearTexts("linear", 1.0, (NGrams("words", 1, 3),), c=1.0, calibrated=False)
CHARACTERS = LinearTexts("characters", 1.0, (NGrams("characters", 2, 4, within_words=True),), "tfidf", 1.0, False)
COUNTS = replace(CHARACTERS, weighting="counts")
CONVOLUTION = ConvolutionTexts("cnn", 1.0, widths=(1, 2), filters=16, epochs=2)
OF_CHARACTERS = ConvolutionTexts("cnn-characters", 1.0, of="characters", widths=(3,), filters=16, epochs=1, members=1)
VECTORS = VectorTexts("vectors", 1.0, width=16, least=1, epochs=2)
BLEND = BlendTexts("blend", 1.0, (LINEAR, CONVOLUTION, VECTORS))
JOINT = JointTexts("nb-words+vectors", 1.0, width=16, least=1, epochs=2)
LANGUAGE_MODEL = LanguageModelTexts("language-model", 1.0, work=0.02, least=2)
TREES = TreesTexts("count-trees", 1.0, NGrams("characters", 1, 3))
TREES_OF_WORDS = TreesTexts("trees of words", 1.0, NGrams("words", 1, 2))
WITH_LANGUAGE_MODEL = BlendTexts("blend-language-model", 1.0, (LINEAR, LANGUAGE_MODEL))


@dataclass(frozen=True)
class Shifted:
    """Models to whose scores of classes something is added."""

    candidate: LinearTexts | ConvolutionTexts | VectorTexts | JointTexts

    @property
    def name(self):
        return self.candidate.name

    def fit(self, *given):
        return shifted(self.candidate.fit(*given), 0.7, np.array([1.5, -2.0, 0.25]))


@dataclass(frozen=True)
class InSmallSteps:
    """Vectors that are inferred in the second way."""

    candidate: VectorTexts

    @property
    def name(self):
        return self.candidate.name

    def fit(self, *given):
        plain, arrays = self.candidate.fit(*given).state()
        return FittedVectorTexts.from_state(plain | {"inference": vars(INFERENCES[1])}, arrays)


labels = np.arange(len(TEXTS))
BINARY, THREE = Binary(("no", "yes")), Multiclass(("a", "b", "c"))
SEVERAL = Multilabel(("a", "b", "c"), "|")
CASES = {
    "linear": (LINEAR, BINARY, labels % 2),
    "characters": (CHARACTERS, THREE, labels % 3),
    "counts": (COUNTS, Regression(), labels / 7.0),
    "convolution": (CONVOLUTION, SEVERAL, np.stack([labels % 2, labels % 3 == 0, labels % 5 == 1], axis=1)),
    "convolution over characters": (OF_CHARACTERS, BINARY, labels % 2),
    "trees": (TREES, BINARY, labels % 2),
    "trees of words": (TREES_OF_WORDS, THREE, labels % 3),
    "trees of numbers": (TREES, Regression(), labels / 7.0),
    "vectors": (VECTORS, Regression(), labels / 7.0),
    "vectors in small steps": (InSmallSteps(VECTORS), THREE, labels % 3),
    "blend": (BLEND, BINARY, labels % 2),
    "blend of numbers": (BLEND, Regression(), labels / 7.0),
    "joint": (JOINT, BINARY, labels % 2),
    "joint of numbers": (JOINT, Regression(), labels / 7.0),
    "shifted joint": (Shifted(JOINT), THREE, labels % 3),
    "shifted linear": (Shifted(CHARACTERS), THREE, labels % 3),
    "shifted convolution": (Shifted(CONVOLUTION), THREE, labels % 3),
    "shifted vectors": (Shifted(VECTORS), THREE, labels % 3),
    "shifted language model": (Shifted(LANGUAGE_MODEL), THREE, labels % 3),
    "language model": (LANGUAGE_MODEL, THREE, labels % 3),
    "blend with a language model": (WITH_LANGUAGE_MODEL, BINARY, labels % 2),
}


@pytest.fixture
def export(folder_of, tmp_path):
    def exported(candidate, task, target):
        model = candidate.fit(TEXTS, target, task.name)
        raw = RawModel("text", candidate.name, task.name, model)
        threshold = 0.4 if task.name in ("binary", "multilabel") else None
        folder = folder_of(raw, RawTextReader(), task, RawExamples(TEXTS), threshold=threshold)
        found = export_model(folder, tmp_path / "model.unspool")
        return model, found, unspool_runtime.Model.load(found.out), threshold

    return exported


@pytest.mark.parametrize("case", CASES)
def test_new_texts_are_answered_alike(export, monkeypatch, case):
    model, found, _, threshold = export(*CASES[case])
    assert found.agree == found.count == 32 + 7
    task = CASES[case][1]
    wanted = model.outputs(NEW)
    given = [list(one) if isinstance(one, tuple) else one for one in task.decide(wanted, threshold)[0]]
    for kernels in ("native", "reference"):
        monkeypatch.setenv("UNSPOOL_KERNELS", kernels)
        loaded = unspool_runtime.Model.load(found.out)
        np.testing.assert_allclose(loaded.outputs(NEW).reshape(wanted.shape), wanted, atol=2e-6)
        assert loaded.predict(NEW) == (pytest.approx(given) if task.name == "regression" else given)


@pytest.mark.parametrize("case", ["characters", "counts", "trees", "trees of words", "blend", "language model"])
def test_a_page_answers_new_texts_alike(export, javascript, case):
    model, exported, _, _ = export(*CASES[case])
    check, found = javascript(exported.out, NEW)
    assert (check["agree"], check["count"]) == (39, 39)
    assert check["largest"] < 2e-6
    wanted = model.outputs(NEW)
    np.testing.assert_allclose(np.reshape(found, wanted.shape), wanted, atol=2e-6)


@pytest.mark.parametrize("weighting", ["tfidf", "counts"])
def test_what_words_add_is_the_whole_score(weighting, export, javascript):
    linear = LinearTexts("linear", 1.0, (NGrams("words", 1, 3),), weighting, c=1.0, calibrated=False)
    model, exported, _, _ = export(linear, THREE, labels % 3)
    of = "((all) => all.tokens.reduce((a, b) => a + b, all.rest))(model.texts.contributions(one, 1))"
    np.testing.assert_allclose(javascript(exported.out, NEW, of)[1], model.scores(NEW)[:, 1], atol=1e-9)


def test_the_description_says_what_the_model_is(export):
    _, found, loaded, _ = export(*CASES["linear"])
    assert loaded.description["task"] == {"kind": "binary", "labels": ["no", "yes"], "threshold": 0.4}
    assert loaded.description["title"] == "A small model"
    assert found.size == found.out.stat().st_size
