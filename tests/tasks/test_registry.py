"""Which task labels ask for, and how a task comes back from its file or from a run's record."""

from types import SimpleNamespace
from typing import Any

import pytest

from unspool.errors import UserError
from unspool.evaluation.result import Interval, Score, Scores
from unspool.readers import PairReader
from unspool.tasks import (
    TASKS,
    Binary,
    Pronunciation,
    Reconstruction,
    Regression,
    Summary,
    SuperResolution,
    Translation,
    find_task,
    load_task,
    task_named,
    task_of,
)
from unspool.tasks.base import WHAT
from unspool.tasks.registry import measures_named


@pytest.mark.parametrize(
    ("labels", "task", "why"),
    [
        (["pos", "neg"] * 3, "binary", "there are two labels, neg and pos"),
        (["0.5", "1.5"] * 3, "binary", "there are two labels, 0.5 and 1.5"),
        (
            ["1", "2", "3"] * 3,
            "multiclass",
            "labels are only 3 different whole numbers; --task regression reads them as quantities",
        ),
        ([str(n) for n in range(21)] * 2, "regression", "labels are 21 different whole numbers"),
        (
            [str(n) for n in range(21)] * 20,
            "regression",
            "labels are 21 different whole numbers; --task multiclass reads them as classes",
        ),
        (["1", "2.5", "3"], "regression", "labels are numbers that are not all whole"),
        (["1e3", "-2", "0.1"], "regression", "labels are numbers that are not all whole"),
        (["a", "b", "c"] * 3, "multiclass", "there are 3 different labels"),
        (["1", "2", "unknown"] * 3, "multiclass", "there are 3 different labels"),
        ([str(n / 7) for n in range(100)] + ["n/a"], "regression", "labels are numbers that are not all whole"),
        (["a", "a|b", "b"], "multilabel", 'labels such as a|b hold "|"'),
        (["a", "a; b", "b"], "multilabel", 'labels such as a; b hold ";"'),
        ([("a",), ("a", "b"), ()], "multilabel", "labels are lists"),
        (
            [("a",), ("b",)],
            "multilabel",
            "labels are lists, each of one label: if that is always so, give the label alone, so that exactly one is "
            "predicted",
        ),
    ],
)
def test_the_task_is_read_from_the_labels(labels, task, why):
    found = find_task(labels)
    assert (found.name, found.why) == (task, why)


@pytest.mark.parametrize(
    ("labels", "task", "separator"),
    [
        (["1", "2", "3"] * 3, "regression", None),
        (["1.5", "2.5", "3.5"], "multiclass", None),
        (["a|b", "c", "a|b"], "binary", None),
        (["a", "b"], "multilabel", None),
        (["a|b", "a|b"], "multilabel", "|"),
        (["a", "b"], "multiclass", None),
        (["a", "a"], "reconstruction", None),
        ([], "reconstruction", None),
    ],
)
def test_the_task_can_be_forced(labels, task, separator):
    found = find_task(labels, task)
    assert (found.name, found.why, getattr(found, "separator", None)) == (task, "it was set", separator)


@pytest.mark.parametrize(
    ("labels", "forced", "message"),
    [
        ([], None, "There are no labels"),
        (["good"] * 1200, None, "one label: all 1,200 examples have the label good"),
        (["good"] * 3, "multiclass", "one label: all 3 examples"),
        (["a", "b", "c"], "binary", "binary asks for two labels, but there are 3. Use multiclass"),
        (["a", "b"], "regression", "regression asks for numbers, but labels are such as a"),
        ([("a",), ("b",)], "multiclass", "multiclass asks for one label an example, but labels are lists"),
        ([("a",), ("b",)], "binary", "binary asks for one label an example, but labels are lists"),
        ([("1",), ("2",)], "regression", "regression asks for one label an example, but labels are lists"),
        (
            ["a", "b"],
            "ranking",
            "no task 'ranking': it is one of binary, multiclass, multilabel, regression, reconstruction",
        ),
        (
            [f"text {n}" for n in range(9)],
            None,
            "9 examples have 9 different labels, such as text 0: too few of each for classes, and they are not numbers",
        ),
        ([f"{n},5" for n in range(25)] * 4, None, "numbers with a decimal comma, such as '0,5'. Write a decimal point"),
        ([f"text {n}" for n in range(1001)] * 3, None, "have 1,001 different labels"),
        (["x" * 100] * 2, None, f"have the label {'x' * 37}[.]{{3}}"),
    ],
)
def test_labels_that_suit_no_task_are_told(labels, forced, message):
    with pytest.raises(UserError, match=message):
        find_task(labels, forced)


def test_every_task_has_its_own_name():
    assert list(TASKS) == [
        "binary",
        "multiclass",
        "multilabel",
        "regression",
        "reconstruction",
        "tagging",
        "translation",
        "pronunciation",
        "summary",
        "captions",
        "forecasting",
        "super_resolution",
    ]
    assert all(task.name == name and task_named(name) is task for name, task in TASKS.items())


