import json
from functools import partial

import pytest

from unspool.data.texts.tagged_examples import describe_tagged, read_tagged_examples
from unspool.data.texts.tagged_sources import holds_tagged_texts, read_tagged_texts
from unspool.errors import UserError
from unspool.tasks import Tagging, find_task


def write_lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_conll_file(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("-DOCSTART- -X- O\n\n# id = 1\nAda NNP B-person\nwrote VBD O\n\n\nParis\tB-place\n# O\n")
    found = read_tagged_texts(path)
    assert found.texts == [("Ada", "wrote"), ("Paris", "#")]
    assert found.tags == [("B-person", "O"), ("B-place", "O")]
    assert [str(place) for place in found.places] == ["text 1 (line 4)", "text 2 (line 8)"]
    assert holds_tagged_texts(path)


@pytest.mark.parametrize("comment", ["# id 5239-d8\tdomain=en", "# sent_id=7", "# newpar", "# text = a b"])
def test_comments_before_a_text(tmp_path, comment):
    """Those of MultiCoNER were read as a token, with the tag "domain=en", at the beginning of each text."""
    path = tmp_path / "a.conll"
    path.write_text(f"{comment}\r\n# _ _ O\nfun _ _ B-X\n\n#\tPoss=Yes\n")
    found = read_tagged_texts(path)
    assert found.texts == [("#", "fun"), ("#",)]
    assert found.tags == [("O", "B-X"), ("Poss=Yes",)]


def test_a_token_with_spaces(tmp_path):
    """Its first word was read alone: "10" of "10 000", as in treebanks, and "học" of "học sinh"."""
    path = tmp_path / "a.conll"
    path.write_text("# text = 10 000\they\nhọc sinh\tNOUN\n10\u00a0000\tX\tNUM\r\n \n10\u00a0000  X NUM \n", "utf-8")
    found = read_tagged_texts(path)
    assert found.texts == [("học sinh", "10\u00a0000"), ("10\u00a0000",)]
    assert found.tags == [("NOUN", "NUM"), ("NUM",)]
    path.write_text("New York\t\n", "utf-8")
    with pytest.raises(UserError, match="line 1 has no tag behind 'New York'"):
        read_tagged_texts(path)


def test_a_token_without_a_tag(tmp_path):
    path = tmp_path / "a.iob"
    path.write_text("Ada B\nwrote\n\nParis O\n")
    with pytest.raises(UserError, match="text 1: line 2 has no tag behind 'wrote'"):
        read_tagged_texts(path)
    found = read_tagged_texts(path, on_error="skip")
    assert found.texts == [("Paris",)]
    assert found.left_out.total() == 1
    assert read_tagged_texts(path, labelled=False).texts == [("Ada", "wrote"), ("Paris",)]


@pytest.mark.parametrize(
    ("line", "message"),
    [("Ada\tNNP\t", "line 4 has no tag behind 'Ada'"), ("\tNNP\tO", "line 4 has no token before its first tab")],
)
def test_an_empty_column_does_not_give_its_place_to_the_next(line, message, tmp_path):
    path = tmp_path / "a.conll"
    path.write_text(f"of\tIN\tO\nLima\t\tB-place\t\n\n{line}\nwrote\tVBD\tO\n")
    with pytest.raises(UserError, match=message):
        read_tagged_texts(path)
    found = read_tagged_texts(path, on_error="skip")
    assert (found.texts, found.tags, found.left_out.total()) == ([("of", "Lima")], [("O", "B-place")], 1)
    assert read_tagged_texts(path, labelled=False, on_error="skip").texts[0] == ("of", "Lima")


def test_tabs_at_the_end_of_all_lines_are_no_column(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("of\tO\t\nLima\tB-place\t\t\n")
    assert read_tagged_texts(path).tags == [("O", "B-place")]


_TREEBANK = """\
# text = Vámonos al mar.
# a remark without an equals sign
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\t_\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
3-4\tal\t_\t_\t_\t_\t_\t_\t_\t_
3\ta\ta\tADP\t_\t_\t5\tcase\t_\t_
4\tel\tel\tDET\t_\t_\t5\tdet\t_\t_
5\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\tSpaceAfter=No
5.1\tvamos\tir\tVERB\t_\t_\t_\t_\t1:conj\t_
6\t.\t.\tPUNCT\t_\t_\t1\tpunct\t_\t_

1\t#\t#\tSYM\t_\t_\t0\troot\t_\t_

"""


def test_a_conll_u_file(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(_TREEBANK, "utf-8")
    found = read_tagged_texts(path)
    assert found.texts == [("Vamos", "nos", "a", "el", "mar", "."), ("#",)]
    assert found.tags == [("VERB", "PRON", "ADP", "DET", "NOUN", "PUNCT"), ("SYM",)]
    assert holds_tagged_texts(path)


def test_a_conll_u_file_without_parts_of_speech(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text("1\tmar\t_\t_\t_\t_\t_\t_\t_\t_\n")
    with pytest.raises(UserError, match=r"line 1 has no part of speech \(UPOS, column 4\) of 'mar'"):
        read_tagged_texts(path)
    assert read_tagged_texts(path, labelled=False).texts == [("mar",)]


def test_conll_u_with_another_extension_is_refused(tmp_path):
    """Its numbers were read as the tokens, and its remarks as the tags."""
    path = tmp_path / "a.conll"
    path.write_text(_TREEBANK, "utf-8")
    with pytest.raises(UserError, match=r"has the columns of CoNLL-U\. Rename it to a\.conllu\."):
        read_tagged_texts(path)


def test_json_lines_of_lists(tmp_path):
    rows = [{"id": 7, "words": ["Ada", "wrote"], "pos_tags": [3, 1], "other": [1]}, {"words": ["so"], "pos_tags": [1]}]
    path = write_lines(tmp_path / "a.jsonl", *rows)
    assert holds_tagged_texts(path)
    found = read_tagged_texts(path)
    assert (found.text, found.label) == ("words", "pos_tags")
    assert found.tags == [("3", "1"), ("1",)]
    assert found.rows[0]["id"] == 7


def test_lists_in_columns_of_other_names(tmp_path):
    rows = [{"file": "a", "pos": ["N", "V", "N"], "word": [name, "sees", "Ada"]} for name in ("Ann", "Bob")]
    rows += [{"file": "b", "pos": ["N", "V"], "word": ["Ann", "runs"]}]
    path = write_lines(tmp_path / "a.jsonl", *rows)
    assert holds_tagged_texts(path)
    assert holds_tagged_texts(path, text="pos")
    assert not holds_tagged_texts(path, text="file")
    found = read_tagged_texts(path)
    assert (found.text, found.label) == ("word", "pos")
    for others in (
        [{**row, "more": row["pos"]} for row in rows],
        [{**row, "text": "Ann sees Ada"} for row in rows],
        rows[:2],
        [{"topics": [topic], "authors": [topic * 2]} for topic in "abc"],
    ):
        assert not holds_tagged_texts(write_lines(tmp_path / "a.jsonl", *others))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"tokens": ["a", "b"], "tags": ["x"]}, "row 11, column tags: there are 1 tags for 2 tokens"),
        ({"tokens": 3, "tags": ["x"]}, "row 11, column tokens: there is no list of tokens"),
        ({"tokens": [1], "tags": ["x"]}, "row 11, column tokens: token 1 is 1, and a text was expected"),
    ],
)
def test_a_rare_mistake_does_not_hide_what_the_columns_are(tmp_path, row, message):
    path = write_lines(tmp_path / "a.jsonl", *[{"tokens": ["a"], "tags": ["x"]}] * 10, row)
    assert holds_tagged_texts(path)
    with pytest.raises(UserError, match=message):
        read_tagged_texts(path)
    assert len(read_tagged_texts(path, on_error="skip")) == 10


