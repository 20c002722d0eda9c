"""Names of columns that a person types, found in files that spell them in another Unicode form."""

from unicodedata import normalize

import pytest

import unspool
from unspool.data.tables import read_table
from unspool.errors import UserError
from unspool.runs.reading.named_columns import label_column, refuse_missing_columns, text_column, with_names_spelled
from unspool.runs.recipes.recipe import FileSettings

TYPED = {"text": "résumé", "label": "année,été", "numeric": ("âge",), "group": "qui"}


@pytest.fixture
def path(tmp_path):
    names = normalize("NFD", "résumé,année,été,âge,qui")
    rows = "".join(f"a film {n},{n % 2},{1 - n % 2},{n},{n // 2}\n" for n in range(60))
    (tmp_path / "a.csv").write_text(f"{names}\n{rows}")
    return tmp_path / "a.csv"


def test_accents_typed_as_one_character_are_found_as_two(path):
    typed = FileSettings(path=str(path), **TYPED)
    found = with_names_spelled(typed)
    assert found != typed
    assert (found.text, found.label) == (normalize("NFD", "résumé"), normalize("NFD", "année,été"))
    refuse_missing_columns(typed)
    assert "60 rows" in str(unspool.inspect(path, text="résumé", label="année", numeric=["âge"]))


def test_a_model_finds_its_columns_in_a_file_that_spells_them_otherwise(path):
    table, data = read_table(path), FileSettings(path="train.csv", text="résumé", label="été")
    assert {text_column(data, table, name) for name in (None, "résumé")} == {normalize("NFD", "résumé")}
    assert {label_column(data, table, name, "") for name in (None, "été")} == {normalize("NFD", "été")}


def test_two_columns_of_the_same_characters_are_not_mixed_up(tmp_path):
    (tmp_path / "a.csv").write_text("\u212b,A\u030a,label\na,b,c\n")
    with pytest.raises(UserError, match="has no column 'Å' for the text"):
        refuse_missing_columns(FileSettings(path=str(tmp_path / "a.csv"), text="\u00c5"))


def test_a_first_line_that_is_an_example_is_told_to_a_model_that_misses_its_column(tmp_path):
    rows = "".join(f"an evening of {n} dull scenes and one fine actor in them,bad\n" for n in range(9))
    (tmp_path / "a.csv").write_text(rows)
    data = FileSettings(path="train.csv", text="review", label="mood")
    with pytest.raises(UserError, match=r"line 1: '.*' looks like an example.* such as review\. .*\(--text\)\."):
        text_column(data, read_table(tmp_path / "a.csv"), None)
