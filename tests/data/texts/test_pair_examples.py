"""The part that each pair of texts is in, and the description of a file of pairs."""

import json

import numpy as np
import pytest

from unspool.data.texts.pair_examples import describe_pairs, read_pair_examples
from unspool.errors import UserError


def write(path, rows, names=("de", "en")):
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows))
    return path


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


def test_the_parts_and_the_words_of_two_files(table, two_files):
    path, target = two_files
    found = read_pair_examples(path, target=target, test=path, test_target=target)
    assert found.counts() == {"training": 36, "validation": 4, "test": 40}
    drawn = read_pair_examples(path, target=target, seed=3)
    assert drawn.parts.tolist() == read_pair_examples(table, source="de", target="en", seed=3).parts.tolist()
    assert "train.de is read, train.en is written, line by line" in describe_pairs(drawn)


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
        ({"test": "train.de"}, r"train\.de has one text a line\. Name .* of --test, --test-target FILE"),
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


@pytest.mark.parametrize("columns", [{}, {"source": "de", "target": "en"}])
def test_tabs_in_a_file_of_texts_may_separate_columns(tmp_path, columns):
    path = tmp_path / "deu.txt"
    path.write_text("Go.\tGeh.\tCC-BY\nHi.\tHallo!\tCC-BY\n")
    with pytest.raises(UserError, match=r"If tabs separate columns in it, rename it to deu\.tsv, and begin it with"):
        read_pair_examples(path, **columns)
