"""Estimators as folders: the model alone, and with test examples whole runs."""

import pickle

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import unspool
from unspool.errors import UserError
from unspool.estimators.errors import InputError
from unspool.report.page import write_report
from unspool.runs.checking.check import check
from unspool.runs.description import described
from unspool.runs.records.record import read_result
from unspool.runs.records.seen import load_seen
from unspool.runs.replay import replay
from unspool.runs.resume import resume

from .small import QUICK, ragged, texts, tokens

TEXTS = [f"{word} film number {number}" for number in range(30) for word in ("fine", "dull")]
SERIES = [np.random.default_rng(number).normal(size=(6 + number % 3, 2)) for number in range(60)]
NEW_SERIES, NEW_LABELS = ragged(30, seed=1)


def classes(kind):
    if kind == "several at once":
        return np.array([[number % 2, number % 3 == 0] for number in range(60)]).astype(int)
    return ["good", "bad"] * 30


def of_series(count, seed=0):
    return ragged(count, seed)[0]


def by_columns(series):
    return [np.asfortranarray(one, dtype=np.float32) for one in series]


def three(series):
    """Classes whose order as texts is not that of their numbers, by whether a series is short, rises or falls."""
    return np.array(["none" if len(one) < 6 else "10" if one[-1, 0] > one[0, 0] else "9" for one in series])


def several(examples):
    return np.array([[len(one) % 2, len(one) % 3 == 0, 0] for one in examples]).astype(int)


def mean_of(series):
    return [one.mean() / 3 for one in series]


def sentences(start, stop):
    return texts(stop)[0][start:]


def of_words(examples):
    return np.array([len(one.split()) % 2 == 0 for one in examples])


CASES = {
    "series, three classes": (
        unspool.SequenceClassifier(**QUICK, epochs=3),
        *(by_columns(of_series(90)), of_series(40, 1)),
        three,
    ),
    "series, weighed classes": (
        unspool.SequenceClassifier(**QUICK, epochs=2, class_weight="balanced"),
        *(of_series(90), of_series(40, 1)),
        lambda series: np.array([len(one) > 5 for one in series]),
    ),
    "series, several labels": (
        unspool.SequenceClassifier(**QUICK, epochs=2),
        *(of_series(90), of_series(40, 1)),
        lambda series: several(series)[:, :2],
    ),
    "series, a number": (unspool.SequenceRegressor(**QUICK, epochs=2), of_series(90), of_series(40, 1), mean_of),
    "texts, pairs of words": (
        unspool.SequenceClassifier(epochs=2, random_state=7),
        *(sentences(0, 120), sentences(120, 160)),
        of_words,
    ),
    "texts, recurrent": (
        unspool.SequenceClassifier(**QUICK, epochs=2, vocabulary=60, length=8),
        *(sentences(0, 120), sentences(120, 160)),
        lambda examples: [1.0 if len(one) % 2 else 2.0 for one in examples],
    ),
    "texts, several labels": (
        unspool.SequenceClassifier(epochs=2, random_state=0),
        *(sentences(0, 120), sentences(120, 160)),
        lambda examples: several(examples)[:, :2],
    ),
}
QUICKEST = ("series, three classes", "texts, pairs of words")
"""The others wait for `make soak`."""


@pytest.mark.parametrize(
    "case", [case if case in QUICKEST else pytest.param(case, marks=pytest.mark.soak) for case in CASES]
)
def test_with_test_examples_a_folder_is_a_run_that_gives_the_same_bits_again(case, tmp_path):
    model, training, test, label = CASES[case]
    model.fit(training, label(training))
    model.fit(training, label(training))  # with the network that the first fit was lent
    model.save(tmp_path / "run", test=(test, label(test)))
    again = replay(tmp_path / "run")
    assert (again.parting, again.epochs) == (None, model.n_iter_)
    assert again.arrays == len(model.weights_)
    result = read_result(tmp_path / "run")
    assert result.history == model.history_
    assert result.test.examples == len(test)
    assert result.baselines
    assert type(model).__name__ in result.command
    for name in ("report.html", "history.csv", "environment.json", "golden.npz", "seen.npz", "inspection.txt"):
        assert (tmp_path / "run" / name).is_file()
    loaded = unspool.load(tmp_path / "run")
    if isinstance(model, unspool.SequenceRegressor):
        np.testing.assert_allclose(loaded.predict(test), model.predict(test), rtol=1e-5)
        assert result.test["r2"].value == pytest.approx(model.score(test, label(test)), abs=1e-4)
        return
    if "several" in case:
        assert [tuple(map(int, one)) for one in loaded.predict(test)] == [
            tuple(np.flatnonzero(row)) for row in model.predict(test)
        ]
    else:
        assert result.test["accuracy"].value == pytest.approx(model.score(test, label(test)))


