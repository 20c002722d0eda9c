"""What a model that forecasts reads of a file, and how that is kept."""

import csv
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from unspool.candidates.forecasts.lags import week_of
from unspool.data.forecasting import TimeStep, find_forecast_columns, read_panel
from unspool.data.tables import read_table
from unspool.data.tables.problems import Reason
from unspool.errors import UserError
from unspool.readers import READER, ForecastReader, load_reader, reads_texts


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def hours(count, **more):
    return [
        {"time": f"2026-01-{1 + hour // 24:02}T{hour % 24:02}:00", "load": hour, "heat": -hour} | more
        for hour in range(count)
    ]


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "hours.csv", hours(60))


def reader_of(path, **named):
    table = read_table(path)
    panel = read_panel(table, find_forecast_columns(table, **{"target": "load"} | named))
    return ForecastReader.of(panel, 3, None, None)


def test_an_item_holds_history_and_what_is_known_ahead(path):
    reader = reader_of(path)
    item = reader.read(reader.read_file(path))[0]
    assert (reader.setup.season, reader.setup.until_now, reader.setup.known) == (24, 1, 7)
    assert item.shape == (63, 9)
    assert item[:60, 0].tolist() == [*range(60)]
    assert np.isnan(item[60:, :2]).all()
    assert item[60:, 2:].sum() == 3  # the day of the week, of each step ahead


def test_steps_to_forecast_may_fill_the_first_rows(tmp_path, path, monkeypatch):
    monkeypatch.setattr("unspool.data.tables.table.CHUNK_ROWS", 4)
    reader = reader_of(path)
    ahead = [{"time": f"2026-01-03T{hour}:00", "load": "", "heat": ""} for hour in range(12, 18)]
    later = reader.read_file(write(tmp_path / "later.csv", [*ahead, *hours(60)]))
    assert len(later.values[0]) == 60
    with pytest.raises(UserError, match=r"column load: the series has no number"):
        reader.read_file(write(tmp_path / "ahead.csv", ahead))


def test_users_of_a_model_cannot_leave_covariates_out_or_name_another_target(tmp_path, path):
    reader = reader_of(path)
    with pytest.raises(UserError, match=r"column heat holds no numbers, .* for other days: the model reads it\.$"):
        reader.read_file(write(tmp_path / "cold.csv", hours(60, heat="")))
    with pytest.raises(UserError, match=r"column load holds no numbers, .* forecast\. Give its values as numbers\.$"):
        reader.read_file(write(tmp_path / "words.csv", hours(60, load="much")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda rows: rows[7].update(time="2026-01-01T07:20"),
            r"where 1 h is usual\. Give times in steps of 1 h, as in",
        ),
        (lambda rows: rows[7].update(time="2026-01-01T06:00"), r"two rows with this time.*\. Fix it, or leave such"),
        (lambda rows: rows.__delitem__(slice(5, 50)), r"only 15 of 60 steps\. Give all rows\.$"),
    ],
)
def test_no_option_of_training_is_advised_in_use(path, tmp_path, change, message):
    """Neither `predict` nor `evaluate` has --resample or --series, which training advises."""
    rows = hours(60)
    change(rows)
    new = write(tmp_path / "new.csv", rows)
    with pytest.raises(UserError, match=message):
        reader_of(path).read_file(new)
    with pytest.raises(UserError, match=r"\(?--(resample|series)"):
        reader_of(new)


def test_steps_of_another_length_are_not_called_uneven(tmp_path, path):
    rows = [row | {"time": f"2026-01-01T00:{minute:02}"} for minute, row in enumerate(hours(60))]
    with pytest.raises(UserError, match=r"has steps of another length in column time: 1 min, where 1 h is usual\."):
        reader_of(path).read_file(write(tmp_path / "minutes.csv", rows))


def test_what_must_be_known_ahead_is_asked_for(path, tmp_path):
    reader = reader_of(path, known_ahead=["heat"])
    with pytest.raises(
        UserError, match=r"heat must be known.*no value at step 1 of 3 \(2026-01-03T12:00:00\)\. .*heat filled "
    ):
        reader.read(reader.read_file(path))
    longer = write(tmp_path / "longer.csv", hours(60) + [row | {"load": ""} for row in hours(63)[60:]])
    item = reader.read(reader.read_file(longer))[0]
    assert item[60:, 1].tolist() == [-60, -61, -62]


