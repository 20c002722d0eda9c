"""What several processes can train together, and what is refused before they begin."""

import pytest

from unspool.cli import main
from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.runs.recipe import FileSettings, Recipe
from unspool.runs.recipe_file import load_recipe
from unspool.runs.shared import refuse_unshareable
from unspool.training import processes


def test_batches_must_be_divisible(monkeypatch):
    recipe = load_recipe("imdb-lstm")
    monkeypatch.setattr(processes, "size", lambda: 4)
    refuse_unshareable(recipe)
    monkeypatch.setattr(processes, "size", lambda: 3)
    with pytest.raises(
        UserError,
        match=r"3 processes cannot divide batches of 100\. Choose another .*, or --set training\.batch_size=102\.$",
    ):
        refuse_unshareable(recipe)


def test_models_that_are_fitted_in_one_go_are_refused(monkeypatch):
    data = FileSettings(path="reviews.csv", kind="text")
    recipe = Recipe(name="reviews", title="Reviews", data=data, model=ModelChoice(candidates=("linear",)))
    refuse_unshareable(recipe)
    monkeypatch.setattr(processes, "size", lambda: 2)
    with pytest.raises(
        UserError, match=r"reviews chooses from models that are fitted in one go.*Leave out --processes"
    ):
        refuse_unshareable(recipe)


def test_the_launcher_and_the_command_must_agree(monkeypatch, capsys):
    for name, value in {"WORLD_SIZE": "3", "RANK": "0", "MASTER_ADDR": "localhost", "MASTER_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    assert main(["run", "imdb-lstm", "--processes", "2"]) == 1
    assert capsys.readouterr().err == (
        "unspool: --processes 2, but the launcher has started 3. Give the same number.\n"
    )


def test_the_processes_are_started_with_the_same_command(monkeypatch):
    from unspool.runs import launcher

    started = []
    monkeypatch.setattr(launcher, "launch", lambda count, command, complain: started.append((count, command)) or 7)
    arguments = ["resume", "runs/x", "--processes", "3"]
    assert main(arguments) == 7
    ((count, command),) = started
    assert count == 3
    assert command[1:] == ["-m", "unspool.cli", *arguments]
