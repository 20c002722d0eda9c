"""The front door, on a small model of texts and one of series."""

import csv
import datetime
import random
import re
from pathlib import Path

import keras
import numpy as np
import pytest

import unspool
from unspool.api.arguments import as_changes, as_ranges
from unspool.cli.options import folder_to_write
from unspool.data.tables.writing import check_out
from unspool.errors import UserError

pytestmark = pytest.mark.whole

WORDS = ("the", "film", "was", "and", "plot", "scene")
SMALL = {"evaluation.resamples": 100}


def films(count, seed=0):
    """Texts that a word tells apart, and their moods."""
    rng = random.Random(seed)
    moods = ["good" if number % 2 else "bad" for number in range(count)]
    return [" ".join([*rng.choices(WORDS, k=6), {"good": "fine", "bad": "dull"}[mood]]) for mood in moods], moods


def walks(count, seed=0):
    """Series of 6 to 9 steps that rise or fall, and which."""
    rng = np.random.default_rng(seed)
    ways = ["up" if number % 2 else "down" for number in range(count)]
    series = [np.arange(rng.integers(6, 10))[:, None] * (1.0 if way == "up" else -1.0) for way in ways]
    return [one + 0.1 * rng.normal(size=one.shape) for one in series], ways


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="module")
def run(folder):
    texts, moods = films(80)
    return unspool.train(
        texts, label=moods, out=folder / "films", model="nb-words", settings=SMALL, verbose=False, name="films"
    )


@pytest.fixture(scope="module")
def walking(folder):
    series, ways = walks(40)
    return unspool.train(series, label=ways, out=folder / "walks", model="statistics", settings=SMALL, verbose=False)


def test_a_run_has_its_verdict_its_report_and_its_model(run, folder):
    assert run.folder == folder / "films"
    assert run.report.is_file()
    assert run.verdict.words in repr(run)
    assert run.result.test.examples == 8
    how = "label=label, name='films', model='nb-words', seed=0, settings=['evaluation.resamples=100']"
    assert run.result.command == f"unspool.train(data, {how})"
    assert run.predict(["a fine film", "a dull film"]) == ["good", "bad"]
    assert repr(run.model) == f"Model(folder={run.folder!r})"


def test_the_recorded_call_names_files_with_their_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts, moods = films(60)
    for name, rows in (("a.csv", slice(None, 50)), ("b.csv", slice(50, None))):
        lines = [f"{text},{mood}\n" for text, mood in zip(texts[rows], moods[rows], strict=True)]
        Path(name).write_text("".join(["text,mood\n", *lines]))
    run = unspool.train("a.csv", label="mood", test=Path("b.csv"), model="nb-words", settings=SMALL, verbose=False)
    a, b = str(tmp_path / "a.csv"), str(tmp_path / "b.csv")
    assert run.result.command.startswith(f"unspool.train({a!r}, label='mood', test={b!r}, model=")


def test_the_folder_of_a_run_may_be_a_text(run, tmp_path):
    again = unspool.Run(str(run.folder))
    assert (again.folder, again.report) == (run.folder, run.report)
    right = {"right": [run.model.names[one] for one in again.result.test_predictions.targets]}
    assert unspool.compare(again, right, out=tmp_path).recipes[1].scores["accuracy"].value == 1


