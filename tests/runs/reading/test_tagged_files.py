"""Files of tagged texts and series, through training and all that a folder answers."""

import json
import random
from pathlib import Path

import numpy as np
import pandas
import pytest

import unspool
from unspool.errors import UserError
from unspool.runs.checking.check import check
from unspool.runs.evaluate_file import evaluate_file
from unspool.runs.model import load_trained, reader_of
from unspool.runs.predict_file import predict_file
from unspool.runs.reading.read_file import kind_of
from unspool.runs.records.record import read_result
from unspool.runs.records.seen import fingerprints, load_seen

SETTINGS = {
    "training.epochs": 2,
    "model.units": 8,
    "model.embedding": 8,
    "evaluation.resamples": 100,
}
PLACES = {"Lima", "Oslo"}


def texts(count: int) -> list[dict[str, list[str]]]:
    draw = random.Random(0)
    words = [*PLACES, "from", "to", "the", "sea"]
    found = [[draw.choice(words) for _ in range(draw.randint(2, 6))] for _ in range(count)]
    return [{"tokens": one, "tags": ["B-place" if word in PLACES else "O" for word in one]} for one in found]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tagged")
    path = folder / "places.jsonl"
    path.write_text("".join(json.dumps({"id": number} | one) + "\n" for number, one in enumerate(texts(60))))
    run = unspool.train(str(path), out=folder / "run", settings=SETTINGS, verbose=False)
    return path, run.folder


def test_a_run_is_judged_beside_two_simple_models(trained: tuple[Path, Path]) -> None:
    result = read_result(trained[1])
    assert list(result.test.figures) == ["accuracy", "macro_f1", "span_f1"]
    assert [one.name for one in result.baselines] == ["most-frequent-tag", "window-regression"]
    assert result.baselines[1].scores["accuracy"].value == 1.0
    assert result.data.label_names == ("B-place", "O")
    tokens = sum(len(one["tokens"]) for one in texts(60))
    assert sum(map(sum, result.data.counts.values())) == tokens
    assert result.tagged is not None
    assert all(len(one.tokens) == len(one.truth) == len(one.predicted) for one in result.tagged)


def test_the_report_marks_wrong_tags(trained: tuple[Path, Path]) -> None:
    result, page = read_result(trained[1]), (trained[1] / "report.html").read_text()
    assert result.tagged is not None
    wrong = sum(a != b for one in result.tagged for a, b in zip(one.truth, one.predicted, strict=True))
    assert page.count('<li class="wrong">') == page.count("<del>") == wrong
    assert page.count('<ol class="tagged"') == len(result.tagged)


def test_the_longest_text_may_be_left_out_as_one_of_the_training(trained: tuple[Path, Path], tmp_path: Path) -> None:
    model, seen = load_trained(trained[1]), load_seen(trained[1])
    known = seen.holds(fingerprints([one["tokens"] for one in texts(60)]))
    longest = next(one for one, there in zip(texts(60), known, strict=True) if there and len(one["tokens"]) == 6)
    new = [{"tokens": ["Oslo"] * count, "tags": ["B-place"] * count} for count in (3, 4, 5)]
    found = []
    for examples in (new, [longest, *new]):
        path = tmp_path / f"{len(examples)}.jsonl"
        path.write_text("".join(json.dumps({"id": number} | one) + "\n" for number, one in enumerate(examples)))
        found.append(evaluate_file(model, reader_of(model, trained[1]), path, seen=seen))
    assert [one.seen for one in found] == [0, 1]
    assert [one.rows for one in found] == [3, 3]
    few = "The intervals rest on only 3 examples; with fewer than 10, intervals may be too narrow."
    assert [few in one.notes for one in found] == [True, True]
    assert found[0].scores.figures["accuracy"] == found[1].scores.figures["accuracy"]


def test_predictions_stand_beside_the_row(trained: tuple[Path, Path], tmp_path: Path) -> None:
    path, folder = trained
    model = load_trained(folder)
    predicted = predict_file(model, reader_of(model, folder), path, tmp_path / "s.jsonl")
    first = json.loads((tmp_path / "s.jsonl").read_text().splitlines()[0])
    assert list(first) == ["id", "tokens", "tags", "prediction", "probability"]
    assert len(first["prediction"]) == len(first["probability"]) == len(first["tokens"])
    assert predicted.rows == 60
    assert sum(predicted.predictions.values()) == sum(len(one["tokens"]) for one in texts(60))
    predict_file(model, reader_of(model, folder), path, tmp_path / "s.csv")
    row = (tmp_path / "s.csv").read_text().splitlines()[1].split(",")
    assert row[3] == " ".join(first["prediction"])


def test_a_conll_file_gives_the_same_scores(trained: tuple[Path, Path], tmp_path: Path) -> None:
    path, folder = trained
    other = tmp_path / "places.conll"
    sentences = ("\n".join(map("\t".join, zip(one["tokens"], one["tags"], strict=True))) for one in texts(60))
    other.write_text("\n\n".join(sentences))
    model = load_trained(folder)
    found = [evaluate_file(model, reader_of(model, folder), one).scores for one in (path, other)]
    assert found[0] == found[1]
    assert found[0].examples == 60


