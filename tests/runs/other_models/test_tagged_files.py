"""Tags in a file with a token on each line are matched by the tokens of the texts."""

import csv

import numpy as np
import pandas
import pytest

import unspool
from unspool.errors import UserError
from unspool.runs.other_models.answers import InMemory, answers_of
from unspool.runs.other_models.examples_of_test import ExamplesOfTest, examples_of_test
from unspool.runs.records.record import read_result
from unspool.tasks.tagging import Tagging

TASK = Tagging(("name", "other"))
TEXTS = [("Ada", "wrote"), ("it", "rains"), ("so", "Paris", "is"), ("it", "rains")]
TAGS = [("name", "other"), ("other", "other"), ("other", "name", "other"), ("other", "other")]
IN_TEST = [1, 2, 3]
RIGHT = [("name", "other"), ("other", "other"), ("other", "name", "other")]


def lines(texts, tags):
    return "\n\n".join("\n".join(map(" ".join, zip(*both, strict=True))) for both in zip(texts, tags, strict=True))


@pytest.fixture
def data(tmp_path):
    """The run's data file."""
    path = tmp_path / "all.conll"
    path.write_text(lines(TEXTS, TAGS) + "\n")
    return path


@pytest.fixture
def examples(tmp_path, data):
    """The first three of four texts."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.toml").write_text(
        f'name = "run"\ntitle = "x"\ndescription = "x"\n[data]\npath = "{data}"\nkind = "tokens"\n'
        '[model]\nshape = "choice"\ncandidates = ["window-regression"]\n'
    )
    truth = np.array([[0, 1, -1], [1, 1, -1], [1, 0, 1]])
    return ExamplesOfTest(run, TASK, truth, {"text": list(map(str, IN_TEST))}, counted=True)


@pytest.fixture
def read(tmp_path, examples):
    """Read a file with these texts and tags, as the names of the tags."""

    def of(texts, tags, text=None):
        path = tmp_path / "theirs.conll"
        path.write_text(text or lines(texts, tags) + "\n")
        found = answers_of(path, examples)
        steps = (examples.truth >= 0).sum(axis=1)
        picked = found.decided.argmax(axis=2)
        return [tuple(TASK.names[tag] for tag in row[:n]) for row, n in zip(picked, steps, strict=True)], found.notes

    return of


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [3, 2, 1, 0]])
def test_texts_are_matched_by_their_tokens_in_any_order(read, order):
    tags, notes = read([TEXTS[row] for row in order], [TAGS[row] for row in order])
    assert tags == RIGHT
    assert "were matched by the tokens of the texts" in notes[0]


def test_the_last_of_several_columns_is_the_prediction(read):
    tags, _ = read(
        [],
        [],
        "Ada other name\nwrote name other\n\nit name other\nrains x other\n\nso o name\nParis o name\nis o name\n",
    )
    assert tags == [("name", "other"), ("other", "other"), ("name", "name", "name")]


def test_without_the_data_file_texts_must_be_in_order(read, data):
    data.unlink()
    tags, notes = read(TEXTS[:3], TAGS[:3])
    assert tags == RIGHT
    assert "were read in the order of the test examples" in notes[0]
    with pytest.raises(UserError, match=r"has 2 texts, .* has 3 test examples. Give all of them, in the order of"):
        read(TEXTS[:2], TAGS[:2])
    with pytest.raises(UserError, match=r"text 3 \(line 7\): the prediction is 2 tags, and 3 tags were expected"):
        read(TEXTS[:2] + TEXTS[:1], TAGS[:2] + TAGS[:1])


def test_a_text_that_is_missing_or_has_other_tokens_is_named(read):
    with pytest.raises(UserError, match=r"does not contain the test example text 2 of .*run: 'it rains'"):
        read([TEXTS[0], TEXTS[2], ("it", "Rains")], [TAGS[0], TAGS[2], TAGS[1]])


def test_the_same_tokens_with_different_tags_are_only_read_in_the_order_of_the_test(read, examples):
    with pytest.raises(UserError, match="texts with the same tokens but different tags"):
        read(TEXTS, [*TAGS[:3], ("name", "other")])
    examples.rows["text"][:] = ["1", "2", "4"]
    examples.truth[2] = [1, 1, -1]
    given = [TAGS[0], TAGS[1], ("name", "other")]
    tags, notes = read([TEXTS[0], TEXTS[1], TEXTS[3]], given)
    assert tags == given
    assert "in the order of the test examples" in notes[0]
    with pytest.raises(UserError, match=r"does not contain the test example text 2 of .*run 2 times: 'it rains'"):
        read(TEXTS[:3], TAGS[:3])


def test_texts_are_not_matched_by_a_data_file_that_has_changed(read, data):
    data.write_text(lines([TEXTS[1], TEXTS[0], *TEXTS[2:]], [TAGS[1], TAGS[0], *TAGS[2:]]) + "\n")
    tags, notes = read(TEXTS[:3], TAGS[:3])
    assert tags == RIGHT
    assert "in the order of the test examples" in notes[0]


def test_other_texts_and_true_tags_are_told(read):
    _, notes = read(TEXTS, TAGS)
    assert notes[0].endswith("texts that are not test examples were ignored: 1.")
    assert "identical to the true ones" in notes[1]
    assert len(read(TEXTS[:3], [("other", "other"), *TAGS[1:3]])[1]) == 1


def test_tokens_with_spaces_are_told_apart(read, data, examples):
    both = [("a b", "c"), ("a", "b c"), TEXTS[2]]
    tabbed = "\n\n".join("\n".join(map("\t".join, zip(*one, strict=True))) for one in zip(both, TAGS, strict=False))
    data.write_text(tabbed + "\n")
    first, second, third = tabbed.split("\n\n")
    assert read([], [], "\n\n".join([second, third, first]) + "\n")[0] == RIGHT


def test_an_unknown_tag_is_named(read):
    with pytest.raises(UserError, match=r"text 2 \(line 4\): tag 1 is 'verb'"):
        read(TEXTS[:3], [TAGS[0], ("verb", "other"), TAGS[2]])


def write_rows(path, tagged, header):
    """Write a table with a row for each token."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(header)
        for name, (tokens, tags) in enumerate(tagged):
            rows.writerows((f"s{name}", *both) for both in zip(tokens, tags, strict=True))


