"""Tables with a row for each series."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from unspool.data.series.examples import read_series
from unspool.data.series.steps_in_rows import refuse_rows_of_one_series
from unspool.data.series.wide import read_wide, steps_of
from unspool.data.series.wide_columns import (
    WideColumns,
    find_wide_columns,
    is_wide,
    notes_on_steps,
    numbered_steps,
    steps_in_new_data,
    words_on_newest,
    words_on_runs,
    words_on_steps,
)
from unspool.data.source import Source
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.table import read_table
from unspool.errors import UserError
from unspool.tasks import find_task

GOOD = "id,t0,t1,t2,state,day\n7,1,2,3,up,2026-01-01\n8,4,5,,down,2026-01-02\n9,-1.5,,,up,2026-01-03\n"


def table(tmp_path: Path, content: str, name: str = "a.csv", on_error="stop"):
    path = tmp_path / name
    path.write_text(content)
    return read_table(path, on_error)


def test_columns_of_numbers_are_steps_and_the_words_are_the_label(tmp_path: Path) -> None:
    found = find_wide_columns(table(tmp_path, GOOD))
    assert found == WideColumns("state", ("t0", "t1", "t2"), ignored=("id", "day"))


def test_the_numbers_of_rows_are_no_step(tmp_path: Path) -> None:
    found = find_wide_columns(table(tmp_path, ",t0,t1,t2,state\n0,1,2,3,up\n1,4,5,6,down\n"))
    assert found == WideColumns("state", ("t0", "t1", "t2"), ignored=("column 1",))


@pytest.mark.parametrize("name", ["rownames", "row_id"])
def test_row_numbers_written_by_r_are_not_a_step(tmp_path: Path, name: str) -> None:
    rows = "".join(f"{n},{n % 3},{n % 5},{n % 2},{'up' if n > 6 else 'down'}\n" for n in range(1, 13))
    found = find_wide_columns(table(tmp_path, f"{name},t0,t1,t2,state\n{rows}"))
    assert found == WideColumns("state", ("t0", "t1", "t2"), ignored=(name,))


def test_words_that_name_each_row_are_no_label(tmp_path: Path) -> None:
    rows = "m1,1,2,3,up\nm2,4,5,6,down\nm3,7,8,9,up\n"
    assert find_wide_columns(table(tmp_path, f"run_id,t0,t1,t2,state\n{rows}")).label == "state"


def test_empty_cells_at_the_end_make_a_series_shorter(tmp_path: Path) -> None:
    wide = table(tmp_path, GOOD)
    series = read_wide(wide, find_wide_columns(wide))
    assert [one.ravel().tolist() for one in series.arrays(np.arange(3))] == [[1, 2, 3], [4, 5], [-1.5]]
    assert (series.labels, series.names, series.channels) == (["up", "down", "up"], ["1", "2", "3"], ("0",))


@pytest.mark.parametrize(
    ("row", "message", "reason"),
    [
        ("1,1,high,3,up,", "row 4 .*column t1: 'high' is not a finite number", Reason.NOT_FINITE),
        ("1,1,inf,3,up,", "row 4 .*column t1: 'inf' is not a finite number", Reason.NOT_FINITE),
        ("1,1,1e300,3,up,", "row 4 .*the number is too large", Reason.NOT_FINITE),
        ("1700000001,1700000002,1700000004,,up,", "row 4 .*numbers too large and too close together", Reason.ROUNDED),
        ("1,,,,up,", "row 4 .*the series has no steps", Reason.NO_VALUE),
        ("1,1,2,3,,", "row 4 .*column state: the label is missing", Reason.NO_VALUE),
    ],
)
def test_a_bad_row_is_told_or_left_out(tmp_path: Path, row: str, message: str, reason: Reason) -> None:
    wide = table(tmp_path, f"{GOOD}{row}\n")
    with pytest.raises(UserError, match=message):
        read_wide(wide, find_wide_columns(wide))
    wide = table(tmp_path, f"{GOOD}{row}\n", on_error="skip")
    found = read_wide(wide, find_wide_columns(wide))
    assert (len(found), found.left_out) == (3, Counter([reason]))


def test_an_empty_cell_between_numbers_is_missing(tmp_path: Path) -> None:
    wide = table(tmp_path, f"{GOOD}1,1,,3,up,\n1,NaN,,3,up,\n")
    series = read_wide(wide, find_wide_columns(wide)).arrays(np.arange(3, 5))
    np.testing.assert_array_equal(np.hstack(series), [[1, np.nan], [np.nan, np.nan], [3, 3]])


def test_a_list_in_a_text_is_several_labels(tmp_path: Path) -> None:
    wide = table(tmp_path, 't0,t1,t2,label\n1,2,3,"[""a"", ""b""]"\n1,2,3,[]\n1,2,4,"[\'a\']"\n')
    assert read_wide(wide, find_wide_columns(wide)).labels == [("a", "b"), (), ("a",)]


def test_a_series_without_a_group_is_told(tmp_path: Path) -> None:
    wide = table(tmp_path, "a,b,c,label,by\n1,2,3,up,ann\n1,2,3,down,\n")
    columns = find_wide_columns(wide, label="label", group="by")
    with pytest.raises(UserError, match=r"row 2 \(line 3\), column by: the value is missing"):
        read_wide(wide, columns)


def test_what_was_read_and_ignored_is_said(tmp_path: Path) -> None:
    rows = [
        f"{n},{n % 2},{n % 3},{n % 5},{'up' if n % 2 else 'down'},{'test' if n > 29 else 'train'}" for n in range(40)
    ]
    wide = table(tmp_path, "\n".join(["id,a,b,c,label,split", *rows]))
    found = read_series(wide.path, find_labels=find_task)
    assert found.decisions[:4] == (
        "each row is a series of one channel, its steps are 3 columns of numbers, a to c",
        "labels are in column label",
        "ignored column: id",
        "column split says which series are for training, validation and the test",
    )
    assert found.counts()["test"] == 10


def test_tables_of_the_ucr_archive_have_no_header(tmp_path: Path) -> None:
    ucr = table(tmp_path, "1\t0.5\t-2\t3\n2\t1\t2\tNaN\n", "Gun_TRAIN.tsv")
    columns = find_wide_columns(ucr)
    assert columns == WideColumns("label", ("1", "2", "3"), named=False)
    series = read_wide(ucr, columns)
    assert (series.labels, series.values.ravel().tolist()) == (["1", "2"], [0.5, -2, 3, 1, 2])


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ([*(f"t{n}" for n in range(20)), "class_id", "patient"], ["class_id", "patient"]),
        (["code", *map(str, range(140))], ["code"]),
        (["age", *(f"2026-01-{n:02}" for n in range(1, 31))], ["age"]),
        (["x", *(f"x.{n}" for n in range(1, 9))], []),
        ([f"{n / 4:g}" for n in range(9)], []),
        ([f"1e-0{n}" for n in range(3, 9)] + ["-0.5", "1", "1.5"], []),
        (["year", "jan", "feb", "mar", "apr", "may", "jun"], ["year"]),
        (["a", "b", *(f"t{n}" for n in range(3))], []),
        ([f"{channel}_{n}" for channel in "xy" for n in range(6)], []),
        (["code", *(f"{n:02}-Jan" for n in range(1, 32)), *(f"{n:02}-Feb" for n in range(1, 11))], ["code"]),
        ([f"Thu {n} {month} 2026" for month in ("January", "May") for n in range(1, 8)] + ["Fri 7 Aug 2026"], []),
        (["age", *(f"{n} AM" for n in range(8, 13)), "1pm", "2 p.m."], ["age"]),
        ([f"pre_{n}" for n in range(5)] + [f"post_{n}" for n in range(12)], []),
        (["31.5Hz", *(f"{n}Hz" for n in (63, 125, 250, 500)), "1kHz"], []),
        (["market", "sunlight", "pm2.5", *(f"{n}" for n in range(9))], ["market", "sunlight", "pm2.5"]),
    ],
)
def test_a_few_columns_beside_numbered_ones_are_no_steps(names: list[str], left: list[str]) -> None:
    found, words = numbered_steps(WideColumns("state", tuple(names), ignored=("id",)))
    assert found.steps == tuple(name for name in names if name not in left)
    assert found.ignored == ("id", *left)
    assert bool(words) is bool(left)


def test_a_code_beside_numbered_steps_is_left_out(tmp_path: Path) -> None:
    steps = [f"t{n}" for n in range(6)]
    rows = [f"{n % 2},{n},{n % 3},4,5,6,7,{'up' if n % 2 else 'down'}" for n in range(40)]
    wide = table(tmp_path, "\n".join([f"class_code,{','.join(steps)},state", *rows]))
    found = read_series(wide.path, find_labels=find_task)
    assert found.series.arrays(np.arange(2))[1].ravel().tolist() == [1, 1, 4, 5, 6, 7]
    assert {
        "ignored column: class_code",
        "class_code: not a step, as the other columns of numbers are numbered, t0 to t5; to read it as well, rename it "
        "accordingly",
    } <= {*found.decisions}
    named = read_series(wide.path, find_labels=find_task, steps=("class_code", "t0"))
    assert named.series.arrays(np.arange(2))[1].ravel().tolist() == [1, 1]


@pytest.mark.parametrize(
    ("name", "told"), [("patient", True), ("household_id", True), ("class_id", False), ("height", None)]
)
@pytest.mark.parametrize("steps", ["morning,noon,night", "t0,t1,t2,t3,t4,t5"])
def test_whole_numbers_of_persons_are_no_step(tmp_path: Path, name: str, told: bool | None, steps: str) -> None:
    """Beside steps that are not numbered, a patient's number was read as the first step."""
    random, names = np.random.RandomState(0), steps.split(",")
    rows = [
        ",".join(map(str, [random.randint(2 if told is False else 12), *random.rand(len(names)), "ud"[n % 2]]))
        for n in range(60)
    ]
    wide = table(tmp_path, "\n".join([f"{name},{steps},state", *rows]))
    found = read_series(wide.path, find_labels=find_task)
    assert (found.columns.steps == tuple(names)) is (told is not None or "t0" in steps)
    advised = [line for line in found.decisions if line.startswith(f"column {name} is not a step")]
    assert bool(advised) is bool(told)
    assert not told or f"--group {name};" in advised[0]
    named = read_series(wide.path, find_labels=find_task, steps=(name, *names))
    assert named.columns.steps[0] == name


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("record", lambda n: f"r{n // 4}", True),
        ("place", lambda n: f"p{n // 4}", True),  # equal values follow each other
        ("place", lambda n: f"p{n % 15}", False),
        ("patient", lambda n: f"p{n % 15}", True),
        ("plate_id", lambda n: f"p{n % 15}", True),
        ("place", lambda n: f"p{n // 20}", False),  # few values
        ("patient", lambda n: "me", False),
        ("place", lambda n: f"p{n}", False),
    ],
)
def test_a_column_that_may_say_whose_series_a_row_is_is_named(tmp_path: Path, name: str, value, told: bool) -> None:
    rows = [f"{value(n)},{n % 7},{n % 5},2,{'udd'[n * 7 % 11 % 3]}" for n in range(60)]
    found = read_series(
        table(tmp_path, "\n".join([f"{name},t0,t1,t2,state", *rows])).path, find_labels=find_task, label="state"
    )
    advised = [line for line in found.decisions if line.startswith(f"column {name} may say whose series a row is")]
    assert bool(advised) is told
    assert not told or f"--group {name};" in advised[0]
    lists = "\n".join(
        f'{{"{name}": "{value(n)}", "x": [{n}, 2, 3], "state": "{"udd"[n * 7 % 11 % 3]}"}}' for n in range(60)
    )
    found = read_series(table(tmp_path, lists, "a.jsonl").path, find_labels=find_task, label="state")
    assert any(f"--group {name};" in line for line in found.decisions) is told


