"""Tables with a row for each series, whose steps are columns of numbers, on the command line and in Python."""

import csv

import numpy as np
import pytest

import unspool
from unspool.cli import main
from unspool.data.tables import write_table

STEPS = tuple(f"t{step}" for step in range(1, 13))
QUICK = ["--model", "raw values", "--set", "evaluation.resamples=100"]
KINDS = ["up", "down"] * 20


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a model of series that rise or fall, and 40 new ones as dicts."""
    folder = tmp_path_factory.mktemp("wide")
    rows = list(rows_of(100))
    write_table(rows[40:], folder / "walks.csv")
    assert main(["train", str(folder / "walks.csv"), "--out", str(folder / "model"), *QUICK]) == 0
    return folder, [{name: row[name] for name in STEPS} for row in rows[:40]]


def rows_of(count):
    drawn = np.random.RandomState(0)
    for number in range(count):
        slope = -1 if number % 2 else 1
        steps = slope * np.linspace(-1, 1, len(STEPS)) + 0.2 * drawn.normal(size=len(STEPS))
        yield {"kind": KINDS[number % 2], **dict(zip(STEPS, steps.round(3).tolist(), strict=True))}


def predicted(folder, rows, out):
    write_table(rows, out / "new.csv")
    assert main(["predict", str(folder / "model"), str(out / "new.csv"), "--out", str(out / "said.csv")]) == 0
    with (out / "said.csv").open(newline="") as file:
        return [row["prediction"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("names", [STEPS[::-1], sorted(STEPS)])
def test_steps_are_read_by_name_in_the_order_of_training(trained, tmp_path, capsys, names):
    folder, rows = trained
    assert predicted(folder, [{name: row[name] for name in names} for row in rows], tmp_path) == KINDS
    assert "new.csv:" not in capsys.readouterr().err.replace("said.csv", "")


@pytest.mark.parametrize("first", [True, False])
def test_another_column_of_numbers_is_not_read_and_named(trained, tmp_path, capsys, first):
    folder, rows = trained
    rows = [{"patient": 4711, **row} if first else row | {"patient": 4711} for row in rows]
    assert predicted(folder, rows, tmp_path) == KINDS
    assert "new.csv: ignored column: patient.\n" in capsys.readouterr().err
    write_table([row | {"kind": kind} for row, kind in zip(rows, KINDS, strict=True)], tmp_path / "test.csv")
    assert main(["evaluate", str(folder / "model"), str(tmp_path / "test.csv")]) == 0
    assert "Ignored column: patient." in capsys.readouterr().out


def test_a_data_frame_is_read_by_name_too(trained, caplog):
    pandas = pytest.importorskip("pandas")
    folder, rows = trained
    model = unspool.load(folder / "model")
    frame = pandas.DataFrame(rows)[[*STEPS[::-1]]]
    frame["patient"] = 4711
    assert [*model.predict(frame)] == KINDS
    assert "ignored column: patient." in caplog.text


def test_a_missing_step_is_an_error(trained, tmp_path, capsys):
    folder, rows = trained
    write_table([{name: row[name] for name in STEPS if name not in ("t3", "t7")} for row in rows], tmp_path / "new.csv")
    assert main(["predict", str(folder / "model"), str(tmp_path / "new.csv")]) == 1
    expected = "new.csv lacks 2 of the 12 columns of steps in the training data: t3, t7. Add them, with empty cells"
    assert expected in " ".join(capsys.readouterr().err.split())


def test_other_names_are_read_by_position_which_is_said(trained, tmp_path, capsys):
    folder, rows = trained
    rows = [{f"step {number}": cell for number, cell in enumerate(row.values())} for row in rows]
    assert predicted(folder, rows, tmp_path) == KINDS
    expected = "other names than in training: step 0 to step 11 are read by position, as t1 to t12."
    assert expected in " ".join(capsys.readouterr().err.split())


def test_other_numbers_of_steps_are_read_by_position_without_other_columns(trained, tmp_path, capsys):
    folder, rows = trained
    rows = [{"patient": 4711} | {f"t{number}": cell for number, cell in enumerate(row.values())} for row in rows]
    assert predicted(folder, rows, tmp_path) == KINDS
    said = " ".join(capsys.readouterr().err.split())
    assert "other names than in training: t0 to t11 are read by position, as t1 to t12." in said
    assert "new.csv: ignored column: patient." in said


@pytest.mark.parametrize("count", [9, 24])
def test_series_may_be_shorter_or_longer_than_in_training(trained, tmp_path, capsys, count):
    folder, rows = trained
    names = [f"t{step}" for step in range(1, count + 1)]
    cells = [([*row.values()] * 2)[:count] for row in rows]
    series = [np.float32(one)[:, np.newaxis] for one in cells]
    written = [dict(zip(names[::-1], one[::-1], strict=True)) for one in cells]
    assert predicted(folder, written, tmp_path) == [*unspool.load(folder / "model").predict(series)]
    assert "new.csv:" not in capsys.readouterr().err.replace("said.csv", "")


def test_the_recipe_reads_the_same_columns_again(trained, tmp_path, capsys):
    folder, _ = trained
    assert main(["run", str(folder / "model" / "recipe.toml"), "--out", str(tmp_path / "again")]) == 0
    names = "\n".join(f'    "{name}",' for name in STEPS)
    assert f"steps = [\n{names}\n]" in (tmp_path / "again" / "recipe.toml").read_text()