def test_only_what_is_missing_ahead_is_named(tmp_path):
    rows = [row | {"sale": 1} for row in hours(63)]
    reader = reader_of(write(tmp_path / "then.csv", rows[:60]), known_ahead=["heat", "sale"])
    for row in rows[60:]:
        row["load"] = ""
    rows[61]["sale"] = ""
    with pytest.raises(
        UserError, match=r": sale must be known .*step 2 of 3 \(2026-01-03T13:00:00\).*with heat, sale "
    ):
        reader.read(reader.read_file(write(tmp_path / "now.csv", rows)))


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("empty", [False, True])
def test_what_is_known_ahead_alone_is_not_enough(tmp_path, wide, empty):
    values = {"a": 1, "b": 2} if wide else {"load": 3}
    then = write(tmp_path / "then.csv", [row | values for row in hours(60)])
    reader = reader_of(then, known_ahead=["heat"], **({"target": "a,b", "covariates": []} if wide else {}))
    ahead = [{"time": row["time"], "heat": 1} | (dict.fromkeys(values, "") if empty else {}) for row in hours(63)[60:]]
    told = r"has no values of (columns a, b|load), and forecasts go on from these.* Put the rows with heat below"
    with pytest.raises(UserError, match=told):
        reader.read_file(write(tmp_path / "ahead.csv", ahead))


def test_series_without_what_must_be_known_ahead_can_be_left_out(tmp_path):
    rows = [row | {"id": name} for name in "ab" for row in hours(60)]
    reader = reader_of(write(tmp_path / "a.csv", rows), known_ahead=["heat"], series="id")
    rows += [row | {"id": "b", "load": ""} for row in hours(63)[60:]]
    panel = reader.read_file(write(tmp_path / "b.csv", rows), "skip")
    with pytest.raises(UserError, match=r"for series a there is no value at step 1 of 3.*leave such series out"):
        reader.read(panel)
    kept = reader.with_ahead(panel)
    assert (kept.names, kept.left_out) == (["b"], Counter({Reason.NOT_AHEAD: 1}))
    assert kept.notes == ("series left out: a",)
    assert len(reader.read(kept)) == 1
    with pytest.raises(UserError, match=r"for series a there is no value at step 1 of 3.* left empty\.$"):
        reader.with_ahead(panel.take([0]))


def test_it_comes_back(path, tmp_path):
    for named in ({}, {"known_ahead": ["heat"]}, {"covariates": []}):
        reader = reader_of(path, **named)
        reader.save(tmp_path)
        assert load_reader(tmp_path) == reader
    filling = replace(reader, fill=0.5, aggregate="mean", decimal="comma")
    filling.save(tmp_path)
    assert load_reader(tmp_path) == filling
    counting = replace(reader, columns=replace(reader.columns, counts=True), aggregate="count")
    counting.save(tmp_path)
    assert load_reader(tmp_path) == counting
    assert "steps of the number of rows" in counting.described
    filling.save(tmp_path)
    earlier = json.loads((tmp_path / READER).read_text())
    for name in ("fill", "aggregate", "dates", "decimal", "zoned"):
        del earlier[name]
    (tmp_path / READER).write_text(json.dumps(earlier))
    assert load_reader(tmp_path) == replace(reader, zoned=None)
    assert not reads_texts(reader)
    assert "column load; a season is 24 steps" in reader.described


@pytest.mark.parametrize("resample", [None, "1d"])
def test_days_are_read_as_in_the_training_of_an_earlier_model(tmp_path, resample):
    """Its calendar had four columns."""
    path = write(tmp_path / "days.csv", [{"time": f"2026-01-{day:02}", "load": day} for day in range(1, 31)])
    table, step = read_table(path), TimeStep("second", 86400.0, month_days=False)
    panel = read_panel(table, find_forecast_columns(table, target="load"), resample=resample, step=step)
    reader = ForecastReader.of(panel, 3, None, resample)
    reader.save(tmp_path)
    content = json.loads((tmp_path / READER).read_text())
    del content["step"]["month_days"]
    (tmp_path / READER).write_text(json.dumps(content))
    earlier = load_reader(tmp_path)
    assert earlier == reader
    assert earlier.read(earlier.read_file(path)).items[0].shape == (30 + 3, 1 + 4)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"horizon": 3', '"horizon": 0'),
        ('"unit": "second"', '"unit": "moon"'),
        ('"month_days": true', '"month_days": 1'),
        ('"until_now": 1', '"until_now": 7'),
        ('"target": "load"', '"target": {}'),
        ('"time": "time"', '"time": 1e999'),
        ('"by_day": true', '"by_day": []'),
        ('"local": false', '"local": "no"'),
        ('"zoned": false', '"zoned": 0'),
    ],
)
def test_an_altered_file_is_refused(path, tmp_path, good, bad):
    reader_of(path).save(tmp_path)
    text = (tmp_path / READER).read_text()
    assert good in text
    (tmp_path / READER).write_text(text.replace(good, bad))
    with pytest.raises(UserError, match="is altered"):
        load_reader(tmp_path)