def test_a_table_with_a_row_for_each_token_is_matched_by_the_tokens(tmp_path):
    counts = [1 + number % 2 for number in range(40)]
    tagged = [((f"Ada{number}", *["wrote"] * n), ("name", *["other"] * n)) for number, n in enumerate(counts)]
    data, theirs = tmp_path / "tokens.csv", tmp_path / "theirs.csv"
    write_rows(data, tagged, ("sentence", "token", "tag"))
    given = {"series": "sentence", "text": "token", "label": "tag", "task": "tagging", "model": "window-regression"}
    run = unspool.train(data, **given, out=tmp_path / "run", settings={"evaluation.resamples": 100}, verbose=False)
    examples = examples_of_test(run.folder, read_result(run.folder))

    write_rows(theirs, tagged[::-1], ("sentence", "token", "y_pred"))
    found = answers_of(theirs, examples)
    assert np.array_equal(found.decided.argmax(axis=2)[examples.truth >= 0], examples.truth[examples.truth >= 0])
    assert found.notes[0].endswith("the tokens of the texts; texts that are not test examples were ignored: 36.")
    framed = answers_of(InMemory("theirs", pandas.read_csv(theirs)), examples)
    assert np.array_equal(framed.decided, found.decided)
    assert framed.notes[0].startswith("The predictions of theirs were matched by the tokens")
    with pytest.raises(
        UserError, match=r"identifies each text by its first row, as the table has a row for each token"
    ):
        run.positions("test")
    write_rows(theirs, tagged[:3], ("sentence", "token", "prediction"))
    with pytest.raises(UserError, match=r"does not contain the test example row \d+ of .*run: 'Ada"):
        answers_of(theirs, examples)
