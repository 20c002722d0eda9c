"""Pairs of texts from a table: which columns, which rows, which part."""

import json

import numpy as np
import pytest

from unspool.data.tables.table import read_table
from unspool.data.texts.pairs import MOST_CHARACTERS, describe_pairs, find_pair_columns, read_pair_examples, read_pairs
from unspool.errors import UserError


def write(path, rows, names=("de", "en")):
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows))
    return path


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "pairs.jsonl", [(f" quelle {n} ", f"source {n}") for n in range(40)])


def test_texts_come_without_space_around_them(table):
    found = read_pairs(table, source="de", target="en")
    assert (found.sources[3], found.targets[3], len(found)) == ("quelle 3", "source 3", 40)


@pytest.mark.parametrize(
    ("names", "source", "target", "found"),
    [
        (("de", "en"), "de", None, ("de", "en")),
        (("de", "en"), None, "de", ("en", "de")),
        (("id", "src", "tgt"), None, None, ("src", "tgt")),
        (("id", "Source", "fr"), None, "fr", ("Source", "fr")),
    ],
)
def test_columns_are_found(tmp_path, names, source, target, found):
    table = read_table(write(tmp_path / "t.jsonl", [["x"] * len(names)], names))
    assert find_pair_columns(table, source, target) == found


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("d", "en", "no column 'd' for the source"),
        ("de", "de", "column de cannot be both the source and the target"),
        (None, None, r"the source cannot be determined\. Name its column \(--source\): there are de, en"),
    ],
)
def test_columns_that_cannot_be_are_told(table, source, target, message):
    with pytest.raises(UserError, match=message):
        read_pairs(table, source=source, target=target)


@pytest.mark.parametrize(
    ("row", "message", "reason"),
    [
        (("", "a"), "row 2, column de: the text is empty", "no text"),
        (("a", None), "row 2, column en: the text is missing", "a missing value"),
        (("a", 7), "row 2, column en: there is a number where a text should be", "a value of another type"),
        (("a" * (MOST_CHARACTERS + 1), "a"), "row 2, column de: the text has 10,001 characters", "too long"),
    ],
)
def test_rows_that_cannot_be_used_are_told_or_left_out(tmp_path, row, message, reason):
    path = write(tmp_path / "pairs.jsonl", [("a", "b"), row, ("c", "d")])
    with pytest.raises(UserError, match=message):
        read_pairs(path, source="de")
    found = read_pairs(path, source="de", on_error="skip")
    assert found.sources == ["a", "c"]
    assert [(reason in one.value, count) for one, count in found.left_out.items()] == [(True, 1)]


def test_pairs_of_one_source_stay_in_one_part(tmp_path):
    path = write(tmp_path / "pairs.jsonl", [(f"q{n % 20}", f"t{n}") for n in range(60)])
    found = read_pair_examples(path, source="de", target="en")
    by_source = {}
    for source, part in zip(found.pairs.sources, found.parts.tolist(), strict=True):
        by_source.setdefault(source, set()).add(part)
    assert all(len(parts) == 1 for parts in by_source.values())
    assert found.counts() == {"training": 48, "validation": 6, "test": 6}
    assert "pairs with the same source together" in describe_pairs(found)


def test_pairs_that_are_left_out_or_only_copy_are_counted(tmp_path):
    pairs = [(f"q{n}", f"t{n}" if n > 1 else f"q{n}") for n in range(30)]
    found = read_pair_examples(write(tmp_path / "pairs.jsonl", [*pairs, ("", "a")]), source="de", on_error="skip")
    told = describe_pairs(found)
    assert "  1 pair with no text: left out\n" in told
    assert "  2 pairs with a source that is its target: kept; a model learns to copy from them\n" in told


def test_groups_parts_and_a_test_file_are_kept(tmp_path):
    rows = [(f"q{n}", f"t{n}", n % 10, ("train", "dev")[n % 2]) for n in range(40)]
    path = write(tmp_path / "pairs.jsonl", rows, ("de", "en", "text", "split"))
    test = write(tmp_path / "test.jsonl", [("q", "t"), ("r", "u")])
    found = read_pair_examples(path, source="de", target="en", group="text", test=test)
    assert found.counts() == {"training": 20, "validation": 20, "test": 2}
    assert found.split == "split"
    assert len(np.unique(found.pairs.groups)) == 12
