"""Searches: who wins, that the test set is the winner's alone, and that a search goes on after any interruption."""

import csv
import json
import math
import os
import re
import shutil
from contextlib import contextmanager

import numpy as np
import pytest

from unspool import locks
from unspool.errors import UserError
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records import folder
from unspool.runs.records.record import read_result
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.search import searching, study, trial
from unspool.runs.search.subject import OfFile
from unspool.training.loop import Loop

from ..conftest import SMALL, SMALL_FILE
from ..reviews import write_reviews
from .conftest import searched


@contextmanager
def ended_at(monkeypatch, trained, error=KeyboardInterrupt):
    """Ctrl-C, or another error, at the end of an epoch (from 0) of all that the block trains."""
    note, count = TrainingLog.on_epoch_end, iter(range(1000))

    def end(self, number, logs=None):
        if next(count) == trained:
            raise error
        note(self, number, logs)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLog, "on_epoch_end", end)
        with pytest.raises(error):
            yield


def told(found):
    return [(one.number, one.settings, one.state, one.losses, one.loss) for one in found.trials]


def test_the_lowest_validation_loss_wins(finished_search):
    out, found, said = finished_search
    losses = [one.loss for one in found.trials]
    assert len(losses) == 3
    assert found.winner == losses.index(min(losses))
    assert losses == [min(one.losses) for one in found.trials]
    won = load_recipe(out / "winner" / "recipe.toml")
    assert found.trials[found.winner].settings == {
        "model.units": won.model.units,
        "training.learning_rate": won.training.learning_rate,
    }
    assert sum(line.startswith("trial ") for line in said) == 4  # each, and that the winner is judged


def test_the_winner_is_a_run_that_says_how_it_was_chosen(finished_search):
    out, found, _ = finished_search
    result = read_result(out / "winner")
    assert result.verdict == found.result.verdict
    assert min(result.history["val_loss"]) == found.trials[found.winner].loss
    assert "chosen by its validation loss among 3 trials (3 trained to their end)" in result.description
    assert result.command == f"unspool run {out / 'winner' / 'recipe.toml'}"
    page = (out / "search.html").read_text()
    assert "was chosen among 3 by its validation loss" in page
    assert result.verdict.words in page


def test_trials_share_the_prepared_data_and_the_winner_alone_is_judged(tmp_path, monkeypatch):
    from unspool.runs import run as run_module
    from unspool.runs.search import subject

    prepared, judged = [], []
    prepare, judge = subject.prepare, run_module.judge
    monkeypatch.setattr(subject, "prepare", lambda *given: (prepared.append(given[0].data), prepare(*given))[1])
    monkeypatch.setattr(run_module, "judge", lambda model, *rest: (judged.append(model.recipe), judge(model, *rest))[1])
    found, _ = searched(tmp_path / "search", trials=2, pruner="none")
    assert len(prepared) == 1
    assert [one.model.units for one in judged] == [found.trials[found.winner].settings["model.units"]]
    # Nothing of another trial was predicted: no scores lie anywhere but with the winner.
    kept = {str(path.relative_to(tmp_path / "search")) for path in (tmp_path / "search").rglob("*") if path.is_file()}
    assert {name for name in kept if "metrics" in name or "predictions" in name} == {
        "winner/metrics.json",
        "winner/predictions.npz",
        "winner/test_predictions.csv",
    }
    assert not [name for name in kept if "checkpoint" in name]


def test_a_finished_search_trains_nothing_more(finished_search, monkeypatch):
    out, found, _ = finished_search
    monkeypatch.setattr(Loop, "run", None)
    again, said = searched(out, trials=30, pruner="none")
    assert told(again) == told(found)
    assert said[-1] == (
        f"{out}: this search is closed, as its winner was chosen after 3 trials: no more are tried. To try 30, search "
        "in another folder (--out)."
    )
    assert not any("closed" in line for line in searched(out, pruner="none")[1])


