"""Every task, over texts and series, from a file to a folder, its scores and its report, and to another file."""

import csv
import json
import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.description import described
from unspool.runs.evaluate_file import evaluate_file
from unspool.runs.judging import held_out_predictions, trained_model
from unspool.runs.model import TrainedModel, load_trained
from unspool.runs.predict_file import predict_file
from unspool.runs.reading.preparation import PreparedPart
from unspool.runs.reading.read_file import kind_of
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.record import read_result
from unspool.runs.run import train
from unspool.tasks import Binary, Regression, task_of

from .series import series_of, write_long_form, write_npz

pytestmark = pytest.mark.drawn

SETTINGS = [
    "training.epochs=12",
    "model.layers=1",
    "model.units=8",
    "training.learning_rate=0.02",
    "evaluation.resamples=100",
]
ONE_EPOCH = ["training.epochs=1", "model.layers=1", "model.units=4", "evaluation.resamples=100"]
WORDS = ("comedy", "drama", "horror")


def write_texts(path, label_of, count=150):
    """JSON lines with a text of some words of WORDS, each at most once, and the label that they give."""
    rng = random.Random(0)
    lines = []
    for _ in range(count):
        named = rng.sample(WORDS, k=rng.randint(1, 3))
        words = [*named, *rng.choices(["film", "plot", "scene"], k=4)]
        lines.append(json.dumps({"text": " ".join(words), "label": label_of(named)}))
    path.write_text("\n".join(lines))
    return path


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
        lambda path: write_texts(path, lambda named: named[0] if len(named) == 1 else "several"),
        "multiclass",
        {},
    ),
    "texts of labels": (
        "a.jsonl",
        lambda path: write_texts(path, lambda named: "|".join(sorted(named))),
        "multilabel",
        {},
    ),
    "texts of numbers": (
        "a.jsonl",
        lambda path: write_texts(path, lambda named: 1000.5 + 100 * len(named)),
        "regression",
        {"task": "regression"},
    ),
    "series of two labels": ("a.csv", lambda path: write_long_form(path, count=100), "binary", {}),
    "series of classes": ("a.npz", write_three_classes, "multiclass", {}),
    "series of numbers": ("a.npz", write_numbered, "regression", {}),
}


SLOWER = ("texts of numbers", "series of two labels")
"""They wait for `make soak`; both their task and their kind of example are among the others."""


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=pytest.mark.soak) if name in SLOWER else name for name in FILES]
)
def case(request, tmp_path_factory):
    """A file, the folder that was made of it, what was returned, and the task."""
    name, write, task, options = FILES[request.param]
    folder = tmp_path_factory.mktemp("files")
    path = write(folder / name)
    data = FileSettings(path=str(path), kind=kind_of(path, None, None), **options)
    changes = [*SETTINGS, *(["model.embedding=8"] if data.kind == "text" else [])]
    return path, folder / "model", train(data, folder / "model", changes=changes), task


@pytest.fixture(scope="module")
def model(case):
    return load_trained(case[1])


@pytest.fixture(scope="module")
def scored(case, model, tmp_path_factory):
    """The rows of the file, with predictions."""
    out = tmp_path_factory.mktemp("scored") / "scored.jsonl"
    predict_file(model, model.reader, case[0], out)
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_the_result_is_what_the_folder_tells(case):
    _, folder, result, task = case
    assert result.task == task
    read = read_result(folder)
    for name in ("test", "validation", "verdict", "data", "task"):
        assert getattr(read, name) == getattr(result, name), name
    assert [replace(one, outputs=None) for one in read.baselines] == [
        replace(one, outputs=None) for one in result.baselines
    ]
    assert (folder / "report.html").is_file()
    assert result.verdict.words in described(folder)


def test_the_model_has_learned_and_stands_beside_two_simple_ones(case):
    _, _, result, task = case
    frequent, *_ = result.baselines
    headline = task_of(result).headline
    ours, theirs = result.test[headline].value, frequent.scores[headline].value
    if task == "regression":
        assert ours < 0.6 * theirs
        assert result.test["spearman"].value > 0.8
    else:
        assert ours > max(0.7, theirs)
    assert list(result.test.figures) == list(task_of(result).measures)
    assert len(result.baselines) > 1
    assert result.verdict.baseline in {one.name for one in result.baselines}
    assert result.test.examples == result.data.examples["test"]


