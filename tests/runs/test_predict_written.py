"""The best texts, drawn ones and the scores of given ones, beside the rows of a file."""

import csv
import json
import math

import keras
import pytest

from unspool.api.model import Model
from unspool.errors import UserError
from unspool.models import EncoderDecoder
from unspool.readers import PairReader
from unspool.runs.evaluate_file import evaluate_file
from unspool.runs.model import TrainedModel
from unspool.runs.predict_file import predict_file
from unspool.runs.predict_written import Best, Drawn, Scored, predict_written
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.tasks import Binary, Translation
from unspool.tasks.written_texts import sampling

pytestmark = pytest.mark.whole

SOURCES, TARGETS = ["ein mann", "ein hund", "zwei"], ["a man", "a dog", "two"]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    reader = PairReader.fit(SOURCES * 2, TARGETS * 2, size=270)
    task, description = Translation.of(reader, TARGETS), EncoderDecoder(units=4, width=8)
    network = task.build(description, reader.inputs)
    network.set_weights([4 * weight for weight in network.get_weights()])
    data = FileSettings(path="pairs.csv", kind="pairs", source="de", target="en", task="translation")
    return TrainedModel(Recipe(name="pairs", data=data, model=description), reader, task, None, network)


@pytest.fixture
def path(tmp_path):
    with (tmp_path / "pairs.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("de", "en"), *zip(SOURCES, TARGETS, strict=True)])
    return tmp_path / "pairs.csv"


def written(model, path, asked, name="out.jsonl", **how):
    out = path.parent / name
    found = predict_written(model, model.reader, path, out, asked, **how)
    return found, [json.loads(line) for line in out.read_text().splitlines()]


def test_the_best_texts_have_a_row_each(model, path):
    found, rows = written(model, path, Best(2))
    assert list(rows[0]) == ["de", "en", "rank", "prediction", "score", "log_probability", "ended"]
    assert [(row["de"], row["rank"]) for row in rows] == [(text, rank) for text in SOURCES for rank in (1, 2)]
    best = Model(path, model).translate(SOURCES, 2)
    assert [row["prediction"] for row in rows] == [one.text for texts in best for one in texts]
    assert [row["score"] for row in rows] == pytest.approx([one.score for texts in best for one in texts])
    assert found.rows == 6
    assert Model(path, model).predict(SOURCES, beam=2) == [texts[0].text for texts in best]


def test_texts_may_come_one_a_line(model, path):
    (path.parent / "new.de").write_text("\n".join(SOURCES))
    expected = [{name: row[name] for name in row if name != "en"} for row in written(model, path, Best(2))[1]]
    assert written(model, path.parent / "new.de", Best(2))[1] == expected


def test_texts_that_are_cut_or_have_characters_unseen_in_training_are_reported(model, path, caplog):
    assert written(model, path, Best(2))[0].notes == ()
    path.write_text("de,en\nein großer mann,a\n\tein mann,a\nщи,a\n")
    found = [written(model, path, asked)[0].notes for asked in (Best(2), Scored("en"), Drawn(sampling(1.0, 0, 1.0, 5)))]
    found.append(predict_file(model, model.reader, path, path.parent / "out.csv").notes)
    said = "2 texts have characters that do not occur in the training sources (g, r, o, ß, щ, и): "
    cut = "1 text is longer than the model reads: only the first 4 tokens count"
    notes = (cut, f"{said}their predictions may be wrong")
    assert [one[:2] for one in found] == [notes] * 4  # the model of this test may write nothing, which is noted last
    evaluated = evaluate_file(model, model.reader, path)
    assert evaluated.notes[:2] == tuple(f"{note}." for note in notes)
    for predict in (Model(path, model).predict, Model(path, model).translate):
        caplog.clear()
        predict(["ein großer mann", "ein mann", "щи"])
        assert caplog.messages == [f"{note}." for note in notes]


def test_empty_answers_are_counted(model, path, monkeypatch):
    assert written(model, path, Best(2))[0].notes == ()
    monkeypatch.setattr(Translation, "decode", lambda task, targets: [""] * len(targets))
    said = ("3 predictions are empty: the model may need more training",)
    assert written(model, path, Best(2))[0].notes == said
    assert predict_file(model, model.reader, path, path.parent / "out.csv").notes == said


def test_drawn_texts_are_those_of_python_however_many_are_drawn_at_a_time(model, path, monkeypatch):
    monkeypatch.setattr("unspool.runs.predict_written._FEW", 2)
    rows = written(model, path, Drawn(sampling(1.0, 0, 1.0, 5)))[1]
    drawn = Model(path, model).sample(SOURCES, seed=5)
    assert [row["prediction"] for row in rows] == [texts[0].text for texts in drawn]


def test_given_texts_are_scored_whole_and_by_token(model, path):
    rows = written(model, path, Scored("en"))[1]
    assert list(rows[0]) == ["de", "en", "log_probability", "tokens", "token_log_probabilities"]
    for row, pair in zip(rows, Model(path, model).score_pairs(SOURCES, TARGETS), strict=True):
        assert row["log_probability"] == pytest.approx(pair.log_probability)
        assert [*zip(row["tokens"], row["token_log_probabilities"], strict=True)] == [*pair.tokens]
        assert row["log_probability"] == pytest.approx(sum(row["token_log_probabilities"]))


def test_a_row_without_a_target_is_left_out_and_one_that_cannot_be_written_has_no_score(model, path):
    path.write_text("de,en\nein mann,\nein hund,zwei\nzwei,two\n")
    with pytest.raises(UserError, match="en"):
        written(model, path, Scored("en"))
    found, rows = written(model, path, Scored("en"), on_error="skip")
    assert [row["de"] for row in rows] == ["ein hund", "zwei"]
    assert rows[0]["log_probability"] is None
    assert math.isfinite(rows[1]["log_probability"])
    assert sum(found.left_out.values()) == 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Best(101), "The count is 101"),
        (Best(5, beam=3), "A beam of 3 finds at most 3 texts"),
        (Scored("nothing"), "no column 'nothing'|nothing"),
    ],
)
def test_what_cannot_be_is_told(model, path, asked, message):
    with pytest.raises(UserError, match=message):
        written(model, path, asked)
    assert not (path.parent / "out.jsonl").exists()


def test_a_model_that_classifies_writes_no_texts(model, path):
    classifier = TrainedModel(model.recipe, model.reader, Binary(("no", "yes")), None, model.network)
    for ask in (
        lambda: written(classifier, path, Best(2)),
        lambda: Model(path, classifier).translate(SOURCES, 2),
        lambda: Model(path, classifier).sample(SOURCES),
        lambda: Model(path, classifier).score_pairs(SOURCES, TARGETS),
    ):
        with pytest.raises(UserError, match="for models that write texts; the task of this one is binary"):
            ask()
    with pytest.raises(UserError, match="3 sources and 1 targets"):
        Model(path, model).score_pairs(SOURCES, TARGETS[:1])
