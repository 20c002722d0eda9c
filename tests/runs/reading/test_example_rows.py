"""Which row, file or series each example is, of every kind of file, and that the test is in the order of its inputs."""

import csv

import numpy as np

from unspool.runs.reading.prepare_file import prepare_file
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.training_log import TrainingLog

from ..reviews import write_reviews
from ..series import series_of, write_long_form, write_npz


def _prepared(path, model="auto", **settings):
    def resolve(found, task, count):
        return recipe_for(found, task, count, (), 0, model)

    settings = {"kind": "auto"} | settings
    return prepare_file(FileSettings(path=str(path), **settings), 0, resolve, TrainingLog(), lambda text: None)[1]


def _named(rows, part=2):
    """What names the examples of a part, a tuple each."""
    kept = np.flatnonzero(rows.parts == part)
    return [tuple(column[position] for column in rows.columns.values()) for position in kept]


def _texts_in(path):
    with path.open(newline="") as file:
        return [row["review"] for row in csv.DictReader(file)]


def test_rows_of_a_table_are_counted_as_in_messages(tmp_path):
    path = write_reviews(tmp_path / "a.csv", rows=60)
    lines = path.read_text().splitlines()
    lines[3] = "2,,pos"  # no text in row 3
    path.write_text("\n".join(lines) + "\n")
    prepared = _prepared(path, on_error="skip")
    rows, texts = prepared.rows, _texts_in(path)
    assert list(rows.columns) == ["row"]
    assert sorted(rows.columns["row"]) == [row for row in range(1, 61) if row != 3]
    assert [texts[row - 1] for (row,) in _named(rows)] == list(prepared.test.raw())
    assert [texts[row - 1] for (row,) in _named(rows, 0)] == list(prepared.training.raw())
    assert rows.tested.tolist() == np.flatnonzero(rows.parts == 2).tolist()


def test_rows_of_a_test_file_are_its_own(tmp_path):
    path, test = (write_reviews(tmp_path / f"{name}.csv", rows=40, seed=seed) for name, seed in (("a", 0), ("b", 1)))
    rows = _prepared(path, test=str(test)).rows
    assert list(rows.columns) == ["file", "row"]
    assert _named(rows) == [("b.csv", row) for row in range(1, 41)]
    assert {file for file, _ in _named(rows, 0)} == {"a.csv"}


def _files_by_part(rows):
    """The files of training, validation and test."""
    return [sorted(set(np.array(rows.columns["file"])[rows.parts == part].tolist())) for part in (0, 1, 2)]


def _with_files(folder, ending, **settings):
    """Which files each part is in: with a validation and a test file, and with each alone."""
    files = {name: str(folder / f"{name}.{ending}") for name in ("validation", "test")}
    path = folder / f"a.{ending}"
    every = (files, {"validation": files["validation"]}, {"test": files["test"]})
    return [_files_by_part(_prepared(path, **settings, **some).rows) for some in every]


def _of_each(ending):
    a, validation, test = ([f"{name}.{ending}"] for name in ("a", "validation", "test"))
    return [[a, validation, test], [a, validation, a], [a, a, test]]


def test_each_part_is_in_its_own_file(tmp_path):
    for number, name in enumerate(("a", "validation", "test")):
        write_reviews(tmp_path / f"{name}.csv", rows=40, seed=number)
        write_npz(tmp_path / f"{name}.npz", count=40, seed=number)
        words = range(100 * number, 100 * number + 40)
        (tmp_path / f"{name}.conll").write_text("\n".join(f"w{one}\t{'nv'[one % 2]}\nx\tx\n" for one in words))
        pairs = "".join(f'{{"source": "a film {one}", "target": "ein Film {one}"}}\n' for one in words)
        (tmp_path / f"{name}.jsonl").write_text(pairs)
    assert _with_files(tmp_path, "csv") == _of_each("csv")
    assert _with_files(tmp_path, "npz", kind="series") == _of_each("npz")
    assert _with_files(tmp_path, "conll") == _of_each("conll")
    assert _with_files(tmp_path, "jsonl", source="source", target="target") == _of_each("jsonl")


def test_two_files_of_one_name_are_told_by_their_folders(tmp_path):
    (tmp_path / "more").mkdir()
    path, test = (write_reviews(folder / "a.csv", rows=40) for folder in (tmp_path, tmp_path / "more"))
    assert _named(_prepared(path, test=str(test)).rows)[0] == (str(test), 1)


