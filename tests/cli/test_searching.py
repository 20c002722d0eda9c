"""`unspool search` on the command line: what it prints, and one clear line for what it cannot do."""

import json

import pytest

pytest.importorskip("optuna", reason="the extra `search` is not installed")

from unspool.cli import main, searching

SMALL = [
    *("training.epochs=2", "model.embedding=4", "data.num_words=300", "evaluation.resamples=100"),
    "training.batch_size=4000",  # all in one step: one program to compile, not two
]
SETTINGS = [word for one in SMALL for word in ("--set", one)]


def failed(capsys, *arguments):
    assert main(["search", *arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_search_prints_its_best_trials_and_its_verdict(tmp_path, capsys):
    out = tmp_path / "search"
    command = ["search", "sentences-rnn", "--over", "model.units=2..6", *SETTINGS, "--trials", "2", "--out", str(out)]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert "2 trials: 2 trained to their end" in shown.out
    assert f"winner: {out / 'winner'}, trial " in shown.out
    assert f"page: {out / 'search.html'}" in shown.out
    assert shown.err.count("validation loss") == 3
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["winner"] in (0, 1)
    assert [one["state"] for one in found["trials"]] == ["finished", "finished"]
    assert found["result"]["test"]["accuracy"] > 0


def test_what_is_neither_recipe_nor_file_is_one_line(capsys):
    assert "There is no recipe and no file sentence-rnn" in failed(capsys, "sentence-rnn", "--over", "model.units=2..6")


def test_options_of_files_are_refused_for_recipes(capsys):
    line = failed(capsys, "sentences-rnn", "--label", "stars", "--over", "model.units=2..6")
    assert "--label has no effect: sentences-rnn is a recipe, not a file" in line


def test_options_of_recipes_are_refused_for_files(capsys, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,b\n")
    line = failed(capsys, str(path), "--data", str(tmp_path), "--over", "model.units=2..6")
    assert "--data has no effect" in line


def test_a_search_needs_a_range(capsys):
    assert "at least one setting to vary" in failed(capsys, "sentences-rnn")
    line = failed(capsys, "sentences-rnn", "--over", "model.units")
    assert line.startswith("unspool: --over model.units: write it as table.key=values, as in --over model.units=16")
    assert "Did you mean model.units?" in failed(capsys, "sentences-rnn", "--over", "model.unitz=2..6")


def test_a_setting_that_is_varied_cannot_be_fixed_too(capsys):
    line = failed(capsys, "sentences-rnn", "--over", "model.units=2..6", "--set", "model.units=3")
    assert line.startswith("unspool: --set model.units=3 has no effect, as --over varies this setting.")


def test_a_database_password_is_not_passed_on(tmp_path, monkeypatch):
    from unspool.runs.search import searching as searches

    commands = []
    monkeypatch.setattr(searches, "search", lambda *given, command, **options: commands.append(command))
    monkeypatch.setattr(searching, "_print", lambda *given: None)
    for url in ("postgresql://ada:secret@host/db", "mysql+pymysql://ada:se:c@ret@host:1/db", "postgresql://host/db"):
        given = ["search", "sentences-rnn", "--out", str(tmp_path), "--over", "model.units=2..6", "--storage", url]
        assert main(given) == 0
    assert [command.rpartition(" ")[2].strip("'") for command in commands] == [
        "postgresql://ada:***@host/db",
        "mysql+pymysql://ada:***@host:1/db",
        "postgresql://host/db",
    ]


def test_without_optuna_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setattr(searching, "find_spec", lambda name: None)
    line = failed(capsys, "sentences-rnn", "--over", "model.units=2..6")
    assert line == "unspool: unspool search needs Optuna: pip install 'unspool[search]'."
