import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unspool.data.columns import Columns, find_columns
from unspool.data.inspection_in_words import describe, remarks
from unspool.data.tables.table import read_table
from unspool.data.texts.examples import read_examples
from unspool.data.texts.inspection import TextInspection, inspect_texts
from unspool.data.texts.side_columns import SideColumns
from unspool.data.texts.table_scan import scan_table
from unspool.tasks import find_task

Look = Callable[..., TextInspection]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def look(rows: list[dict[str, object]], on_error: str = "stop", **settings: object) -> TextInspection:
        path = tmp_path / "a.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        table = read_table(path, on_error)  # type: ignore[arg-type]
        examples = read_examples(table, find_columns(table), find_labels=find_task)
        return inspect_texts(examples, **settings)  # type: ignore[arg-type]

    return look


def rows_of(split: str, count: int, first: int = 0, label: str | None = None) -> list[dict[str, object]]:
    """Texts of ten words of which no two texts share three in a row; each word stands in one text."""
    return [
        {"text": " ".join(f"w{n}x{k}" for k in range(10)), "label": label or ["bad", "good"][n % 2], "split": split}
        for n in range(first, first + count)
    ]


SPLIT = rows_of("train", 40) + rows_of("dev", 10, 100) + rows_of("test", 10, 200)


def test_plain_data_give_nothing_to_remark(look: Look) -> None:
    random = np.random.RandomState(0)
    seen = look([row | {"text": " ".join(random.choice(list("abcdefgh"), 7))} for row in SPLIT])
    assert seen.rows == 60
    assert seen.balance.parts == {"training": 40, "validation": 10, "test": 10}
    assert seen.balance.labels == {"bad": (20, 5, 5), "good": (20, 5, 5)}
    assert seen.lengths == (8,) * 6
    assert (seen.length, seen.whole) == (8, 1.0)
    assert remarks(seen) == []
    assert describe(seen).endswith("what will be done about it:\n  nothing\n")


def test_labels_that_are_written_in_the_texts_are_pointed_out(look: Look) -> None:
    def told(*texts: str) -> list[str]:
        rows = [row | {"text": f"{texts[n % 2]} {row['text']}"} for n, row in enumerate(SPLIT)]
        return [remark.found for remark in remarks(look(rows)) if "this label" in remark.found]

    found = told("[BAD]", "fine")
    assert found == ["the word bad is in 100% of the training texts with this label, and in 0% of the others"]
    assert len(told("bad", "good")) == 2
    assert told("bad", "bad") == told("badly", "goods") == told("", "") == []


def test_words_are_counted_apart_in_training_and_elsewhere(look: Look) -> None:
    rows = [row | {"text": "the film was good", "label": f"l{n % 2}"} for n, row in enumerate(rows_of("train", 20))]
    rows[0]["text"] = "the film was bad"
    held_out = [{"text": "the film was bad", "label": "l0", "split": split} for split in ("dev", "test")]
    seen = look(rows + held_out)
    assert seen.different_words == 5
    assert seen.size == 4 + 4  # "bad" was seen once
    assert seen.unknown_in_training == pytest.approx(1 / 80)
    assert seen.unknown_held_out == pytest.approx(1 / 4)
    assert seen.tokenizer.encode(["bad film"])[0][1] == 2
    assert look(rows + held_out, size=6).size == 6


def test_near_duplicates_are_told_beside_copies(look: Look) -> None:
    long = " ".join(f"v{k}" for k in range(200))
    rows = [{"text": long + end, "label": "good", "split": "train"} for end in ("", "", " more")]
    found = [remark.found for remark in remarks(look(SPLIT + rows))]
    assert "3 rows of training are near-duplicates of another row of training, 2 of them word for word" in found