def _write_folder(folder, seed=0):
    texts = _texts_in(write_reviews(folder.parent / "all.csv", rows=40, seed=seed))
    for number, text in enumerate(texts):
        place = folder / ("pos" if number % 2 else "neg")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.txt").write_text(text)
    return folder


def test_texts_of_a_folder_are_told_by_their_files(tmp_path):
    folder = _write_folder(tmp_path / "films")
    prepared = _prepared(folder)
    assert list(prepared.rows.columns) == ["file"]
    assert [(folder / file).read_text() for (file,) in _named(prepared.rows)] == list(prepared.test.raw())
    other = _prepared(folder, test=str(_write_folder(tmp_path / "others", seed=3)))
    assert list(other.rows.columns) == ["file", "row"]
    assert _named(other.rows)[0] == ("others/neg/0.txt", 1)


def test_series_are_told_by_their_names_or_their_numbers(tmp_path):
    long = _prepared(write_long_form(tmp_path / "long.csv"), series="series", kind="series")
    assert list(long.rows.columns) == ["series"]
    assert all(name.startswith("s") for (name,) in _named(long.rows))
    arrays = _prepared(write_npz(tmp_path / "a.npz"), kind="series").rows
    steps, _ = series_of(40)
    numbers = [int(name) for (name,) in _named(arrays)]
    assert arrays.columns["series"][:2] == ["1", "2"]
    read = _prepared(tmp_path / "a.npz", kind="series").test.raw()
    assert all(np.allclose(steps[number - 1], one) for number, one in zip(numbers, read, strict=True))


def test_series_of_a_test_file_are_told_by_its_name(tmp_path):
    path, test = write_npz(tmp_path / "a.npz"), write_npz(tmp_path / "b.npz", count=10, seed=1)
    assert _named(_prepared(path, kind="series", test=str(test)).rows) == [("b.npz", str(row)) for row in range(1, 11)]


def test_a_column_of_series_that_another_is_called_gives_way(tmp_path):
    path = write_long_form(tmp_path / "long.csv")
    path.write_text(path.read_text().replace("series,time", "part,time", 1))
    assert list(_prepared(path, series="part", kind="series").rows.columns) == ["series"]


def test_tagged_texts_are_counted_by_rows_or_by_texts(tmp_path):
    words = [("the", ["noun", "verb"][number % 2], f"w{number}") for number in range(40)]
    lines = [f"{the}\td\n{word}\t{'nv'[number % 2]}\n{last}\tx\n" for number, (the, word, last) in enumerate(words)]
    conll = tmp_path / "a.conll"
    conll.write_text("\n".join(lines))
    prepared = _prepared(conll)
    assert list(prepared.rows.columns) == ["text"]
    assert [words[number - 1] for (number,) in _named(prepared.rows)] == list(prepared.test.raw())
    test = tmp_path / "b.conll"
    test.write_text(conll.read_text().replace("w", "u"))
    assert _named(_prepared(conll, test=str(test)).rows)[:2] == [("b.conll", 1), ("b.conll", 2)]


def test_of_several_pairs_that_are_one_example_the_test_names_the_first(tmp_path):
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [f"{one}{other}" for one in letters[:8] for other in letters[:8]]
    lines = ["source,target", *(f"{word},{' '.join(word.upper())}" for word in words for _ in range(2))]
    path = tmp_path / "words.csv"
    path.write_text("\n".join(lines) + "\n")
    rows = _prepared(path, "auto", task="pronunciation", source="source", target="target").rows
    named = [int(rows.columns["row"][position]) for position in rows.tested]
    assert all(number % 2 == 1 for number in named)
    assert len(named) * 2 == np.count_nonzero(rows.parts == 2)
    pairs = _prepared(path, "auto", source="source", target="target").rows
    assert len(pairs.tested) == np.count_nonzero(pairs.parts == 2)


def test_two_files_of_texts_are_counted_by_lines(tmp_path):
    for name in ("a.de", "a.en"):
        (tmp_path / name).write_text("".join(f"{name} {number}\n" for number in range(40)))
    prepared = _prepared(tmp_path / "a.de", target=str(tmp_path / "a.en"))
    assert list(prepared.rows.columns) == ["line"]
    assert [f"a.de {line - 1}" for (line,) in _named(prepared.rows)] == list(prepared.test.raw())


def test_forecasts_have_no_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["day,sold", *(f"2026-01-{day:02},{day % 7}" for day in range(1, 32))]) + "\n")
    assert _prepared(path, horizon=3, label="sold").rows is None