def test_texts_with_several_labels_are_not_tagged_texts(tmp_path):
    assert not holds_tagged_texts(write_lines(tmp_path / "a.jsonl", {"text": "so it is", "labels": ["a", "b", "c"]}))
    assert not holds_tagged_texts(write_lines(tmp_path / "b.jsonl", {"tokens": ["so", "it"], "labels": ["a"]}))


def test_any_table_where_it_is_asked_for(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sentence,tags\nAda wrote,B O\n")
    assert not holds_tagged_texts(path)
    assert holds_tagged_texts(path, asked=True)
    assert read_tagged_texts(path).tags == [("B", "O")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"tokens": ["a", "b"], "tags": ["x"]}, "row 2, column tags: there are 1 tags for 2 tokens"),
        ({"tokens": [], "tags": []}, "row 2, column tokens: there are no tokens"),
        ({"tokens": ["a", 2], "tags": ["x", "y"]}, "row 2, column tokens: token 2 is 2, and a text was expected"),
        ({"tokens": ["a"], "tags": [None]}, "row 2, column tags: tag 1: the tag is missing"),
        ({"tokens": 3, "tags": ["x"]}, "row 2, column tokens: there is no list of tokens"),
    ],
)
def test_a_row_that_cannot_be_used(tmp_path, row, message):
    path = write_lines(tmp_path / "a.jsonl", {"tokens": ["a"], "tags": ["x"]}, row)
    with pytest.raises(UserError, match=message):
        read_tagged_texts(path, text="tokens", label="tags")
    assert len(read_tagged_texts(path, text="tokens", label="tags", on_error="skip")) == 1


