"""What a person sees of the candidates while they are compared."""

import pytest

from unspool.candidates.outcome import Tried
from unspool.runs import fitting
from unspool.runs.candidate_lines import CandidateLines
from unspool.runs.recipes.defaults import candidate_names
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.run import train
from unspool.tasks import Binary, Forecasting, Multiclass, Multilabel, Regression

from .reviews import write_reviews

KINDS = [
    ("text", Binary),
    ("text", Multiclass),
    ("text", Multilabel),
    ("text", Regression),
    ("series", Multiclass),
    ("series", Multilabel),
    ("series", Regression),
    ("forecast", Forecasting),
]


@pytest.mark.parametrize(("kind", "task"), KINDS)
def test_all_lines_fit_sixty_columns_of_a_terminal_and_stand_below_each_other(kind, task):
    names = candidate_names(kind, task.name, side=True)
    lines = CandidateLines(names, task)
    shown = [lines.heading] + [lines.of(Tried(name, 0.123456, 3599.0, loss=0.0123456)) for name in names]
    assert {len(line) for line in shown} == {len(lines.heading)}
    assert len(lines.heading) <= 60


def test_both_measures_are_shown_with_the_one_that_decides_first():
    lines = CandidateLines(("nb-words", "cnn"), Binary)
    assert lines.heading.split() == ["model", "log", "loss", "accuracy", "time"]
    assert lines.of(Tried("cnn", 0.87, 6.0, loss=0.3412)).split() == ["cnn", "0.341", "87.0%", "6.0", "s"]


def test_what_costs_nothing_of_its_own_has_no_time():
    assert CandidateLines(("blend",), Binary).of(Tried("blend", 0.87, 0.0, loss=0.3)).endswith("87.0%")


def test_what_was_given_up_was_stopped_not_left_untried():
    given_up = CandidateLines(("network",), Binary).of(Tried("network", None, 27.0, "it would have taken too long"))
    assert given_up.endswith("stopped: it would have taken too long")


def test_candidates_are_told_one_by_one_and_then_why_one_was_chosen(tmp_path):
    said = []
    path = write_reviews(tmp_path / "reviews.csv", rows=120)
    changes = ["evaluation.resamples=100"]
    result = train(FileSettings(path=str(path)), tmp_path / "out", changes=changes, say=said.append, budget=1e-9)
    begin = next(place for place, line in enumerate(said) if line.startswith("comparing"))
    assert said[begin].endswith(" training examples, by log loss (lower is better)")
    assert [line.split()[0] for line in said[begin + 1 : begin + 4]] == ["model", "nb-words", "counts"]
    assert said[begin + 3].endswith("not tried: no time was left for it")
    assert said[-2:] == [
        "chosen: nb-words (naive Bayes logistic regression over runs of 1 to 3 words); "
        "12 of 17 models lacked time, which a larger budget gives them",
        "evaluating it on the test examples, with baselines",
    ]
    assert "12 of 17 models lacked time, which a larger budget gives them." in result.verdict.words
    recipe = load_recipe(tmp_path / "out" / "recipe.toml")
    assert recipe.name == result.recipe == "out", "as compare calls it, not as its file is called"
    chosen = result.candidates[0]
    assert (chosen.name, chosen.loss > 0, chosen.score > 0.5) == ("nb-words", True, True)


def test_an_interrupted_comparison_says_that_nothing_was_kept(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "choose", interrupt)
    said, path, out = [], write_reviews(tmp_path / "reviews.csv", rows=60), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        train(FileSettings(path=str(path)), out, say=said.append)
    assert said[-1] == f"nothing of {out} was kept: there is nothing to resume. To start again, give the same command"
    assert {one.name for one in tmp_path.iterdir()} == {"reviews.csv"}
