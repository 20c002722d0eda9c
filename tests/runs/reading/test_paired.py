"""Files of pairs, through training and all that a folder answers."""

import csv
import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import unspool
from unspool.data.padding import pad
from unspool.errors import UserError
from unspool.evaluation.text_arrays import texts_of
from unspool.readers import PairReader
from unspool.runs.checking.check import check
from unspool.runs.checking.golden import load_golden
from unspool.runs.description import described
from unspool.runs.evaluate_file import evaluate_file
from unspool.runs.model import load_trained, reader_of
from unspool.runs.predict_file import predict_file
from unspool.runs.reading.named_datasets import prepare_dataset
from unspool.runs.reading.paired import prepare_paired_file, words_on_cut
from unspool.runs.reading.preparation import PreparedPart
from unspool.runs.reading.read_file import kind_of, read_file
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.record import read_result
from unspool.runs.records.training_log import read_digests
from unspool.runs.replay import replay
from unspool.runs.resume import resume

from ..conftest import interrupted

SETTINGS = {
    "model.units": 16,
    "model.width": 16,
    "training.epochs": 3,
    "training.bidirectional_epochs": 0,
    "training.batch_size": 16,
    "data.size": 262,
    "evaluation.resamples": 100,
}
TRANSFORMER = {
    "model.shape": '"transformer"',
    "model.layers": 1,
    "model.width": 16,
    "model.heads": 2,
    "training.epochs": 2,
    "training.warmup": 4,
    "training.batch_size": 16,
    "data.size": 262,
    "evaluation.resamples": 100,
    "evaluation.beam": 2,
}
WORDS = {
    "ein": "a",
    "kein": "no",
    "mann": "man",
    "hund": "dog",
    "tag": "day",
    "geht": "goes",
    "ist": "is",
    "da": "there",
}


def pairs() -> list[tuple[str, str]]:
    texts = product(
        ("ein", "kein"), ("mann", "hund", "tag"), ("geht", "ist"), ("da", "ein mann", "kein tag", "kein hund")
    )
    found = [" ".join(words) for words in texts]
    return [(text, " ".join(WORDS[word] for word in text.split())) for text in found]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pairs") / "pairs.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "de", "en"), *((n, *pair) for n, pair in enumerate(pairs()))])
    return path


@pytest.fixture(scope="module")
def trained(path: Path) -> Path:
    out = path.parent / "gru"
    return unspool.train(path, source="de", target="en", out=out, settings=SETTINGS, verbose=False).folder


@pytest.fixture(scope="module")
def trained_transformer(path: Path) -> Path:
    out = path.parent / "transformer"
    return unspool.train(path, source="de", target="en", out=out, settings=TRANSFORMER, verbose=False).folder


def test_a_run_is_judged_beside_three_simple_models(trained: Path) -> None:
    result = read_result(trained)
    assert list(result.test.figures) == ["bleu", "chrf", "exact_match"]
    assert [one.name for one in result.baselines] == ["word-by-word", "nearest-text", "copied-source"]
    assert result.baselines[0].scores["exact_match"].value == 1.0
    assert result.verdict.measure == "bleu"
    assert not result.verdict.beats_baseline
    assert result.history["val_loss"][-1] < result.history["val_loss"][0]
    assert result.data.examples == {"training": 38, "validation": 5, "test": 5}
    wanted = dict(pairs())
    assert result.translated is not None
    assert all(wanted[one.source] == one.reference for one in result.translated.examples)
    assert set(texts_of(result.test_predictions.targets)) <= set(wanted.values())


def test_a_verdict_on_short_texts_does_not_rest_on_bleu(path: Path) -> None:
    read = read_file(FileSettings(path=str(path), kind="pairs", source="de", target="en"), 0)
    assert read.task.suited_measure is None
    assert "chrF" not in read.seen
    words = path.parent / "words.csv"
    words.write_text("wrong,right\n" + "".join(f"wrod{n},word{n}\n" for n in range(30)))
    read = read_file(FileSettings(path=str(words), kind="pairs", source="wrong", target="right"), 0)
    assert read.task.suited_measure == "chrf"
    assert "the verdict rests on chrF, unless evaluation.measure names another" in read.seen


