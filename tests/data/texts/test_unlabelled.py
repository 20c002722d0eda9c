"""Texts without a label: which may be learned from, and that none belongs with the test."""

import json
from pathlib import Path

import numpy as np
import pytest

from unspool.data.columns import Columns, find_columns
from unspool.data.tables.table import Table, read_table
from unspool.data.texts.examples import TextExamples, read_examples
from unspool.data.texts.unlabelled import read_unlabelled
from unspool.errors import UserError
from unspool.tasks import find_task

LABELLED = [{"text": f"film {n}", "label": ["bad", "good"][n % 2]} for n in range(40)]
BARE = [{"text": f"another film {n}", "label": None} for n in range(50)]


def table_of(path: Path, rows: list[dict[str, object]], on_error: str = "stop") -> Table:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_table(path, on_error)  # type: ignore[arg-type]


def read(table: Table, unlabelled: Table | None = None, **columns: str) -> TextExamples:
    return read_examples(table, find_columns(table, **columns), find_labels=find_task, unlabelled=unlabelled)


def test_rows_without_a_label_are_in_no_part(tmp_path: Path) -> None:
    mixed = [row for pair in zip(BARE, [*LABELLED, *[{}] * 10], strict=True) for row in pair if row]
    examples = read(table_of(tmp_path / "a.jsonl", mixed))
    assert examples.counts() == {"training": 32, "validation": 4, "test": 4}
    assert all(text.startswith("film") for batch in examples.stream() for text in batch.texts)
    assert list(examples.unlabelled.texts()) == [row["text"] for row in BARE]
    assert len(examples.unlabelled) == len(examples.unlabelled.prints) == 50
    assert examples.decisions[-1].startswith("texts without a label: 50; document vectors and language models may")


def test_fewer_than_have_a_label_are_left_out(tmp_path: Path) -> None:
    examples = read(table_of(tmp_path / "a.jsonl", [*LABELLED, *BARE[:35]]))
    assert len(examples.unlabelled) == 0
    assert examples.decisions[-1].startswith(
        "texts without a label: 35; left out, as there are more labelled ones (36)"
    )
    assert len(read(table_of(tmp_path / "b.jsonl", [*LABELLED, *BARE[:36]])).unlabelled) == 36


def test_an_empty_cell_does_not_mean_none_of_several_labels(tmp_path: Path) -> None:
    tagged = [{"text": f"film {n}", "label": ["sad|long", "sad"][n % 2]} for n in range(40)]
    table = table_of(tmp_path / "a.jsonl", [*tagged, *BARE[:8]])
    assert read(table).decisions[-1] == (
        "if an empty cell in column label means that the text has none of the labels, write | in it: the text is then "
        "used in training and scoring"
    )
    lists = [row | {"label": str(row["label"]).split("|")} for row in tagged]
    assert "write [] in it" in read(table_of(tmp_path / "b.jsonl", [*lists, *BARE[:8]])).decisions[-1]
    assert "in it" not in read(table_of(tmp_path / "c.jsonl", [*LABELLED, *BARE[:8]])).decisions[-1]

    columns = find_columns(table)
    bare = table_of(tmp_path / "test.jsonl", [*tagged[:10], *BARE[:8]])
    with pytest.raises(UserError, match=r"label is missing \(if the row has none of the labels, write \|\)\. Fix it"):
        read_examples(table, columns, find_labels=find_task, test=bare)
    none = table_of(tmp_path / "none.jsonl", [*tagged[:10], *(row | {"label": "|"} for row in BARE[:8])])
    _, targets = read_examples(table, columns, find_labels=find_task, test=none).load("test")
    assert targets.sum(axis=1).tolist() == [2, 1] * 5 + [0] * 8


def test_copies_are_read_once_and_those_of_labelled_texts_never(tmp_path: Path) -> None:
    copies = [{"text": f" {row['text']} ", "label": ""} for row in [*LABELLED, *BARE[:5]]]
    examples = read(table_of(tmp_path / "a.jsonl", [*LABELLED, *BARE, *copies]))
    assert list(examples.unlabelled.texts()) == [row["text"] for row in BARE]
    assert examples.decisions[-1] == "texts without a label that are copies of others: 45; left out"