@pytest.mark.parametrize(
    ("first", "length", "season"), [(1949, 1 / 12, 12), (1990.5, 0.25, 4), (1900, 1, 1), (10, 0.25, 1), (2190, 0.5, 1)]
)
def test_the_season_of_times_in_fractional_years_is_a_year(tmp_path, first, length, season):
    rows = [{"time": f"{first + number * length:.3f}", "load": number % 7} for number in range(60)]
    assert reader_of(write(tmp_path / "load.csv", rows)).setup.season == season


def test_a_season_of_half_minutes_is_no_day(tmp_path):
    rows = [{"time": f"2026-01-01T{n // 120:02}:{n // 2 % 60:02}:{n % 2 * 30:02}", "load": n % 7} for n in range(600)]
    reader = reader_of(write(tmp_path / "half-minutes.csv", rows))
    assert (reader.setup.season, week_of(reader.setup)) == (120, 0)
    reader.save(tmp_path)
    assert load_reader(tmp_path) == reader
    assert week_of(reader_of(write(tmp_path / "hours.csv", hours(60))).setup) == 168


def test_a_file_without_the_target_is_refused(path, tmp_path):
    other = write(tmp_path / "other.csv", [{"time": "2026-01-01", "lod": 1}])
    with pytest.raises(UserError, match=r"no column 'load' for the label. Did you mean lod\?"):
        reader_of(path).read_file(other)


def with_zone(rows, zone):
    return [row | {"time": row["time"] + zone} for row in rows]


def test_times_of_another_clock_are_refused(path, tmp_path):
    zoned = write(tmp_path / "zoned.csv", with_zone(hours(60), "+02:00"))
    with pytest.raises(UserError, match=r"zoned.csv: the times in column time name their time zone; in training they"):
        reader_of(path).read_file(zoned)
    with pytest.raises(UserError, match=r"hours.csv: the times in column time do not name their time zone; in trainin"):
        reader_of(zoned).read_file(path)
    assert replace(reader_of(zoned), zoned=None).read_file(path).starts == reader_of(path).read_file(path).starts


def test_times_of_another_zone_are_read_in_utc_if_training_was(tmp_path):
    """A day begins at noon in UTC, which is at one time of day in other zones, too."""
    rows = [{"time": f"2026-01-{day:02}T12:00", "load": day} for day in range(1, 30)]
    reader = reader_of(write(tmp_path / "utc.csv", with_zone(rows, "Z")))
    elsewhere = [{"time": f"2026-01-{day + 1:02}T02:00+14:00", "load": day} for day in range(1, 30)]
    panel = reader.read_file(write(tmp_path / "elsewhere.csv", elsewhere))
    assert panel.shown_time(panel.time_after(0, 1)) == "2026-01-30T12:00:00Z"
    midnights = [{"time": f"2026-01-{day:02}T00:00", "load": day} for day in range(1, 30)]
    daily = reader_of(write(tmp_path / "daily.csv", midnights))
    same = write(tmp_path / "same.csv", with_zone(midnights, "+01:00"))
    assert daily.read_file(same).starts == daily.read_file(tmp_path / "daily.csv").starts


def test_month_ends_are_dated_as_in_training(tmp_path):
    ends = ["2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30"]
    rows = [{"time": day, "load": number} for number, day in enumerate(ends)]
    reader = reader_of(write(tmp_path / "quarters.csv", rows))
    panel = reader.read_file(write(tmp_path / "new.csv", rows[2:]))  # both on day 30
    assert [panel.shown_time(panel.time_after(0, ahead)) for ahead in (1, 2)] == ["2025-12-31", "2026-03-31"]


def test_clear_dates_of_months_are_continued_whatever_training_had(tmp_path):
    ends = ["2019-08-31", "2019-09-30", "2019-10-31", "2019-11-30"]
    starts = ["2019-09-01", "2019-10-01", "2019-11-01", "2019-12-01"]
    for number, (old, new, then) in enumerate([(ends, starts, "2020-01-01"), (starts, ends, "2019-12-31")]):
        paths = [tmp_path / f"{kind}{number}.csv" for kind in ("old", "new")]
        for path, days in zip(paths, (old, new), strict=True):
            write(path, [{"time": day, "load": place} for place, day in enumerate(days)])
        panel = reader_of(paths[0]).read_file(paths[1])
        assert panel.shown_time(panel.time_after(0, 1)) == then


def test_commas_separate_thousands_if_they_did_in_training(path, tmp_path):
    reader = replace(reader_of(path), decimal="point")
    rows = [f"2026-01-01T{hour:02}:00;1,{200 + hour};{hour}" for hour in range(24)]
    (tmp_path / "new.csv").write_text("\n".join(["time;load;heat", *rows]))
    panel = reader.read_file(tmp_path / "new.csv")
    assert panel.values[0][:2, 0].tolist() == [1200, 1201]
    assert panel.notes == ("numbers in column load, such as 1,200, are read as 1200, as in training",)