def test_another_file_is_scored_as_training_would(case, model):
    path, _, result, task = case
    found = evaluate_file(model, model.reader, path)
    assert found.task.name == task
    assert found.rows == found.scores.examples == sum(result.data.examples.values())
    assert list(found.scores.figures) == list(result.test.figures)


def test_each_row_is_predicted_well(case, scored):
    path, _, result, task = case
    assert len(scored) == sum(result.data.examples.values())
    said = [row["prediction"] for row in scored]
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            truth = arrays["y"].tolist()
    elif path.suffix == ".csv":
        assert [row["series"] for row in scored] == [f"s{number}" for number in range(100)]
        truth = ["falling", "rising"] * 50
    else:
        truth = [row["label"] for row in scored]
    if task == "regression":
        assert "probability" not in scored[0]
        assert np.mean(np.square(np.subtract(said, truth))) < 0.3 * np.var(truth)
        return
    assert np.mean([one == other for one, other in zip(said, truth, strict=True)]) > 0.8
    if task == "multilabel":
        assert all(len(row["probability"]) == len(WORDS) for row in scored)
    else:
        assert all(1 / (len(result.data.label_names) + 1) < row["probability"] <= 1 for row in scored)


def test_the_example_is_of_the_kind_that_is_read(case):
    path, _, result, _ = case
    example = result.data.example
    if path.suffix == ".jsonl":
        assert len(example.ids) == len(example.words)
    else:
        assert len(example.steps[0]) == len(example.channels)


@pytest.mark.soak
def test_a_threshold_for_all_labels_is_picked_on_validation_and_they_are_not_explained(tmp_path):
    path = write_texts(tmp_path / "a.jsonl", lambda named: "|".join(sorted(named)), count=100)
    result = train(FileSettings(path=str(path)), tmp_path / "model", changes=[ONE_EPOCH[0], ONE_EPOCH[-1]])
    model = load_trained(tmp_path / "model")
    assert model.threshold == result.test.threshold != 0.5
    with pytest.raises(UserError, match="several labels at once"):
        predict_file(model, model.reader, path, tmp_path / "x.jsonl", attributions=True)


@pytest.mark.parametrize("numbers", [[7.0, 1.0, 10.0, 4.0], [0.001, 0.0025, 0.004], [1e6, 2_500_000.0, 1.0]])
def test_numbers_are_scored_as_they_stand_in_the_file(numbers):
    task = Regression.learn(numbers)
    found = task.truth(task.encode(numbers))
    np.testing.assert_allclose(found, numbers, atol=1e-5 * task.scale)
    assert found[0] == numbers[0]


@pytest.fixture(scope="module")
def of_arrays(tmp_path_factory):
    """A model of three classes of series from arrays."""
    folder = tmp_path_factory.mktemp("arrays")
    path = write_three_classes(folder / "a.npz", count=60)
    train(FileSettings(path=str(path), kind="series"), folder / "model", changes=ONE_EPOCH)
    return load_trained(folder / "model")


def test_series_of_labels_that_training_never_showed_stop_or_are_counted(of_arrays, tmp_path):
    new = write_three_classes(
        tmp_path / "new.npz", count=12, name=lambda number: "odd" if number % 4 == 3 else three_classes(number)
    )
    with pytest.raises(UserError, match=r"new.npz, series 4: the label 'odd' does not occur in training"):
        evaluate_file(of_arrays, of_arrays.reader, new)
    found = evaluate_file(of_arrays, of_arrays.reader, new, on_error="skip")
    assert (found.rows, found.left_out) == (9, {"a label that does not occur in training": 3})
    with pytest.raises(UserError, match="--text is for texts"):
        evaluate_file(of_arrays, of_arrays.reader, new, text="x")


