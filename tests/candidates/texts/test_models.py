"""Every kind of model of texts: all tasks, what a prediction must not depend on, and the same bits after a reload."""

import numpy as np
import pytest

from unspool.candidates import model_files
from unspool.candidates.texts import (
    CANDIDATES,
    BlendTexts,
    ConvolutionTexts,
    LanguageModelTexts,
    LinearTexts,
    NGrams,
    VectorTexts,
    linear_solution,
    load,
)
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.language_models import fine_tuning
from unspool.candidates.texts.registry import from_state
from unspool.errors import UserError

TASKS = ("binary", "multiclass", "multilabel", "regression")
WORDS = LinearTexts("words", 1.0, (NGrams("words", 1, 2),))
BOTH = LinearTexts("both", 2.0, (NGrams("words", 1, 2), NGrams("characters", 2, 4, within_words=True)), c=10.0)
TFIDF = LinearTexts("tfidf", 2.0, (NGrams("characters", 1, 3),), weighting="tfidf", c=10.0)
COUNTS = LinearTexts("counts", 2.0, (NGrams("characters", 1, 3),), weighting="counts", c=10.0)
CNN = ConvolutionTexts("small-cnn", 3.0, filters=16, members=2)
CHARACTERS = ConvolutionTexts("small-characters", 3.0, "characters", (3, 5), filters=16, members=1)
VECTORS = VectorTexts("small-vectors", 3.0, width=16, longest=2, least=2, epochs=10, c=1.0)
MODEL = LanguageModelTexts("small-model", 3.0, work=1.6, least=1)
SMALL = [WORDS, BOTH, TFIDF, COUNTS, CNN, CHARACTERS, VECTORS, BlendTexts("small-blend", 4.0, (WORDS, CNN))]
SLOWER = pytest.param(MODEL, marks=pytest.mark.slow, id=MODEL.name)
EVERY = pytest.mark.parametrize("candidate", [*(pytest.param(one, id=one.name) for one in SMALL), SLOWER])


@pytest.fixture(autouse=True, scope="module")
def quick_language_model():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fine_tuning, "_RATE", 0.01)  # few texts, and few steps
        yield


@pytest.fixture(scope="module")
def fitted(reviews, targets_of):
    made, corpus = {}, Corpus(reviews[0])  # which keeps a pretrained language model for all tasks

    def fit(candidate, task):
        if (candidate.name, task) not in made:
            made[candidate.name, task] = candidate.fit(corpus, targets_of[task], task, seed=1)
        return made[candidate.name, task]

    return fit


@EVERY
@pytest.mark.parametrize("task", TASKS)
def test_it_learns_every_task(candidate, task, fitted, reviews, targets_of):
    outputs, wanted = fitted(candidate, task).outputs(reviews[0]), targets_of[task]
    if task == "regression":
        assert np.corrcoef(outputs, wanted)[0, 1] > 0.7
    elif task == "multiclass":
        assert outputs.shape == (120, 4)
        assert (outputs.argmax(axis=1) == wanted).mean() > 0.6
    else:
        assert outputs.shape == wanted.shape
        assert ((outputs > 0.5) == wanted).mean() > 0.8


@EVERY
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_saved_and_loaded_it_says_the_same_to_the_bit(candidate, task, fitted, tmp_path):
    model = fitted(candidate, task)
    texts = ["A fine film!", "", "dull — été 我 unknown", "poor " * 50]
    model.save(tmp_path)
    again = load(tmp_path)
    np.testing.assert_array_equal(again.scores(texts), model.scores(texts))
    assert (again.name, again.task, again.kind) == (model.name, model.task, model.kind)
    assert {path.name for path in tmp_path.iterdir()} == {"text-model.json", "text-model.safetensors"}


@EVERY
def test_a_texts_score_does_not_depend_on_the_others(candidate, fitted, reviews):
    model = fitted(candidate, "multiclass")
    texts = [*reviews[0][:9], "", "nothing known here"]
    alone = np.concatenate([model.scores([text]) for text in texts])
    np.testing.assert_array_equal(model.scores(texts), alone)
    assert np.isfinite(alone).all()
    assert model.scores([]).shape == (0, 4)


@EVERY
def test_the_same_seed_gives_the_same_bits(candidate, fitted, reviews, targets_of):
    again = candidate.fit(iter(reviews[0]), targets_of["binary"].tolist(), "binary", seed=1)
    np.testing.assert_array_equal(again.scores(reviews[0]), fitted(candidate, "binary").scores(reviews[0]))


@EVERY
def test_rescaled(candidate, fitted, reviews, tmp_path):
    fitted(candidate, "binary").save(tmp_path)
    model = load(tmp_path)
    before = model.scores(reviews[0][:3])
    model.rescale(0.5)
    np.testing.assert_allclose(model.scores(reviews[0][:3]), before / 2)


def test_unlabelled_texts_change_the_vectors(reviews, targets_of):
    more = VectorTexts("more", 3.0, width=16, longest=1, least=2, epochs=3, unlabelled=tuple(reviews[0][4:]))
    less = VectorTexts("less", 3.0, width=16, longest=1, least=2, epochs=3)
    models = [one.fit(reviews[0][:4], targets_of["binary"][:4], "binary") for one in (more, less)]
    assert sum(models[0]._reader.widths) > sum(models[1]._reader.widths)


