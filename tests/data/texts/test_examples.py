import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unspool.data.columns import Columns, find_columns
from unspool.data.tables.problems import Reason
from unspool.data.tables.table import Table, read_table
from unspool.data.texts.examples import TextExamples, read_examples
from unspool.errors import UserError
from unspool.tasks import find_task

Make = Callable[..., Table]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(rows: list[dict[str, object]], name: str = "a.jsonl", on_error: str = "stop") -> Table:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return read_table(path, on_error)  # type: ignore[arg-type]

    return make


def read(table: Table, columns: Columns, task: str | None = None, **settings: Any) -> TextExamples:
    return read_examples(table, columns, find_labels=partial(find_task, forced=task), **settings)


def reviews(count: int, **more: object) -> list[dict[str, object]]:
    return [{"text": f"film {n}", "label": ["bad", "good"][n % 2], **more} for n in range(count)]


def texts_of(examples: TextExamples, *parts: str) -> list[str]:
    return [text for batch in examples.stream(*parts) for text in batch.texts]  # type: ignore[arg-type]


def test_every_row_is_in_one_part_and_comes_with_its_label(make: Make) -> None:
    table = make(reviews(2500))
    examples = read(table, find_columns(table), seed=3)
    assert examples.counts() == {"training": 2000, "validation": 250, "test": 250}
    assert texts_of(examples) == [f"film {n}" for n in range(2500)]
    assert sorted(texts_of(examples, "training") + texts_of(examples, "validation", "test")) == sorted(
        texts_of(examples)
    )
    for batch in examples.stream():
        for text, label in zip(batch.texts, batch.labels, strict=True):
            assert label == ["bad", "good"][int(text.split()[1]) % 2]
    for number, part in enumerate(("training", "validation", "test")):
        assert {its_part for batch in examples.stream(part) for its_part in batch.parts.tolist()} == {number}
    texts, targets = examples.load("test")
    assert [int(text.split()[1]) % 2 for text in texts] == targets.tolist()
    assert np.bincount(targets).tolist() == [125, 125]


def test_rows_that_are_left_out_do_not_shift_the_others(make: Make) -> None:
    rows = reviews(100)
    for n in range(0, 100, 7):
        rows[n]["text"] = ""
    table = make(rows, on_error="skip")
    examples = read(table, find_columns(table))
    assert examples.scans[0].left_out[Reason.EMPTY_TEXT] == 15
    assert len(examples) == 85
    for batch in examples.stream():
        for text, label in zip(batch.texts, batch.labels, strict=True):
            assert label == ["bad", "good"][int(text.split()[1]) % 2]


def test_a_file_that_changes_meanwhile_is_not_read_again(make: Make) -> None:
    table = make(reviews(100))
    examples = read(table, find_columns(table))
    make(reviews(50))
    assert texts_of(examples) == [f"film {n}" for n in range(100)]


def test_copies_of_a_text_stay_together(make: Make) -> None:
    table = make(reviews(100) * 3)
    examples = read(table, find_columns(table))
    assert set(texts_of(examples, "training")).isdisjoint(texts_of(examples, "validation", "test"))
    assert set(texts_of(examples, "validation")).isdisjoint(texts_of(examples, "test"))
    assert examples.decisions[-1].endswith("at random, copies of one text together")


def test_copies_of_a_common_text_are_drawn_one_by_one(make: Make) -> None:
    """Together they all go to training, and the score is that of the easier rows."""
    table = make([{"text": "n/a", "label": ["bad", "good"][n % 2]} for n in range(80)] + reviews(60) * 2)
    examples = read(table, find_columns(table))
    assert set(examples.all_parts[:80].tolist()) == {0, 1, 2}
    assert (examples.all_parts[80:140] == examples.all_parts[140:]).all()
    assert examples.decisions[-1].endswith("copies of one text together unless they make up more than a tenth")


def test_copies_of_a_few_texts_stay_together(make: Make) -> None:
    """A file of eight examples repeated has only common texts: apart, all of the test was trained on."""
    table = make(reviews(8) * 10)
    examples = read(table, find_columns(table))
    assert (examples.all_parts.reshape(10, 8) == examples.all_parts[:8]).all()


def test_a_large_group_that_is_held_out_is_pointed_out(make: Make) -> None:
    table = make([row | {"by": max(n, 79)} for n, row in enumerate(reviews(100))])
    columns = find_columns(table, group="by")
    drawn = [read(table, columns, seed=seed) for seed in range(8)]
    said = [any(", was drawn for " in decision for decision in one.decisions) for one in drawn]
    assert said == [one.counts()["training"] < 50 for one in drawn]
    assert set(said) == {True, False}


