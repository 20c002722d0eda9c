"""Which simple model a run must beat."""

import json
import random

import numpy as np
import pytest

from unspool.candidates import Choice, RawModel
from unspool.candidates.choice import Alternative, fit_baseline
from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.evaluation.measures.measure import Measure
from unspool.runs import baselines
from unspool.runs.baselines import strongest_of
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.run import train
from unspool.tasks import Binary, Regression

ACCURACY: Measure = Binary(("no", "yes")).measures["accuracy"]
ERROR: Measure = Regression().measures["rmse"]
FINE = {"good": ("fine", "superb"), "bad": ("dull", "poor")}


def _of(*reached):
    return [SimpleModel(str(place), "", None, None, 0.0, value) for place, value in enumerate(reached)]


def test_the_strongest_on_held_out_data_is_taken():
    assert strongest_of(ACCURACY, _of(0.5, 0.7, 0.9, 0.8)) == "2"
    assert strongest_of(ERROR, _of(0.5, 0.7, 0.9, 0.8)) == "0"


def test_what_looks_at_no_input_is_not_taken_before_its_equals():
    assert strongest_of(ACCURACY, _of(0.5, 0.5, 0.4)) == "1"


def test_a_model_of_noise_must_beat_the_mean_not_a_model_that_is_worse_than_the_mean(tmp_path):
    draw = random.Random(1)
    rows = [{"text": " ".join(draw.choices("abcdefgh", k=6)), "label": draw.gauss(0, 1)} for _ in range(80)]
    path = tmp_path / "noise.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    changes = ["training.epochs=1", "model.embedding=4", "evaluation.resamples=100"]
    file = FileSettings(path=str(path), task="regression")
    result = train(file, tmp_path / "run", changes=changes, model="network")
    assert result.verdict.baseline == "mean"


def test_what_the_choice_has_compared_is_not_compared_again(tmp_path, monkeypatch):
    draw = random.Random(0)
    rows = [
        {"text": " ".join([draw.choice(FINE[label]), *draw.choices("abcdefgh", k=6)]), "label": label}
        for label in FINE
        for _ in range(60)
    ]
    path = tmp_path / "films.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    compared = []
    monkeypatch.setattr(
        baselines,
        "fit_baseline",
        lambda name, *given, **how: compared.append(name) or fit_baseline(name, *given, **how),
    )
    results = []
    for seed in (0, 1):
        file, changes = FileSettings(path=str(path)), ["evaluation.resamples=100", f"training.seed={seed}"]
        monkeypatch.setenv("UNSPOOL_CACHE", str(tmp_path / f"cache-{seed}"))
        results.append(train(file, tmp_path / f"run-{seed}", changes=changes, model="nb-words"))
        assert compared == [["words+characters"], ["words+characters", "nb-words", "words+characters"]][seed]
    result = results[0]
    of_the_same = next(one for one in result.baselines if one.name == "nb-words")
    np.testing.assert_array_equal(of_the_same.outputs, result.test_predictions.outputs)
    assert of_the_same.seconds > result.candidates[0].seconds > 0  # the comparison's, the fit's and the prediction's


def test_of_many_texts_the_best_candidate_alone_is_fitted_to_all():
    targets = np.array([0, 1] * 10)
    right, wrong = targets * 0.9, 0.9 - targets * 0.9
    task = Binary(("no", "yes"))

    def choice_of(first, second):
        said = {"nb-words": first, "words+characters": second}
        compared = {name: Alternative(np.arange(20), one, 0.0, None) for name, one in said.items()}
        return Choice(RawModel("text", "blend", "binary", None), (), np.arange(20), right, alternatives=compared)

    def chosen(choice, count=20):
        learned = baselines._Learned(targets[:count], None, None, ())
        return list(baselines._fitted_to_all(names, task, choice, "accuracy", learned))

    names = ("nb-words", "words+characters")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baselines, "MANY", 19)
        assert chosen(choice_of(right, wrong)) == ["nb-words"]
        assert chosen(choice_of(wrong, right)) == ["words+characters"]
        assert chosen(None) == list(names)  # nobody has compared them
    assert chosen(choice_of(right, wrong)) == list(names)
