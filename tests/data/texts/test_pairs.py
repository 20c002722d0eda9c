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


@pytest.mark.parametrize("group", ["book", "source"])
def test_the_column_of_the_groups_is_neither_source_nor_target(tmp_path, group):
    rows = [[f"b{row % 9}", f"a{row}", f"b{row}"] for row in range(40)]
    found = read_pair_examples(write(tmp_path / "t.jsonl", rows, (group, "de", "en")), source="de", group=group).pairs
    assert (found.source, found.target, found.ignored) == ("de", "en", ())


@pytest.mark.parametrize(
    ("task", "names", "found"),
    [
        ("summary", ("id", "article", "highlights"), ("article", "highlights")),
        ("summary", ("title", "Summary", "Document"), ("Document", "Summary")),
        ("summary", ("url", "text", "headline"), ("text", "headline")),
        ("pronunciation", ("frequency", "word", "ipa"), ("word", "ipa")),
        ("pronunciation", ("word", "phonemes", "split"), ("word", "phonemes")),
        ("pronunciation", ("id", "source", "target"), ("source", "target")),
    ],
)
def test_columns_with_the_usual_names_of_a_task_are_found(tmp_path, task, names, found):
    rows = [[f"a{row}", f"b{row}", "train" if names[-1] == "split" else f"c{row}"] for row in range(30)]
    examples = read_pair_examples(write(tmp_path / "t.jsonl", rows, names), task=task)
    assert (examples.pairs.source, examples.pairs.target) == found
    told = describe_pairs(examples)
    assert f"the task is {task}: it was asked for" in told
    assert f"column {found[0]} is read, column {found[1]} is written (usual names; for others, use --source and" in told


def test_the_suggested_header_has_the_usual_names_of_the_task(tmp_path):
    path = tmp_path / "words.tsv"
    path.write_text("san\tS AE1 N\ntodom\tT AA1 D AA0 M\n")
    with pytest.raises(UserError, match="add a header line above it, such as word,phonemes"):
        read_pair_examples(path, task="pronunciation")


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
    assert "  2 pairs with the same source and target: kept; a model learns to copy from them\n" in told


def test_equal_targets_are_reported(tmp_path):
    path = write(tmp_path / "pairs.jsonl", [(f"q{n}", "t") for n in range(30)])
    told = describe_pairs(read_pair_examples(path, source="de"))
    assert "  all training pairs have the same target: kept; a model learns to write it whatever it reads\n" in told


def test_test_pairs_that_training_has_too_are_told(tmp_path):
    training = write(tmp_path / "pairs.jsonl", [(f"q{n}", f"t{n}") for n in range(30)])
    test = write(tmp_path / "test.jsonl", [*((f"q{n}", f"u{n}") for n in range(30)), ("q", "t"), ("r", "u")])
    found = read_pair_examples(training, source="de", test=test)
    assert found.counts()["training"] == 27
    expected = "  30 pairs of test have the same source as a pair of training or validation (93.8% of test): kept; the"
    assert expected in describe_pairs(found)
    assert "too high" not in describe_pairs(read_pair_examples(training, source="de"))


def test_groups_parts_and_a_test_file_are_kept(tmp_path):
    rows = [(f"q{n}", f"t{n}", n % 10, ("train", "dev")[n % 2]) for n in range(40)]
    path = write(tmp_path / "pairs.jsonl", rows, ("de", "en", "text", "split"))
    test = write(tmp_path / "test.jsonl", [("q", "t"), ("r", "u")])
    found = read_pair_examples(path, source="de", target="en", group="text", test=test)
    assert found.counts() == {"training": 20, "validation": 20, "test": 2}
    assert found.split == "split"
    assert len(np.unique(found.pairs.groups)) == 12


def test_groups_of_a_test_file_and_of_a_validation_file_are_read(tmp_path):
    columns = ("de", "en", "text")
    path = write(tmp_path / "pairs.jsonl", [(f"q{n}", f"t{n}", n % 10) for n in range(40)], columns)
    other = write(tmp_path / "other.jsonl", [(f"o{n}", f"t{n}", n // 4) for n in range(16)], columns)
    read = {"source": "de", "target": "en", "group": "text"}
    found = read_pair_examples(path, **read, test=other, validation=other)
    for part in ("validation", "test"):
        assert len(np.unique(found.pairs.groups[found.rows(part)])) == 4
    bare = write(tmp_path / "bare.jsonl", [("q", "t"), ("r", "u")])
    with pytest.raises(UserError, match="has no column 'text' for the group"):
        read_pair_examples(path, **read, validation=bare)


@pytest.fixture
def two_files(tmp_path):
    for name, word in (("train.de", "quelle"), ("train.en", "source")):
        (tmp_path / name).write_text("".join(f" {word} {n} \n" for n in range(40)))
    return tmp_path / "train.de", str(tmp_path / "train.en")


def test_two_files_are_read_as_a_table_with_a_column_of_each(table, two_files):
    path, target = two_files
    found, same = read_pairs(path, target=target), read_pairs(table, source="de", target="en")
    assert (found.sources, found.targets) == (same.sources, same.targets)
    assert (found.source, found.target, found.path, str(found.target_path)) == ("train.de", "train.en", path, target)


def test_the_parts_and_the_words_of_two_files(table, two_files):
    path, target = two_files
    found = read_pair_examples(path, target=target, test=path, test_target=target)
    assert found.counts() == {"training": 36, "validation": 4, "test": 40}
    drawn = read_pair_examples(path, target=target, seed=3)
    assert drawn.parts.tolist() == read_pair_examples(table, source="de", target="en", seed=3).parts.tolist()
    assert "train.de is read, train.en is written, line by line" in describe_pairs(drawn)


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


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, r"train\.de has one text a line\. Name the file with the translations"),
        ({"source": "de"}, "--source has no effect"),
        ({"group": "id"}, "--group has no effect"),
        ({"split": "part"}, "--split has no effect"),
        ({"test_target": "test.en"}, "--test-target needs --test"),
        (
            {"test": "pairs.jsonl"},
            r"pairs\.jsonl: the test set must be a table if the training set is one, and two text files",
        ),
        ({"test": "train.de"}, r"train\.de has one text a line\. Name .* --test-target FILE"),
    ],
)
def test_what_has_no_meaning_for_two_files_is_refused(two_files, table, columns, message):
    path, target = two_files
    given = {"target": target} if columns else {}
    if "test" in columns:
        columns = columns | {"test": path.with_name(columns["test"])}
    with pytest.raises(UserError, match=message):
        read_pair_examples(path, **given, **columns)


def test_the_test_of_a_table_is_a_table(two_files, table):
    path, target = two_files
    with pytest.raises(UserError, match="the test set must be a table"):
        read_pair_examples(table, source="de", target="en", test=path, test_target=target)
    with pytest.raises(UserError, match="is a table: --test-target has no effect"):
        read_pair_examples(table, source="de", target="en", test=table, test_target=target)