EVERY = [
    find_task(["a", "b"]),
    find_task(["a", "b", "c"] * 2),
    find_task([("a",), ("b", "ö")]),
    find_task(["a|b", "c"]),
    find_task(["1.5", "2", "7.25"]),
    Reconstruction(("0", "1"), likelihood="bernoulli"),
    Reconstruction(likelihood="gaussian"),
    Translation.of(PairReader.fit(["ein mann"] * 2, ["a man"] * 2, size=262, lowercase=True), ["a man"], beam=3),
    Pronunciation.fitted(["read", "red"] * 2, ["R IY D | R EH D", "R EH D"] * 2)[1],
    SuperResolution(rows=28, factor=2),
    Summary.fitted(["a long text"] * 2, ["a text"] * 2)[1],
]


@pytest.mark.parametrize("task", EVERY, ids=lambda task: task.name)
def test_a_saved_task_comes_back(tmp_path, task):
    task.save(tmp_path / "labels.json")
    again = load_task(tmp_path / "labels.json")
    assert again == task
    assert type(again) is type(task)
    assert again.why == "as it was trained"


@pytest.mark.parametrize("task", EVERY, ids=lambda task: task.name)
def test_what_a_task_is_compared_by_is_among_its_measures_and_the_verdict_rests_on_the_first(task):
    assert task.headline == next(iter(task.measures))
    assert set(task.compared) <= set(task.measures)
    assert measures_named(task.name, task.measures) == task.measures


BINARY = '{"unspool label codec": 1, "task": "binary", "names": ["a", "b"], "separator": null, "mean": 0, "scale": 1}'
SEVERAL = BINARY.replace('"binary"', '"multilabel"')
NUMBER = BINARY.replace('"binary"', '"regression"').replace('["a", "b"]', "[]")
PICTURES = BINARY.replace('"binary"', '"reconstruction"').replace("null", 'null, "likelihood": "gaussian"')


def test_files_of_the_first_version_are_read(tmp_path):
    path = tmp_path / "labels.json"
    path.write_text(BINARY)
    assert load_task(path) == Binary(("a", "b"))
    path.write_text(NUMBER)
    assert load_task(path) == Regression()


@pytest.mark.parametrize(
    ("content", "good", "bad", "message"),
    [
        (BINARY, BINARY, BINARY[:50], "is cut short or altered: it is not JSON"),
        (BINARY, WHAT, "tokenizer", "is not a label codec of this version"),
        (BINARY, '"binary"', '"guess"', "is altered: there is no task 'guess'"),
        (BINARY, '"binary"', '["binary"]', "is altered"),
        (BINARY, '"task"', '"tusk"', "is altered: 'task'"),
        (BINARY, '["a", "b"]', '["a"]', "is altered: 1 names do not suit the task binary"),
        (BINARY, '"names"', '"nomes"', "is altered: 0 names do not suit the task binary"),
        (BINARY, '["a", "b"]', '["a", "a"]', "is altered: a name is there twice"),
        (BINARY, '["a", "b"]', '["a", 1]', "is altered: the names are not a list of texts"),
        (BINARY, '["a", "b"]', "7", "is altered: the names are not a list of texts"),
        (SEVERAL, '["a", "b"]', "[]", "is altered: no names do not suit the task multilabel"),
        (SEVERAL, "null", '""', "is altered: the separator is not a text"),
        (SEVERAL, "null", "7", "is altered: the separator is not a text"),
        (NUMBER, '"scale": 1', '"scale": 0', "is altered: mean and scale"),
        (NUMBER, '"scale": 1', '"scale": Infinity', "is altered: mean and scale"),
        (NUMBER, '"mean": 0', '"mean": "zero"', "is altered: could not convert"),
        (NUMBER, '"mean"', '"mode"', "is altered: 'mean'"),
        (NUMBER, "[]", '["a"]', "is altered: 1 names do not suit the task regression"),
        (PICTURES, '"gaussian"', '"poisson"', "is altered: there is no likelihood 'poisson'"),
    ],
)
def test_a_damaged_task_is_told(tmp_path, content, good, bad, message):
    path = tmp_path / "labels.json"
    path.write_text(content)
    load_task(path)
    assert good in content
    path.write_text(content.replace(good, bad, 1))
    with pytest.raises(UserError, match=message):
        load_task(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UserError, match=r"labels\.json"):
        load_task(tmp_path / "labels.json")


def _result(task: str, names: tuple[str, ...], *measures: str) -> Any:
    score = Score(0.5, Interval(0.4, 0.6))
    return SimpleNamespace(
        task=task, data=SimpleNamespace(label_names=names), test=Scores(9, dict.fromkeys(measures, score))
    )


def test_a_record_tells_its_task():
    assert task_of(_result("binary", ("a", "b"), "auc")) == Binary(("a", "b"))
    assert task_of(_result("regression", (), "rmse")) == Regression()
    pictures = task_of(_result("reconstruction", ("0", "1"), "cross_entropy", "mse"))
    assert pictures == Reconstruction(("0", "1"), likelihood="bernoulli")
    assert task_of(_result("reconstruction", (), "mse")) == Reconstruction(likelihood="gaussian")
    with pytest.raises(UserError, match="no task 'ranking'"):
        task_of(_result("ranking", ()))


def test_measures_are_found_by_task_and_name():
    assert list(measures_named("binary", ["brier", "auc"])) == ["brier", "auc"]
    assert measures_named("reconstruction", ["mse"])["mse"].title == "mean squared error"