def test_an_interrupted_search_ends_like_an_uninterrupted_one(finished_search, tmp_path, monkeypatch):
    out = tmp_path / "small"
    with ended_at(monkeypatch, 3):  # in the second epoch of the second trial
        searched(out, pruner="none")
    assert {path.name for path in (out / "trials").iterdir()} == {"0.partial", "1.partial"}
    assert "trial 1" not in (out / "search.html").read_text().partition("<h2>Which")[0]
    epochs, epoch = [], Loop._epoch
    monkeypatch.setattr(Loop, "_epoch", lambda self, point: (epochs.append(point.epoch), epoch(self, point))[1])
    found, _ = searched(out, pruner="none")
    assert told(found) == told(finished_search[1])
    assert epochs == [1, 0, 1]  # the second epoch of the second trial, and both of the third


def test_a_search_interrupted_while_it_judges_goes_on_to_judge(finished_search, tmp_path, monkeypatch):
    from unspool.runs import run as run_module

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "judge", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            searched(tmp_path / "small", pruner="none")
    assert folder.is_unfinished(tmp_path / "small" / "winner")
    monkeypatch.setattr(Loop, "_epoch", None)
    found, _ = searched(tmp_path / "small", pruner="none")
    assert found.result.verdict == finished_search[1].result.verdict