def test_a_run_has_the_classes_in_its_own_order_and_answers_as_the_estimator_does(tmp_path):
    series = of_series(90)
    model = unspool.SequenceClassifier(**QUICK, epochs=30).fit(series, three(series))
    assert model.classes_.tolist() == ["10", "9", "none"]
    assert model.score(NEW_SERIES, three(NEW_SERIES)) > 0.8
    model.save(tmp_path / "run", test=(NEW_SERIES, three(NEW_SERIES)))
    loaded = unspool.load(tmp_path / "run")
    assert loaded.names == ("9", "10", "none")
    assert loaded.predict(NEW_SERIES) == model.predict(NEW_SERIES).tolist()
    np.testing.assert_allclose(
        loaded.probabilities(NEW_SERIES)[:, [1, 0, 2]], model.predict_proba(NEW_SERIES), atol=1e-6
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A classifier of series, and the folder of its run."""
    series, labels = ragged(90)
    folder = tmp_path_factory.mktemp("saved") / "run"
    model = unspool.SequenceClassifier(**QUICK, epochs=3).fit(series, labels)
    model.save(folder, test=(NEW_SERIES, NEW_LABELS))
    return model, folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A classifier of series, and the folder of the model alone."""
    folder = tmp_path_factory.mktemp("saved") / "model"
    model = unspool.SequenceClassifier(**QUICK, epochs=1).fit(*ragged(60))
    model.save(folder)
    return model, folder


@pytest.mark.soak
def test_examples_that_were_trained_on_are_left_out_of_a_score(run, alone):
    for folder, count in ((run[1], 90), (alone[1], 60)):
        series, labels = ragged(count)
        both = [*series, *NEW_SERIES], [*labels, *NEW_LABELS]
        assert unspool.load(folder).evaluate(both[0], labels=both[1]).scores.examples == len(NEW_SERIES)
        seen = load_seen(folder)
        assert (len(seen.training), len(seen.validation)) == (0.9 * count, 0.1 * count)


@pytest.mark.soak
def test_runs_are_compared_as_they_are_and_over_seeds(run, tmp_path):
    model, folder = run
    series, labels = ragged(90)
    other = unspool.SequenceClassifier(**QUICK | {"units": 8}, epochs=2).fit(series, labels)
    other.save(tmp_path / "other", test=(NEW_SERIES, NEW_LABELS))
    assert unspool.compare(folder, tmp_path / "other", out=tmp_path / "as-they-are").examples == len(NEW_SERIES)
    unspool.compare(folder, tmp_path / "other", seeds=2, out=tmp_path / "compared")
    seeded = read_result(tmp_path / "compared" / "run-seed1")
    assert seeded.data.digest == read_result(folder).data.digest
    assert (seeded.seed, seeded.epochs, seeded.test.threshold) == (1, 3, None)
    assert seeded.history != model.history_


@pytest.mark.soak
def test_a_finished_run_is_not_resumed_and_its_report_is_made_again(run):
    with pytest.raises(UserError, match="run is finished: there is nothing to resume"):
        resume(run[1])
    (run[1] / "report.html").unlink()
    assert write_report(read_result(run[1]), run[1]).is_file()
    assert "picked the threshold" not in (run[1] / "report.html").read_text()
    assert "SequenceClassifier(" in described(run[1])
    assert not check(run[1]).broken


def test_without_test_examples_the_commands_of_runs_say_how_to_save_with_them(alone, run, tmp_path):
    folder = alone[1]
    asked = (
        lambda: read_result(folder),
        lambda: replay(folder),
        lambda: unspool.compare(folder, run[1], out=tmp_path / "compared"),
    )
    for ask in asked:
        with pytest.raises(UserError, match=r"saved without test examples, .* save\(folder, test=\(X, y\)\)\.$"):
            ask()
    with pytest.raises(UserError, match="is finished: there is nothing to resume"):
        resume(folder)


def test_a_pickled_estimator_saves_the_model_and_says_why_no_run(alone, tmp_path):
    model = pickle.loads(pickle.dumps(alone[0]))
    del model._columns, model._seen  # as an earlier version had it
    model.save(tmp_path / "model")
    assert unspool.load(tmp_path / "model").predict(NEW_SERIES) == alone[0].predict(NEW_SERIES).tolist()
    with pytest.raises(InputError, match=r"no longer available: pickles and copies do not include it\. Fit it again"):
        model.save(tmp_path / "run", test=(NEW_SERIES, NEW_LABELS))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("fitted", "test", "message"),
    [
        (lambda: unspool.SequenceClassifier(**QUICK, epochs=1).fit(*ragged(40)), None, "without a validation set"),
        (
            lambda: unspool.SequenceClassifier(**QUICK, epochs=1).fit(*ragged(60), sample_weight=np.arange(1.0, 61.0)),
            None,
            "fitted with custom weights",
        ),
        (
            lambda: unspool.SequenceClassifier(**QUICK, epochs=1, reads="tokens").fit(*tokens(60)),
            tokens(20, seed=1),
            "but this model reads token ids",
        ),
        (None, (NEW_SERIES, ["flat"] * 30), r"y\[0\] of test is .*'flat'.*, a class that fit has not seen"),
        (None, ([np.zeros((0, 2)), *NEW_SERIES[1:]], NEW_LABELS), r"X\[0\] has no numbers\. Leave it out"),
        (None, ([one[:, :1] for one in NEW_SERIES], NEW_LABELS), r"X\[0\] has 1 channel, and 2 were expected"),
        (None, (NEW_SERIES, NEW_LABELS[:-1]), "inconsistent numbers of samples"),
        (None, NEW_SERIES, r"test must be a pair \(X, y\)"),
        (None, (NEW_SERIES, ["rising"] * 30), "All 30 test examples have the label rising"),
    ],
)
def test_what_no_run_can_be_made_of_is_refused(run, tmp_path, fitted, test, message):
    model = fitted() if fitted else run[0]
    with pytest.raises(ValueError, match=message):
        model.save(tmp_path / "run", test=test or (NEW_SERIES, NEW_LABELS))
    assert not list(tmp_path.iterdir())