def test_copies_and_near_duplicates_are_counted_where_they_are(look: Look) -> None:
    long = " ".join(f"v{k}" for k in range(200))
    extra = [
        {"text": long, "label": "good", "split": "train"},
        {"text": f"{long} more", "label": "bad", "split": "train"},
        {"text": f"other {long}", "label": "bad", "split": "test"},
        SPLIT[0] | {"split": "train"},
        SPLIT[0] | {"split": "test"},
        SPLIT[1] | {"split": "dev", "label": "bad"},
    ]
    duplicates = look(SPLIT + extra).duplicates
    assert duplicates.within == {"training": 2, "validation": 0, "test": 0}
    assert duplicates.near_within == {"training": 4, "validation": 0, "test": 0}
    assert duplicates.from_earlier == {"training": 0, "validation": 1, "test": 1}
    assert duplicates.near_from_earlier == {"training": 0, "validation": 1, "test": 2}
    assert duplicates.contradictory == 2


def test_rows_with_other_cells_beside_the_text_are_no_duplicates(tmp_path: Path) -> None:
    rows = [{"car": f"car {n % 20}", "weight": n, "fast": "yes" if n % 3 else "no"} for n in range(60)]
    rows += [rows[0], rows[1] | {"fast": "no"}]
    path = tmp_path / "cars.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = Columns("car", "fast", side=SideColumns(("weight",)))
    duplicates = inspect_texts(read_examples(read_table(path), columns, find_labels=find_task)).duplicates
    assert sum(duplicates.within.values()) == sum(duplicates.near_within.values()) == 4
    assert duplicates.contradictory == 2


def test_rows_are_told_apart_by_numbers_in_32_bits(tmp_path: Path) -> None:
    columns = Columns("car", "fast", side=SideColumns(("weight",)))
    prints = []
    for weight in (7.1, float(np.float32(7.1)), 7.2):
        (tmp_path / "cars.jsonl").write_text(json.dumps({"car": "a car", "weight": weight, "fast": "yes"}) + "\n")
        prints.append(scan_table(read_table(tmp_path / "cars.jsonl"), columns).whole[0])
    assert prints[0] == prints[1] != prints[2]


def test_rows_of_all_chunks_are_seen(look: Look) -> None:
    rows = rows_of("train", 2100) + rows_of("dev", 10, 3000) + rows_of("test", 10, 4000)
    rows[2] = rows[2] | {"text": "a b c"}
    rows[2099] = rows[1500] | {"split": "train"}
    seen = look(rows)
    assert (seen.lengths[0], seen.lengths[1], seen.lengths[-1]) == (4, 11, 11)
    assert seen.duplicates.within["training"] == seen.duplicates.near_within["training"] == 2
    assert seen.different_words == 2118 * 10 + 3


def test_a_list_of_labels_that_is_cut_says_how_many_it_leaves_out(look: Look) -> None:
    rows = [row | {"label": f"rare {n:02}"} for n, row in enumerate(rows_of("train", 23, 300))]
    weights, rare = (remark for remark in remarks(look(SPLIT + rows)) if "labels" in remark.found)
    assert rare.found.startswith("labels with fewer than 10 rows: rare ")
    assert rare.found.endswith(" and 3 more")
    assert rare.done == "all are in training"
    assert weights.done.endswith(" and 5 more)")


def test_everything_out_of_the_ordinary_is_said_with_what_is_done(look: Look) -> None:
    rows = [row | {"place": None if n < 3 else "here"} for n, row in enumerate(SPLIT)]
    rows += [
        row | {"place": "here"} for row in rows_of("train", 100, 300, label="good") + rows_of("train", 2, 600, "rare")
    ]
    rows += [rows[5] | {"split": "test", "label": "bad"}, {"text": "", "label": "good", "split": "train", "place": "x"}]
    rows[6] = rows[6] | {"text": "word " * 3000}
    seen = look(rows, on_error="skip")
    said = {remark.found: remark.done for remark in remarks(seen)}
    assert said == {
        "1 row with no text": "left out",
        "3 empty cells in column place": "that column is not read",
        "1 empty cell in column text": "their rows are left out",
        "labels are not equally frequent": "kept as they are; --set training.class_weight=balanced trains a "
        "network in which each counts the same (weights good 0.39, bad 2.4, rare 24)",
        "labels with fewer than 10 rows: rare": "all are in training",
        "0.7% of the training texts have more than 16 tokens": "cut to 16 for a network; other models read whole texts",
        "100% of the tokens outside training are unknown": "a network does not read them, except as BPE "
        "(--model network --tokenizer bpe)",
        "1 row of test is a duplicate of a row of training or validation": "kept; it can flatter the scores of test by "
        "9.1% at most",
        "2 rows with a duplicate that has another label": "kept; no model can be right on all",
    }


