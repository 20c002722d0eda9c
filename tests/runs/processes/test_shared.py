"""What several processes can train together, and what is refused before they begin."""

import pytest

from unspool.cli import main
from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.runs.processes.shared import refuse_unshareable
from unspool.runs.recipes.file import load_recipe, write_recipe
from unspool.runs.recipes.recipe import FileSettings, Recipe
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


@pytest.fixture
def started(monkeypatch):
    """What would be started: the number of processes, the command, and how to go on where one is lost."""
    from unspool.runs.processes import launcher

    found = []
    monkeypatch.setattr(
        launcher, "launch", lambda count, command, complain, go_on: found.append((count, command, go_on))
    )
    return found


def test_the_processes_are_started_with_the_same_command(started, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    unfinished = tmp_path / "runs" / "x.partial"
    unfinished.mkdir(parents=True)
    (unfinished / "recipe.toml").touch()
    arguments = ["resume", "runs/x", "--processes", "3"]
    assert main(arguments) == 0
    ((count, command, _),) = started
    assert count == 3
    assert command[1:] == ["-P", "-m", "unspool.cli", *arguments]


def test_a_run_is_given_one_folder_and_where_it_was_begun_how_to_go_on_is_told(started, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "imdb-lstm", "--processes", "2"]) == 0
    ((_, command, how_to_go_on),) = started
    assert command[1:] == ["-P", "-m", "unspool.cli", "run", "--out", "runs/imdb-lstm", "imdb-lstm", "--processes", "2"]
    assert how_to_go_on() == ""
    write_recipe(load_recipe("imdb-lstm"), made(tmp_path / "runs/imdb-lstm.partial") / "recipe.toml")
    assert how_to_go_on() == "To continue: unspool resume runs/imdb-lstm --processes 2"


def test_a_persons_own_folder_stays(started):
    arguments = ["run", "imdb-lstm", "--out", "mine", "--processes", "2"]
    assert main(arguments) == 0
    assert started[0][1][4:] == arguments


def made(folder):
    folder.mkdir(parents=True)
    return folder
