"""The page of a comparison: what it shows of which runs, and that no text in it can act."""

import errno
import itertools
import os
import signal
from dataclasses import replace
from io import BufferedWriter, FileIO
from pathlib import Path

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.comparison import compare_recipes
from unspool.evaluation.contenders import OtherModel, SeedRun
from unspool.evaluation.result import Predictions
from unspool.interruption import leaving_politely
from unspool.report.comparison import write_comparison
from unspool.tasks import Binary, task_of

from .conftest import Page, make_reconstruction_result, make_result

HOSTILE = "</title><script>alert(1)</script>{{ 7 * 7 }}\u202e"


def _compared(runs):
    first = next(iter(next(iter(runs.values())).values()))
    measures = {name: task_of(first).measures[name] for name in (first.verdict.measure, *task_of(first).compared)}
    seeds = {
        name: [SeedRun(seed, one.test_predictions, one.test.threshold) for seed, one in by_seed.items()]
        for name, by_seed in runs.items()
    }
    return compare_recipes(seeds, first.task, measures, first.verdict.measure, resamples=100)


def _page(runs, folder):
    return Page(write_comparison(_compared(runs), runs, folder).read_text(encoding="utf-8"), folder)


def _weaker(result, seed=0, share=0.5):
    """The same run with predictions that are partly noise."""
    given = result.test_predictions
    noise = np.random.default_rng(seed).random(given.outputs.shape)
    said = Predictions(given.targets, (1 - share) * given.outputs + share * noise)
    test = task_of(result).scores(said, result.test.threshold, resamples=100)
    history = result.history | {"val_loss": [loss + 0.2 for loss in result.history["val_loss"]]}
    return replace(result, seed=seed, test_predictions=said, test=test, history=history)


@pytest.fixture(scope="module")
def runs(binary_result):
    return {"imdb-lstm": {0: binary_result}, "noisy": {0: _weaker(binary_result)}}


@pytest.fixture(scope="module")
def page(runs, tmp_path_factory):
    return _page(runs, tmp_path_factory.mktemp("compared"))


def test_it_says_what_the_comparison_says(runs, page):
    comparison = _compared(runs)
    for difference in comparison.differences:
        if difference.score == "accuracy":
            assert difference.words in page.plain
    assert comparison.words in page.plain
    assert "imdb-lstm has a higher accuracy than noisy" in page.plain
    assert page.plain.count("4, kept 2") == 2  # epochs of each run
    for score in comparison.recipes[1].scores.values():
        measure = next(one for name, one in Binary.measures.items() if comparison.recipes[1].scores[name] is score)
        assert measure.say(score.value) in page.plain


@pytest.mark.undrawn
def test_answers_from_elsewhere_stand_beside_the_runs(binary_result, tmp_path):
    given = binary_result.test_predictions
    others = {
        "svm": OtherModel("svm.csv", (given.outputs >= 0.9).astype(float), given.outputs),
        HOSTILE: OtherModel("people.csv", given.targets.astype(float), None),
    }
    runs = {"ours": {0: binary_result}}
    measures = {name: Binary.measures[name] for name in ("accuracy", "balanced_accuracy")}
    contenders = {"svm": others["svm"], "ours": None, HOSTILE: others[HOSTILE]}
    seeds = {
        name: [one.as_run(given) if one else SeedRun(0, given, binary_result.test.threshold)]
        for name, one in contenders.items()
    }
    comparison = compare_recipes(seeds, "binary", measures, "accuracy", resamples=100)
    page = Page(write_comparison(comparison, runs, tmp_path, others).read_text(encoding="utf-8"), tmp_path)
    assert "Not trained by unspool, so only their predictions are known: svm (svm.csv)" in page.plain
    assert "(people.csv)" in page.plain
    assert "<script" not in page.source
    figures = {figure["class"]: figure["aria-label"] for figure in page.all("svg")}
    auc = binary_result.test["auc"].value
    assert f"svm: AUC {auc:.3f}. ours: AUC {auc:.3f}." in figures["figure-roc"]
    assert "one point, 1.000 of one label against 0.000 of the other" in figures["figure-roc"]
    assert page.plain.count("4, kept 2") == 1  # a row of trainings for the run alone


def test_each_figure_is_told_in_words_and_drawn_from_both_runs(page):
    figures = {figure["class"]: figure["aria-label"] for figure in page.all("svg")}
    assert list(figures) == ["figure-differences", "figure-scores", "figure-roc", "figure-losses"]
    assert "imdb-lstm: AUC" in figures["figure-roc"]
    assert "noisy, seed 0: 4 epochs, lowest 0.53." in figures["figure-losses"]
    assert page.text.count("How to read it:") == 4


def test_it_asks_nothing_of_anyone_and_follows_the_theme(page):
    assert not {"script", "link", "img", "iframe", "a"} & {tag for tag, _ in page.elements}
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies[0].startswith("default-src 'none'")
    assert "prefers-color-scheme: dark" in page.styles
    assert "var(--model)" in page.source


