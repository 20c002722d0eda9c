"""Which simple model a run must beat."""

import json
import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.candidates.choice import Compared, compare_baselines
from unspool.candidates.registry import OF_COUNTS
from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.evaluation.measures.measure import Measure
from unspool.runs import baselines, fitting
from unspool.runs.baselines import strongest_of
from unspool.runs.reading.preparation import PreparedPart
from unspool.runs.recipes import defaults
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
    assert strongest_of(ACCURACY, _of(np.nan, np.nan, 0.9, 0.8)) == "2"  # where a rank correlation is undefined
    assert strongest_of(ERROR, _of(0.5, 0.7, 0.9, 0.8)) == "0"


def test_what_looks_at_no_input_is_not_taken_before_its_equals():
    assert strongest_of(ACCURACY, _of(0.5, 0.5, 0.4)) == "1"


def test_of_equals_the_model_itself_is_taken():
    assert strongest_of(ACCURACY, _of(0.5, 0.9, 0.9), "2") == "2"
    assert strongest_of(ERROR, _of(0.9, 0.5, 0.5 + 1e-9), "2") == "2"  # as of two ways to forecast the last value
    assert strongest_of(ACCURACY, _of(0.5, 0.9, 0.8), "2") == "1"


def test_none_is_taken_where_held_out_data_says_nothing():
    assert strongest_of(ACCURACY, _of(0.25, 0.25, 0.25)) is None  # as if each label has one example
    assert strongest_of(ACCURACY, _of(0.25)) == "0"


def test_with_one_series_for_each_label_the_verdict_rests_on_the_baseline_that_does_best_on_the_test(tmp_path):
    draw = np.random.default_rng(0)
    shapes = draw.normal(size=(4, 12))
    for name, copies in (("train", 1), ("test", 5)):
        rows = [(label, *(shapes[label] + 0.1 * draw.normal(size=12))) for label in range(4) for _ in range(copies)]
        header = ["label", *map(str, range(12))]
        (tmp_path / f"{name}.csv").write_text("\n".join(",".join(map(str, row)) for row in (header, *rows)))
    file = FileSettings(path=str(tmp_path / "train.csv"), test=str(tmp_path / "test.csv"), kind="series", label="label")
    result = train(file, tmp_path / "run", changes=["evaluation.resamples=100"])
    best = max(one.scores["accuracy"].value for one in result.baselines)
    compared = next(one for one in result.baselines if one.name == result.verdict.baseline)
    assert compared.scores["accuracy"].value == best > 0.5
    assert "all simple models do equally well" in result.verdict.words


@pytest.mark.parametrize("chapter", [False, True])
def test_simple_models_learn_from_validation_too_unless_it_is_the_test(chapter):
    training, validation = (PreparedPart(np.zeros(count), np.arange(count) % 2) for count in (20, 10))
    test = validation if chapter else PreparedPart(np.zeros(5), np.arange(5) % 2)
    prepared = SimpleNamespace(
        training=training, validation=validation, test=test, task=Binary(("no", "yes")), kind="text"
    )
    learned = baselines._Learned.of(prepared, seed=0)
    assert len(learned.targets) == (20 if chapter else 30)
    assert sorted(row for _, held in learned.parts for row in held) == list(range(len(learned.targets)))


def test_a_model_of_noise_must_beat_the_mean_not_a_model_that_is_worse_than_the_mean(tmp_path):
    draw = random.Random(1)
    rows = [{"text": " ".join(draw.choices("abcdefgh", k=6)), "label": draw.gauss(0, 1)} for _ in range(80)]
    path = tmp_path / "noise.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    changes = ["training.epochs=1", "model.embedding=4", "evaluation.resamples=100"]
    file = FileSettings(path=str(path), task="regression")
    result = train(file, tmp_path / "run", changes=changes, model="network")
    assert result.verdict.baseline == "mean"


@pytest.fixture
def films(tmp_path):
    """A file of texts whose label is that of one of their words."""
    draw = random.Random(0)
    rows = [
        {"text": " ".join([draw.choice(FINE[label]), *draw.choices("abcdefgh", k=6)]), "label": label}
        for label in FINE
        for _ in range(60)
    ]
    path = tmp_path / "films.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return FileSettings(path=str(path))