def test_series_need_no_labels_to_be_predicted(of_arrays, tmp_path):
    with np.load(write_npz(tmp_path / "new.npz", count=6)) as arrays:
        np.savez(tmp_path / "bare.npz", x=arrays["x"], lengths=arrays["lengths"])
    predict_file(of_arrays, of_arrays.reader, tmp_path / "bare.npz", tmp_path / "scored.csv")
    with (tmp_path / "scored.csv").open(newline="") as file:
        assert [row["series"] for row in csv.DictReader(file)] == ["1", "2", "3", "4", "5", "6"]


def test_series_with_other_channels_are_refused(of_arrays, tmp_path):
    np.savez(tmp_path / "new.npz", x=np.zeros((3, 4, 1)))
    with pytest.raises(UserError, match="has the channels 0; the model reads 0, 1"):
        predict_file(of_arrays, of_arrays.reader, tmp_path / "new.npz", tmp_path / "scored.csv")
    with pytest.raises(UserError, match="reads 2 channels without names"):
        predict_file(of_arrays, of_arrays.reader, write_long_form(tmp_path / "new.csv"), tmp_path / "scored.csv")
    assert not (tmp_path / "scored.csv").exists()


def test_a_threshold_of_one_half_is_not_picked(tmp_path):
    path = write_long_form(tmp_path / "a.csv", count=100)
    data = FileSettings(path=str(path), kind=kind_of(path, None, None))
    picked, half = (
        train(data, tmp_path / name, changes=[*ONE_EPOCH, f"evaluation.threshold={name}"])
        for name in ("validation", "half")
    )
    assert picked.test.threshold != 0.5
    assert half.test.threshold is None
    answers, truth = half.test_predictions.outputs >= 0.5, half.test_predictions.targets == 1
    assert half.test["accuracy"].value == (answers == truth).mean()
    page = (tmp_path / "half" / "report.html").read_text()
    assert "picked the threshold" in (tmp_path / "validation" / "report.html").read_text()
    assert "picked the threshold" not in page


def test_what_remains_to_be_chosen_is_chosen_on_validation(monkeypatch):
    monkeypatch.setattr(TrainedModel, "outputs", lambda self, inputs: inputs)
    labels, seen = np.arange(20) % 2, []

    class Noting(Binary):
        def completed(self, network, training, validation, measure=None):
            seen.append((training, validation))
            return self

    training, validation, test = (
        PreparedPart(np.where(labels == 1, high, low), labels) for low, high in ((0.4, 0.6), (0.1, 0.3), (0.7, 0.9))
    )
    prepared = SimpleNamespace(
        task=Noting(("a", "b")), reader=None, training=training, validation=validation, test=test
    )
    recipe = SimpleNamespace(evaluation=SimpleNamespace(measure=None, threshold="validation"))
    model = trained_model(recipe, prepared, SimpleNamespace(model=None, choice=None))
    assert model.threshold == pytest.approx(0.2)
    assert seen == [(training, validation)]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [(([4, 4, 5, 6], [7, 7]), [4, 5, 7, 7]), ((None, None), [1, 2, 1, 3]), (([4, 4, 4, 6], [4, 4]), None)],
)
def test_examples_that_a_choice_held_out_together_are_resampled_together(groups, expected):
    """The intervals of validation treated the texts of one author, and copies, as independent."""
    prints = np.array([1, 8, 2, 9]), np.array([1, 3])
    parts = [
        PreparedPart(np.zeros(len(own)), np.zeros(len(own)), known and np.array(known), fingerprints=own)
        for own, known in zip(prints, groups, strict=True)
    ]
    prepared = SimpleNamespace(training=parts[0], validation=parts[1], kind="text", forecasts=None)
    trained = SimpleNamespace(choice=SimpleNamespace(rows=np.array([0, 2, 4, 5]), held_out=np.zeros(4)))
    found = held_out_predictions(SimpleNamespace(task=Regression()), prepared, trained).groups
    if expected is None:
        assert found is None
    else:
        assert np.unique(found, return_inverse=True)[1].tolist() == np.unique(expected, return_inverse=True)[1].tolist()
