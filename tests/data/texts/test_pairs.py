"""Pairs of texts from a table: which columns, which rows, which part."""

import json

import pytest

from unspool.data.tables.table import read_table
from unspool.data.texts.pairs import MOST_CHARACTERS, find_pair_columns, read_pairs
from unspool.errors import UserError


def write(path, rows, names=("de", "en")):
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows))
    return path


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


def test_a_first_pair_is_not_taken_as_a_header(tmp_path):
    path = tmp_path / "pairs.tsv"
    pairs = [
        (f"A man is walking over bridge {n} today.", f"Ein Mann geht heute über die Brücke {n}.") for n in range(9)
    ]
    path.write_text("".join(f"{source}\t{target}\n" for source, target in pairs))
    with pytest.raises(UserError, match=r"looks like an example.*header line above it, such as source,target"):
        read_pairs(path)
    with pytest.raises(UserError, match=r"no column 'en' for the source.*If line 1 is an example, not a header, add"):
        read_pairs(path, source="en", target="de")
    path.write_text("san\tS AE1 N\ntodom\tT AA1 D AA0 M\n")
    with pytest.raises(UserError, match="If line 1 is a pair, not a header, add a header line above it"):
        read_pairs(path)
    path.write_text("word\tphonemes\nword\tW ER1 D\n")
    assert read_pairs(path, source="word").sources == ["word"]


@pytest.mark.parametrize(
    ("row", "message", "reason"),
    [
        (("", "a"), "row 2, column de: the text is empty", "no text"),
        (("a", None), "row 2, column en: the text is missing", "a missing value"),
        (
            ("a", 7),
            "row 2, column en: there is a number where a text should be. Give it as a text, such as '7', or leave",
            "a value of another type",
        ),
        (
            ("through", ["TH", "R", None]),
            "column en: there is a list where a text should be. Join the list into one text, such as 'TH R', or leave",
            "a value of another type",
        ),
        (
            ("a" * (MOST_CHARACTERS + 1), "a"),
            "row 2, column de: the text has 10,001 characters",
            "a text that is too long",
        ),
    ],
)
def test_rows_that_cannot_be_used_are_told_or_left_out(tmp_path, row, message, reason):
    path = write(tmp_path / "pairs.jsonl", [("a", "b"), row, ("c", "d")])
    with pytest.raises(UserError, match=message):
        read_pairs(path, source="de")
    found = read_pairs(path, source="de", on_error="skip")
    assert found.sources == ["a", "c"]
    assert [(reason in one.value, count) for one, count in found.left_out.items()] == [(True, 1)]


def test_two_files_are_read_as_a_table_with_a_column_of_each(table, two_files):
    path, target = two_files
    found, same = read_pairs(path, target=target), read_pairs(table, source="de", target="en")
    assert (found.sources, found.targets) == (same.sources, same.targets)
    assert (found.source, found.target, found.path, str(found.target_path)) == ("train.de", "train.en", path, target)


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("train.de", b" ", r"train\.de, line 2: the text is empty"),
        ("train.en", b"", r"train\.en, line 2: the text is empty"),
        ("train.en", b"\xff", r"train\.en, line 2: byte 0xFF is not UTF-8\. Save it as UTF-8"),
        ("train.en", b"a\0", r"train\.en, line 2: it holds a NUL byte"),
        ("train.de", b"a" * (MOST_CHARACTERS + 1), r"train\.de, line 2: the text has 10,001 characters"),
    ],
)
def test_lines_that_cannot_be_used_are_told_or_left_out_with_their_partner(two_files, name, line, message):
    path, target = two_files
    lines = path.with_name(name).read_bytes().splitlines(keepends=True)
    path.with_name(name).write_bytes(b"".join([lines[0], line + b"\n", *lines[2:]]))
    with pytest.raises(UserError, match=message):
        read_pairs(path, target=target)
    found = read_pairs(path, target=target, on_error="skip")
    assert (len(found), found.left_out.total()) == (39, 1)
    assert (found.sources[1], found.targets[1]) == ("quelle 2", "source 2")