def test_a_patient_with_more_rows_than_are_looked_at_is_named(tmp_path: Path) -> None:
    rows = [f"p{n // 1200},{n % 7},{n % 5},2,{'udd'[n * 7 % 11 % 3]}" for n in range(2400)]
    found = read_series(
        table(tmp_path, "\n".join(["patient,t0,t1,t2,state", *rows])).path, find_labels=find_task, label="state"
    )
    assert any("--group patient;" in line for line in found.decisions)


def test_another_form_of_the_label_does_not_say_whose_series_a_row_is(tmp_path: Path) -> None:
    rows = [f"name{n // 5},{n % 7},{n % 5},2,c{n // 5}" for n in range(60)]
    found = read_series(
        table(tmp_path, "\n".join(["species,t0,t1,t2,code", *rows])).path, find_labels=find_task, label="code"
    )
    assert not any("--group" in line for line in found.decisions)


def test_known_steps_are_read_whatever_other_columns_are_called(tmp_path: Path) -> None:
    wide = table(tmp_path, "time,t1,target,t0\n1,2,3,4\n1,5,6,7\n")
    found = find_wide_columns(wide, steps=("t0", "t1", "target"), labelled=False)
    assert found == WideColumns(None, ("t0", "t1", "target"), ignored=("time",))
    with pytest.raises(UserError, match="column t1 cannot be both the label and the step"):
        find_wide_columns(wide, steps=("t0", "t1"), label="t1")


