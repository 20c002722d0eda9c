import numpy as np
import pytest

from unspool.errors import UserError
from unspool.experiment.own.examples import as_found, inspected, kind_of, read_file
from unspool.experiment.own.recipe import OwnFile


def write_steps(path, series=20, steps=5):
    rng = np.random.default_rng(0)
    lines = ["series,time,x,y,label"]
    for number in range(series):
        for step in range(steps):
            x, y = rng.normal(size=2)
            lines.append(f"{number},{step},{x:.3f},{y:.3f},{'ab'[number % 2]}")
    path.write_text("\n".join(lines))
    return path


def test_text_and_series_are_told_apart(reviews, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 3, 1)), y=[0, 1, 0, 1])
    assert kind_of(tmp_path / "a.npz", None, None) == "series"
    assert kind_of(write_steps(tmp_path / "steps.csv"), None, None) == "series"
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


@pytest.mark.parametrize(("option", "kind"), [({"channels": ("x",)}, "text"), ({"text": "x"}, "series")])
def test_an_option_of_the_other_kind_is_refused(option, kind, reviews):
    with pytest.raises(UserError, match=f"--{next(iter(option))} is not for"):
        read_file(OwnFile(path=str(reviews), kind=kind, **option), seed=0)