def test_a_model_predicts_lists_frames_and_files_alike(run, tmp_path, monkeypatch):
    texts, _ = films(10, seed=1)
    model = unspool.load(run.folder)
    expected = model.predict(texts)
    pandas = pytest.importorskip("pandas")
    assert model.predict(pandas.DataFrame({"text": texts, "n": range(10)})) == expected
    with (tmp_path / "new.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    assert model.predict(tmp_path / "new.csv") == expected
    monkeypatch.setenv("HOME", str(tmp_path))
    assert model.predict("~/new.csv") == expected
    assert model.names == ("bad", "good")
    found = model.probabilities(texts)
    assert found.shape == (10, 2)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_what_must_answer_each_row_does_not_advise_to_skip_some(tmp_path):
    texts, moods = films(80)
    films_with_years = tmp_path / "films.csv"
    rows = [f'"{text}",{1990 + n % 30},{mood}' for n, (text, mood) in enumerate(zip(texts, moods, strict=True))]
    films_with_years.write_text("\n".join(["text,year,label", *rows]) + "\n")
    run = unspool.train(
        films_with_years, numeric=["year"], out=tmp_path / "run", model="nb-words", settings=SMALL, verbose=False
    )
    new = tmp_path / "new.csv"
    new.write_text("text,year\na fine film,2000\n,2001\n")
    model = unspool.load(run.folder)
    for ask in (model.predict, model.probabilities, model.explain):
        with pytest.raises(UserError, match=r"row 2 .*the text is empty.*leave such rows out\.$"):
            ask(new)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "There is no data: None was given. Give a path, a data frame, a list or an array."),
        ({"text": ["a film"]}, "Give a path, a data frame, a list or an array; this is a dict. If its keys name"),
        ({"a film"}, "Give a path, a data frame, a list or an array; this is of type set."),
        (b"a film", "; this is of type bytes."),
        ("a film", "There is no file or folder 'a film'. If it is a text, give a list, as in ['a fine film']."),
        ("film", "There is no file or folder 'film'. If it is a text, give a list"),
        ("A film. " * 100, "There is no file or folder 'A film. A film. A film. A film. A film. ...'. If it is a text"),
        ("a film\0", "If it is a text, give a list"),
        ("films.csv", "films.csv is not there. Give the path of a table or of a folder of text files."),
        (3, "; this is of type int."),
        (np.array("a film"), "; this is of type ndarray."),
        ((text for text in ["a film"]), "; this is of type generator."),
        (["a film", ""], "Entry 1 (counted from 0) is empty or blank. Leave it out."),
        (["\ud800"], "Entry 0 (counted from 0): it contains half a character, U+D800. Remove it."),
    ],
)
def test_what_are_no_examples_is_refused(run, data, message):
    for use in (run.model.predict, run.model.probabilities, run.model.explain):
        with pytest.raises(UserError) as caught:
            use(data)
        assert message in str(caught.value)


@pytest.mark.parametrize("use", [unspool.train, unspool.inspect])
def test_one_text_is_neither_trained_on_nor_inspected(use):
    with pytest.raises(UserError, match="If it is a text, give a list"):
        use("A film of three hours. " * 20)


@pytest.mark.parametrize("use", [unspool.train, unspool.inspect])
def test_the_name_of_a_recipe_is_told_from_a_file(use):
    with pytest.raises(
        UserError, match=r"imdb-lstm is the name of a recipe\. Run it on the command line: unspool run im"
    ):
        use("imdb-lstm")


def test_test_sets_in_memory_may_be_frames_or_examples_with_labels():
    pandas = pytest.importorskip("pandas")
    texts, moods = films(60)
    frame = pandas.DataFrame({"text": texts, "label": moods})
    series = [np.arange(5.0) + number for number in range(60)]
    for data, label, held_out in (
        (texts[:40], moods[:40], (texts[40:], moods[40:])),
        (frame[:40], "label", frame[40:]),
        (series[:40], moods[:40], (series[40:], moods[40:])),
    ):
        seen = unspool.inspect(data, label=label, test=held_out)
        assert re.search(r"^all +36 +4 +20$", seen, re.MULTILINE)
        assert "the test is test (data in memory)" in seen