@pytest.mark.parametrize(
    ("trained", "new", "read"),
    [
        ("t1 t2 t3", "t3 id t1 t2", "t1 t2 t3"),
        ("t9 t10 t11", "t13 t12 t9 code t10 t11", "t9 t10 t11 t12 t13"),
        ("-2 -1 0 1", "-2 -1 0 1 2 3", "-2 -1 0 1 2 3"),
        ("2026-01-30 2026-01-31", "2026-01-30 2026-01-31 2026-02-01", "2026-01-30 2026-01-31 2026-02-01"),
        ("t1 t2 t3", "t1 t2 t3 t0", "t1 t2 t3"),
        ("t-3 t-2 t-1", "t-4 t-3 t-2 t-1", "t-3 t-2 t-1"),
        ("30-Jan 31-Jan", "30-Jan 31-Jan 1-Feb 31-Mar", "30-Jan 31-Jan"),
        ("t1 t2 t3 t4", "t1 t2 t3 kind", "t1 t2 t3"),
        ("t1 t2 t3", "id t1 t2 t0", "t1 t2 t0"),
        ("2000 2001 2002", "2001 2002 2003", "2001 2002 2003"),
        ("t1 t2 t3", "a b c", ""),
        ("1.50 2.5 3.5", "id 3.5 1.5 2.5", "1.5 2.5 3.5"),
        ("t_1 t_2 t_3", "t03 t02 t01", "t01 t02 t03"),
        ("1.5 2.5 3.5 4.5 5.5", "age 11.5 12.5 13.5 14.5 15.5", "11.5 12.5 13.5 14.5 15.5"),
        ("mass speed age", "size 11.5 12.5 13.5 14.5 15.5", ""),
        ("t1 t2 t3", "t1 t3 t4 t5", "lacks 1 of the 3 .*: t2. Add it"),
        ("t1 t2 t3", "t2 t3", "lacks 1 of the 3 .*: t1. Add it"),
        ("t1 t2 t3", "t1 t4", "lacks 2 of the 3 .*: t2, t3. Add them"),
        ("mass speed age", "mass speed", "lacks 1 of the 3 .*: age. Add it"),
    ],
)
def test_steps_of_new_data_are_those_of_training(tmp_path: Path, trained: str, new: str, read: str) -> None:
    names = new.split()
    wide = table(tmp_path, f"{','.join(names)},t20,7\n{','.join('1' for _ in names)},1,2026-01-01\n")
    if read.startswith("lacks"):
        with pytest.raises(UserError, match=read):
            steps_in_new_data(wide, trained.split(), ("t20",))
    else:
        assert steps_in_new_data(wide, trained.split(), ("t20",)) == tuple(read.split())


