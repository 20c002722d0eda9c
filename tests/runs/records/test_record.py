"""A run's folder reads back into the result that it was written from, or is told to be damaged."""

import json
import shutil
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.result import Interval, Score
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records.record import read_result, write_result
from unspool.runs.run import run
from unspool.tasks import task_of


def same_as(one, other):
    """Compares frozen values field by field, arrays by their content."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            same_as(a, b)
    elif is_dataclass(one):
        for field in fields(one):
            same_as(getattr(one, field.name), getattr(other, field.name))
    else:
        assert one == other


@pytest.mark.parametrize("kind", ["finished", "finished_autoencoder", "trained"])
def test_a_folder_reads_back_into_the_result_it_was_written_from(kind, request):
    folder, result, *_ = request.getfixturevalue(kind)
    back = read_result(folder)
    same_as(back, result)
    assert task_of(back).measures == task_of(result).measures


@pytest.mark.soak
def test_a_folder_of_images_of_any_numbers_with_a_wide_code_and_masks_reads_back(tmp_path):
    changes = [
        "training.epochs=1",
        "model.encoder.units=4",
        "model.decoder.units=4",
        "model.encoder.outputs=3",
        "model.encoder.activation=linear",
        "model.encoder.mask_padding=true",
        "model.decoder.output=gaussian",
        "evaluation.resamples=100",
    ]
    result = run(load_recipe("digits-lstm-ae", changes), tmp_path / "run")
    assert list(result.test.figures) == ["mse"]
    assert result.verdict.measure == "mse"
    same_as(read_result(tmp_path / "run"), result)


def test_numbers_that_are_not_finite_are_read_back_from_strict_json(finished, tmp_path):
    folder, result, *_ = finished
    infinite = Score(np.inf, Interval(31.5, np.inf))
    test = replace(result.test, figures=dict.fromkeys(result.test.figures, infinite))
    result = replace(result, test=test, verdict=replace(result.verdict, difference=np.inf))
    copy = shutil.copytree(folder, tmp_path / "copy")
    write_result(result, copy)
    json.loads((copy / "metrics.json").read_text(), parse_constant=pytest.fail)
    same_as(read_result(copy), result)


@pytest.mark.parametrize("stopped", [True, False])
def test_earlier_records_have_it_in_a_note_that_the_budget_stopped_a_network(stopped, finished, tmp_path):
    copy = shutil.copytree(finished[0], tmp_path / "copy")
    metrics = json.loads((copy / "metrics.json").read_text())
    del metrics["network_stopped"]
    note = "training of the network was stopped after 3 epochs, as the budget was spent; its F1 is the best"
    network = {"name": "network", "title": "a network", "score": 0.9, "seconds": 1.0, "chosen": True, "loss": None}
    metrics["candidates"] = [network | {"note": note if stopped else ""}]
    (copy / "metrics.json").write_text(json.dumps(metrics))
    assert read_result(copy).network_stopped == stopped


def test_a_damaged_folder_is_told(finished, tmp_path):
    damaged = {"metrics.json": "{}", "history.csv": "epoch\n", "predictions.npz": "PK", "environment.json": "[]"}
    for name, content in damaged.items():
        copy = shutil.copytree(finished[0], tmp_path / f"copy of {name}")
        (copy / name).write_text(content)
        with pytest.raises(UserError, match=f"copy of {name}/{name} is damaged"):
            read_result(copy)


def test_a_task_that_is_none_is_told(finished, tmp_path):
    copy = shutil.copytree(finished[0], tmp_path / "copy")
    metrics = json.loads((copy / "metrics.json").read_text())
    (copy / "metrics.json").write_text(json.dumps(metrics | {"task": "ranking"}))
    with pytest.raises(UserError, match=r"copy/metrics\.json is damaged: .*There is no task 'ranking'"):
        read_result(copy)
