"""What a model's folder tells of it."""

import shutil
from dataclasses import replace

from unspool.runs.description import described
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.record import write_result
from unspool.runs.run import train


def test_a_folder_says_how_it_was_made(trained):
    words = described(trained[0])
    assert "binary classification (neg, pos)" in words
    assert "column review: 26 different tokens, the last" in words
    assert "pos where its probability is at least" in words
    assert trained[1].verdict.words in words
    assert "What it was trained on:" in words
    assert "rows that can be used" in words


def test_a_run_says_what_it_reads(finished, finished_autoencoder):
    words = described(finished[0])
    assert "sentences: 300 different tokens, the last" in words
    assert "made by   unspool run sentences-rnn" in words
    assert "epoch " in words
    words = described(finished_autoencoder[0])
    assert "digits: 8 rows of 8 pixels" in words
    assert "an autoencoder with a latent vector of 2 numbers, lstm, 6 units" in words
    assert finished_autoencoder[1].verdict.words in words


def test_a_chosen_model_has_no_epochs(reviews, tmp_path):
    folder = tmp_path / "chosen"
    train(FileSettings(path=str(reviews)), folder, changes=["evaluation.resamples=100"], model="nb-words")
    assert "training  fitted in one go, seed 0" in described(folder)


def test_only_the_candidates_that_were_tried_count(reviews, tmp_path):
    folder = tmp_path / "chosen"
    result = train(FileSettings(path=str(reviews)), folder, changes=["evaluation.resamples=100"], model="nb-words")
    chosen = result.candidates[0]
    others = [replace(chosen, name=name, chosen=False) for name in ("tfidf", "cnn", "vectors")]
    write_result(replace(result, candidates=(chosen, *others[:2], replace(others[2], score=None))), folder)
    assert "training  the best of 3 models by cross-validation, seed 0" in described(folder)


def test_a_model_without_its_scores_is_described_all_the_same(trained, tmp_path):
    copy = shutil.copytree(trained[0], tmp_path / "copy")
    (copy / "metrics.json").unlink()
    (copy / "inspection.txt").unlink()
    words = described(copy)
    assert "binary classification (neg, pos)" in words
    assert "verdict" not in words
    assert "trained on" not in words