def test_several_seeds_are_lines_of_their_own(binary_result, tmp_path):
    runs = {
        name: {seed: _weaker(binary_result, seed + offset, share) for seed in range(3)}
        for name, offset, share in (("one", 0, 0.3), ("other", 10, 0.5))
    }
    page = _page(runs, tmp_path)
    assert "mean over 3 seeds" in page.plain
    assert (
        "other, seed 2: 4 epochs"
        in {figure["class"]: figure["aria-label"] for figure in page.all("svg")}["figure-losses"]
    )
    losses = page.source[page.source.index('class="figure-losses"') :]
    one_run = _page({name: {0: by_seed[0]} for name, by_seed in runs.items()}, tmp_path)
    assert losses.count("stroke-width: 1.1") == 2 * 3 + 2  # a line for each training, and the legend
    assert "stroke-width: 1.1" not in one_run.source


@pytest.mark.undrawn
def test_models_without_epochs_have_no_losses(binary_result, tmp_path):
    chosen = replace(binary_result, history={}, epochs=0, best_epoch=0)
    page = _page({"network": {0: binary_result}, "linear": {0: chosen}}, tmp_path)
    assert "so not shown: linear" in page.plain
    neither = _page({"one": {0: chosen}, "linear": {0: chosen}}, tmp_path)
    assert "figure-losses" not in neither.source
    assert neither.plain.count("one and linear give the same predictions for all 400 test examples.") == 1
    assert 'class="verdict open"' in neither.source
    assert "0.000 to 0.000" not in neither.plain  # of the AUC, which no resample changes


@pytest.mark.undrawn
@pytest.mark.parametrize("kind", ["multiclass", "multilabel", "regression", "reconstruction"])
def test_every_task_has_a_page_and_only_two_labels_have_roc_curves(kind, tmp_path):
    result = make_reconstruction_result() if kind == "reconstruction" else make_result(kind)
    page = _page({"one": {0: result}, "other": {0: result}, "third": {0: result}}, tmp_path)
    assert [figure["class"] for figure in page.all("svg")] == ["figure-differences", "figure-scores", "figure-losses"]
    assert "98.3% interval" in page.plain  # three pairs


def test_the_chapters_protocol_is_told(binary_result, tmp_path):
    chapter = replace(binary_result, protocol="chapter")
    page = _page({"one": {0: chapter}, "other": {0: chapter}}, tmp_path)
    assert "These figures are optimistic" in page.plain
    assert "loss on the test set" in page.source


def test_hostile_names_are_shown_and_do_nothing(binary_result, page, tmp_path):
    data = replace(binary_result.data, title=HOSTILE, label_names=(f"0{HOSTILE}", f"1{HOSTILE}"))
    hostile = replace(binary_result, data=data)
    shown = _page({f"one{HOSTILE}": {0: hostile}, f"other{HOSTILE}": {0: hostile}}, tmp_path)
    assert {tag for tag, _ in shown.elements} == {tag for tag, _ in page.elements}
    assert "<script>alert(1)</script>" in shown.text
    assert "{{ 7 * 7 }}" in shown.text
    assert "\u202e" not in shown.source


def test_the_same_runs_give_the_same_bytes(runs, page, tmp_path):
    assert _page(runs, tmp_path).source == page.source


@pytest.mark.undrawn
def test_a_folder_that_cannot_be_written_is_named(runs, tmp_path):
    with pytest.raises(UserError, match=r"missing cannot be written \(No such file or directory\)\. Choose another"):
        write_comparison(_compared(runs), runs, tmp_path / "missing")


@pytest.mark.undrawn
@pytest.mark.parametrize("at", [1, 2])
def test_at_a_signal_record_and_page_are_of_one_comparison(runs, tmp_path, monkeypatch, at):
    write_comparison(_compared(runs), runs, tmp_path)
    rename, renamed = os.replace, iter((1, 2))

    def signalled(aside, place):
        rename(aside, place)
        if next(renamed) == at:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "replace", signalled)
    other = dict(runs, weaker={0: _weaker(runs["imdb-lstm"][0], share=0.9)})
    with pytest.raises(KeyboardInterrupt), leaving_politely():
        write_comparison(_compared(other), other, tmp_path)
    assert all("weaker" in (tmp_path / name).read_text() for name in ("comparison.json", "compare.html"))


@pytest.mark.undrawn
@pytest.mark.parametrize("fails", [1, 2])
def test_a_disk_that_fails_to_sync_leaves_the_earlier_comparison_whole(runs, tmp_path, monkeypatch, fails):
    write_comparison(_compared(runs), runs, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    sync, synced = os.fsync, itertools.count(1)

    def failing(handle):
        if next(synced) == fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(handle)

    monkeypatch.setattr(os, "fsync", failing)
    other = dict(runs, weaker={0: _weaker(runs["imdb-lstm"][0], share=0.9)})
    with pytest.raises(UserError, match="Input/output error"):
        write_comparison(_compared(other), other, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.undrawn
@pytest.mark.parametrize("fails", [1, 2])
def test_on_a_full_disk_the_earlier_comparison_stays_whole(runs, tmp_path, monkeypatch, fails):
    write_comparison(_compared(runs), runs, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    asides = iter((1, 2))

    class Full(FileIO):
        def write(self, content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def opened(path, mode):
        return BufferedWriter((Full if next(asides) == fails else FileIO)(path, "x"))

    monkeypatch.setattr(Path, "open", opened)
    other = dict(runs, weaker={0: _weaker(runs["imdb-lstm"][0], share=0.9)})
    with pytest.raises(UserError, match="No space left on device"):
        write_comparison(_compared(other), other, tmp_path)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
