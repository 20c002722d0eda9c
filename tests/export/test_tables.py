"""What a portable model knows of the tables of training."""

import pytest

from unspool.export.tables import table_node
from unspool.runs.recipes.recipe import FileSettings

SERIES = {"series": "id", "time": "at", "dates": "day-first", "resample": "10s"}


@pytest.mark.parametrize(
    ("given", "table"),
    [
        ({"kind": "series", **SERIES}, {"series": "id", "time": "at", "dates": "day-first", "resampled": "10s"}),
        ({"kind": "series"}, None),
        ({"kind": "forecast", **SERIES}, None),
        ({"text": "title, body"}, {"text": ["title", "body"]}),
        ({"text": "review"}, None),
        ({"kind": "pairs", "text": "title,body"}, None),
    ],
)
def test_columns_that_pages_need_are_kept(given, table):
    assert table_node(FileSettings(path="a.csv", **given)) == ({} if table is None else {"table": table})


def test_data_that_is_no_file_has_no_columns():
    assert table_node(None) == {}