def test_what_belongs_with_the_test_is_left_out(tmp_path: Path) -> None:
    labelled = [row | {"by": n // 4} for n, row in enumerate(LABELLED)]
    bare = [row | {"by": n % 10 if n < 40 else "else"} for n, row in enumerate(BARE)]
    by_group = read(table_of(tmp_path / "a.jsonl", labelled + bare), group="by")
    tested = {int(text.split()[1]) // 4 for batch in by_group.stream("test") for text in batch.texts}
    kept = {int(text.split()[2]) for text in by_group.unlabelled.texts()}
    assert kept == {n for n in range(50) if n >= 40 or n % 10 not in tested}
    assert (
        by_group.decisions[-1]
        == f"texts without a label that belong with held-out examples: {50 - len(kept)}; left out"
    )

    labelled = [row | {"when": n} for n, row in enumerate(LABELLED)]
    by_time = read(
        table_of(tmp_path / "b.jsonl", labelled + [row | {"when": 36 * (n % 10 == 0)} for n, row in enumerate(BARE)]),
        time="when",
    )
    assert [int(text.split()[2]) for text in by_time.unlabelled.texts()] == [n for n in range(50) if n % 10]

    labelled = [row | {"split": "test" if n > 35 else "train"} for n, row in enumerate(LABELLED)]
    bare = [row | {"split": ["train", "test", None, "other"][n % 4]} for n, row in enumerate(BARE)]
    by_split = read(table_of(tmp_path / "c.jsonl", labelled + bare), split="split")
    assert [int(text.split()[2]) % 4 for text in by_split.unlabelled.texts()] == [
        n % 4 for n in range(50) if n % 4 != 1
    ]


def test_a_file_of_its_own_is_read_beside_the_others(tmp_path: Path) -> None:
    labelled = table_of(tmp_path / "a.jsonl", [*LABELLED, *BARE[:10]])
    more = table_of(tmp_path / "b.jsonl", [{"review": row["text"], "label": "bad"} for row in BARE[10:]])
    assert list(read(labelled, more).unlabelled.texts()) == [row["text"] for row in BARE]


def test_the_column_and_the_rows_left_out_are_said(tmp_path: Path) -> None:
    more = [{"body": row["text"], "lang": "en"} for row in BARE] + [{"body": " "}, {"body": None}, {"body": "\t"}]
    examples = read(table_of(tmp_path / "a.jsonl", LABELLED), table_of(tmp_path / "more.jsonl", more, "skip"))
    assert len(examples.unlabelled) == 50
    assert examples.decisions[-3:-1] == (
        "texts without a label are in column body of more.jsonl: by its name",
        "rows of more.jsonl that cannot be used: 2 with no text, 1 with a missing value; left out",
    )


def test_none_left_is_said_as_such(tmp_path: Path) -> None:
    examples = read(table_of(tmp_path / "a.jsonl", LABELLED), table_of(tmp_path / "b.jsonl", LABELLED))
    assert examples.decisions[-2:] == (
        "texts without a label: all are left out",
        "texts without a label that are copies of others: 40; left out",
    )


def test_texts_whose_time_is_unknown_are_said_to_be_left_out(tmp_path: Path) -> None:
    labelled = table_of(tmp_path / "a.jsonl", [row | {"when": n} for n, row in enumerate(LABELLED)])
    more = [{"text": f"old {n}", "when": -1} for n in range(40)] + [{"text": f"new {n}", "when": 90} for n in range(3)]
    examples = read(labelled, table_of(tmp_path / "b.jsonl", [*more, {"text": "undated", "when": None}]), time="when")
    assert len(examples.unlabelled) == 40
    assert examples.decisions[-2:] == (
        "texts without a label that belong with held-out examples: 3; left out",
        "texts without a label whose time is unknown: 1; left out",
    )


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("".join(f'"I saw film {n}, and it was a fine one"\n' for n in range(60)))
    labelled = table_of(tmp_path / "a.jsonl", LABELLED)
    with pytest.raises(UserError, match="looks like an example, not like the names of the columns") as refused:
        read(labelled, read_table(tmp_path / "more.csv"))
    assert str(refused.value).endswith(
        "Add a header line above it, such as text. If line 1 is the header, rename its text column to text, as in the "
        "labelled file."
    )


def test_a_file_without_texts_is_refused(tmp_path: Path) -> None:
    columns = Columns("text", "label")
    with pytest.raises(UserError, match=r"b\.jsonl: no text can be used \(1 with no text\)"):
        read_unlabelled(table_of(tmp_path / "b.jsonl", [{"text": " "}], "skip"), columns)
    with pytest.raises(UserError, match=r"b\.jsonl, row 2, column text: the text is empty"):
        read_unlabelled(table_of(tmp_path / "b.jsonl", [{"text": "a"}, {"text": " "}]), columns)


def test_a_file_that_changes_meanwhile_is_not_read_again(tmp_path: Path) -> None:
    found = read(table_of(tmp_path / "a.jsonl", [*LABELLED, *BARE]))
    table_of(tmp_path / "a.jsonl", LABELLED)
    assert list(found.unlabelled.texts()) == [row["text"] for row in BARE]


def test_without_any_nothing_is_said(tmp_path: Path) -> None:
    examples = read(table_of(tmp_path / "a.jsonl", LABELLED))
    assert len(examples.unlabelled) == 0
    assert examples.unlabelled.prints.dtype == np.int64
    assert not any("without a label" in decision for decision in examples.decisions)