def test_a_number_beside_steps_with_other_names_is_no_step(tmp_path: Path) -> None:
    """The age was read as the first step, and each step as the one after it, so that all predictions were wrong."""
    trained = [f"{900.5 + step}" for step in range(6)]
    new = table(tmp_path, "age,kind,1,2,3,4,5,6\n50,dna,1,2,3,4,5,6\n")
    found = find_wide_columns(new, steps=steps_in_new_data(new, trained, ["kind"]), label="kind")
    assert (found.steps, found.ignored) == (tuple("123456"), ("age",))
    notes = notes_on_steps(found, trained, new.first())
    assert "1 to 6 are read by position, as 900.5 to 905.5" in notes[0]
    assert notes[1] == "ignored column: age"


def test_steps_whose_numbers_are_written_differently_are_not_read_by_position(tmp_path: Path) -> None:
    new = table(tmp_path, "kind;t1,5;t2,5\ndna;1;2\n")
    found = find_wide_columns(new, steps=steps_in_new_data(new, ["t2.5", "t1.50"], ["kind"]), label="kind")
    assert found.steps == ("t2,5", "t1,5")
    assert not notes_on_steps(found, ["t2.5", "t1.50"], new.first())


def test_named_steps_of_a_recipe_are_read_alone(tmp_path: Path) -> None:
    assert find_wide_columns(table(tmp_path, GOOD), steps=("t0", "t1")).steps == ("t0", "t1")


def test_steps_of_a_file_without_a_header_are_read_by_position(tmp_path: Path) -> None:
    ucr = table(tmp_path, "1\t0.5\t-2\t3\n2\t1\t2\tNaN\n", "Gun_TEST.tsv")
    assert steps_in_new_data(ucr, ("3", "4", "5")) == ()
    assert find_wide_columns(ucr, steps=()).steps == ("1", "2", "3")


