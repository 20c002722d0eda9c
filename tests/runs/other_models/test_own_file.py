"""Answers are matched by what the run's own file says of the test examples, such as their text."""

import csv
import random
import shutil

import pytest

from unspool.errors import UserError
from unspool.runs.other_models.answers import answers_of
from unspool.runs.other_models.examples_of_test import examples_of_test

from ..reviews import rows_of


@pytest.fixture
def test_rows(trained, reviews):
    """Rows of the file of reviews that are test examples, in the order of the run."""
    own = rows_of(reviews)
    return [own[int(one["row"]) - 1] for one in rows_of(trained[0] / "test_predictions.csv")]


def _answers(rows, path, *columns):
    """Answers that are right, in another order, beside some columns of the run's file."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "prediction"])
        for row in random.Random(1).sample(rows, len(rows)):
            writer.writerow([*(row[name] for name in columns), row["sentiment"]])
    return path


@pytest.mark.parametrize("columns", [["review"], ["number"], ["number", "review"], ["review", "sentiment"]])
def test_a_text_or_an_id_matches_answers_in_any_order(columns, trained, test_rows, tmp_path):
    folder, result, _ = trained
    found = answers_of(_answers(test_rows, tmp_path / "svm.csv", *columns), examples_of_test(folder, result))
    assert found.decided.tolist() == result.test_predictions.targets.tolist()
    assert found.notes[0].endswith(f"were matched by column {columns[0]} of the run's data file.")


def test_answers_to_all_rows_of_the_file_are_matched_too(trained, reviews, tmp_path):
    folder, result, _ = trained
    found = answers_of(_answers(rows_of(reviews), tmp_path / "svm.csv", "number"), examples_of_test(folder, result))
    assert found.decided.tolist() == result.test_predictions.targets.tolist()


@pytest.mark.parametrize("kept", [0.95, 0.6])
def test_answers_that_lack_some_rows_are_refused_with_the_first_of_them(kept, trained, test_rows, tmp_path):
    folder, result, _ = trained
    some = test_rows[: int(kept * len(test_rows))]
    lacking = test_rows[len(some)]["number"]
    with pytest.raises(
        UserError,
        match=rf"no prediction for {len(test_rows) - len(some)} of the {len(test_rows)} test examples .*, by column "
        rf"number of the run's data file\. The first is {lacking}\.",
    ):
        answers_of(_answers(some, tmp_path / "svm.csv", "number"), examples_of_test(folder, result))


def test_another_order_that_no_column_tells_is_refused(trained, test_rows, tmp_path):
    folder, result, _ = trained
    rows = [{**row, "review": row["review"].split()[0]} for row in test_rows]
    own = tmp_path / "runs" / "first words"
    shutil.copytree(folder, own)
    file = tmp_path / "first words.csv"
    words = {row["number"]: row["review"].split()[0] for row in rows}
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["number", "review", "sentiment"])
        for number in range(200):
            writer.writerow([number, words.get(str(number), "-"), ("neg", "pos")[number % 2]])
    recipe = own / "recipe.toml"
    lines = [f'path = "{file}"' if line.startswith("path") else line for line in recipe.read_text().splitlines()]
    recipe.write_text("\n".join(lines))
    with pytest.raises(UserError, match=r"in another order, by column review, which has duplicates with different"):
        answers_of(_answers(rows, tmp_path / "svm.csv", "review"), examples_of_test(own, result))


def test_a_file_that_is_gone_or_changed_is_not_used(trained, test_rows, tmp_path):
    folder, result, _ = trained
    own, table = tmp_path / "run", _answers(test_rows, tmp_path / "svm.csv", "review")
    shutil.copytree(folder, own)
    recipe, file = own / "recipe.toml", tmp_path / "reviews.csv"
    lines = [f'path = "{file}"' if line.startswith("path") else line for line in recipe.read_text().splitlines()]
    recipe.write_text("\n".join(lines))
    examples = examples_of_test(own, result)
    assert answers_of(table, examples).notes[0].endswith("; not used: column review.")
    file.write_text("number,review,sentiment\n" + "".join(f"{n},{n},{('pos', 'neg')[n % 2]}\n" for n in range(200)))
    assert answers_of(table, examples).notes[0].endswith("; not used: column review.")


@pytest.mark.parametrize("spoil", [lambda text: f"{text} indeed", lambda text: text.replace(" ", "_")])
def test_rows_in_another_order_are_refused_although_some_texts_are_others(spoil, trained, test_rows, tmp_path):
    folder, result, _ = trained
    rows = [{**row, "review": spoil(row["review"])} if place < 2 else row for place, row in enumerate(test_rows)]
    with pytest.raises(
        UserError, match=r"in another order, by column review, which lacks some of them, the first being '"
    ):
        answers_of(_answers(rows, tmp_path / "svm.csv", "review"), examples_of_test(folder, result))


def test_spaces_and_forms_of_numbers_do_not_matter(trained, test_rows, tmp_path):
    folder, result, _ = trained
    rows = [
        {**row, "review": f" {row['review'].replace(' ', '  ')}", "number": f"{row['number']}.0"} for row in test_rows
    ]
    found = answers_of(_answers(rows, tmp_path / "svm.csv", "number", "review"), examples_of_test(folder, result))
    assert found.decided.tolist() == result.test_predictions.targets.tolist()


def test_columns_of_different_examples_are_refused(trained, test_rows, tmp_path):
    folder, result, _ = trained
    rows = [
        {**row, "number": other["number"]} for row, other in zip(test_rows, test_rows[1:] + test_rows[:1], strict=True)
    ]
    with pytest.raises(UserError, match=r"columns number and review are those of different test examples\."):
        answers_of(_answers(rows, tmp_path / "svm.csv", "number", "review"), examples_of_test(folder, result))


def test_an_index_of_the_table_does_not_contradict_a_text(trained, test_rows, reviews, tmp_path):
    """Pandas numbers the rows of each table that it writes: the run's file, and answers in another order."""
    folder, result, _ = trained
    own = tmp_path / "run"
    shutil.copytree(folder, own)
    recipe, file = own / "recipe.toml", tmp_path / "reviews.csv"
    lines = [f'path = "{file}"' if line.startswith("path") else line for line in recipe.read_text().splitlines()]
    recipe.write_text("\n".join(lines))
    texts = [row["review"] for row in test_rows]
    numbers = {text: place for place, text in enumerate(texts)}
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["", "review", "sentiment"])
        rest = iter(range(len(texts), 200))
        for row in rows_of(reviews):
            at = numbers.get(row["review"])
            writer.writerow([next(rest) if at is None else at, row["review"], row["sentiment"]])
    rows = [{**row, "": at} for at, row in enumerate(reversed(test_rows))]
    table = _answers(rows, tmp_path / "svm.csv", "", "review")
    found = answers_of(table, examples_of_test(own, result))
    assert found.decided.tolist() == result.test_predictions.targets.tolist()
    assert found.notes[0].endswith("were matched by column review of the run's data file.")