def test_a_search_interrupted_while_it_names_the_winner_describes_it_once(tmp_path, monkeypatch):
    note = searching.note_beginning

    def interrupted(*given):
        note(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(searching, "note_beginning", interrupted)
        with pytest.raises(KeyboardInterrupt):
            searched(tmp_path / "small", trials=1, pruner="none")
    found, _ = searched(tmp_path / "small", trials=1, pruner="none")
    assert found.result.description.count("The winner of a search") == 1


def test_how_to_go_on_with_a_search_is_said_once(tmp_path, monkeypatch):
    from unspool.runs import run as run_module

    def interrupted(*given):
        raise KeyboardInterrupt

    said = []
    monkeypatch.setattr(run_module, "judge", interrupted)
    with pytest.raises(KeyboardInterrupt):
        searched(tmp_path / "small", trials=1, pruner="none", command="unspool search", say=said.append)
    assert [line for line in said if "To continue" in line] == [
        "the search so far is saved. To continue: unspool search"
    ]


def test_a_living_workers_trial_is_left_to_it(tmp_path, monkeypatch):
    out = tmp_path / "small"
    with ended_at(monkeypatch, 1):
        searched(out, trials=2, pruner="none")
    with locks.locked(folder.partial_of(out / "trials" / "0") / folder.LOCK):  # as if its worker still lived
        found, said = searched(out, trials=2, pruner="none")
    assert [one.state for one in found.trials] == ["under way", "finished"]
    assert found.winner is None
    assert said[-1] == "1 trial of other workers under way: the last worker judges the winner"
    assert not folder.is_run(out / "winner")
    found, _ = searched(out, trials=2, pruner="none")
    assert [one.state for one in found.trials] == ["finished", "finished"]


def test_hopeless_trials_are_pruned_and_told(tmp_path):
    settings = [*SMALL, "training.epochs=4"]
    over = ["training.learning_rate=1e-6,1e-5,1e-2"]
    found, said = searched(tmp_path / "s", over, settings, sampler="random", trials=6)
    pruned = [one for one in found.trials if one.state == "pruned"]
    assert pruned
    assert all(len(one.losses) == 2 and one.loss is None for one in pruned)  # after 4 of 4 there is nothing to save
    assert f"{len(pruned)} pruned" in found.words
    assert sum("pruned after 2 epochs" in line for line in said) == len(pruned)
    with (tmp_path / "s" / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == [one.state for one in found.trials]
    assert [row["validation_loss"] == "" for row in rows] == [one.loss is None for one in found.trials]
    assert told(searched(tmp_path / "s", over, settings, sampler="random", trials=6)[0]) == told(found)


def test_a_diverged_trial_is_told_and_does_not_win(tmp_path):
    found, said = searched(
        tmp_path / "s", ["training.learning_rate=1e37,1e-2"], sampler="random", pruner="none", trials=5
    )
    states = {one.settings["training.learning_rate"]: one.state for one in found.trials}
    assert states == {1e37: "diverged", 1e-2: "finished"}
    assert any("diverged after 1 epoch" in line for line in said)
    again, _ = searched(tmp_path / "s", ["training.learning_rate=1e37,1e-2"], sampler="random", pruner="none", trials=5)
    assert again.winner == found.winner
    assert all(not math.isfinite(one.losses[-1]) for one in found.trials if one.state == "diverged")


def test_the_budget_ends_a_search_with_a_winner(tmp_path, monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(searching, "monotonic", lambda: float(next(clock)))
    found, _ = searched(tmp_path / "s", trials=30, budget=3.5, pruner="none")
    assert [one.state for one in found.trials] == ["finished", "out of time"]
    assert found.winner == 0
    assert found.result is not None


def test_a_budget_too_short_for_one_trial_keeps_what_there_is(tmp_path, monkeypatch):
    out = tmp_path / "s"
    with pytest.raises(UserError, match="No trial was trained to its end"):
        searched(out, budget=1e-9)
    with monkeypatch.context() as patch:
        clock = iter(range(1000))
        patch.setattr(searching, "monotonic", lambda: float(next(clock)))
        with pytest.raises(UserError, match="No trial was trained to its end"):
            searched(out, trials=1, budget=1.5)
    assert folder.is_unfinished(out / "trials" / "0")
    found, _ = searched(out, trials=1)
    assert [one.state for one in found.trials] == ["finished"]


def test_finitely_many_settings_are_tried_once_each(tmp_path):
    over = ["model.units=2..3", "model.layers=1,2"]
    found, said = searched(tmp_path / "s", over, trials=9, pruner="none", sampler="random")
    tried = [(one.settings["model.units"], one.settings["model.layers"]) for one in found.trials]
    assert sorted(tried) == [(2, 1), (2, 2), (3, 1), (3, 2)]
    assert "combinations of settings: 4; the search ends when each has been tried once" in said
    assert found.winner is not None


def test_a_search_with_an_infinite_setting_is_joined(tmp_path):
    plan, how = {"recipe": {"clip_norm": math.inf}}, {"storage": None, "seed": 0, "sampler": "random", "pruner": "none"}
    one, other = (study.joined(tmp_path / "s", plan, [], **how) for _ in range(2))
    assert one.study.study_name == other.study.study_name
    with pytest.raises(UserError, match=r"holds another search \(recipe.clip_norm: Infinity, 1\)"):
        study.joined(tmp_path / "s", {"recipe": {"clip_norm": 1}}, [], **how)


def test_another_search_in_the_same_folder_is_refused(finished_search):
    out = finished_search[0]
    with pytest.raises(UserError, match=r"holds another search \(over: .*model.units=2..6.*, \['model.units=2..9'\]"):
        searched(out, ["model.units=2..9"])
    with pytest.raises(UserError, match=r"holds another search \(recipe.training.batch_size: 32, 50\)"):
        searched(out, settings=[*SMALL, "training.batch_size=50"])


@pytest.mark.parametrize(
    ("over", "settings", "said"),
    [
        ("model.unit=2..6", [], r"unknown key model.unit. Did you mean model\.units\?"),
        ("training.epoch=2..6", [], r"unknown key training.epoch. Did you mean training\.epochs\?"),
        ("model.units=0..6", [], "model.units is 0"),
        ("model.cell=lstm,grue", [], "model.cell is 'grue'"),
        ("model.units=2..6", ["model.layers=0", "model.pooling=mean_max"], "model.units has no effect"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_trained(tmp_path, monkeypatch, over, settings, said):
    monkeypatch.setattr(trial, "fit_recipe", None)
    with pytest.raises(UserError, match=f"^--over {over}: .*{said}"):
        searched(tmp_path / "s", [over], [*SMALL, *settings])
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ({"trials": 0}, "trials is 0. Give a whole number of at least 1."),
        ({"trials": "2"}, "trials is '2'. Give a whole number"),
        ({"sampler": "grid"}, "sampler is 'grid'. It can be tpe, random, qmc."),
        ({"pruner": "hyperband"}, "pruner is 'hyperband'. It can be halving, median, none."),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_read(tmp_path, argument, said):
    with pytest.raises(UserError, match=f"^{re.escape(said)}"):
        searched(tmp_path / "s", subject=object(), **argument)
    assert not (tmp_path / "s").exists()


def test_a_setting_needs_an_effect_in_one_trial_only(tmp_path):
    over = ["model.units=2..4", "model.layers=0,1"]
    settings = [*SMALL, "model.pooling=mean_max"]
    found, _ = searched(tmp_path / "s", over, settings, trials=2, sampler="random")
    assert found.winner is not None


def test_the_protocol_of_the_chapter_is_refused(tmp_path):
    with pytest.raises(UserError, match="would choose by the test set"):
        searched(tmp_path / "s", settings=[*SMALL, "evaluation.protocol=chapter"])


@pytest.mark.parametrize("url", ["sqlite:///a.db", "sqlite+pysqlite:///a.db"])
def test_sqlite_is_refused(tmp_path, url):
    with pytest.raises(UserError, match="SQLite loses what several workers write"):
        searched(tmp_path / "s", storage=url)


def test_a_database_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(UserError, match="storage cannot be used: "):
        searched(tmp_path / "s", storage="postgresql+nosuchdriver://user@localhost:1/none")


def test_a_persons_file_is_searched(tmp_path, reviews):
    subject = OfFile(FileSettings(path=str(reviews), kind="auto"), SMALL_FILE)
    found, _ = searched(tmp_path / "s", ["model.embedding=8..24", "data.length=4,16"], subject=subject, trials=2)
    assert found.winner is not None
    won = load_recipe(tmp_path / "s" / "winner" / "recipe.toml")
    assert won.data.length == found.trials[found.winner].settings["data.length"]
    assert won.model.embedding == found.trials[found.winner].settings["model.embedding"]
    assert found.result.verdict.measure == "accuracy"


def test_a_search_whose_data_has_changed_is_not_joined(tmp_path, monkeypatch):
    path = write_reviews(tmp_path / "reviews.csv")
    subject = OfFile(FileSettings(path=str(path), kind="auto"), SMALL_FILE)
    with ended_at(monkeypatch, 0):
        searched(tmp_path / "s", ["model.embedding=8..24"], subject=subject)
    path.write_text(path.read_text().replace("film", "play"))
    monkeypatch.setattr(trial, "fit_recipe", None)
    changed = OfFile(subject.file, SMALL_FILE)
    with pytest.raises(UserError, match=r"The data has changed since the search in .* began"):
        searched(tmp_path / "s", ["model.embedding=8..24"], subject=changed)


def test_a_damaged_plan_is_one_line(finished_search, tmp_path):
    out = tmp_path / "s"
    out.mkdir()
    (out / "search.json").write_text(json.dumps([1]))
    with pytest.raises(UserError, match=r"search\.json is damaged"):
        searched(out)


def journal(finished_search, tmp_path, change=lambda lines: lines):
    """A copy of a finished search with another journal."""
    out = shutil.copytree(finished_search[0], tmp_path / "s")
    lines = (out / "trials.journal").read_text().splitlines()
    (out / "trials.journal").write_text("".join(f"{line}\n" for line in change(lines)))
    return out


def with_values(text):
    return lambda lines: [re.sub(r'"values":\[[^]]*\]', f'"values":{text}', line) for line in lines]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: ["garbage", *lines], "Expecting value"),
        (lambda lines: ["[" * 200_000, *lines], "recursion"),
        (lambda lines: ["[]", *lines], "a line of it is not a JSON object"),
        (lambda lines: [*lines, '{"op_code": 99}'], "Should not reach"),
        (lambda lines: [*lines, '{"op_code": 4}'], "study_id"),
        (
            lambda lines: [re.sub(r'"winner":\d+', '"winner":"../../x"', line) for line in lines],
            "its winner is '../../x'",
        ),
        (with_values('["x"]'), "trial 0 is not as a search writes it"),
        (with_values("[0.5,0.5]"), "trial 0 is not as a search writes it"),
        (with_values("null"), "trial 0 is not as a search writes it"),
    ],
)
def test_a_damaged_journal_is_one_line(finished_search, tmp_path, change, said):
    out = journal(finished_search, tmp_path, change)
    with pytest.raises(UserError, match=r"trials\.journal is damaged: ") as told:
        searched(out)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_line_of_the_journal_that_was_cut_short_is_left_out(finished_search, tmp_path):
    out = journal(finished_search, tmp_path)
    whole = (out / "trials.journal").read_text()
    (out / "trials.journal").write_text(whole + '{"op_code":4,"worker')
    found, _ = searched(out)
    assert len(found.trials) == 3
    after = (out / "trials.journal").read_text()
    assert after.startswith(whole)
    assert all(json.loads(line) for line in after.removeprefix(whole).splitlines())


def test_a_long_search_is_kept_in_short_lines_and_joined(finished_search, tmp_path, monkeypatch):
    out = journal(finished_search, tmp_path)
    lines = (out / "trials.journal").read_text().splitlines()
    noted = [json.loads(line)["user_attr"] for line in lines if "user_attr" in line]
    epochs = sum(len(one.losses) for one in finished_search[1].trials)
    assert sum(any(name.startswith("loss") for name in one) for one in noted) == epochs
    assert not [one for one in noted if isinstance(next(iter(one.values())), list)]
    assert told(searched(out, pruner="none")[0]) == told(finished_search[1])
    monkeypatch.setattr("unspool.runs.search.journal._LONGEST_LINE", max(map(len, lines)))
    with pytest.raises(UserError, match=r"trials\.journal is damaged: a line of it has more than"):
        searched(out)


@pytest.mark.parametrize("name", ["trials.journal", "search.json", "trials", "trials/7.partial"])
def test_a_link_in_a_search_is_refused_before_anything_is_removed(finished_search, tmp_path, name):
    out, elsewhere = journal(finished_search, tmp_path), tmp_path / "elsewhere"
    if (out / name).exists():
        (out / name).rename(elsewhere)
    else:
        (elsewhere / "checkpoints").mkdir(parents=True)
    (out / name).symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    with pytest.raises(UserError, match=f"{name} is a link"):
        searched(out)
    assert sorted(elsewhere.rglob("*")) == before


def test_what_would_be_waited_for_without_end_is_refused(finished_search, tmp_path):
    out = journal(finished_search, tmp_path)
    (out / "trials.journal.lock").symlink_to(tmp_path / "moved" / "trials.journal")
    with pytest.raises(UserError, match=r"trials\.journal\.lock was left by a worker"):
        searched(out)
    (out / "trials.journal.lock").unlink()
    (out / "trials.journal").unlink()
    os.mkfifo(out / "trials.journal")
    with pytest.raises(UserError, match=r"trials\.journal is a pipe"):
        searched(out)


def test_a_search_for_forecasts_is_refused_by_its_reason(tmp_path):
    path = tmp_path / "sales.csv"
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-05-01"))
    path.write_text("\n".join(["date,y", *(f"{day},{number % 7}" for number, day in enumerate(days))]))
    subject = OfFile(FileSettings(path=str(path), kind="forecast", label="y", horizon=3))
    for over in ("model.units=8,16", "training.learning_rate=1e-4..1e-2:log"):
        with pytest.raises(UserError, match=r"sales\.csv: a search trains networks, and .* Use unspool train\.$"):
            searching.search(subject, [over], tmp_path / "s", trials=2)
