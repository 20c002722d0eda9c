"""Real recordings of different lengths, in each kind of file, by the commands that a person types."""

import csv
import json

import numpy as np
import pytest

from unspool.cli import main
from unspool.data.tables import write_table

QUICK = ["--set", "evaluation.resamples=100"]
SMALL = [*QUICK, "--set", "training.epochs=1", "--set", "model.units=8"]


@pytest.fixture(scope="module")
def recordings():
    """Japanese Vowels: 270 recordings of nine speakers to train on and 370 to test, 7 to 29 steps of 12 channels."""
    from sktime.datasets import load_japanese_vowels

    series, speakers, parts = [], [], []
    for part in ("train", "test"):
        frames, labels = load_japanese_vowels(split=part, return_type="df-list")
        series += [frame.to_numpy() for frame in frames]
        speakers += [f"speaker {label}" for label in labels]
        parts += [part] * len(frames)
    return series, speakers, parts


def steps_of(recordings):
    series, speakers, parts = recordings
    return [
        {
            "recording": f"r{number}",
            "time": time,
            "speaker": speakers[number],
            "part": parts[number],
            "take": number // 3,
        }
        | {f"c{channel}": value for channel, value in enumerate(step)}
        for number in range(len(series))
        for time, step in enumerate(series[number].tolist())
    ]


NAMED = ["--series", "recording", "--label", "speaker", "--split", "part", "--group", "take"]


@pytest.mark.soak
def test_speakers_are_told_by_their_vowels(recordings, in_folder, capsys):
    series, speakers, parts = recordings
    lengths = [len(one) for one in series]
    assert (min(lengths), max(lengths), len(series)) == (7, 29, 640)
    np.savez("vowels.npz", x=np.concatenate(series), lengths=lengths, y=speakers, split=parts)
    assert main(["inspect", "vowels.npz"]) == 0
    assert "640 series that can be used" in capsys.readouterr().out
    assert main(["train", "vowels.npz", "--out", "model", *QUICK, "--set", "training.epochs=15", "--json"]) == 0
    told = capsys.readouterr()
    result = json.loads(told.out)
    assert result["test"]["examples"] == 370
    assert result["test"]["accuracy"] > 0.93
    assert max(baseline["accuracy"] for baseline in result["baselines"].values()) > 0.96
    assert "12 channels, the last 26 steps of a series" in told.err

    np.savez("new.npz", x=np.concatenate(series[270:]), lengths=lengths[270:])
    assert main(["predict", "model", "new.npz", "--out", "said.csv"]) == 0
    with (in_folder / "said.csv").open(newline="") as said:
        right = [
            row["prediction"] == speaker for row, speaker in zip(csv.DictReader(said), speakers[270:], strict=True)
        ]
    assert np.mean(right) == pytest.approx(result["test"]["accuracy"])
    np.savez("labelled.npz", x=np.concatenate(series[270:]), lengths=lengths[270:], y=speakers[270:])
    capsys.readouterr()
    assert main(["evaluate", "model", "labelled.npz", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["figures"]["accuracy"]["value"] == pytest.approx(
        np.mean(right)
    )


@pytest.mark.soak
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_row_for_each_step_trains_as_well(ending, recordings, in_folder, capsys):
    rows = steps_of(recordings)
    write_table(rows, f"vowels.{ending}")
    assert main(["train", f"vowels.{ending}", *NAMED, "--out", "model", *SMALL, "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["data"]["examples"]["test"] == 370
    assert "12 channels" in told.err
    write_table([row for row in rows if row["part"] == "test"], f"new.{ending}")
    assert main(["predict", "model", f"new.{ending}", "--out", "said.parquet"]) == 0
    assert main(["evaluate", "model", f"new.{ending}"]) == 0
    assert "macro F1" in capsys.readouterr().out


def test_a_missing_number_is_counted_and_a_word_in_its_place_is_told_with_its_place(recordings, in_folder, capsys):
    rows = steps_of(recordings)
    rows[3]["c5"] = None
    write_table(rows, "vowels.csv")
    assert main(["inspect", "vowels.csv", *NAMED]) == 0
    assert "1 number is missing, in 1 of 640 series" in " ".join(capsys.readouterr().out.split())
    rows[3]["c5"] = "loud"
    write_table(rows, "vowels.csv")
    assert main(["inspect", "vowels.csv", *NAMED]) == 1
    assert "vowels.csv, row 4 (line 5), column c5:" in capsys.readouterr().err
    assert main(["inspect", "vowels.csv", *NAMED, "--on-error", "skip"]) == 0
    told = capsys.readouterr().out
    assert "639 series that can be used" in told
    assert "1 series with" in told
