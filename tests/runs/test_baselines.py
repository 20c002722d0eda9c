"""Which simple model a run must beat."""

import json
import random

from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.evaluation.measures.measure import Measure
from unspool.runs.baselines import strongest_of
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.run import train
from unspool.tasks import Binary, Regression

ACCURACY: Measure = Binary(("no", "yes")).measures["accuracy"]
ERROR: Measure = Regression().measures["rmse"]


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