def test_examples_in_memory_have_groups_and_parts_of_their_own():
    texts, moods = films(60)
    groups, parts = [number // 2 for number in range(60)], ["training"] * 30 + ["test"] * 30
    for data in (texts, [np.arange(5.0) + number for number in range(60)]):
        assert "whole groups" in unspool.inspect(data, label=moods, group=np.array(groups))
        assert re.search(r"^all +27 +3 +30$", unspool.inspect(data, label=moods, split=parts), re.MULTILINE)
        with pytest.raises(UserError, match="There are 60 examples, but group has 2 values"):
            unspool.inspect(data, label=moods, group=[1, 2])


@pytest.mark.parametrize(
    "when",
    [
        [float(number) for number in range(60)],
        np.arange("2026-01-01", "2026-03-02", dtype="datetime64[D]"),
        [datetime.date(2026, 1, 1) + datetime.timedelta(number) for number in range(60)],
    ],
)
def test_examples_in_memory_have_times_of_their_own(when, tmp_path):
    """A list of numbers ended in a TypeError that named no argument."""
    texts, moods = films(60)
    order = np.random.RandomState(0).permutation(60)
    when = [when[place] for place in order]
    series = [np.arange(5.0) + number for number in range(60)]
    for data, argument, other, model in (
        (texts, "time", "newest", "nb-words"),
        (series, "newest", "time", "statistics"),
    ):
        run = unspool.train(
            data, label=moods, out=tmp_path / argument, model=model, settings=SMALL, verbose=False, **{argument: when}
        )
        assert sorted(order[run.positions("test")]) == [*range(54, 60)]
        with pytest.raises(UserError, match=f"give {argument}= in place of {other}="):
            unspool.inspect(data, label=moods, **{other: when})
        with pytest.raises(UserError, match=f"There are 60 examples, but {argument} has 2 values"):
            unspool.inspect(data, label=moods, **{argument: when[:2]})


def test_labels_and_groups_beside_a_frame_are_explained():
    pandas = pytest.importorskip("pandas")
    texts, moods = films(60)
    frame = pandas.DataFrame({"text": texts, "label": moods})
    with pytest.raises(UserError, match="of a data frame, make them a column"):
        unspool.inspect(frame[["text"]], label=pandas.Series(moods))
    with pytest.raises(UserError, match="group does not name a column"):
        unspool.inspect(frame, label="label", group=[1] * 60)
    with pytest.raises(UserError, match="If its keys name columns, make a data frame of the list"):
        unspool.inspect([{"text": "a", "label": "b"}] * 30, label="label")


def test_columns_of_a_frame_are_named_by_numbers_too():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(dict(enumerate([*films(60), range(60)])))
    said = unspool.inspect(frame, text=0, label=1, numeric=[2])
    assert "read beside the text: numbers in 2" in said
    with pytest.raises(UserError, match=r"^time is 7\. Give the name of a column\.$"):
        unspool.inspect(frame, text=0, label=1, time=7)


@pytest.mark.parametrize("data", [np.ones((3, 50)), [np.arange(40.0), np.arange(50.0)]])
def test_series_to_forecast_are_columns_of_a_frame(data):
    """They were said to be a table with the ending .npz."""
    with pytest.raises(UserError, match=r"^To forecast several series, make a data frame with a column for each"):
        unspool.inspect(data, horizon=12)


def test_arguments_of_a_search_are_suggested():
    with pytest.raises(UserError, match=r"^There is no argument 'trails'\. Did you mean trials\?"):
        unspool.search(["a film"] * 60, "model.units=8,16", label=["good"] * 60, trails=2)


@pytest.mark.parametrize("seeds", [0, -1, 2.0, True])
def test_seeds_of_a_comparison_are_whole_numbers(seeds):
    with pytest.raises(UserError, match=r"^seeds is .*\. Give a whole number of at least 1, or None"):
        unspool.compare("runs/a", "runs/b", seeds=seeds)


@pytest.mark.parametrize("use", [unspool.train, unspool.inspect])
def test_texts_in_memory_need_labels(use):
    with pytest.raises(UserError, match=r"The texts have no labels\. Give one for each, as in label="):
        use(["a fine film", "a dull film"])
    with pytest.raises(UserError, match="There is no argument 'labels'"):
        use(["a fine film", "a dull film"], labels=["good", "bad"])


def test_other_examples_in_memory_need_labels():
    for examples, message in (
        (np.zeros((20, 5, 2)), r"The series have no labels\. .* or train an autoencoder"),
        ([("a fine film", "good"), ("a dull film", "bad")], r"If these are pairs, give the second entries as label="),
        ([["a", "fine", "film"], ["dull"]], r"The texts have no tags\. Give a list for each"),
    ):
        with pytest.raises(UserError, match=message):
            unspool.inspect(examples)


@pytest.mark.parametrize("label", ["mood", 5])
def test_no_column_of_a_list_can_be_named(label):
    with pytest.raises(UserError, match=f"label is {label!r}: lists and arrays have no columns to name"):
        unspool.inspect(["a fine film", "a dull film"], label=label)


def test_labels_may_be_a_data_frame_of_one_column():
    pandas = pytest.importorskip("pandas")
    texts, moods = films(60)
    frame = pandas.DataFrame({"mood": moods, "stars": 3}, index=range(60, 120))
    assert str(unspool.inspect(texts, label=frame[["mood"]])) == str(unspool.inspect(texts, label=moods))
    with pytest.raises(UserError, match=r"^Label 0 \(counted from 0\), column mood: 'bad' is neither 1 nor 0"):
        unspool.inspect(texts, label=frame)


def test_labels_may_have_a_column_each():
    pandas = pytest.importorskip("pandas")
    texts, moods = films(60)
    both = np.array([[mood == "good", number % 3 == 0] for number, mood in enumerate(moods)])
    frame = pandas.DataFrame(both.astype(int), columns=["good", "short"])
    lists = [[name for name, has in zip(frame, row, strict=True) if has] for row in both]
    said = str(unspool.inspect(texts, label=frame))
    assert said == str(unspool.inspect(texts, label=lists))
    assert "the task is multilabel: labels are lists\n" in said
    assert (
        said.replace("good", "0").replace("short", "1").splitlines()[:4]
        == str(unspool.inspect(texts, label=both)).splitlines()[:4]
    )
    one_hot = np.eye(3)[np.arange(60) % 3]
    for examples in (texts, np.random.RandomState(0).normal(size=(60, 8))):
        assert "each of one label: if that is always so, give the label alone" in str(
            unspool.inspect(examples, label=one_hot)
        )
    train, test = (texts[:40], frame[:40]), (texts[40:], frame[40:])
    assert "multilabel" in str(unspool.inspect(train[0], label=train[1], test=test))


def test_a_column_on_several_levels_may_be_the_label():
    pandas = pytest.importorskip("pandas")
    columns = pandas.MultiIndex.from_tuples([("in", "text"), ("out", "mood"), ("out", "length")])
    rows = [(f"film {number}", ("good", "bad")[number % 2], number % 2) for number in range(60)]
    frame = pandas.DataFrame(rows, columns=columns)
    assert "the label is in column out_mood" in unspool.inspect(frame, text="in_text", label=("out", "mood"))
    frame[("out", "mood")] = [1, 0] * 30
    several = unspool.inspect(frame, text="in_text", label=[("out", "mood"), ("out", "length")])
    assert "the labels are in columns out_mood, out_length" in several


def test_texts_with_a_tag_for_each_word_are_not_taken_for_texts_with_several_labels():
    texts, tags = [f"a fine film{n}" for n in range(60)], [["DET", "ADJ", "NOUN"], ["DET", "DET", "NOUN"]] * 30
    with pytest.raises(UserError, match=r"as many labels as words.*\[text\.split\(\) for text in texts\]"):
        unspool.inspect(texts, label=tags)
    assert "multilabel" in unspool.inspect(texts, label=tags, task="multilabel")
    assert "multilabel" in unspool.inspect(texts, label=[["DET", "ADJ", "NOUN"], ["DET", "ADV", "NOUN"]] * 30)


def test_a_column_of_a_frame_may_be_named_by_a_number():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({3: ["good", "bad"] * 30, 4: [f"a film of {n} scenes" for n in range(60)]})
    assert "column 3" in unspool.inspect(frame, label=3)


def test_what_a_model_was_trained_on_is_not_scored(run):
    texts, moods = films(80)
    new, new_moods = films(20, seed=7)
    model = unspool.load(run.folder)
    found = model.evaluate([*texts, *new], labels=[*moods, *new_moods])
    assert found.rows + found.seen == 100
    assert found.seen >= 72
    assert model.evaluate(texts, labels=moods, include_seen=True).rows == 80
    with pytest.raises(UserError, match=r"^data in memory, row 2, column label: the label 'so so' does not occur"):
        model.evaluate(["a film", "a plot"], labels=["good", "so so"])
    with pytest.raises(UserError, match=r"^The examples have no labels\. Give one for each, as in labels="):
        model.evaluate(["a film", "a plot"])


def test_series_are_predicted_and_scored(walking):
    series, ways = walks(20, seed=3)
    model = walking.model
    assert model.predict(series) == ways
    assert model.evaluate(series, labels=ways).scores["accuracy"].value == 1
    trained_on, labels = walks(40)
    assert model.evaluate(trained_on, labels=labels).rows == 4
    with pytest.raises(UserError, match=r"Entry 0 .*a series \(steps, 1\) was expected"):
        model.predict([np.zeros((4, 2))])
    assert model.predict([]) == []
    assert model.probabilities([]).shape == (0, 2)
    with pytest.raises(UserError, match=r"There is no data: None was given\. Give a path, a data frame, a list or an"):
        model.predict(None)
    for empty in (np.zeros((0, 1)), np.full((4, 1), np.nan)):
        with pytest.raises(UserError, match=r"Entry 1 \(counted from 0\) has no numbers"):
            model.predict([series[0], empty])


def test_series_of_a_frame_are_predicted(folder):
    pandas = pytest.importorskip("pandas")
    rows = [
        {"id": number, "time": step, "x": float(value[0]), "label": way}
        for number, (steps, way) in enumerate(zip(*walks(40), strict=True))
        for step, value in enumerate(steps)
    ]
    frame = pandas.DataFrame(rows)
    run = unspool.train(frame, out=folder / "rows", model="statistics", settings=SMALL, verbose=False)
    found = run.predict(frame.drop(columns="label").sample(frac=1, random_state=0).sort_values("id", kind="stable"))
    assert found == walks(40)[1]
    with pytest.raises(UserError, match=r"^data in memory has no column 'x'"):
        run.predict(frame.drop(columns="x"))


def test_a_run_is_compared_with_answers_in_memory(run, folder):
    texts, moods = films(80)
    test = run.positions("test")
    assert sorted([*test, *run.positions("training"), *run.positions("validation")]) == list(range(80))
    guesses = [0.9 if "fine" in texts[position] else 0.2 for position in test]
    found = unspool.compare(run, {"a rule": np.array(guesses), "luck": ["good"] * len(test)}, out=folder / "with rules")
    assert [one.recipe for one in found.recipes] == ["films", "a-rule", "luck"]
    assert found.recipes[1].scores["accuracy"].value == 1
    share = np.mean([moods[position] == "good" for position in test])
    assert found.recipes[2].scores["accuracy"].value == pytest.approx(share)
    assert found.words.endswith("AUC and Brier score are not compared: luck has no probability for each label.")
    alone = unspool.compare(run, {"a rule": np.array(guesses)})
    assert alone.folder == (folder / "compare-films-a-rule").resolve()
    assert alone.recipes[1].scores["auc"].value == 1


def test_positions_are_those_of_series_and_of_rows_of_a_frame(walking, folder):
    ways = np.array(walks(40)[1])
    truth = ways[walking.positions("test")]
    assert truth.tolist() == [("down", "up")[target] for target in walking.result.test_predictions.targets]
    pandas = pytest.importorskip("pandas")
    texts, moods = films(80)
    frame = pandas.DataFrame({"text": texts, "mood": moods}, index=range(100, 180))
    framed = unspool.train(frame, label="mood", out=folder / "frame", model="nb-words", settings=SMALL, verbose=False)
    test = frame.iloc[framed.positions("test")]
    answers = pandas.DataFrame({"good": [1.0 if "fine" in text else 0.0 for text in test.text]})
    assert unspool.compare(framed, {"rule": answers}).recipes[1].scores["accuracy"].value == 1


def test_runs_are_compared(run, folder):
    texts, moods = films(80)
    other = unspool.train(
        texts, label=moods, out=folder / "other", model="nb-characters", settings=SMALL, verbose=False, name="films"
    )
    comparison = unspool.compare(run, other.folder, out=folder / "compared")
    assert (folder / "compared" / "comparison.json").is_file()
    assert comparison.report == folder / "compared" / "compare.html"
    assert comparison.report.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert str(comparison).splitlines()[-1] == f"report: {comparison.report}"


def test_inspect_says_what_is_there_and_refuses_what_train_refuses():
    texts, moods = films(60)
    said = unspool.inspect(texts, label=moods)
    assert "the task is binary" in said
    assert said.startswith("data in memory: ")
    assert "in-memory" not in said
    with pytest.raises(UserError, match="Nothing can be learned from one label"):
        unspool.inspect(texts, label=["good"] * 60)
    with pytest.raises(UserError, match=r"^data in memory, row 61, column text"):
        unspool.inspect([*texts, ""], label=["good", "bad"] * 30 + ["bad"])


def test_a_test_file_is_named_by_any_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    series, labels = np.random.RandomState(0).normal(size=(40, 3, 1)), ["up", "down"] * 20
    for name, count in (("a.npz", 40), ("b.npz", 10)):
        np.savez(name, x=series[:count], y=labels[:count])
    said = unspool.inspect("a.npz", test=Path("b.npz"))
    assert f"the test is {tmp_path / 'b.npz'}" in said
    assert "of a series of training or validation: kept; they can flatter the scores of test by" in said


def test_nothing_is_written_for_a_call_that_is_refused(monkeypatch):
    monkeypatch.setattr("unspool.api.arguments.as_file", lambda *arguments: pytest.fail("a file was written"))
    with pytest.raises(UserError, match="There is no argument 'columns'"):
        unspool.train(["a film"] * 60, label=["good"] * 60, columns="text")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"columns": "text"}, "There is no argument 'columns'"),
        ({"buget": 3}, r"There is no argument 'buget'\. Did you mean budget\? There are aggregate, budget, "),
        ({"budget": "5m"}, "budget is '5m'. Give seconds, as in budget=300"),
        ({"budget": -1}, "budget is -1. Give seconds"),
        ({"seed": "a"}, "seed is 'a'. Give a whole number"),
        ({"label": ["good"]}, "60 examples, but 1 labels"),
        ({"settings": {"evaluation.validation_fraction": 0.2}}, r"no effect.*Set data\.validation_fraction"),
        ({"model": "oracle"}, r"in Python, model='oracle'\): there is no such model"),
        ({"model": "lstm"}, r"no such model for this.* For an LSTM .* give 'network' and set .*model\.cell=lstm"),
        ({"horizon": 10**9}, "^horizon is 1000000000: it must be at most 10,000"),
        ({"season": "week", "horizon": 3}, "^season is 'week': input should be a valid integer"),
        ({"test": ["a film"]}, "test is of type list. Give the path of a file"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_trained(arguments, message, tmp_path):
    texts, moods = films(60)
    with pytest.raises(UserError, match=message):
        unspool.train(texts, **{"label": moods, "out": tmp_path / "a", "verbose": False} | arguments)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"budget": "1h"}, "budget is '1h'. Give seconds, as in budget=300"),
        ({"budget": -1}, "budget is -1. Give seconds"),
        ({"seed": 1.5}, "seed is 1.5. Give a whole number"),
        ({"trials": 0}, "trials is 0. Give a whole number"),
        ({"sampler": "grid"}, "sampler is 'grid'. It can be tpe, random, qmc"),
    ],
)
def test_what_is_wrong_with_a_search_is_told_before_anything_is_trained(arguments, message, tmp_path):
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    texts, moods = films(60)
    with pytest.raises(UserError, match=message):
        unspool.search(texts, ["model.embedding=4,8"], label=moods, out=tmp_path / "a", verbose=False, **arguments)
    assert not (tmp_path / "a").exists()


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(UserError, match=f"{tmp_path}/taken is there already"):
        unspool.train(*films(80)[:1], label=films(80)[1], out="~/taken", model="nb-words", verbose=False)
    with pytest.raises(UserError, match=f"{tmp_path}/taken holds no trained model"):
        unspool.load("~/taken")
    with pytest.raises(UserError, match=r"is a folder\. Name a file"):
        check_out(Path("~/a.csv"))
    assert folder_to_write("~/runs/a") == tmp_path / "runs/a"


def test_a_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(UserError, match="holds no trained model"):
        unspool.load(tmp_path)


def test_a_keras_model_is_no_folder():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for use in (unspool.load, unspool.Run, lambda given: unspool.compare(given, given)):
        with pytest.raises(UserError, match=r"Give the folder of a trained model.*, not a Keras model\."):
            use(model)


def test_settings_may_be_numbers_of_numpy():
    assert as_changes({"training.learning_rate": np.float64(0.1), "a": np.True_, "b": np.int64(3)}) == [
        "training.learning_rate=0.1",
        "a=true",
        "b=3",
    ]
    assert as_ranges({"training.learning_rate": np.array([0.01, 0.1])}) == ["training.learning_rate=0.01,0.1"]
