"""Forecasts on the command line: what is typed, what is written."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import unspool
from unspool.cli import main


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open("energy.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "t", "load", "heat"])
        for name in "ab":
            writer.writerows([name, step, 10 + 3 * (step % 4) + step % 7, step % 7] for step in range(60))
    return tmp_path


def test_what_a_person_types(in_folder, capsys):
    settings = ["--set", "evaluation.resamples=100"]
    columns = ["--label", "load", "--known-ahead", "heat", "--season", "4"]
    assert main(["train", "energy.csv", "--horizon", "3", "--model", "ridge", *columns, *settings]) == 0
    told = capsys.readouterr()
    assert "covariate known ahead: heat" in told.err
    assert "a season is 4 steps; 3 steps are forecast" in told.err
    with open("runs/energy/test_predictions.csv", newline="") as file:
        steps = list(csv.DictReader(file))
    scores = json.loads((in_folder / "runs/energy/metrics.json").read_text())["test"]
    errors = [abs(float(step["label"]) - float(step["forecast"])) for step in steps]
    assert sum(errors) / len(errors) == pytest.approx(scores["mae"])
    assert {(step["id"], int(step["t"])) for step in steps if step["ahead"] == "3"} >= {("a", 59), ("b", 59)}
    with open("same.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "t", "ahead", "forecast"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(reversed(steps))
    assert main(["compare", "runs/energy", "same.csv", "--json"]) == 0
    same = json.loads(capsys.readouterr().out)["recipes"][1]
    assert same["scores"]["mase"]["value"] == pytest.approx(scores["mase"])
    with open("recent.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "t", "load", "heat"])
        writer.writerows(
            ["b", step, "" if step > 39 else 10 + 3 * (step % 4) + step % 7, step % 7] for step in range(43)
        )
    assert main(["predict", "runs/energy", "recent.csv", "--out", "next.csv"]) == 0
    assert "next.csv: 3 rows with predictions" in capsys.readouterr().out
    with open("next.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["t"]) for row in rows] == [("b", "40"), ("b", "41"), ("b", "42")]
    assert [float(row["forecast"]) for row in rows] == pytest.approx([15, 19, 16], abs=0.5)
    assert main(["evaluate", "runs/energy", "energy.csv", "--include-seen", "--json"]) == 0
    capsys.readouterr()
    assert main(["predict", "runs/energy", "energy.csv"]) == 1
    told = capsys.readouterr()
    assert "heat must be known for each step that is forecast" in told.err
    assert told.out == ""
    with open("recent.csv", "a", newline="") as file:
        csv.writer(file).writerows(["closed", step, 7, 1] for step in range(40))
    assert main(["predict", "runs/energy", "recent.csv", "--on-error", "skip", "--out", "open.csv"]) == 0
    left_out = "left out: 1 with a forecast step whose covariates are not known"
    assert f"open.csv: 3 rows with predictions; {left_out}" in capsys.readouterr().out


def test_a_column_for_each_series_is_forecast_replayed_and_predicted(in_folder, capsys):
    draw = np.random.default_rng(0)
    days = [f"2026-01-{day:02}" for day in range(1, 29)]
    with open("shops.csv", "w") as file:
        file.write("day,shop a,shop b,temperature\n")
        file.writelines(f"{day},{draw.normal(20):.2f},{draw.normal(5):.2f},{draw.normal(1):.2f}\n" for day in days)
    said = ["--label", "shop*", "--horizon", "3", "--model", "naive"]
    assert main(["train", "shops.csv", *said, "--out", "runs/shops", "--set", "evaluation.resamples=100"]) == 0
    assert "columns shop a, shop b are forecast, each as a series" in capsys.readouterr().err
    header, *rows = Path("runs/shops/test_predictions.csv").read_text().splitlines()
    assert header == "series,day,ahead,label,forecast,low,high"
    assert {row.split(",")[0] for row in rows} == {"shop a", "shop b"}
    assert main(["predict", "runs/shops", "shops.csv", "--out", "next.csv"]) == 0
    assert [line[:17] for line in Path("next.csv").read_text().splitlines()[1::3]] == [
        f"shop {one},2026-01-29" for one in "ab"
    ]
    capsys.readouterr()
    assert main(["replay", "runs/shops"]) == 0
    with open("shops.csv") as file:
        Path("fewer.csv").write_text(file.read().replace("shop a", "other"))
    assert main(["predict", "runs/shops", "fewer.csv", "--out", "next.csv"]) == 0
    assert Path("next.csv").read_text().count("shop b") == 3


def test_how_dates_are_written_is_kept_with_the_model(in_folder, capsys):
    days = [(day, month) for month in (1, 2) for day in range(1, 29)]
    with open("sales.csv", "w") as file:
        file.write("year;day;sold\n" + "".join(f"2026;{d}/{m}/2026;{d % 7},5\n" for d, m in days[:31]))
        file.writelines(f"2026;{29 + d}/1/2026;{d % 7},5\n" for d in range(3))
    settings = [
        "--label",
        "sold",
        "--channels",
        "year",
        "--model",
        "seasonal-naive",
        "--set",
        "evaluation.resamples=100",
    ]
    assert main(["train", "sales.csv", "--horizon", "2", *settings]) == 0
    told = capsys.readouterr().err
    assert "numbers in column sold are written with a decimal comma" in told
    assert "dates in column day have the day first, such as 13/1/2026" in told
    with open("few.csv", "w") as file:
        file.write("year;day;sold\n" + "".join(f"2026;{day}/2/2026;{day},5\n" for day in range(1, 13)))
    assert main(["predict", "runs/sales", "few.csv"]) == 0
    assert [row["day"] for row in csv.DictReader(capsys.readouterr().out.splitlines())] == ["2026-02-13", "2026-02-14"]
    with open("other.csv", "w") as file:
        file.write("year;day;sold\n" + "".join(f"2026;2/{day}/2026;{day},5\n" for day in range(1, 15)))
    assert main(["predict", "runs/sales", "other.csv"]) == 1
    assert "'2/13/2026' is not a date with the day first" in capsys.readouterr().err


def test_a_point_that_separates_thousands_in_training_does_so_in_new_files(in_folder, capsys, caplog):
    with open("sold.csv", "w") as file:
        file.write("t;sold\n" + "".join(f"{t};{1 + t % 4}.506,5\n" for t in range(40)))
    settings = ["--label", "sold", "--season", "4", "--set", "evaluation.resamples=100"]
    assert main(["train", "sold.csv", "--horizon", "2", "--model", "seasonal-naive", *settings]) == 0
    with open("new.csv", "w") as file:
        file.write("t;sold\n" + "".join(f"{t};{1 + t % 4}.506\n" for t in range(40)))
    for command in (["predict"], ["evaluate", "--include-seen"]):
        capsys.readouterr()
        assert main([*command, "runs/sold", "new.csv"]) == 0
        assert "umbers in column sold, such as 1.506, are read as 1506, as in training." in "".join(capsys.readouterr())
    caplog.clear()
    unspool.load("runs/sold").predict("new.csv")
    assert "umbers in column sold, such as 1.506, are read as 1506, as in training." in caplog.text
    assert main(["predict", "runs/sold", "sold.csv"]) == 0
    assert "as in training" not in capsys.readouterr().err


def test_series_too_short_to_score_are_counted_as_left_out(in_folder, capsys):
    columns = ["--label", "load", "--model", "drift", "--set", "evaluation.resamples=100"]
    assert main(["train", "energy.csv", "--horizon", "2", *columns]) == 0
    with open("energy.csv", "a") as file:
        file.write("short,0,1,2\nshort,1,3,2\n")
    capsys.readouterr()
    assert main(["evaluate", "runs/energy", "energy.csv", "--include-seen", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == {"too few steps": 1}
    with open("few.csv", "w") as file:
        file.write("id,t,load,heat\nshort,0,1,2\nshort,1,3,2\n")
    assert main(["evaluate", "runs/energy", "few.csv"]) == 1
    told = capsys.readouterr().err
    assert "the series short has 2 steps, too few to score a forecast of 2. Give more than 2 steps." in told


def test_several_rows_for_a_day_are_added_up_in_every_file(in_folder, capsys):
    """A seasonal naive forecast repeats four steps, each the sum of two rows."""
    with open("receipts.csv", "w") as file:
        file.write("shop,t,sold\n" + "".join(f"{s},{t},{t % 4 + 1}\n" for s in "ab" for t in range(40) for _ in "12"))
    columns = ["--label", "sold", "--series", "shop", "--season", "4", "--model", "seasonal-naive"]
    train = ["train", "receipts.csv", "--horizon", "2", *columns, "--set", "evaluation.resamples=100"]
    assert main(train) == 1
    assert "Combine the rows of each time (--aggregate sum or mean), or name" in capsys.readouterr().err
    assert main([*train, "--aggregate", "sum"]) == 0
    assert "160 rows are combined into 80" in capsys.readouterr().err
    assert main(["predict", "runs/receipts", "receipts.csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["shop"], row["t"], float(row["forecast"])) for row in rows[:2]] == [("a", "40", 2), ("a", "41", 4)]
    assert main(["evaluate", "runs/receipts", "receipts.csv", "--include-seen", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["figures"]["mae"]["value"] == 0
    assert main(["replay", "runs/receipts"]) == 0


def test_the_number_of_rows_is_forecast(in_folder, capsys):
    """A seasonal naive forecast repeats four steps, of 1 to 3 calls and of none."""
    with open("calls.csv", "w") as file:
        file.write("t,caller\n" + "".join(f"{t},Ann\n" for t in range(40) for _ in range((t + 1) % 4)))
    train = ["train", "calls.csv", "--horizon", "2", "--season", "4", "--model", "seasonal-naive"]
    train += ["--set", "evaluation.resamples=100"]
    assert main(train) == 1
    assert "give --aggregate count, and --resample 1d for how many a day" in capsys.readouterr().err
    train += ["--aggregate", "count"]
    for more in (["--label", "caller"], ["--fill", "1"], ["--known-ahead", "caller"]):
        assert main([*train, *more]) == 1
        said = f"calls.csv: {more[0]} cannot be combined with --aggregate count, which forecasts the number of rows."
        assert said in capsys.readouterr().err
    assert main(train) == 0
    assert "the number of rows is forecast" in capsys.readouterr().err
    assert main(["predict", "runs/calls", "calls.csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["t"], float(row["forecast"])) for row in rows] == [("39", 0), ("40", 1)]
    assert main(["evaluate", "runs/calls", "calls.csv", "--include-seen", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["figures"]["mae"]["value"] == 0
    assert main(["evaluate", "runs/calls", "calls.csv", "--label", "caller"]) == 1
    assert "have no effect: this model forecasts the number of rows." in capsys.readouterr().err
    assert main(["replay", "runs/calls"]) == 0


def test_sales_without_rows_for_days_without_a_sale(in_folder, capsys):
    """A seasonal naive forecast repeats four steps: of item b, those up to the last row of item a."""
    with open("sales.csv", "w") as file:
        file.write("id,t,sold\n" + "".join(f"a,{step},{step % 4 + 1}\n" for step in range(40) if step % 4))
        file.writelines(f"b,{step},5\n" for step in (0, 3, 16, 37))
    columns = ["--label", "sold", "--season", "4", "--set", "evaluation.resamples=100", "--model", "seasonal-naive"]
    assert main(["train", "sales.csv", "--horizon", "2", *columns]) == 1
    assert "value that they stand for (--fill 0)" in capsys.readouterr().err
    assert main(["train", "sales.csv", "--horizon", "2", *columns, "--fill", "0"]) == 0
    assert "45 steps without a row, up to the last time in the file, count as 0" in capsys.readouterr().err
    assert main(["predict", "runs/sales", "sales.csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["t"], float(row["forecast"])) for row in rows if row["id"] == "b"] == [("40", 0), ("41", 5)]
