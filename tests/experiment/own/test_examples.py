import pytest

from unspool.errors import UserError
from unspool.experiment.own.examples import as_found, inspected, kind_of, read_file
from unspool.experiment.own.recipe import OwnFile

from .reviews import write_reviews
from .series import write_long_form, write_npz


def test_text_and_series_are_told_apart(reviews, tmp_path):
    assert kind_of(write_npz(tmp_path / "a.npz"), None, None) == "series"
    assert kind_of(write_long_form(tmp_path / "steps.csv"), None, None) == "series"
    assert kind_of(reviews, None, None) == "text"
    assert kind_of(reviews, "number", None) == "series"


def test_ids_that_do_not_recur_are_no_series(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,length,text,label\n1,3,a fine film,pos\n2,4,a dull film,neg\n")
    assert kind_of(path, None, None) == "text"


def test_columns_that_were_found_are_named(reviews):
    data = OwnFile(path=str(reviews))
    examples = read_file(data, seed=0)
    found = as_found(data, examples)
    assert (found.text, found.label) == ("review", "sentiment")
    assert inspected(examples, data).rows == 200


def test_a_file_of_its_own_is_the_test(reviews, tmp_path):
    test = write_reviews(tmp_path / "test.csv", rows=30, seed=5)
    examples = read_file(OwnFile(path=str(reviews), test=str(test)), seed=0)
    assert examples.counts() == {"training": 180, "validation": 20, "test": 30}


def test_the_newest_series_are_held_out_and_are_no_channel(tmp_path):
    path = write_long_form(tmp_path / "a.csv")
    header, *lines = path.read_text().splitlines()
    days = [f"{line},2026-01-{int(line.split(',')[0][1:]) % 20 + 1:02}" for line in lines]
    path.write_text("\n".join([f"{header},day", *days]))
    data = OwnFile(path=str(path), kind="series", newest="day")
    examples = read_file(data, seed=0)
    assert [name for name, part in zip(examples.series.names, examples.parts, strict=True) if part == 2] == [
        "s18",
        "s19",
        "s38",
        "s39",
    ]
    found = as_found(data, examples)
    assert (found.channels, found.time, found.newest) == (("x", "y"), "time", "day")


@pytest.mark.parametrize(
    ("option", "kind"), [({"channels": ("x",)}, "text"), ({"newest": "x"}, "text"), ({"text": "x"}, "series")]
)
def test_an_option_of_the_other_kind_is_refused(option, kind, reviews):
    with pytest.raises(UserError, match=f"--{next(iter(option))} is not for"):
        read_file(OwnFile(path=str(reviews), kind=kind, **option), seed=0)
