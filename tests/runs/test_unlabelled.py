"""Texts without a label, from the command that a person types to the folder, its replay and its refusals."""

import csv
import json
import random

import pytest

import unspool
from unspool.cli import main
from unspool.errors import UserError
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records.record import read_result
from unspool.runs.records.seen import fingerprints, load_seen
from unspool.runs.replay import replay

from .reviews import text, write_reviews

SMALL = ["--set", "evaluation.resamples=100"]
BARE = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of 60 reviews in a file with 120 more that have no label, and 30 in another file."""
    place = tmp_path_factory.mktemp("unlabelled")
    rng = random.Random(1)
    bare = [text("pos", rng) for _ in range(BARE + 30)]
    path = write_reviews(place / "reviews.csv", rows=60)
    with path.open("a", newline="") as file:
        csv.writer(file).writerows([100 + n, one, ""] for n, one in enumerate(bare[:BARE]))
    (place / "more.csv").write_text("\n".join(["review", *bare[BARE:]]))
    said = ["train", str(path), "--unlabelled", str(place / "more.csv"), "--model", "vectors", *SMALL]
    assert main([*said, "--out", str(place / "model")]) == 0
    return place, bare


def test_they_are_told_in_the_report_and_are_no_examples(folder):
    place, _ = folder
    result = read_result(place / "model")
    assert result.data.unlabelled == BARE + 30
    assert sum(result.data.examples.values()) == 60
    assert "150 unlabelled texts" in (place / "model" / "report.html").read_text()
    assert "texts without a label: 150; document vectors and" in (place / "model" / "inspection.txt").read_text()
    assert load_recipe(place / "model" / "recipe.toml").data.unlabelled == str(place / "more.csv")


def test_they_are_known_as_seen(folder):
    place, bare = folder
    assert load_seen(place / "model").holds(fingerprints(bare)).all()


def test_a_replay_reads_them_again_and_tells_when_one_has_changed(folder):
    place, bare = folder
    again = replay(place / "model")
    assert (again.parting, again.epochs) == (None, 1)
    changed = (place / "more.csv").read_text()
    try:
        (place / "more.csv").write_text(changed.replace(bare[-1], bare[-1] + " indeed"))
        with pytest.raises(UserError, match="data: "):
            replay(place / "model")
    finally:
        (place / "more.csv").write_text(changed)


def test_inspect_tells_their_number(folder, capsys):
    place, _ = folder
    assert main(["inspect", str(place / "reviews.csv")]) == 0
    shown = capsys.readouterr().out
    assert f"texts without a label: {BARE}; document vectors and language models may learn from them, but they" in shown
    assert "empty cell" not in shown


def test_lists_may_come_without_labels(folder, tmp_path):
    _, bare = folder
    rng = random.Random(2)
    labels = ["pos", "neg"] * 30
    texts = [text(label, rng) for label in labels]
    found = unspool.inspect([*texts, *bare], label=[*labels, *[None] * len(bare)])
    assert "texts without a label: 150;" in found
    assert "texts without a label: 150;" in unspool.inspect(texts, label=labels, unlabelled=bare)


def test_a_model_that_cannot_learn_from_them_refuses_their_file(folder, capsys):
    place, _ = folder
    more = ["--unlabelled", str(place / "more.csv"), "--out", str(place / "none")]
    for model in ("nb-words", "network"):
        assert main(["train", str(place / "reviews.csv"), "--model", model, *more]) == 1
        assert "--unlabelled has no effect: this model does not learn from texts" in capsys.readouterr().err
    assert not (place / "none").exists()


def test_without_vectors_rows_without_a_label_are_not_read(folder, tmp_path, capsys):
    place, bare = folder
    said = ["train", str(place / "reviews.csv"), "--model", "nb-words", "--out", str(tmp_path / "m"), "--json", *SMALL]
    assert main(said) == 0
    assert json.loads(capsys.readouterr().out)["data"]["unlabelled"] == 0
    assert not load_seen(tmp_path / "m").holds(fingerprints(bare)).any()


def test_series_have_none(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("t0,t1,t2,state\n1,2,3,up\n3,2,1,down\n")
    (tmp_path / "more.csv").write_text("text\na\n")
    assert main(["train", str(tmp_path / "a.csv"), "--unlabelled", str(tmp_path / "more.csv")]) == 1
    assert "--unlabelled is not for series" in capsys.readouterr().err