def test_groups_times_and_splits_decide(make: Make) -> None:
    rows = [row | {"by": n // 4, "when": -n, "split": ["train", "dev"][n >= 80]} for n, row in enumerate(reviews(100))]
    table = make(rows)
    by_group = read(table, find_columns(table, group="by", split=None, label="label"))
    assert by_group.decisions[-2:] == (
        "column split says which rows are for training, validation and the test",
        "rows for test are drawn from the others: whole groups by column by",
    )
    assert texts_of(by_group, "validation") == [f"film {n}" for n in range(80, 100)]
    assert len({int(text.split()[1]) // 4 for text in texts_of(by_group, "test")}) * 4 == len(
        texts_of(by_group, "test")
    )
    by_time = read(table, find_columns(table, time="when"))
    assert texts_of(by_time, "test") == [f"film {n}" for n in range(8)]
    assert by_time.decisions[-1] == "rows for test are drawn from the others: the newest rows"
    with_groups = read(table, find_columns(table, time="when", group="by"))
    assert with_groups.decisions[-1].endswith("the newest rows, so that one group may be in several parts")


def test_a_test_file_is_the_test(make: Make) -> None:
    train, test = make(reviews(100)), make(reviews(6, more=1), name="test.jsonl")
    examples = read(train, find_columns(train), test=test)
    assert examples.counts() == {"training": 90, "validation": 10, "test": 6}
    assert texts_of(examples, "test") == [f"film {n}" for n in range(6)]
    assert examples.load("test")[1].tolist() == [0, 1] * 3
    assert f"the test is {test.path}" in examples.decisions


def test_a_label_that_training_never_shows_is_told_or_counted(make: Make) -> None:
    train = make(reviews(100))
    odd = {"text": "x", "label": "awful"}
    with pytest.raises(
        UserError, match=r"test\.jsonl, row 7, column label: the label 'awful' does not occur in training \(known"
    ):
        read(train, find_columns(train), test=make([*reviews(6), odd], "test.jsonl"))
    test = make([*reviews(6), odd], "test.jsonl", on_error="skip")
    examples = read(train, find_columns(train), test=test)
    assert examples.counts()["test"] == 6
    assert examples.scans[1].left_out[Reason.UNKNOWN_LABEL] == 1


def test_numbers_are_targets_and_what_is_none_is_told(make: Make) -> None:
    rows = [{"text": f"film {n}", "label": str(n / 7)} for n in range(100)]
    table = make(rows)
    examples = read(table, find_columns(table))
    assert examples.labels.name == "regression"
    assert "labels are numbers that are not all whole" in examples.decisions[2]
    texts, targets = examples.load("validation")
    assert examples.labels.decode(targets) == pytest.approx([int(text.split()[1]) / 7 for text in texts], abs=1e-4)
    table = make([*rows, {"text": "x", "label": "nan"}])
    with pytest.raises(UserError, match=r"row 101, column label: the label 'nan' is not a finite number"):
        read(table, find_columns(table))


def test_several_labels_at_once(make: Make) -> None:
    table = make([{"text": f"film {n}", "label": [["a"], ["a", "b"], []][n % 3]} for n in range(60)])
    examples = read(table, find_columns(table))
    assert examples.labels.name == "multilabel"
    assert examples.load("training")[1].shape == (48, 2)


@pytest.mark.parametrize(
    ("rows", "settings", "message"),
    [
        (reviews(1), {}, r"a\.jsonl, column label: Nothing can be learned from one label: the only example"),
        (reviews(40), {"task": "regression"}, r"a\.jsonl, column label: The task regression asks for numbers"),
        (reviews(4), {}, "too few examples"),
        (reviews(40), {"fractions": (0.9, 0.1)}, "A fraction to hold out is 0.9"),
    ],
)
def test_what_cannot_be_learned_from_is_told(make: Make, rows: list, settings: dict, message: str) -> None:
    table = make(rows)
    with pytest.raises(UserError, match=message):
        read(table, find_columns(table, text="text", label="label"), **settings)


def test_a_test_file_needs_the_columns(make: Make) -> None:
    train = make(reviews(40))
    with pytest.raises(UserError, match=r"test\.jsonl has no column 'label' for the label"):
        read(train, find_columns(train), test=make([{"text": "a", "lable": "bad"}], "test.jsonl"))
