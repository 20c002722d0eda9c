from pathlib import Path

import pytest

from unspool.cli import main
from unspool.errors import UserError


@pytest.mark.parametrize(
    ("options", "folder"),
    [([], "compare-imdb-rnn-imdb-lstm"), (["--protocol", "chapter"], "compare-imdb-rnn-imdb-lstm-chapter")],
)
def test_both_protocols_can_be_compared_one_after_the_other(options, folder, tmp_path, monkeypatch, capsys):
    asked = []

    def compare(recipes, seeds, out, **kwargs):
        asked.append((out, {recipe.evaluation.protocol for recipe in recipes}))
        raise UserError("That is enough.")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("unspool.runs.compare.compare", compare)
    assert main(["compare", "imdb-rnn", "imdb-lstm", *options]) == 1
    assert asked == [(Path("runs") / folder, {"chapter" if options else "honest"})]
    assert "That is enough." in capsys.readouterr().err