def test_rare_labels_are_told_apart_by_whether_they_are_held_out(look: Look) -> None:
    rows = SPLIT + [{"text": f"more {n}", "label": "rare" if n else "rarer", "split": "train"} for n in range(2)]
    seen = look([*rows, {"text": "new", "label": "rare", "split": "test"}])
    said = {remark.found: remark.done for remark in remarks(seen)}
    assert said["labels with fewer than 10 rows: rarer"] == "all are in training"
    assert said["labels with fewer than 10 rows: rare"] == "too few to learn or to score reliably"


def test_labels_that_only_the_test_has_are_pointed_out(look: Look) -> None:
    """The newest rows, held out by time, may bring a new label."""
    seen = look(SPLIT)
    balance = replace(seen.balance, labels=seen.balance.labels | {"newest": (0, 0, 5)})
    (only,) = [one for one in remarks(replace(seen, balance=balance)) if "newest" in one.found]
    assert only.found == "labels that only the test has: newest"
    assert only.done == "cannot be learned, so they are never predicted"


def test_labels_that_differ_only_in_capitals_or_spaces_are_pointed_out(look: Look) -> None:
    names = {"good": ("good", "Good"), "bad": ("bad", "very bad", "Very  bad")}
    rows = [row | {"label": names[row["label"]][n // 2 % len(names[row["label"]])]} for n, row in enumerate(SPLIT)]
    found = [remark.found for remark in remarks(look(rows))]
    (alike,) = [one for one in found if one.startswith("labels that differ only")]
    assert {"good", "Good", "very bad", "Very  bad"} == set(re.split(": | and |, ", alike)[1:])


def test_labels_that_are_the_same_number_are_pointed_out(look: Look) -> None:
    """As of two files, one of which an older program wrote: 1 and 1.0 would be two classes."""
    names = {"good": ("1", "1.0"), "bad": ("0",)}
    rows = [row | {"label": names[row["label"]][n // 2 % len(names[row["label"]])]} for n, row in enumerate(SPLIT)]
    found = [remark.found for remark in remarks(look(rows))]
    assert {"labels that are the same number: 1 and 1.0", "labels that are the same number: 1.0 and 1"} & {*found}
    assert not any("capitals" in one for one in found)


def test_labels_that_hold_others_are_pointed_out(look: Look) -> None:
    """Several labels in a cell, separated in a way that is not read."""
    rows = SPLIT + rows_of("train", 10, 900, label="good, bad") + rows_of("train", 10, 950, label="good, old")
    said = {remark.found: remark.done for remark in remarks(look(rows))}
    assert said["labels made up of other labels: good, bad"].endswith("separate them by ; or |")


def test_labels_that_look_like_missing_ones_are_pointed_out(look: Look) -> None:
    rows = SPLIT + rows_of("train", 10, 900, label="NA") + rows_of("train", 10, 950, label="null")
    said = {remark.found: remark.done for remark in remarks(look(rows))}
    assert said["labels that look like missing ones: NA, null"].startswith("kept as labels; empty these cells")


def test_the_whole_text(look: Look) -> None:
    seen = look(SPLIT)
    text = describe(seen)
    assert text.startswith(f"{seen.path}: JSON lines, 60 rows that can be used\n  the text is in column text: by its")
    assert "      training  validation     test\nall         40          10       10\nbad   20 (50%)" in text
    assert (
        "tokens in a text  least  10%  median  90%  99%  most\ntraining             11   11      11   11   11    11"
        in text
    )
    assert "A network reads 16 tokens of a text: 100.0% of those in training are whole." in text
    assert text.endswith("(--model network --tokenizer bpe)\n")
    assert max(map(len, text.splitlines())) <= 130


def test_many_labels_are_cut_short(look: Look) -> None:
    rows = [row | {"label": f"l{n % 25:02}"} for n, row in enumerate(rows_of("train", 250))]
    text = describe(look(rows + rows_of("dev", 1, 300, "l01") + rows_of("test", 1, 301, "l01")))
    assert "l19" in text
    assert "l20" not in text
    assert "and 5 labels more" in text


def test_numbers_have_quantiles_in_place_of_labels(look: Look) -> None:
    rows = [row | {"label": n / 8} for n, row in enumerate(rows_of("train", 101))]
    seen = look(rows + [row | {"label": 0.5} for row in rows_of("dev", 2, 200) + rows_of("test", 2, 300)])
    assert seen.balance.labels == seen.balance.weights == {}
    assert seen.balance.numbers == pytest.approx((0, 10 / 8, 50 / 8, 90 / 8, 99 / 8, 100 / 8), abs=1e-5)
    lines = [line.split() for line in describe(seen).splitlines()]
    assert ["label", "least", "10%", "median", "90%", "99%", "most"] in lines
    assert ["training", "0", "1.25", "6.25", "11.25", "12.375", "12.5"] in lines


def test_several_labels_are_each_counted(look: Look) -> None:
    rows = [row | {"label": [["a"], ["a", "b"], []][n % 3]} for n, row in enumerate(SPLIT)]
    assert look(rows).balance.labels == {"a": (27, 7, 6), "b": (13, 4, 3)}


def test_bpe_measures_in_its_own_tokens(look: Look) -> None:
    seen = look(SPLIT, kind="bpe", size=300)
    assert seen.size <= 300
    assert seen.unknown_in_training == seen.unknown_held_out == 0
    texts = [row["text"] for row in SPLIT[:40]]
    lengths = seen.tokenizer.encode(texts).lengths  # type: ignore[arg-type]
    assert (seen.lengths[0], seen.lengths[-1]) == (lengths.min(), lengths.max())
    assert np.mean(lengths <= seen.length) == seen.whole


def test_shares_are_rounded_neither_to_none_nor_to_all(look: Look) -> None:
    rows = rows_of("train", 2999, label="common") + rows_of("train", 1, 3000, label="rare")
    rows[7]["text"] = " ".join(f"w{word}" for word in range(50))
    seen = look([*rows, *rows_of("dev", 2, 4000, label="common"), *rows_of("test", 2, 5000, label="rare")])
    text = describe(seen)
    assert "2,999 (>99%)" in text
    assert "1 (<1%)" in text
    assert "0 (0%)" in text
    assert ">99.9% of those in training are whole" in text
    assert "<0.1% of the training texts have more than" in text
    assert "(weights common 0.5, rare 1,500)" in text


def test_columns_that_give_the_label_away_are_pointed_out(tmp_path: Path) -> None:
    def told(cells: Callable[[int], dict[str, object]], side: SideColumns) -> list[str]:
        path = tmp_path / "a.jsonl"
        path.write_text("".join(json.dumps(row | cells(n)) + "\n" for n, row in enumerate(SPLIT)))
        table = read_table(path, "stop")
        columns = find_columns(table, side=side)
        seen = inspect_texts(read_examples(table, columns, find_labels=find_task))
        return [remark.found for remark in remarks(seen) if "gives the label away" in remark.found]

    assert told(lambda n: {"boat": n if n % 2 else None}, SideColumns(("boat",))) == [
        "column boat gives the label away: whether its cell is empty is enough to tell the label of 100% of the "
        "training rows"
    ]
    assert told(lambda n: {"deck": "ab"[n % 2]}, SideColumns((), ("deck",))) == [
        "column deck gives the label away: its value is enough to tell the label of 100% of the training rows"
    ]
    assert told(lambda n: {"deck": "ab"[n % 3 == 0]}, SideColumns((), ("deck",))) == []
