"""The benchmark of all of IMDb, on made-up reviews."""

from benchmarks.texts.whole import main

from .test_few_labels import archive_of


def test_what_is_taken_is_scored_on_the_test(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.texts.few.EACH", 40)
    path = archive_of(tmp_path / "a.tar.gz")
    given = ["--archive", str(path), "--models", "nb-words,cnn,language-model", "--budget", "300s"]
    assert main(given) == 0
    shown = capsys.readouterr().out
    assert "too few words" in shown
    assert "  test       nb-words                     100.00" in shown
    assert main([*given, "--held-out"]) == 0
    assert "  test " not in capsys.readouterr().out
