import pytest

from unspool.data.source import Source
from unspool.data.texts.tagged_sources import read_tagged_texts
from unspool.errors import UserError


def written(path, *rows):
    path.write_text("sentence,word,tag,by\n" + "".join(f"{row}\n" for row in rows))
    return path


def test_a_run_of_rows_is_a_text(tmp_path):
    path = written(tmp_path / "a.csv", "1,Ada,B,x", "1,wrote,O,x", ",,,", "2,10 000,O,y", "1,NA,O,x", "1,!,O,")
    found = read_tagged_texts(path, group="by")
    assert found.texts == [("Ada", "wrote"), ("10 000",), ("NA", "!")]
    assert found.tags == [("B", "O"), ("O",), ("O", "O")]
    assert [str(place) for place in found.places] == ["row 1 (line 2)", "row 4 (line 5)", "row 5 (line 6)"]
    assert found.rows[0]["word"] == ["Ada", "wrote"]
    assert found.groups is not None
    assert found.groups[0] == found.groups[2] != found.groups[1]
    assert found.notes == (
        "1 value of column sentence, 1, stands in rows that lie apart: each run of rows with the same value is read as "
        "a text of its own",
    )


def test_only_the_first_row_of_a_text_names_it(tmp_path):
    path = written(tmp_path / "a.csv", "S 1,Ada,B,", ",wrote,O,", "S 2,Eve,B,", "S 3,a,O,", ",b,O,")
    assert read_tagged_texts(path).texts == [("Ada", "wrote"), ("Eve",), ("a", "b")]


def test_columns_are_joined_where_several_name_a_text(tmp_path):
    path = written(tmp_path / "a.csv", "1,Ada,B,x", "1,wrote,O,y", "1,well,O,y")
    found = read_tagged_texts(Source(path, series="by,sentence"))
    assert found.texts == [("Ada",), ("wrote", "well")]
    assert list(found.rows[0]) == ["sentence", "word", "tag", "by"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2,,O,x", r"row 4 \(line 5\), column word: the token is missing"),
        ("2,is,,x", r"row 4 \(line 5\), column tag: the tag is missing"),
        (",is,O,x", r"row 4 \(line 5\), column sentence: the value is missing"),
        ("2,is,O,y", r"row 4 \(line 5\), column by: 'y' differs from 'x' in the text's first row"),
    ],
)
def test_a_text_with_a_flaw_is_left_out_whole(tmp_path, row, message):
    path = written(tmp_path / "a.csv", "1,Ada,B,x", "1,wrote,O,x", "2,Eve,B,x", row, "2,well,O,x", "3,a,O,x")
    with pytest.raises(UserError, match=message):
        read_tagged_texts(path, group="by")
    found = read_tagged_texts(path, group="by", on_error="skip")
    assert found.texts == [("Ada", "wrote"), ("a",)]
    assert found.left_out.total() == 1


def test_a_text_with_a_row_that_cannot_be_read_is_left_out(tmp_path):
    path = written(tmp_path / "a.csv", "1,Ada,B,x", "1,wrote,O,x,more", "1,well,O,x", "2,Eve,B,x", "2,left,O,x")
    found = read_tagged_texts(path, on_error="skip")
    assert found.texts == [("Eve", "left")]
    assert found.left_out.total() == 2


def test_a_quote_that_swallows_rows_is_told(tmp_path):
    path = written(tmp_path / "a.csv", "1,Ada,B,x", '1,",O,x', '1,",O,x', "1,wrote,O,x")
    with pytest.raises(UserError, match=r"row 2 \(line 3\), column word: the token has several lines; .* as \"\"\"\""):
        read_tagged_texts(path)


def test_a_column_has_one_use(tmp_path):
    path = written(tmp_path / "a.csv", "1,Ada,B,x", "1,wrote,O,x")
    with pytest.raises(UserError, match="column word cannot be both the series and the text"):
        read_tagged_texts(Source(path, series="word"), text="word")