def test_what_the_choice_has_compared_is_not_compared_again(films, tmp_path, monkeypatch):
    compared = []
    monkeypatch.setattr(
        baselines,
        "compare_baselines",
        lambda kind, given, names, **how: compared.extend(names) or compare_baselines(kind, given, names, **how),
    )
    results, others = [], ("words+characters", "counts", "count-trees")
    for seed in (0, 1):
        changes = ["evaluation.resamples=100", f"training.seed={seed}"]
        monkeypatch.setenv("UNSPOOL_CACHE", str(tmp_path / f"cache-{seed}"))
        results.append(train(films, tmp_path / f"run-{seed}", changes=changes, model="nb-words"))
        assert compared == [*others] * (seed + 1)
    result = results[0]
    of_the_same = next(one for one in result.baselines if one.name == "nb-words")
    np.testing.assert_array_equal(of_the_same.outputs, result.test_predictions.outputs)
    assert of_the_same.seconds > result.candidates[0].seconds > 0  # the comparison's, the fit's and the prediction's


def test_a_baseline_in_the_cache_has_the_threshold_of_the_measure_that_the_recipe_names(tmp_path, monkeypatch):
    """A recipe that names no measure is judged by accuracy, too, but has another threshold than one that names it."""
    monkeypatch.setenv("UNSPOOL_CACHE", str(tmp_path))
    part = PreparedPart(np.zeros(2), np.arange(2))
    prepared = SimpleNamespace(test=part, digest="films")
    rows, scores = np.arange(8), np.array([0.1, 0.1, 0.1, 0.4, 0.4, 0.4, 0.4, 0.4])
    learned = SimpleNamespace(targets=np.array([0, 0, 0, 0, 0, 0, 1, 1]), groups=None, times=None)

    def threshold(measure):
        evaluation = SimpleNamespace(measure=measure, protocol="honest", validation_fraction=0.5)
        recipe = SimpleNamespace(evaluation=evaluation, seed_of_parts=0)
        model = SimpleNamespace(transformation=None, outputs=lambda raw: np.zeros(2))
        known = {"nb-words": Compared(rows, scores, 0.0, lambda: model)}
        found = baselines._Candidates(recipe, prepared, Binary(("no", "yes")), learned, "accuracy", 0, known)
        return float(found._fitted("nb-words")["threshold"])

    assert threshold(None) == threshold(None) == 0.25  # between the scores
    assert threshold("accuracy") > 0.4


NAMES = ("nb-words", "words+characters")


@pytest.mark.parametrize("strongest", NAMES)
def test_of_many_texts_the_strongest_alone_is_fitted_whatever_the_seed(films, tmp_path, monkeypatch, strongest):
    """Trainings that are compared share their parts; those of another seed make the other model look stronger."""
    monkeypatch.setattr(baselines, "MANY", 50)
    choose, compared, fitted, parts_seed = fitting.choose, [], [], 5

    def with_one_spoilt(models, seed):
        def changed(name, one):
            good = (name == strongest) == (seed == parts_seed)
            return replace(
                one,
                held_out=one.held_out if good else 1 - one.held_out,
                fit=lambda: fitted.append(name) or one.fit(),
            )

        return {name: changed(name, one) for name, one in models.items()}

    def compare(kind, examples, names, *, seed):
        compared.append((tuple(names), seed))
        return with_one_spoilt(compare_baselines(kind, examples, names, seed=seed), seed)

    def chosen(*given, seed, **how):
        choice = choose(*given, seed=seed, **how)
        return replace(choice, compared=with_one_spoilt(choice.compared, seed))

    monkeypatch.setattr(baselines, "compare_baselines", compare)
    monkeypatch.setattr(fitting, "choose", chosen)
    monkeypatch.setattr(defaults, "candidate_names", lambda *given, **how: NAMES)

    def run(seed, cache):
        monkeypatch.setenv("UNSPOOL_CACHE", str(tmp_path / cache))
        file, changes = replace(films, parts_seed=parts_seed), ["evaluation.resamples=100"]
        result = train(file, tmp_path / f"run-{seed}", changes=changes, seed=seed)
        return [one.name for one in result.baselines if one.name in NAMES]

    assert run(3, "empty") == [strongest]
    assert (compared, fitted) == ([((*NAMES, "counts", "count-trees"), parts_seed)], [strongest])
    assert run(4, "empty") == [strongest]  # from the cache
    assert (len(compared), len(fitted)) == (1, 1)
    assert run(parts_seed, "another") == [strongest]  # as the choice has compared them
    assert fitted == [strongest] * 2
    assert compared[1:] == [(("counts", "count-trees"), parts_seed)]  # not among the candidates


