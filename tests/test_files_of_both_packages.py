"""Files that the trainer and the runtime share are equal: links, or copies where an archive has replaced the links."""

import json
import re
from pathlib import Path

import pytest

import unspool
from unspool.data.tables.written_numbers import NO_NUMBER

unspool_runtime = pytest.importorskip("unspool_runtime")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("kernels/arima_reference.py", "forecasts"),
        ("kernels/histories_reference.py", "forecasts"),
        ("kernels/smoothing_reference.py", "forecasts"),
        ("kernels/series_reference.py", "series"),
        ("kernels/flat_series.py", "series"),
        ("kernels/structures.py", ""),
        ("cgroups.py", ""),
        ("candidates/features/formulas.py", "series"),
        ("candidates/features/step_windows.py", "series"),
        ("candidates/transformation.py", ""),
        ("candidates/forecasts/lags.py", "forecasts"),
        ("candidates/forecasts/setup.py", "forecasts"),
        ("candidates/forecasts/simple.py", "forecasts"),
        ("data/forecasting/calendar_columns.py", "forecasts"),
        ("data/forecasting/scale.py", "forecasts"),
        ("data/forecasting/rounding.py", "forecasts"),
        ("data/texts/side_encoder.py", "texts"),
        ("data/tokenizers/word_forms.py", ""),
        ("candidates/pronunciations/joint_ngrams.py", "translation"),
    ],
)
def test_both_packages_have_the_same_file(ours: str, theirs: str) -> None:
    file = Path(unspool.__file__).parent / ours
    same = Path(unspool_runtime.__file__).parent / theirs / file.name
    assert file.read_bytes() == same.read_bytes()


def test_all_take_the_same_cells_for_missing_numbers() -> None:
    from unspool_runtime.texts import columns

    page = Path(unspool.__file__).parent / "export/page/missing.js"
    written = re.search(r"NO_NUMBER = new Set\((.*)\);", page.read_text())
    assert written is not None
    assert json.loads(written[1]) == ["", *NO_NUMBER]
    assert columns._NO_NUMBER == NO_NUMBER
