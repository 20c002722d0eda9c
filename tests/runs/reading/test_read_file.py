"""Which files are read as what, and which are refused before anything is trained."""

from typing import Any

import pytest

from unspool.errors import UserError
from unspool.runs.reading.read_file import read_file
from unspool.runs.recipes.recipe import FileSettings


def test_tags_are_read_as_classes_only_if_asked(tmp_path):
    path = tmp_path / "words.csv"
    rows = [f"{number // 4},{word}{number},{tag}" for number in range(80) for word, tag in [("w", "BO"[number % 2])]]
    path.write_text("place,word,tag\n" + "\n".join(rows).replace(",B", ",B-PER"))
    with pytest.raises(UserError, match=r"such as B-PER, look like tags of tokens, one in each row"):
        read_file(FileSettings(path=str(path), kind="auto", text="word", label="tag"), seed=0)
    asked = read_file(FileSettings(path=str(path), kind="auto", text="word", label="tag", task="multiclass"), seed=0)
    assert asked.task.names == ("B-PER", "O")


@pytest.mark.parametrize(
    ("column", "named"),
    [
        ("sentence", {}),
        ("at", {"series": "at"}),
        ("at", {"series": "at", "text": "word"}),
        ("text_id", {"label": "tag"}),
    ],
)
def test_a_token_in_each_row_is_tagged(tmp_path, column: str, named: dict[str, Any]):
    path = tmp_path / "words.csv"
    rows = [f"{number // 4},{'ab'[number % 2]}{number // 8},{['B-PER', 'O'][number % 2]}" for number in range(160)]
    path.write_text(f"{column},word,tag\n" + "\n".join(rows))
    found = read_file(FileSettings(path=str(path), kind="auto", **named), seed=0)
    assert (found.task.name, found.settings.series, found.settings.text) == ("tagging", column, "word")
    assert len(found.examples) == 40


def test_a_token_in_each_row_with_tags_of_other_kinds_is_tagged_if_asked(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text(
        "sentence,number,word,tag\n" + "".join(f"{n // 4},{n},w{n // 8},{'xy'[n % 2]}\n" for n in range(160))
    )
    found = read_file(FileSettings(path=str(path), kind="auto", task="tagging"), seed=0)
    assert (found.settings.series, found.settings.text, len(found.examples)) == ("sentence", "word", 40)
    assert "sentence says which text each row belongs to" in found.seen


@pytest.mark.parametrize("named", [{}, {"time": "t"}, {"channels": ("x",)}])
def test_steps_of_an_unnamed_series_are_not_taken_for_tokens(tmp_path, named: dict[str, Any]):
    path = tmp_path / "steps.csv"
    path.write_text("t,x,activity\n" + "".join(f"{step},{step % 7},{'ab'[step % 2]}\n" for step in range(40)))
    with pytest.raises(UserError, match=r"series.* If all rows are of one recording, add a column that cuts it"):
        read_file(FileSettings(path=str(path), kind="auto", label="activity", task="tagging", **named), seed=0)


def test_tokens_have_no_time(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("id,text,tags\n" + "1,a b,x y\n" * 40)
    with pytest.raises(UserError, match=r"--time is not for tagged texts\. .* a step of a series, name .*--series"):
        read_file(FileSettings(path=str(path), kind="auto", time="id", task="tagging"), seed=0)