def test_columns_that_cannot_be_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("one,two\na,b\n")
    with pytest.raises(UserError, match=r"cannot be told among one, two\. Name them with --text and --label"):
        read_tagged_texts(path)
    (tmp_path / "a.bio").write_text("a b\n")
    with pytest.raises(UserError, match="--group names a column"):
        read_tagged_texts(tmp_path / "a.bio", group="author")


def test_single_tokens_without_the_text_that_they_belong_to(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("place,word,tag\n" + "1,Ada,B\n2,wrote,O\n" * 11)
    with pytest.raises(
        UserError, match=r"single token in column word\. Name the column .*\(--series\), or write one row"
    ):
        read_tagged_texts(path, text="word", label="tag")
    with pytest.raises(UserError, match=r"single token in column word\. .* \(--text\), or add a column sentence that"):
        read_tagged_texts(path, text="word", labelled=False)
    path.write_text("sentence,word,tag\n" + "1,Ada,B\n2,wrote,O\n" * 11)
    with pytest.raises(
        UserError, match=r"by column sentence, each token of column word is a text of its own\. Name .*\)\.$"
    ):
        read_tagged_texts(path, text="word", label="tag")
    path.write_text("number,things\n1,Ada\n")
    with pytest.raises(
        UserError, match=r"the column with tokens cannot be told among number, things\. Name .*\(--text\)\.$"
    ):
        read_tagged_texts(path, labelled=False)


def test_a_text_in_each_line_has_no_tags(tmp_path):
    path = tmp_path / "new.txt"
    path.write_text("Ada wrote\n" + "Paris\n" * 30)
    found = read_tagged_texts(path, labelled=False)
    assert (found.texts[:2], found.text, len(found)) == ([("Ada", "wrote"), ("Paris",)], "text", 31)


def examples_of(path, **options):
    return read_tagged_examples(path, find_labels=lambda labels: find_task(labels, "tagging"), **options)


def test_copies_stay_together_and_parts_may_be_given(tmp_path):
    rows = [
        {"tokens": ["a", str(n // 2)], "tags": ["x", "y"], "split": "test" if n > 30 else "train"} for n in range(40)
    ]
    path = write_lines(tmp_path / "a.jsonl", *rows)
    drawn = examples_of(path)
    assert all(drawn.parts[n] == drawn.parts[n + 1] for n in range(0, 40, 2))
    assert "copies of one text together" in drawn.decisions[-1]
    given = examples_of(path, split="split")
    assert given.counts()["test"] == 9
    other = write_lines(tmp_path / "b.jsonl", {"tokens": ["b"], "tags": ["x"]})
    assert examples_of(path, test=other).counts()["test"] == 1
    assert isinstance(drawn.labels, Tagging)


def test_an_unknown_tag_in_the_test(tmp_path):
    path = write_lines(tmp_path / "a.jsonl", *[{"tokens": [f"a{n}", "b"], "tags": ["x", "y"]} for n in range(20)])
    other = write_lines(tmp_path / "b.jsonl", {"tokens": ["b"], "tags": ["z"]}, {"tokens": ["b"], "tags": ["x"]})
    with pytest.raises(UserError, match="the tag 'z' does not occur in training"):
        examples_of(path, test=other)
    assert examples_of(path, test=other, on_error="skip").counts()["test"] == 1


def test_test_texts_that_training_has_too_are_told(tmp_path):
    rows = [{"tokens": [f"a{n}", "b"], "tags": ["x", "y"]} for n in range(20)]
    path, new = write_lines(tmp_path / "a.jsonl", *rows), {"tokens": ["b"], "tags": ["x"]}
    training = examples_of(path, test=write_lines(tmp_path / "b.jsonl", *rows, new))
    expected = "  20 texts of test have the same words as a text of training or validation (95.2% of test): kept; the"
    assert expected in describe_tagged(training)
    assert "too high" not in describe_tagged(examples_of(path))


def test_what_is_seen(tmp_path):
    path = write_lines(tmp_path / "a.jsonl", *[{"tokens": [f"a{n}", "b"], "tags": ["x", "y"]} for n in range(20)])
    seen = describe_tagged(examples_of(path))
    assert "20 tagged texts that can be used" in seen
    assert "tokens are in column tokens, tags in tags" in seen
    assert "x       16 (50%)" in seen
    assert "50% of the tokens outside training are words that training never shows" in seen


def test_rare_tags_and_those_that_are_not_scored_are_told(tmp_path):
    rows = [{"tokens": [f"a{n}", "b"], "tags": ["x", "w" if n < 12 else "y"], "split": "train"} for n in range(40)]
    rows[20]["tags"] = ["x", "z"]
    rows += [{"tokens": ["c"], "tags": [tag], "split": part} for part in ("val", "test") for tag in ("x", "y")]
    seen = describe_tagged(examples_of(write_lines(tmp_path / "a.jsonl", *rows), split="split"))
    assert "  tags with fewer than 10 tokens: z: too few to learn or to score reliably\n" in seen
    assert "  tags that do not occur in the test: w: not scored" in seen


def test_groups_of_other_files_are_read(tmp_path):
    def write(name, count, **more):
        rows = [{"tokens": [f"w{n}", "b"], "tags": ["A", "B"]} | dict.fromkeys(more, n // 4) for n in range(count)]
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        return tmp_path / name

    train, held_out, without = write("a.jsonl", 40, who=1), write("b.jsonl", 12, who=1), write("c.jsonl", 12)
    read = partial(read_tagged_examples, train, find_labels=partial(find_task, forced="tagging"), group="who")
    found = read(validation=held_out, test=held_out)
    assert [len(set(found.texts.groups[found.parts == part])) for part in (1, 2)] == [3, 3]
    alone = read(validation=held_out, test=without)
    assert len(set(alone.texts.groups[alone.parts == 2])) == 12
    with pytest.raises(UserError, match=r"c\.jsonl has no column 'who' for the group"):
        read(validation=without)
