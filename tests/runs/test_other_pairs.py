"""Pairs of texts that are no translations, pronunciations and summaries, through training and what a folder answers."""

import csv
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

import unspool
from unspool.runs.checking.check import check
from unspool.runs.evaluate_file import evaluate_file
from unspool.runs.model import load_trained, reader_of
from unspool.runs.reading.named_datasets import prepare_dataset
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records.record import read_result
from unspool.runs.replay import Parting, replay
from unspool.tasks import Pronunciation

SETTINGS = {"model.units": 8, "model.width": 8, "training.epochs": 1, "data.size": 300, "evaluation.resamples": 100}
CONSONANTS = "bdfgklmnpt"
WEIGHTS = "unspool.tasks.pronunciation.WEIGHTS"


def _written(path: Path, *rows: tuple[str, str]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [(f"{a}i{b}", f"{a.upper()} IH {b.upper()}") for a in CONSONANTS for b in CONSONANTS]
    rows += [(word, said.replace("IH", "AY")) for word, said in rows[::3]]
    return _written(tmp_path_factory.mktemp("words") / "words.csv", ("word", "phonemes"), *rows)


@pytest.fixture(scope="module")
def pronounced(words: Path) -> Path:
    out = words.parent / "run"
    columns = {"source": "word", "target": "phonemes", "task": "pronunciation"}
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(WEIGHTS, (0.5,))  # one epoch teaches too little for another weight than 0
        return unspool.train(words, out=out, settings=SETTINGS, verbose=False, **columns).folder


def test_the_pronunciations_of_a_word_are_one_example(pronounced: Path, words: Path) -> None:
    result, model = read_result(pronounced), load_trained(pronounced)
    assert sum(result.data.examples.values()) == 100
    assert list(result.test.figures) == ["word_errors", "phoneme_errors"]
    assert [one.name for one in result.baselines] == ["joint-ngrams", "nearest-text"]
    assert (result.verdict.measure, result.verdict.baseline) == ("word_errors", "joint-ngrams")
    page = (pronounced / "report.html").read_text()
    assert "Pronunciations of the test set" in page
    assert "number of phonemes" in page
    assert isinstance(model.task, Pronunciation)
    assert len(unspool.load(pronounced).predict(["bip", "tam"])) == 2
    assert evaluate_file(model, reader_of(model, pronounced), words, include_seen=True).rows == 100


@pytest.mark.slow
def test_what_pronounces_is_checked_and_replayed(pronounced: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not check(pronounced).broken
    assert replay(pronounced).parting == Parting(1, "weight")
    monkeypatch.setattr(WEIGHTS, (0.5,))
    assert replay(pronounced).parting is None
    arrays = load_file(pronounced / "joint-ngrams.safetensors")
    save_file(arrays | {"1.counts": arrays["1.counts"] + 1}, pronounced / "joint-ngrams.safetensors")
    assert "joint-ngrams.safetensors is not as training wrote it" in check(pronounced).broken


@pytest.mark.slow
def test_summaries_are_scored_beside_the_first_sentence(tmp_path: Path) -> None:
    rows = [
        (f"The {n} of {m} is long. It has {n} parts and {m} ends.", f"The {n} of {m}.")
        for n in "abcdefgh"
        for m in "abcdefgh"
    ]
    path = _written(tmp_path / "documents.csv", ("document", "summary"), *rows)
    columns = {"source": "document", "target": "summary", "task": "summary"}
    run = unspool.train(path, out=tmp_path / "run", settings=SETTINGS, verbose=False, **columns)
    result, page = read_result(run.folder), (run.folder / "report.html").read_text()
    assert result.verdict.measure == "rouge_l"
    assert result.baselines[0].name == "lead-sentences"
    assert result.baselines[0].scores["rouge_1"].value == pytest.approx(80)
    assert "Summaries of the test set" in page
    assert "no stemming" in page


def test_the_dictionary_is_prepared_as_its_recipe_says(monkeypatch) -> None:
    lines = [
        f"{a}i{b}({n}) {a.upper()} {v} {b.upper()}"
        for a in CONSONANTS
        for b in CONSONANTS
        for n, v in ((1, "IH1"), (2, "AY1"))
    ]
    monkeypatch.setattr("unspool.data.named.pronunciations._dictionary", lambda: ("\n".join(lines), "1"))
    prepared = prepare_dataset(load_recipe("g2p"))
    assert isinstance(prepared.task, Pronunciation)
    assert prepared.task.beam == 12
    assert {name: len(part) for name, part in prepared.parts.items()} == {"training": 81, "validation": 9, "test": 10}
    training = prepared.training
    (read, _), said = prepared.task.examples(training.inputs, training.targets, balanced=False)
    assert len(read) == len(said) == 2 * 81
