"""Tables with lists of numbers as series, on the command line and in Python."""

import csv
import json

import numpy as np
import pytest

import unspool
from unspool.cli import main
from unspool.data.tables import write_table

QUICK = ["--model", "raw values", "--set", "evaluation.resamples=100"]


def rows_of(count: int, *, channels_first: bool = False):
    """A wave and noise, as two channels; in every second series, the wave has twice the frequency."""
    drawn = np.random.RandomState(0)
    for number in range(count):
        steps = np.arange(drawn.randint(20, 30))
        waves = np.stack([np.sin(steps * (0.3 + 0.3 * (number % 2))), drawn.normal(size=len(steps))], axis=1).round(3)
        yield {"id": number, "wave": (waves.T if channels_first else waves).tolist(), "kind": "ab"[number % 2]}


def predicted(path):
    with path.open(newline="") as file:
        return [row["prediction"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("channels_first", [False, True])
def test_lists_of_lists_are_learned_and_predicted_in_each_kind_of_file(in_folder, capsys, ending, channels_first):
    rows = list(rows_of(60, channels_first=channels_first))
    if ending == "csv":
        rows = [row | {"wave": json.dumps(row["wave"])} for row in rows]
    write_table(rows, f"waves.{ending}")
    assert main(["train", f"waves.{ending}", "--out", "model", *QUICK]) == 0
    assert "each row is a series of 2 channels, its steps are in the lists of column wave" in capsys.readouterr().err
    new = [{"wave": row["wave"]} for row in rows[:1]]  # a single series, whose axes could be either way round
    write_table(new, f"new.{ending}")
    assert main(["predict", "model", f"new.{ending}", "--out", "said.csv"]) == 0
    assert predicted(in_folder / "said.csv") == ["a"]
    assert main(["evaluate", "model", f"waves.{ending}"]) == 0
    np.savez("new.npz", x=np.array([row["wave"] for row in rows_of(1)]))
    assert main(["predict", "model", "new.npz", "--out", "again.csv"]) == 0
    assert predicted(in_folder / "again.csv") == ["a"]


def test_lists_are_read_from_a_data_frame_and_from_a_test_file(in_folder):
    pandas = pytest.importorskip("pandas")
    rows = [row | {"wave": [step[0] for step in row["wave"]]} for row in rows_of(60)]
    write_table(rows[40:], "test.jsonl")
    frame, settings = pandas.DataFrame(rows[:40]), {"evaluation.resamples": 100}
    run = unspool.train(frame, test="test.jsonl", model="raw values", out="model", settings=settings, verbose=False)
    assert [*run.model.predict([np.array(row["wave"]) for row in rows[40:42]])] == ["a", "b"]


def test_a_file_without_the_lists_is_refused(in_folder, capsys):
    write_table(rows_of(60), "waves.jsonl")
    assert main(["train", "waves.jsonl", "--out", "model", *QUICK]) == 0
    write_table([{"a": 1, "b": 2, "c": 3}] * 2, "numbers.csv")
    capsys.readouterr()
    assert main(["predict", "model", "numbers.csv"]) == 1
    assert "numbers.csv has no column 'wave' for the channel" in capsys.readouterr().err