def test_sequences_that_were_changed_in_place_are_refused(tmp_path):
    series, labels = ragged(60)
    kept = [one.astype(np.float32) for one in series]
    model = unspool.SequenceClassifier(**QUICK, epochs=1).fit(kept, labels)
    kept[3] += 1
    with pytest.raises(InputError, match="X has been changed in place since"):
        model.save(tmp_path / "run", test=(NEW_SERIES, NEW_LABELS))


def test_classes_that_a_file_cannot_tell_apart_are_refused(tmp_path):
    labels = np.array(["a", " a"])[np.arange(60) % 2]
    model = unspool.SequenceClassifier(**QUICK, epochs=1).fit(ragged(60)[0], labels)
    assert set(model.predict(NEW_SERIES)) <= {"a", " a"}
    with pytest.raises(InputError, match="from one label"):
        model.save(tmp_path / "run", test=(NEW_SERIES, labels[:30]))
    rare = unspool.SequenceClassifier(**QUICK, epochs=1).fit(ragged(60)[0], several(ragged(60)[0]))
    with pytest.raises(InputError, match="A file would have other labels: '0', '1', but the model has '0', '1', '2'"):
        rare.save(tmp_path / "run", test=(NEW_SERIES, several(NEW_SERIES)))
    assert not list(tmp_path.iterdir())


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["two", "several at once"])
def test_a_classifier_answers_from_its_folder_as_before(kind, tmp_path):
    model = unspool.SequenceClassifier(epochs=3, random_state=0).fit(TEXTS, classes(kind))
    model.save(tmp_path / "model")
    loaded = unspool.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.probabilities(TEXTS), model.predict_proba(TEXTS))
    assert not check(tmp_path / "model").broken
    assert "pairs of neighbours" in described(tmp_path / "model")


@pytest.mark.soak
def test_a_regressor_answers_from_its_folder_as_before(tmp_path):
    numbers = [100 + 10 * series.mean() for series in SERIES]
    model = unspool.SequenceRegressor(units=4, epochs=2, random_state=0).fit(SERIES, numbers)
    model.save(tmp_path / "model")
    loaded = unspool.load(tmp_path / "model")
    np.testing.assert_allclose(loaded.predict(SERIES), model.predict(SERIES), rtol=1e-6)  # in batches of another size
    with pytest.raises(InputError, match="is there already"):
        model.save(tmp_path / "model")


def test_what_a_folder_cannot_hold_is_refused(tmp_path):
    with pytest.raises(NotFittedError):
        unspool.SequenceClassifier().save(tmp_path / "model")
    two = [series.mean(axis=0) for series in SERIES]
    model = unspool.SequenceRegressor(units=4, epochs=1, random_state=0).fit(SERIES, two)
    with pytest.raises(InputError, match="predicts 2 numbers at once"):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())