@pytest.mark.parametrize("folder", ["trained", pytest.param("trained_transformer", marks=pytest.mark.soak)])
def test_the_report_shows_examples_attention_and_signatures(folder: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(folder)
    result, page = read_result(path), (path / "report.html").read_text()
    assert result.translated is not None
    assert result.translated.attention is not None
    assert all(one.source in page and one.reference in page for one in result.translated.examples)
    assert result.test.details["signatures"]["BLEU"] in page
    assert (path / "figures" / "attention.png").is_file()
    assert 'class="figure-attention"' in page


@pytest.mark.parametrize("folder", ["trained", pytest.param("trained_transformer", marks=pytest.mark.soak)])
def test_no_padding_and_no_company_changes_a_translation(folder: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(folder)
    certificate = check(path)
    passed = {one.name: one.passed for one in certificate.checks}
    assert not certificate.broken
    assert all(passed[name] for name in ("reload", "padding", "batch mates", "bucket", "kernel path"))


def test_another_token_is_no_rounding(trained: Path) -> None:
    model, golden = load_trained(trained).checkable, load_golden(trained)
    answers = model(model.rectangle(golden.inputs), len(golden))
    length = (answers.shape[1] - 1) // 2
    high, low = answers[:, 1 : 1 + length], answers[:, 1 + length :]
    ids = np.rint(255 * (256 * high + low)).astype(int)
    said = model.task.translate(model.network, golden.inputs).best
    assert ids.tolist() == pad(said, length, "post").tolist()
    assert model.rounding * np.abs(answers).max() < 1 / 255


@pytest.mark.soak
def test_a_transformer_rests_on_its_own_settings(trained_transformer: Path) -> None:
    recipe = load_recipe(trained_transformer / "recipe.toml")
    assert (recipe.model.shape, recipe.training.warmup, recipe.evaluation.beam) == ("transformer", 4, 2)
    assert "beam search of width 2" in described(trained_transformer)
    assert "learning_rate" not in read_result(trained_transformer).history


def test_predictions_stand_beside_the_row(trained: Path, path: Path, tmp_path: Path) -> None:
    model = load_trained(trained)
    predicted = predict_file(model, reader_of(model, trained), path, tmp_path / "said.jsonl", beam=3)
    rows = [json.loads(line) for line in (tmp_path / "said.jsonl").read_text().splitlines()]
    assert list(rows[0]) == ["id", "de", "en", "prediction"]
    assert (predicted.rows, predicted.predictions) == (48, {})
    said = unspool.load(trained).predict([row["de"] for row in rows], beam=3)
    assert [row["prediction"] for row in rows] == said


def test_a_model_predicts_texts_frames_and_files(trained: Path, path: Path) -> None:
    model = unspool.load(trained)
    sources = [source for source, _ in pairs()]
    assert model.predict(path) == model.predict(sources) == [*map(str, model.predict(sources))]
    assert model.predict([]) == []
    with pytest.raises(UserError, match="without probabilities"):
        model.probabilities(sources)
    with pytest.raises(UserError, match="The beam is 0"):
        model.predict(sources, beam=0)


def test_it_is_scored_on_pairs_that_it_has_not_seen(trained: Path, path: Path) -> None:
    model = load_trained(trained)
    found = evaluate_file(model, reader_of(model, trained), path, include_seen=True)
    assert found.rows == 48
    assert list(found.scores.figures) == ["bleu", "chrf", "exact_match"]
    scores = unspool.load(trained).evaluate(path)
    assert (scores.rows, scores.seen) == (5, 43)
    assert scores.scores.figures == read_result(trained).test.figures


def test_lists_from_python_are_pairs_too() -> None:
    sources, targets = map(list, zip(*pairs(), strict=True))
    seen = unspool.inspect(sources, label=targets, task="translation")
    assert "48 pairs that can be used" in seen
    assert "column text is read, column label is written" in seen


def test_a_run_goes_on_and_is_replayed_to_the_bit(trained: Path, path: Path, tmp_path: Path, monkeypatch) -> None:
    with interrupted(monkeypatch, 1):
        unspool.train(path, source="de", target="en", out=tmp_path / "again", settings=SETTINGS, verbose=False)
    resume(tmp_path / "again")
    digests = [read_digests(folder).epochs for folder in (trained, tmp_path / "again")]
    assert digests[0] == digests[1]
    assert len(digests[0]) == 3
    assert replay(trained).parting is None


def test_files_of_pairs_are_known_by_what_was_named(path: Path) -> None:
    assert kind_of(path, None, None, pairs=True) == kind_of(path, None, None, task="translation") == "pairs"
    assert kind_of(path, None, None) == "text"


@pytest.mark.parametrize(
    ("columns", "settings", "message"),
    [
        ({"source": "de", "target": "en", "label": "id"}, {}, "--label is not for translation"),
        ({"source": "de", "target": "en", "task": "binary"}, {}, "ask for the task translation, not binary"),
        ({"source": "de", "target": "en", "model": "nb-words"}, {}, "always a network"),
        ({"source": "de"}, {}, "the target cannot be determined"),
        ({"source": "de", "target": "en"}, {"evaluation.beam": 0}, "evaluation.beam"),
        ({"source": "de", "target": "en"}, {"evaluation.length_penalty": -1}, "evaluation.length_penalty"),
        ({"text": "de", "label": "en", "task": "multiclass"}, {"evaluation.beam": 2}, "evaluation.beam has no effect"),
    ],
)
def test_what_cannot_be_is_told(path: Path, tmp_path: Path, columns, settings, message) -> None:
    if "text" in columns:
        path = tmp_path / "labels.csv"
        path.write_text("de,en\n" + "".join(f"text {n},{n % 3}\n" for n in range(90)))
    with pytest.raises(UserError, match=message):
        unspool.train(path, out=tmp_path / "run", settings=settings, verbose=False, **columns)


def test_copies_that_are_drawn_apart_are_resampled_apart(tmp_path: Path) -> None:
    """A source of most pairs, which is in all parts, was one group of the test in the intervals."""
    path = tmp_path / "pairs.jsonl"
    rows = [("ja" if n % 3 else f"nein {n // 9}", f"yes {n}") for n in range(300)]
    path.write_text("".join(json.dumps({"de": source, "en": target}) + "\n" for source, target in rows))
    read = read_file(FileSettings(path=str(path), kind="pairs", source="de", target="en"), seed=0)
    prepared = prepare_paired_file(read, replace(load_recipe("dates-gru"), data=read.settings))
    sources, groups = [*prepared.test.raw()], prepared.test.groups
    assert len({group for text, group in zip(sources, groups, strict=True) if text == "ja"}) == sources.count("ja") > 5
    assert len(set(groups)) < len(sources)


def test_a_named_dataset_is_prepared_as_its_recipe_says(monkeypatch) -> None:
    monkeypatch.setattr("unspool.data.named.dates.COUNT", 60)
    changes = ["data.lowercase=true", "evaluation.beam=4", "evaluation.length_penalty=0.6"]
    prepared = prepare_dataset(load_recipe("dates-gru", changes))
    assert prepared.task.length_penalty == 0.6
    assert (prepared.task.beam, prepared.task.lowercase, prepared.reader.lowercase) == (4, True, True)
    dates = [{*texts_of(prepared.task.truth(part.targets))} for part in prepared.parts.values()]
    assert list(map(len, dates)) == [49, 5, 6]
    assert len(set().union(*dates)) == 60
    with pytest.raises(UserError, match=r"data.source is 'en', but dates has written, iso"):
        prepare_dataset(load_recipe("dates-gru", ['data.source="en"']))
    with pytest.raises(UserError, match="reads pairs of texts"):
        prepare_dataset(load_recipe("dates-gru", ['data.dataset="digits"']))


@pytest.fixture(scope="module")
def two_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for name, texts in zip(("pairs.de", "pairs.en"), zip(*pairs(), strict=True), strict=True):
        (folder / name).write_text("".join(f"{text}\n" for text in texts))
    return folder / "pairs.de"


def test_two_files_train_as_a_table_does(
    trained: Path, two_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(two_files.parent)
    out = tmp_path / "run"
    with interrupted(monkeypatch, 1):
        unspool.train("pairs.de", target="pairs.en", out=out, settings=SETTINGS, verbose=False)
    monkeypatch.chdir(tmp_path)
    resume(out)
    assert read_digests(out).epochs == read_digests(trained).epochs
    assert replay(out).parting is None
    result = read_result(out)
    assert result.test.figures == read_result(trained).test.figures
    assert result.data.title == "pairs.de: 48 pairs of texts, from pairs.de to pairs.en"
    recipe = load_recipe(out / "recipe.toml")
    assert (recipe.data.path, recipe.data.target) == (str(two_files), str(two_files.with_suffix(".en")))


def test_files_with_one_text_a_line_are_predicted_and_scored(trained: Path, two_files: Path, tmp_path: Path) -> None:
    model, sources = unspool.load(trained), [source for source, _ in pairs()]
    out = tmp_path / "said.csv"
    predict_file(model.trained, reader_of(model.trained, trained), two_files, out)
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["de"], row["prediction"]) for row in rows] == [*zip(sources, model.predict(two_files), strict=True)]
    assert model.predict(two_files) == model.predict(sources)
    found = model.evaluate(two_files, label=str(two_files.with_suffix(".en")))
    assert (found.rows, found.seen) == (5, 43)
    assert found.scores.figures == read_result(trained).test.figures
    with pytest.raises(UserError, match="--text has no effect"):
        model.predict(two_files, text="de")
    with pytest.raises(UserError, match="Name the file with the translations"):
        model.evaluate(two_files)


def test_only_translation_reads_two_files(two_files: Path) -> None:
    with pytest.raises(UserError, match="To train on two aligned text files for translation"):
        unspool.inspect(two_files)
    with pytest.raises(UserError, match="--test-target is for translation"):
        unspool.inspect(["a", "b"] * 30, label=["x", "y"] * 30, test_target="test.en")


def test_sources_that_are_not_read_in_full_are_counted() -> None:
    sources = ["ein mann", "ein mann mit hut", "ein", "ein mann mit hund"]
    reader = PairReader.fit(sources, ["a man"] * 4, size=262, length=6)
    part = PreparedPart(reader.read(sources), np.zeros(4), raw=lambda: sources)
    cut = sum(len(reader.tokenizer.encode([source])[0]) > 6 for source in sources)
    assert 1 < cut < 4
    said = f"{cut} of the 4 training sources are longer than the model reads: only the first 5 tokens count."
    assert words_on_cut(reader, part) == f"{said} To read more, give a larger --length."
    whole = PairReader.fit(sources, ["a man"] * 4, size=270, length=99)
    assert words_on_cut(whole, PreparedPart(whole.read(sources), np.zeros(4), raw=lambda: sources)) == ""