def test_a_baseline_of_many_texts_that_takes_too_long_to_fit_is_none(films, tmp_path, monkeypatch):
    monkeypatch.setattr(baselines, "MANY", 50)

    def compare(kind, examples, names, *, seed):
        found = compare_baselines(kind, examples, names, seed=seed)
        truth = np.asarray(examples.targets, float)
        return {
            name: replace(one, held_out=truth[one.rows], seconds_to_fit=seconds.get(name, np.inf))
            for name, one in found.items()
        }

    monkeypatch.setattr(baselines, "compare_baselines", compare)

    def run(name):
        result = train(films, tmp_path / name, changes=["evaluation.resamples=100"], model="cnn")
        return [one.name for one in result.baselines if one.name in NAMES]

    seconds = {"nb-words": 1.0, "words+characters": baselines.BUDGET + 1}
    assert run("one") == ["nb-words"]
    seconds = {"nb-words": baselines.BUDGET + 1, "words+characters": 1.0}
    assert run("other") == ["words+characters"]  # what was found before, for a slower day, is not in the cache
    seconds = dict.fromkeys(NAMES, baselines.BUDGET + 1)
    monkeypatch.setenv("UNSPOOL_CACHE", str(tmp_path / "empty"))
    assert run("none") == ["nb-words"]


def test_what_the_choice_between_models_of_many_series_had_no_time_for_is_no_baseline(tmp_path, monkeypatch):
    path = tmp_path / "waves.npz"
    labels = np.arange(60) % 2
    np.savez(path, x=np.sin(np.outer(1 + labels, np.arange(12)) + np.arange(60)[:, None]), y=labels)
    for many, expected in ((10_000, True), (20, False)):
        monkeypatch.setattr(baselines, "MANY", many)
        out, file = tmp_path / str(many), FileSettings(path=str(path), kind="series")
        result = train(file, out, changes=["evaluation.resamples=100"], budget=1e-9)
        assert [one.name for one in result.candidates if one.score is not None] == ["statistics"]
        names = [one.name for one in result.baselines]
        assert "statistics" in names
        assert ("forest" in names) == ("raw values" in names) == expected


@pytest.mark.parametrize("budget", [None, 1e-9])
def test_models_of_counts_are_baselines_of_short_texts_if_there_was_time(tmp_path, monkeypatch, budget):
    monkeypatch.setattr("unspool.candidates.texts.trees.ROUNDS", 5)
    monkeypatch.setattr(defaults, "candidate_names", lambda *given, **how: (*NAMES, *OF_COUNTS))
    draw = random.Random(0)
    rows = [{"text": "".join(draw.choices("abcd", k=8)), "label": str(number % 2)} for number in range(300)]
    (tmp_path / "codes.jsonl").write_text("\n".join(map(json.dumps, rows)))
    file = FileSettings(path=str(tmp_path / "codes.jsonl"))
    result = train(file, tmp_path / "run", changes=["evaluation.resamples=100"], budget=budget)
    tried = {one.name for one in result.candidates if one.score is not None}
    assert tried >= {*OF_COUNTS} if budget is None else not tried & {*OF_COUNTS}
    assert {one.name for one in result.baselines} & {*OF_COUNTS} == tried & {*OF_COUNTS}


@pytest.mark.parametrize("covariate", [False, True])
def test_a_baseline_reads_covariates_where_there_are_some(tmp_path, covariate):
    """Models of sales that follow promotions were compared only with models that do not read these."""
    random, rows = np.random.default_rng(0), ["shop,day,sold" + ",promo" * covariate]
    for shop in range(6):
        for day in range(60):
            promo = int(random.random() < 0.3)
            sold = 10 + 5 * shop + 20 * promo + random.normal()
            rows.append(f"{shop},{day},{sold:.2f}" + f",{promo}" * covariate)
    (tmp_path / "sales.csv").write_text("\n".join(rows))
    settings = FileSettings(
        path=str(tmp_path / "sales.csv"),
        kind="forecast",
        label="sold",
        time="day",
        series="shop",
        horizon=3,
        season=5,
        known_ahead=("promo",) if covariate else None,
    )
    result = train(settings, tmp_path / "run", changes=["evaluation.resamples=100"], model="ridge")
    names = {one.name for one in result.baselines}
    assert ("ridge" in names) == covariate
    if covariate:
        assert result.verdict.baseline == "ridge"
