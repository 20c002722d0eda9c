from pathlib import Path

import pytest

from unspool.cli.results import show_result
from unspool.runs.records.record import read_result

EARLIER = Path(__file__).parents[1] / "runs" / "earlier"


@pytest.mark.parametrize(("columns", "all_measures"), [(60, False), (80, False), (100, True)])
def test_a_table_of_scores_fits_its_terminal(columns, all_measures, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    show_result(read_result(EARLIER / "own-series"), Path("run"), as_json=False)
    said = capsys.readouterr().out
    assert "…" not in said
    assert all(len(line) <= columns for line in said.splitlines() if not line.startswith(("No", "Yes", "Not")))
    for name in ("this model", "most-frequent-class", "summary-logistic-regression"):
        assert f"\n  {name} " in said, "as --model and metrics.json have it, and not broken"
    assert ("accuracy" in said, "AUC" in said) == (True, all_measures)
