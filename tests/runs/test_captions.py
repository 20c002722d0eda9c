"""Series with captions, through training and all that a folder answers."""

import csv
from pathlib import Path

import numpy as np
import pytest

import unspool
from unspool import files
from unspool.data.named.moving_digits import films_of
from unspool.data.named.registry import load, lookup
from unspool.errors import UserError
from unspool.runs.checking.check import check
from unspool.runs.evaluate_file import evaluate_file
from unspool.runs.model import load_trained, reader_of
from unspool.runs.predict_file import predict_file
from unspool.runs.predict_written import Best, Scored, predict_written
from unspool.runs.reading.prepare_file import prepare_file
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.record import read_result
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.replay import replay

pytest.importorskip("tokenizers")
pytest.importorskip("sacrebleu")

SETTINGS = {"training.epochs": 2, "model.units": 16, "model.width": 16, "evaluation.resamples": 100}
FILMS = films_of(lookup("moving-digits"), load("digits"), 120, 40).train


def write(path: Path, rows: range, **more) -> Path:
    """A file of films of different lengths, end to end."""
    series = [FILMS.series[row] for row in rows]
    captions = [FILMS.captions[row] for row in rows]
    arrays = {"x": np.concatenate(series), "lengths": [len(one) for one in series], "y": captions}
    np.savez(path, **(arrays | more))
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("captions") / "films.npz", range(120))


@pytest.fixture(scope="module")
def trained(path) -> Path:
    out = path.parent / "run"
    return unspool.train(path, task="captions", out=out, settings=SETTINGS, verbose=False).folder


def test_a_run_is_judged_beside_the_nearest_frames(trained):
    result = read_result(trained)
    assert result.task == "captions"
    assert [one.name for one in result.baselines] == ["most-frequent", "nearest-frames"]
    assert list(result.test.figures) == ["chrf", "bleu", "exact_match"]
    assert result.translated.examples[0].source.endswith(" frames")
    assert result.translated.films == ()  # nobody said that a frame is an image
    assert result.translated.attention.source[:2] == ("frame 1", "frame 2")
    assert "What the model looks at" in (trained / "report.html").read_text()


def test_captions_are_predicted_alike_one_by_one(trained, path, tmp_path):
    model = load_trained(trained)
    reader = reader_of(model, trained)
    rows = list(FILMS.series[:20])
    together = model.decide(model.outputs(reader.read_series(rows)))[0]
    assert [model.decide(model.outputs(reader.read_series([one])))[0][0] for one in rows] == together
    out = tmp_path / "said.csv"
    found = predict_file(model, reader, path, out)
    assert (found.rows, found.predictions) == (120, {})
    assert out.read_text().splitlines()[0] == "series,prediction"


def test_several_captions_drawn_ones_and_given_ones_have_scores(trained, path, tmp_path):
    model, films = unspool.load(trained), [*FILMS.series[:5]]
    best = model.translate(films, 2)
    assert model.predict(films) == [captions[0].text for captions in best]
    reader, out = reader_of(model.trained, trained), tmp_path / "said.csv"
    written = predict_written(model.trained, reader, path, out, Best(2)).rows
    with out.open(newline="") as file:
        rows = [*csv.DictReader(file)]
    assert list(rows[0]) == ["series", "rank", "prediction", "score", "log_probability", "ended"]
    assert {(row["series"], row["rank"]) for row in rows} >= {(str(number), "1") for number in range(1, 121)}
    assert written == len(rows) == len({(row["series"], row["prediction"]) for row in rows}) <= 240
    assert model.sample(films, seed=1) == model.sample(films, seed=1) != model.sample(films, seed=2)
    together = model.score_pairs(films, FILMS.captions[:5])
    alone = model.score_pairs(films[4:], FILMS.captions[4:5])
    assert together[4].log_probability == pytest.approx(alone[0].log_probability, abs=1e-3)
    assert model.predict([]) == model.translate([]) == model.sample([]) == model.score_pairs([], []) == []
    with pytest.raises(UserError, match="1000"):
        model.translate([], 1000)
    with pytest.raises(UserError, match="There are no sources and 1 targets"):
        model.score_pairs([], FILMS.captions[:1])
    with pytest.raises(UserError, match="--text and --score are for texts"):
        predict_written(model.trained, reader, path, out, Scored("y"))


def test_checks_hold(trained):
    found = check(trained)
    assert found.broken == ""
    assert {one.name for one in found.checks if one.passed} >= {"batch size", "padding", "labels", "cached decoding"}


def test_it_is_replayed_to_the_same_bits(trained):
    found = replay(trained)
    assert (found.epochs, found.parting) == (2, None)


def test_another_file_is_scored(trained, tmp_path):
    model = load_trained(trained)
    other = write(tmp_path / "new.npz", range(90, 120), x=np.concatenate(FILMS.series[90:120]) * 0.9)
    found = evaluate_file(model, reader_of(model, trained), other)
    assert found.rows == 30
    assert "bleu" in found.scores.figures


def test_the_words_of_the_test_are_not_learned(path, tmp_path, monkeypatch):
    parts = np.array(["training"] * 80 + ["validation"] * 20 + ["test"] * 20)
    captions = [*FILMS.captions[:100], *["a zebra jumps"] * 20]
    other = write(tmp_path / "parted.npz", range(120), split=parts, y=captions)
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "cache"))
    settings = FileSettings(path=str(other), kind="series", task="captions")
    _, prepared = prepare_file(settings, 0, recipe_for, TrainingLog(), lambda seen: None)
    tokenizer = prepared.task.tokenizer
    assert "zebra" not in "".join(tokenizer.tokens(range(tokenizer.size)))


def test_equal_captions_are_refused(tmp_path):
    same = write(tmp_path / "same.npz", range(40), y=["a film"] * 40)
    with pytest.raises(UserError, match="all captions are the same"):
        unspool.train(same, task="captions", out=tmp_path / "run", verbose=False)
    assert not (tmp_path / "run").exists()
