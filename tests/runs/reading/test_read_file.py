"""Which files are read as what, and which are refused before anything is trained."""

import pytest

from unspool.errors import UserError
from unspool.runs.reading.read_file import read_file
from unspool.runs.recipes.recipe import FileSettings


def test_tags_are_read_as_classes_only_if_asked(tmp_path):
    path = tmp_path / "words.csv"
    rows = [f"{number // 4},{word}{number},{tag}" for number in range(80) for word, tag in [("w", "BO"[number % 2])]]
    path.write_text("sentence,word,tag\n" + "\n".join(rows).replace(",B", ",B-PER"))
    with pytest.raises(UserError, match=r"such as B-PER, look like tags of tokens, one in each row"):
        read_file(FileSettings(path=str(path), text="word", label="tag"), seed=0)
    asked = read_file(FileSettings(path=str(path), text="word", label="tag", task="multiclass"), seed=0)
    assert asked.task.names == ("B-PER", "O")
