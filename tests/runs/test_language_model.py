"""A language model from the command that a person types: saved, checked, replayed, resumed and exported."""

import random

import pytest

from unspool.candidates.texts.language_models import budget, pretraining
from unspool.cli import main
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records.training_log import read_digests
from unspool.runs.replay import replay

from .reviews import text, write_reviews


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A file of 60 reviews, and one of 40 without a label."""
    place = tmp_path_factory.mktemp("language_model")
    write_reviews(place / "reviews.csv", rows=60)
    rng = random.Random(1)
    (place / "more.csv").write_text("\n".join(["review", *(text("pos", rng) for _ in range(40))]))
    return place


@pytest.fixture(scope="module")
def train(place):
    """Trains into a folder, as a person would, and returns the exit status."""

    def command(name):
        said = ["train", str(place / "reviews.csv"), "--unlabelled", str(place / "more.csv"), "--budget", "60s"]
        chosen = ["--model", "language-model", "--set", "evaluation.resamples=100"]
        return main([*said, *chosen, "--out", str(place / name)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "_SHARE", 5e-3)
        patch.setattr(pretraining, "pace", lambda: 0.3)
        yield command


@pytest.fixture(scope="module")
def whole(place, train):
    assert train("whole") == 0
    return place / "whole"


def test_its_recipe_records_its_size_and_a_replay_gives_the_same(whole):
    model = load_recipe(whole / "recipe.toml").model
    assert model.candidates == ("language-model",)
    assert model.language_model == pytest.approx(0.09, rel=0.1)  # by the seconds that were left of 60
    assert replay(whole).parting is None


def test_it_predicts_and_is_checked(whole, place, capsys):
    out = place / "scored.csv"
    assert main(["predict", str(whole), str(place / "more.csv"), "--check", "--out", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 41


def test_killed_while_it_learns_and_resumed_it_is_the_same(whole, place, train, monkeypatch, capsys):
    monkeypatch.setattr(pretraining, "SECONDS_BETWEEN_SAVES", 0)
    fit = pretraining.pretrain

    def killed(*given, advance, **more):
        def tell(done):
            if done >= 2:
                raise KeyboardInterrupt

        return fit(*given, advance=tell, **more)

    monkeypatch.setattr(pretraining, "pretrain", killed)
    assert train("killed") != 0
    assert "unspool resume" in capsys.readouterr().err
    monkeypatch.setattr(pretraining, "pretrain", fit)
    monkeypatch.setattr(pretraining, "pace", lambda: 9.9)  # what was begun keeps its size
    assert main(["resume", str(place / "killed")]) == 0
    assert read_digests(place / "killed") == read_digests(whole)


def test_it_is_exported(whole, place, capsys):
    pytest.importorskip("unspool_runtime")
    assert main(["export", str(whole), "--out", str(place / "model.unspool")]) == 0
    assert "golden answers agree" in capsys.readouterr().out
    assert main(["export", str(whole), "--html", str(place / "model.html")]) == 0