def _numbered(rows, path, first, *columns):
    """Answers to all rows of a file, numbered from `first` in a column `row`, beside some of the file's columns."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", *columns, "prediction"])
        for number, row in enumerate(rows, first):
            writer.writerow([number, *(row[name] for name in columns), row["sentiment"]])
    return path


@pytest.mark.parametrize("columns", [["review"], ["number"], ["review", "sentiment"]])
def test_numbers_of_rows_that_the_texts_contradict_are_refused(columns, trained, reviews, tmp_path):
    folder, result, _ = trained
    examples, own = examples_of_test(folder, result), rows_of(reviews)
    right = answers_of(_numbered(own, tmp_path / "svm.csv", 1, *columns), examples)
    assert right.decided.tolist() == result.test_predictions.targets.tolist()
    first = int(examples.rows["row"][0])
    with pytest.raises(
        UserError,
        match=rf"svm\.csv, row {first - 1} .line {first}.: column {columns[0]} has '.*', but that of the test example "
        rf"row {first} is '.*', which is in another row\. Correct column row, which counts from 1 without the header, ",
    ):
        answers_of(_numbered(own, tmp_path / "svm.csv", 2, *columns), examples)


def test_columns_that_may_have_a_name_in_common_by_chance_contradict_no_numbers(trained, reviews, tmp_path):
    folder, result, _ = trained
    others = [{**row, "number": int(row["number"]) % 2, "review": f"not {row['review']}"} for row in rows_of(reviews)]
    found = answers_of(_numbered(others, tmp_path / "svm.csv", 1, "number", "review"), examples_of_test(folder, result))
    assert found.decided.tolist() == result.test_predictions.targets.tolist()


def test_a_file_with_other_labels_is_another_file(trained, test_rows, reviews, tmp_path):
    folder, result, _ = trained
    own, file = tmp_path / "run", tmp_path / "reviews.csv"
    shutil.copytree(folder, own)
    recipe = own / "recipe.toml"
    lines = [f'path = "{file}"' if line.startswith("path") else line for line in recipe.read_text().splitlines()]
    recipe.write_text("\n".join(lines))
    file.write_text(reviews.read_text().replace(",pos", ",good").replace(",neg", ",bad"))
    found = answers_of(_answers(test_rows, tmp_path / "svm.csv", "review"), examples_of_test(own, result))
    assert found.notes[0].endswith("; not used: column review.")


def test_a_column_of_the_data_is_no_prediction(trained, test_rows, tmp_path):
    folder, result, _ = trained
    path = tmp_path / "svm.csv"
    lines = [f"{row['row']},{own['number']}" for row, own in zip(_rows(folder), test_rows, strict=True)]
    path.write_text("\n".join(["row,number", *lines]) + "\n")
    with pytest.raises(UserError, match="has no column prediction"):
        answers_of(path, examples_of_test(folder, result))


def _rows(folder):
    return rows_of(folder / "test_predictions.csv")