def test_a_text_in_each_line_is_tagged_but_not_scored(trained: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    path.write_text("from Lima to Oslo\nthe sea\n")
    model = load_trained(trained[1])
    reader = reader_of(model, trained[1])
    predict_file(model, reader, path, tmp_path / "s.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert [(row["text"], len(row["prediction"])) for row in rows] == [("from Lima to Oslo", 4), ("the sea", 2)]
    with pytest.raises(UserError, match=r"no columns: --text has no effect"):
        predict_file(model, reader, path, tmp_path / "s.jsonl", text="words")
    with pytest.raises(UserError, match=r"new\.txt has no tags\. Give a CoNLL-style file \(\.conll,"):
        evaluate_file(model, reader, path)


def test_padding_and_company_change_no_answer(trained: tuple[Path, Path]) -> None:
    certificate = check(trained[1])
    assert {one.name: one.passed for one in certificate.checks}["padding"] is True
    assert not certificate.broken


def test_lists_of_tokens_from_python(trained: tuple[Path, Path]) -> None:
    model = unspool.load(trained[1])
    assert list(map(len, model.predict([["to", "Lima"], ["the", "sea", "the"]]))) == [2, 3]
    assert model.probabilities([["to", "Lima"], ["the"]]).shape == (2, 2, 2)
    with pytest.raises(UserError, match=r"Entry 1 .* a list of tokens was expected"):
        model.predict([["to"], "Lima"])


def test_a_tag_for_each_step_of_a_series(tmp_path: Path) -> None:
    rng = np.random.RandomState(0)
    series = [rng.normal(size=(rng.randint(3, 7), 2)).astype(np.float32) for _ in range(60)]
    tags = [["up" if step[0] > 0 else "down" for step in one] for one in series]
    run = unspool.train(series, label=tags, out=tmp_path / "run", settings=SETTINGS, verbose=False)
    assert run.result.task == "tagging"
    assert run.result.baselines[0].title == "the most frequent tag"
    assert run.result.baselines[1].scores["accuracy"].value > 0.8
    assert list(map(len, run.predict(series[:3]))) == list(map(len, series[:3]))
    assert not check(run.folder).broken


def test_a_tag_for_each_row_of_a_table(tmp_path: Path) -> None:
    rng = np.random.RandomState(0)
    rows = [(f"s{row // 5}", row % 5, x, "up" if x > 0 else "down") for row, x in enumerate(rng.normal(size=300))]
    train, test, new = (tmp_path / name for name in ("train.csv", "test.csv", "new.csv"))
    pandas.DataFrame(rows[:250], columns=["recording", "t", "x", "way"]).to_csv(train, index=False)
    pandas.DataFrame(rows[250:], columns=["recording", "t", "x", "way"]).to_csv(test, index=False)
    pandas.DataFrame(rows[250:], columns=["recording", "t", "x", "way"])[["recording", "t", "x"]].to_csv(
        new, index=False
    )
    with pytest.raises(UserError, match="--task tagging"):
        unspool.train(str(train), series="recording", label="way", out=tmp_path / "none", verbose=False)
    asked = {"series": "recording", "label": "way", "task": "tagging", "test": str(test)}
    run = unspool.train(str(train), out=tmp_path / "run", settings=SETTINGS, verbose=False, **asked)
    assert run.result.task == "tagging"
    assert run.result.data.counts["test"][0] == sum(way == run.result.data.label_names[0] for *_, way in rows[250:])
    model, reader = load_trained(run.folder), reader_of(load_trained(run.folder), run.folder)
    assert evaluate_file(model, reader, test).scores.figures == run.result.test.figures
    predict_file(model, reader, new, tmp_path / "s.jsonl")
    predicted = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert [one["prediction"] in ("up", "down") for one in predicted] == [True] * 50
    assert [(one["recording"], int(one["t"])) for one in predicted] == [(name, step) for name, step, *_ in rows[250:]]


def test_a_number_for_each_row_of_a_table_is_said_to_be_a_class(tmp_path: Path) -> None:
    path = tmp_path / "engines.csv"
    rows = [(engine, cycle, engine + cycle / 7, 30 - cycle) for engine in range(12) for cycle in range(30)]
    pandas.DataFrame(rows, columns=["engine", "cycle", "heat", "life"]).to_csv(path, index=False)
    with pytest.raises(UserError, match="To predict a number at each step, cut the series into windows"):
        unspool.inspect(path, series="engine", label="life")
    found = str(unspool.inspect(path, series="engine", label="life", task="tagging"))
    assert "each step has a tag; the 30 different numbers are read as classes, not as quantities" in found


def test_which_files_hold_tagged_texts(trained: tuple[Path, Path], tmp_path: Path) -> None:
    assert kind_of(trained[0], None, None) == "tokens"
    table = tmp_path / "a.csv"
    table.write_text("text,tags\na b,x y\n")
    assert kind_of(table, None, None) == "text"
    assert kind_of(table, None, None, task="tagging") == "tokens"
    assert kind_of(table, "text", None, task="tagging") == "series"
    table.write_text("id,x,label\n1,0.5,a\n1,0.6,b\n")
    assert kind_of(table, None, None, task="tagging") == "series"


def test_another_task_is_refused(trained: tuple[Path, Path]) -> None:
    with pytest.raises(UserError, match="has no tag for each step"):
        unspool.inspect(_series_with_one_label(trained[0].parent), task="tagging")


def _series_with_one_label(folder: Path) -> str:
    path = folder / "one.npz"
    np.savez(path, x=np.zeros((20, 3, 1)), y=["a", "b"] * 10)
    return str(path)
