"""Every task, over texts and series, from a file to a folder, its scores and its report, and to another file."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from unspool.data.labels import LabelCodec
from unspool.errors import UserError
from unspool.evaluation.measures import MEASURES
from unspool.experiment.own.description import described
from unspool.experiment.own.evaluation import evaluate_file
from unspool.experiment.own.examples import kind_of
from unspool.experiment.own.judging import truth_of
from unspool.experiment.own.model import load_own_model
from unspool.experiment.own.prediction import predict_file
from unspool.experiment.own.recipe import OwnFile
from unspool.experiment.own.training import train_file
from unspool.experiment.record import read_result

from .series import series_of, write_long_form
from .test_tasks import write_texts

SETTINGS = [
    "training.epochs=12",
    "model.layers=1",
    "model.units=8",
    "training.learning_rate=0.02",
    "evaluation.resamples=100",
]


def write_numbered(path, count=150, seed=0):
    """Series that rise by a number, which is their label, and a column of groups of three."""
    rng = np.random.default_rng(seed)
    series = [rng.normal(size=(rng.integers(3, 9), 1)) for _ in range(count)]
    numbers = np.round(rng.uniform(0, 4, count), 2)
    for one, number in zip(series, numbers, strict=True):
        one += number * np.arange(len(one))[:, None]
    np.savez(
        path,
        x=np.concatenate(series),
        y=numbers,
        lengths=[len(one) for one in series],
        groups=np.arange(count) // 3,
    )
    return path


def three_classes(number):
    return "still" if number % 3 == 2 else ("falling", "rising")[number % 2]


def write_three_classes(path, count=150, seed=0, name=three_classes):
    series, _ = series_of(count, seed)
    for number in range(2, count, 3):
        series[number] = np.full_like(series[number], 100.0)
    np.savez(path, x=np.concatenate(series), lengths=[len(one) for one in series], y=[name(n) for n in range(count)])
    return path


FILES = {
    "texts of classes": (
        "a.jsonl",
        lambda path: write_texts(path, lambda named: named[0] if len(named) == 1 else "several", count=150),
        "multiclass",
        {},
    ),
    "texts of labels": (
        "a.jsonl",
        lambda path: write_texts(path, lambda named: "|".join(sorted(named)), count=150),
        "multilabel",
        {},
    ),
    "series of two labels": ("a.csv", lambda path: write_long_form(path, count=100), "binary", {}),
    "series of classes": ("a.npz", write_three_classes, "multiclass", {}),
    "series of numbers": ("a.npz", write_numbered, "regression", {}),
}


@pytest.fixture(scope="module", params=FILES)
def case(request, tmp_path_factory):
    """A file, the folder that was made of it, what was returned, and the task."""
    name, write, task, options = FILES[request.param]
    folder = tmp_path_factory.mktemp("own")
    path = write(folder / name)
    data = OwnFile(path=str(path), kind=kind_of(path, None, None), **options)
    changes = [*SETTINGS, *(["model.embedding=8"] if data.kind == "text" else [])]
    return path, folder / "model", train_file(data, folder / "model", changes=changes), task


def headline(scores, task):
    return scores.auc.value if task == "binary" else next(iter(scores.figures.values())).value


def test_the_result_is_what_the_folder_tells(case):
    _, folder, result, task = case
    read = read_result(folder)
    assert (read.test, read.validation, read.verdict, read.data) == (
        result.test,
        result.validation,
        result.verdict,
        result.data,
    )
    assert [replace(one, **{_outputs(task): None}) for one in read.baselines] == [
        replace(one, **{_outputs(task): None}) for one in result.baselines
    ]
    assert (folder / "report.html").is_file()
    assert result.verdict.words in described(folder)


def _outputs(task):
    return "probabilities" if task == "binary" else "outputs"


def test_the_model_has_learned_and_stands_beside_two_simple_ones(case):
    _, _, result, task = case
    frequent, linear = result.baselines
    if task == "regression":
        assert headline(result.test, task) < 0.6 * headline(frequent.scores, task)
        assert result.test.figures["spearman"].value > 0.8
    else:
        assert headline(result.test, task) > max(0.7, headline(frequent.scores, task))
        assert task == "binary" or list(result.test.figures) == list(MEASURES[task])
    assert result.verdict.baseline in (frequent.name, linear.name)
    assert result.test.examples == result.data.examples["test"]


def test_another_file_is_scored_as_training_would(case, tmp_path):
    path, folder, result, task = case
    found = evaluate_file(load_own_model(folder), path)
    assert found.task == task
    assert found.rows == found.scores.examples == sum(result.data.examples.values())
    assert type(found.scores) is type(result.test)


def test_each_row_is_predicted(case, tmp_path):
    path, folder, result, task = case
    predict_file(load_own_model(folder), path, tmp_path / "scored.csv")
    with (tmp_path / "scored.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(result.data.examples.values())
    if task == "regression":
        assert "probability" not in rows[0]
        with np.load(path) as arrays:
            assert np.corrcoef(arrays["y"], [float(row["prediction"]) for row in rows])[0, 1] > 0.8
    elif task != "multilabel":
        assert {row["prediction"] for row in rows} <= set(result.data.label_names)


def test_the_example_is_of_the_kind_that_is_read(case):
    path, _, result, _ = case
    example = result.data.example
    if path.suffix == ".jsonl":
        assert len(example.ids) == len(example.words)
    else:
        assert len(example.steps[0]) == len(example.channels)


def test_a_threshold_for_all_labels_is_picked_on_validation(tmp_path_factory):
    path = write_texts(tmp_path_factory.mktemp("own") / "a.jsonl", lambda named: "|".join(sorted(named)), count=100)
    folder = path.with_name("model")
    changes = ["training.epochs=1", "evaluation.resamples=100"]
    result = train_file(OwnFile(path=str(path)), folder, changes=changes)
    assert load_own_model(folder).threshold == result.test.threshold != 0.5


def test_series_of_labels_that_training_never_showed_stop_or_are_counted(tmp_path):
    path = write_three_classes(tmp_path / "a.npz", count=60)
    data = OwnFile(path=str(path), kind="series")
    train_file(data, tmp_path / "model", changes=["training.epochs=1", "model.units=4", "evaluation.resamples=100"])
    model = load_own_model(tmp_path / "model")
    new = write_three_classes(
        tmp_path / "new.npz", count=12, name=lambda number: "odd" if number % 4 == 3 else three_classes(number)
    )
    with pytest.raises(UserError, match=r"new.npz, series 4: training never shows the label 'odd'"):
        evaluate_file(model, new)
    found = evaluate_file(model, new, on_error="skip")
    assert (found.rows, found.left_out) == (9, {"a label that training never shows": 3})
    with pytest.raises(UserError, match="--text is for texts"):
        evaluate_file(model, new, text="x")


@pytest.mark.parametrize("numbers", [[7.0, 1.0, 10.0, 4.0], [0.001, 0.0025, 0.004], [1e6, 2_500_000.0, 1.0]])
def test_numbers_are_scored_as_they_stand_in_the_file(numbers):
    codec = LabelCodec.fit(numbers, "regression")
    found = truth_of(codec, codec.encode(numbers))
    np.testing.assert_allclose(found, numbers, atol=1e-5 * codec.scale)
    assert found[0] == numbers[0]