@pytest.mark.parametrize(
    ("content", "wide"),
    [
        (GOOD, True),
        ("a,b,c\n1,2,3\n", True),
        ("review,stars,useful,funny,cool\na film that I liked a lot,1,2,3,4\n", False),
        ("text,a,b,c\nfine,1,2,3\n", False),
        ("number,review,sentiment\n1,a fine film,pos\n", False),
        ("peptide,length,charge,mass,active\nAKLW,4,1,530.7,1\nGDE,3,-2,319.3,0\n", False),
        ("sample,length,charge,mass,active\nS1,4,1,530.7,1\nS2,3,-2,319.3,0\n", True),
        ("town,t1,t2,t3,active\nRome,4,1,530.7,1\nOslo,3,-2,319.3,0\n", True),
        ("id,length,width,depth,kind\na,4,1,530.7,1\nb,3,-2,319.3,0\n", True),
        ("town,spring,summer,winter,kind\nRome,4,1,530.7,1\nOslo,3,-2,319.3,0\n", True),
        ("sequence,length,charge,mass,active\nAKLW,4,1,530.7,1\nGDE,3,-2,319.3,0\n", False),
        ("town,jan,feb,mar\nRome,4,1,530.7\nOslo,3,-2,319.3\n", True),
        ("length,width,depth,kind\n4,1,5,oak\n3,2,3,elm\n4,2,5,oak\n3,1,3,elm\n3,3,3,elm\n", True),
    ],
)
def test_texts_with_numbers_beside_them_are_no_series(tmp_path: Path, content: str, wide: bool) -> None:
    assert is_wide(next(table(tmp_path, content).chunks())) is wide


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b,c\n1,2,3\n4,5,6\n", r"which column is its label cannot be told: all columns hold numbers.*\(--label\)"),
        ("a,b,c,d,e\n1,2,3,x,y\n4,5,6,x,y\n", "its label could be in column d or e"),
        ("patient,time,hr,bp,temp,label\n1,0,2,3,4,x\n1,1,2,3,4,x\n2,0,5,6,7,y\n", r"column time recur.*\(--series\)"),
        ("0.5,1.5,2.5,x\n1,2,3,y\n4,5,6,x\n", "line 1: .*looks like an example"),
    ],
)
def test_what_cannot_be_told_is_asked_for(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        find_wide_columns(table(tmp_path, content))


WINDOWS = "window,x,y,z,move\n" + "".join(f"w{row // 4},{row},1,2,{'up' if row < 8 else 'down'}\n" for row in range(16))


def test_rows_of_one_name_may_be_a_series(tmp_path: Path) -> None:
    windows = table(tmp_path, WINDOWS)
    message = r"same window .* agree in move, .* \(--series window; .* \(--group window; .* or remove that column"
    with pytest.raises(UserError, match=message):
        refuse_rows_of_one_series(windows, "move")
    refuse_rows_of_one_series(windows, "move", group="window")
    numbered = table(tmp_path, WINDOWS.replace("\nw", "\n").replace("window", "windowId"), "b.csv")
    with pytest.raises(UserError, match="same windowId"):
        refuse_rows_of_one_series(numbered, "move")


@pytest.mark.parametrize("pump", [lambda row: f"p{row // 80}", lambda row: 7 + row // 80])
def test_rows_of_two_names_may_be_a_series(tmp_path: Path, pump) -> None:
    """As where each pump runs several times, for a while and at uneven times, and the label is that of a run."""
    rows = [f"{pump(row)},{row // 20 % 4},{row * row},1,2,{'ok' if row // 20 % 3 else 'failed'}" for row in range(800)]
    head = "pump_id,run,x,y,z,outcome"
    runs = table(tmp_path, "\n".join([head, *rows]))
    message = r"same pump_id and run .* agree in outcome, .* \(--series pump_id,run; .* \(--group pump_id;"
    with pytest.raises(UserError, match=message):
        refuse_rows_of_one_series(runs, "outcome")
    with pytest.raises(UserError, match=r"same pump_id follow each other, as the time steps .* \(--series pump_id;"):
        refuse_rows_of_one_series(runs, None)
    refuse_rows_of_one_series(runs, "outcome", group="pump_id")
    short = [f"{row // 8},{row // 2 % 4},{row * row},1,2,{'ok' if row // 2 % 3 else 'failed'}" for row in range(800)]
    refuse_rows_of_one_series(table(tmp_path, "\n".join([head, *short]), "short.csv"), "outcome")


def test_rows_of_one_name_whose_times_start_again_may_be_a_series(tmp_path: Path) -> None:
    """As where each unit has another number as its label: no column has fewer values than there are units."""
    content = "unit,minute,temp,vib,rate\n" + "".join(
        f"u{row // 4},{row % 4 * 3},{row % 5}.5,2,{row // 4}.25\n" for row in range(16)
    )
    with pytest.raises(UserError, match=r"same unit .* minute rises in them, then starts again, .* \(--series unit; "):
        refuse_rows_of_one_series(table(tmp_path, content), "rate")
    rows = [f"u{row // 4},{row * row},{row % 5}.5,2,{row // 4}.25" for row in range(16)]
    rising = "\n".join(["unit,minute,temp,vib,rate", *rows])
    refuse_rows_of_one_series(table(tmp_path, rising, "rising.csv"), "rate")


def test_numbered_steps_beside_other_numbers_are_no_channels(tmp_path: Path) -> None:
    """As in spectra with several rows of a patient, whose age and dates recur as those of steps in time do."""
    rows = [
        f"{row // 5},2026-01-{10 + row % 3},{30 + row // 5},{'ill' if row // 5 % 3 else 'well'}" for row in range(60)
    ]
    head = "patient,date,age,state," + ",".join(f"{900 + 2.5 * step}" for step in range(9))
    spectra = "\n".join([head, *(f"{row}{',1.5' * 9}" for row in rows)])
    opened = table(tmp_path, spectra)
    refuse_rows_of_one_series(opened, "state")
    assert find_wide_columns(opened, label="state").steps[-9:] == tuple(head.split(",")[-9:])
    few = table(tmp_path, "time,state,age,x,y\n1,ill,3,4,5\n2,well,3,4,5\n1,ill,3,4,5\n", "few.csv")
    with pytest.raises(UserError, match="values of column time recur"):
        find_wide_columns(few)


TIMES = {
    "even": lambda row: row * 20,
    "falls": lambda row: 8000 - row * 20,
    "one is missing": lambda row: row * 20 if row != 100 else "",
    "starts again": lambda row: row % 60 / 50,
    "dates": lambda row: f"2026-01-31 10:{row // 60 % 60:02}:{row % 60:02}",
}


def sensors(head: str, rows: int, *cells) -> str:
    """Rows with a number in three columns and a label of their own, after other cells."""
    lines = [
        ",".join([*(str(one(row)) for one in cells), f"{row % 7},{row % 5}.5,2,{'up' if row // 20 % 3 else 'down'}"])
        for row in range(rows)
    ]
    return "\n".join([f"{head},x,y,z,move", *lines]) + "\n"


@pytest.mark.parametrize("time", TIMES.values(), ids=TIMES)
def test_a_time_that_rises_evenly_tells_that_rows_are_steps(tmp_path: Path, time) -> None:
    """They were each read as a series, and scored on rows whose neighbours were in training."""
    alone = table(tmp_path, sensors("time", 240, time))
    message = r"time changes evenly from row to row, .* \(--series; .* if there is none, add one"
    with pytest.raises(UserError, match=message) as refused:
        refuse_rows_of_one_series(alone, "move")
    assert ("(--newest time; " in str(refused.value)) == (time is not TIMES["starts again"])
    refuse_rows_of_one_series(alone, "move", newest="time")
    uneven = table(tmp_path, sensors("time", 240, lambda row: row * row), "uneven.csv")
    refuse_rows_of_one_series(uneven, "move")
    refuse_rows_of_one_series(table(tmp_path, sensors("score", 240, TIMES["even"]), "other.csv"), "move")


@pytest.mark.parametrize("subject", [lambda row: f"s{row // 1500}", lambda row: 7 + row // 1500, lambda row: row // 80])
def test_long_runs_of_one_subject_tell_that_rows_are_steps(tmp_path: Path, subject) -> None:
    """As where all of the first thousand rows belong to the first subject."""
    timed = table(tmp_path, sensors("time,subject", 3000, TIMES["even"], subject))
    with pytest.raises(
        UserError, match=r"same subject follow each other and time changes evenly .* \(--series subject; "
    ):
        refuse_rows_of_one_series(timed, "move")
    refuse_rows_of_one_series(timed, "move", group="subject")
    untimed = table(tmp_path, sensors("subject", 3000, subject), "untimed.csv")
    with pytest.raises(UserError, match=r"same subject follow each other, as the time steps .* \(--group subject; "):
        refuse_rows_of_one_series(untimed, "move")


def test_labels_in_runs_are_pointed_out_where_no_column_tells_why(tmp_path: Path) -> None:
    lines = sensors("w", 400, lambda row: row * 37 % 101).splitlines()
    runs, scattered = "\n".join(lines), "\n".join([lines[0], *np.random.RandomState(0).permutation(lines[1:])])
    by_label = "\n".join([lines[0], *sorted(lines[1:], key=lambda line: line.rsplit(",")[-1])])
    found = [words_of(tmp_path, content) for content in (runs, scattered, by_label)]
    assert ["labels come in runs of 29 rows" in words for words in found] == [True, False, False]


def words_of(tmp_path: Path, content: str) -> str:
    opened = table(tmp_path, content)
    return " ".join(words_on_runs(find_wide_columns(opened, label="move"), opened.first()))


def test_the_trials_of_persons_are_no_times(tmp_path: Path) -> None:
    rows = [f"p{row // 5},{row % 5},{row * 7 % 11},2,{row % 3},{'up' if row % 2 else 'down'}" for row in range(40)]
    refuse_rows_of_one_series(table(tmp_path, "\n".join(["person,trial,t0,t1,t2,label", *rows])), "label")


@pytest.mark.parametrize(
    "content",
    [
        WINDOWS.replace("x,y,z", "t1,t2,t3"),
        "x,y,z,move\n" + "".join(f"{row},1,2,{'up' if row < 8 else 'down'}\n" for row in range(16)),
        "place,x,y,z,move\n" + "".join(f"p{row // 4},{row},1,2,{'up' if row % 2 else 'down'}\n" for row in range(16)),
        "place,x,y,z,move\n" + "".join(f"p{row % 4},{row},1,2,{'up' if row % 4 else 'down'}\n" for row in range(16)),
        "acid,x,y,z,move\n" + "".join(f"{row // 4},{row},1,2,{'up' if row < 8 else 'down'}\n" for row in range(16)),
    ],
    ids=["numbered steps", "sorted by label", "another label in the same place", "scattered", "a number"],
)
def test_other_tables_have_a_series_in_each_row(tmp_path: Path, content: str) -> None:
    refuse_rows_of_one_series(table(tmp_path, content), "move")


def spectra(points, rows: int = 12) -> str:
    random = np.random.RandomState(0)
    lines = [",".join(["kind", *(f"{point:.2f}" for point in points)])]
    for number in range(rows):
        lines.append(",".join(["dna" if number % 2 else "fat", *(f"{one:.3f}" for one in random.rand(len(points)))]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("points", [np.geomspace(399.5, 2500, 20), np.linspace(1801.26, 902.5, 8)])
def test_wavelengths_name_steps(tmp_path: Path, points) -> None:
    found = find_wide_columns(table(tmp_path, spectra(points)))
    assert (found.label, list(found.steps)) == ("kind", [f"{point:.2f}" for point in points])


def test_wavelengths_with_a_decimal_comma_name_steps(tmp_path: Path) -> None:
    """As Excel writes them in most of Europe."""
    points = np.geomspace(399.5, 2500, 20)
    commas = spectra(points).replace(",", ";").replace(".", ",")
    found = find_wide_columns(table(tmp_path, commas))
    assert (found.label, list(found.steps)) == ("kind", [f"{point:.2f}".replace(".", ",") for point in points])


def test_a_column_may_be_named_like_one_of_its_values_if_words_stand_above_numbers(tmp_path: Path) -> None:
    elements = table(tmp_path, "mass,radius,charge,metal\n1,37,1,nonmetal\n7,134,1,metal\n27,118,3,metal\n")
    assert find_wide_columns(elements).label == "metal"


@pytest.mark.parametrize("cell", ["1.5", "NA", "", "unknown", "12b"])
def test_a_first_row_with_a_cell_that_is_no_number_is_no_header(tmp_path: Path, cell: str) -> None:
    with pytest.raises(UserError, match="looks like an example"):
        find_wide_columns(table(tmp_path, f"{cell},2.5,metal\n7,3,metal\n27,4,nonmetal\n"))


@pytest.mark.parametrize(
    "rows", ["5kg,metal\n7kg,metal\n6kg,gas\n", "5 EUR,9 EUR,up\n7 EUR,3 EUR,up\n6 EUR,2 EUR,down\n"]
)
def test_numbers_with_units_are_no_names(tmp_path: Path, rows: str) -> None:
    with pytest.raises(UserError, match="looks like an example"):
        find_wide_columns(table(tmp_path, rows))


def test_rising_numbers_above_rows_that_also_rise_are_not_a_header(tmp_path: Path) -> None:
    rising = [
        ",".join([f"run {number}", *(f"{0.1 * number + step * step:.1f}" for step in range(9))]) for number in range(4)
    ]
    for content in ("\n".join(rising), spectra(np.array([3, 2, 5, 1, 4, 0.5, 8, 2.5]))):
        with pytest.raises(UserError, match="looks like an example"):
            find_wide_columns(table(tmp_path, f"{content}\n"))


SEVERAL = f"{','.join(f'{channel}_{step}' for channel in 'xy' for step in range(6))},state\n" + "".join(
    f"{','.join(map(str, range(12)))},{state}\n" for state in ("up", "down")
)
"""Two channels in a row."""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD, []),
        ("year,jan,feb,mar,state\n1,1,2,3,up\n2,4,5,6,down\n", ["if columns year to mar measure different things"]),
        ("JAN,Feb,march,state\n1,2,3,up\n4,5,6,down\n", []),
        ("2019,2020,2021,state\n1,2,3,up\n4,5,6,down\n", []),
        (SEVERAL, ["the columns look like 2 channels (x_0 to x_5, y_0 to y_5), but a row holds one: they are read as"]),
        (SEVERAL.replace("y_5", "y_6"), ["if columns x_0 to y_6 measure different things"]),
        (
            "day,rain,wind,heat,sky\n2026-01-01,1,2,3,fog\n2026-01-02,4,5,6,sun\n2026-01-03,4,5,6,sun\n",
            ["if columns rain to heat measure different things", "if rows are steps in time, as column day suggests"],
        ),
        (
            "film,year,length,votes,rating\nDuck Soup,1933,68,9,7\nSome Like It Hot,1959,121,8,8\n",
            ["if columns year to votes measure different things", "to read texts instead: --text film"],
        ),
    ],
)
def test_columns_that_may_be_no_steps_are_pointed_out(tmp_path: Path, content: str, words: list[str]) -> None:
    opened = table(tmp_path, content)
    told = words_on_steps(find_wide_columns(opened), opened.first())
    assert [one[: len(start)] for one, start in zip(told, words, strict=True)] == words


def test_what_is_pointed_out_is_among_the_decisions(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number % 7},3,{'up' if number % 2 else 'down'}\n" for number in range(40))
    opened = table(tmp_path, f"rain,wind,heat,state\n{rows}")
    decisions = read_series(opened.path, find_labels=find_task).decisions
    assert any(one.startswith("if columns rain to heat measure different things") for one in decisions)


def test_a_table_of_numbers_with_dates_may_be_forecast(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"\(--label\).*\. If rows are steps in time, as column day suggests.*--horizon"
    ):
        find_wide_columns(table(tmp_path, "day,a,b,c\n2026-01-01,1,2,3\n2026-01-02,4,5,6\n"))


def test_a_header_of_many_columns_is_read_at_once(tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(100_000)]
    wide = table(tmp_path, "\n".join([",".join(["label", *names]), *(f"{n % 2}" + ",1" * 100_000 for n in range(2))]))
    assert len(find_wide_columns(wide).steps) == 100_000


def test_steps_that_are_named_by_numbers_are_no_row_though_a_cell_is_like_a_name(tmp_path: Path) -> None:
    """As pandas writes whole numbers: below 0, 1, 2 stand 0, 1, 2."""
    found = read_wide(numbered := table(tmp_path, "label,0,1,2\na,0,1,2\nb,5,1,9\n"), find_wide_columns(numbered))
    assert found.values.ravel().tolist() == [0, 1, 2, 5, 1, 9]


def test_a_name_with_an_underscore_is_no_step() -> None:
    found = steps_of(["0", "101_2", "2"], ["a", "b", "c"])
    assert isinstance(found, Flaw)
    assert (found.detail, found.column) == ("'101_2' is not a finite number", "b")


def test_the_label_as_group_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="column state cannot be both the label and the group"):
        find_wide_columns(table(tmp_path, GOOD), label="state", group="state")


def test_dates_of_series_suggest_to_hold_out_the_newest(tmp_path: Path) -> None:
    opened = table(tmp_path, GOOD)
    found = find_wide_columns(opened)
    assert words_on_newest(found, opened.first()) == (
        "if column day says when each series was recorded, --newest day makes the newest series the test",
    )
    assert not words_on_newest(find_wide_columns(opened, newest="day"), opened.first())
    recurring = table(tmp_path, GOOD.replace("2026-01-02", "2026-01-01").replace("2026-01-03", "2026-01-01"), "b.csv")
    assert not words_on_newest(find_wide_columns(recurring), recurring.first())


def test_several_label_columns_are_named(tmp_path: Path) -> None:
    rows = [f"{row},{row + 1},{row + 2},{row % 2},{row % 3 == 0:d}" for row in range(40)]
    path = table(tmp_path, "\n".join(["t0,t1,t2,wet,cold", *rows])).path
    examples = read_series(Source(path, label="wet,cold"), label="wet,cold", find_labels=find_task)
    assert "labels are in columns wet, cold, each of 1 and 0" in examples.decisions