@pytest.mark.parametrize("damage", ["{}", "not json", '{"kind": "linear"}', '{"kind": "other"}', "[1]"])
def test_a_damaged_description_is_refused(damage, fitted, tmp_path):
    fitted(WORDS, "binary").save(tmp_path)
    (tmp_path / "text-model.json").write_text(damage)
    with pytest.raises(UserError, match=str(tmp_path)):
        load(tmp_path)


@EVERY
def test_arrays_that_do_not_fit_are_refused(candidate, fitted, tmp_path):
    plain, arrays = fitted(candidate, "binary").state()
    refused = 0
    for name, array in arrays.items():
        model_files.write(tmp_path, "text-model", plain, arrays | {name: array[: len(array) // 2]})
        try:
            load(tmp_path)
        except UserError:
            refused += 1
    assert refused >= len(arrays) - 2  # a shorter `drawn` or an array of one row are a model too


def test_counts_tell_numbers_that_grow_with_the_text():
    draw = np.random.default_rng(0)
    texts = ["".join(draw.choice(list("CNO()"), size)) for size in draw.integers(1, 60, 200)]
    weights = np.array([12.0 * text.count("C") + 14 * text.count("N") + 16 * text.count("O") for text in texts])
    task = "regression"
    errors = [
        np.abs(one.fit(texts[:150], weights[:150], task).outputs(texts[150:]) - weights[150:]).mean() / weights.std()
        for one in (CANDIDATES["counts"], CANDIDATES["tfidf"])
    ]
    assert errors[0] < 0.05 < 0.2 < errors[1]


def test_candidates_stand_in_the_order_of_cost():
    costs = [one.cost for one in CANDIDATES.values()]
    assert costs == sorted(costs)
    assert all(name == one.name for name, one in CANDIDATES.items())


def test_with_much_work_the_penalty_is_chosen_for_several_classes_only(reviews, targets_of, monkeypatch):
    monkeypatch.setattr(linear_solution, "LITTLE_WORK", 0)
    monkeypatch.setattr(linear_solution, "MUCH_WORK", 0)
    monkeypatch.setattr(linear_solution, "GRID", (0.1, 0.3, 1.0))
    words = CANDIDATES["nb-words"]
    assert words.fit(reviews[0], targets_of["binary"], "binary").c == 10
    assert words.fit(reviews[0], targets_of["multiclass"], "multiclass").c in (0.1, 0.3, 1.0)
    monkeypatch.setattr(linear_solution, "TOO_MUCH_WORK", 0)
    assert words.fit(reviews[0], targets_of["multiclass"], "multiclass").c == 10


def arrays_of(model):
    plain, arrays = model.state()
    return plain, {name: array.tobytes() for name, array in arrays.items()}


def test_a_file_keeps_of_a_convolution_what_training_changed(fitted, tmp_path):
    for candidate in (CNN, SMALL[-1]):
        model = fitted(candidate, "binary")
        model.save(tmp_path)
        arrays = model_files.read(tmp_path, "text-model", "texts", lambda plain, arrays: arrays)
        assert not any("vectors" in name for name in arrays)
        assert sum(array.nbytes for array in arrays.values()) < 0.8 * sum(a.nbytes for a in model.state()[1].values())
        again = load(tmp_path)
        assert arrays_of(again) == arrays_of(model)
        again.save(tmp_path)
        assert arrays_of(load(tmp_path)) == arrays_of(model)


def test_vectors_that_all_changed_are_kept_whole(fitted, tmp_path):
    plain, arrays = fitted(CNN, "binary").state()
    made = from_state(plain, {name: array + 1 if "vectors" in name else array for name, array in arrays.items()})
    assert sorted(name for name in made.stored()[1] if "vectors" in name) == ["vectors_0", "vectors_1"]
    made.save(tmp_path)
    assert arrays_of(load(tmp_path)) == arrays_of(made)


def test_a_file_of_before_which_kept_all_vectors_is_read(fitted, reviews, tmp_path):
    model = fitted(CNN, "multiclass")
    plain, arrays = model.state()
    del plain["seeds"]
    model_files.write(tmp_path, "text-model", plain, arrays)
    np.testing.assert_array_equal(load(tmp_path).scores(reviews[0]), model.scores(reviews[0]))
    load(tmp_path).save(tmp_path)
    np.testing.assert_array_equal(load(tmp_path).scores(reviews[0]), model.scores(reviews[0]))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda plain, arrays: plain.update(seeds=[None, 1]), "do not fit its tokens"),
        (lambda plain, arrays: plain.update(seeds=[-1, 1]), "do not fit its tokens"),
        (lambda plain, arrays: plain.update(seeds=["1", 1]), "do not fit its tokens"),
        (lambda plain, arrays: plain.update(widths=[1, 2, 4]), "do not fit its tokens"),
        (lambda plain, arrays: plain.update(widths=[1, 2, 10**9]), "would be"),
        (lambda plain, arrays: arrays.update(changed_0=arrays["changed_0"][:-1]), "do not fit its tokens"),
        (lambda plain, arrays: arrays.update(changed_0=arrays["changed_0"].view(np.int8)), "do not fit its tokens"),
        (lambda plain, arrays: arrays.update(values_0=arrays["values_0"][1:]), "not as many"),
        (lambda plain, arrays: arrays.pop("values_0"), "values_0"),
    ],
)
def test_damaged_changes_are_refused(damage, told, fitted, tmp_path):
    plain, arrays = fitted(CNN, "binary").stored()
    damage(plain, arrays)
    model_files.write(tmp_path, "text-model", plain, arrays)
    with pytest.raises(UserError, match=told):
        load(tmp_path)
