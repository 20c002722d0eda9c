"""Sets out of packages are drawn alike wherever they are read, and peers are tuned and compared on the right rows."""

import json
import random
import zipfile

import numpy as np
import pytest
from benchmarks.texts.newer_sets import SETS, Published, _spoken, voice_commands
from benchmarks.texts.package_sets import PackageSet, emotions
from benchmarks.texts.sets import MissingError
from benchmarks.texts.tuned_peers import Answers, every_peer
from benchmarks.texts.whole_command import compared


def rows_of(folder):
    return [{"text": "" if n == 3 else f"text {n}", "label": str(n)} for n in range(20)]


def test_drawn_with_seed_0_and_without_empty_texts(tmp_path):
    training, test = PackageSet(rows_of, 12, 6).drawn(tmp_path)
    assert [row["label"] for row in training[:3]] == ["10", "18", "16"]
    assert {row["label"] for row in training}.isdisjoint(row["label"] for row in test)
    assert "3" not in {row["label"] for row in training + test}
    assert len(training) + len(test) in (17, 18)


def test_a_set_is_read_from_its_archive(tmp_path):
    with pytest.raises(MissingError, match="nrclex"):
        emotions(tmp_path)
    with zipfile.ZipFile(tmp_path / "nrclex-4.1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("nrclex/data/nrc_en.json", '{"joyful": ["joy", "joy", "trust"], "table": []}')
    assert emotions(tmp_path) == [{"text": "joyful", "label": "joy;trust"}]


def test_a_sentence_is_drawn_from_each_template(tmp_path):
    spoken = {
        "expansion_rules": {"please": "[will you|please]", "lamp": "(lamp|light)"},
        "intents": {"On": {"data": [{"sentences": ["<please> turn on the <lamp> in {area:room} <missing>"] * 2}]}},
    }
    more = {"intents": {"Off": {"data": [{"sentences": [f"off {n}" for n in range(60)]}]}}}
    with zipfile.ZipFile(tmp_path / "home_assistant_intents-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("home_assistant_intents/data/en.json", json.dumps(spoken))
        wheel.writestr("home_assistant_intents/data/de.json", json.dumps(more))
    assert [row["text"] for row in voice_commands(tmp_path)] == [f"off {n}" for n in range(60)]  # the others are rare
    drawn = {
        _spoken(spoken["intents"]["On"]["data"][0]["sentences"][0], spoken["expansion_rules"], random.Random(n))
        for n in range(50)
    }
    assert drawn == {
        f"{please}turn on the {lamp} in area missing"
        for please in ("", "will you ", "please ")
        for lamp in ("lamp", "light")
    }


def test_published_parts_stay_apart(tmp_path):
    training, test = Published(rows_of, 12, 8).drawn(tmp_path)
    assert [row["label"] for row in training + test] == [str(n) for n in range(20)]
    assert (SETS["newsgroups"].training, SETS["newsgroups"].test) == (11_293, 7_528)


def labelled(count, label_of):
    words = np.random.default_rng(0).choice(["fine", "dull"], count)
    return [{"text": f"a {word} film {n}", "label": label_of(word), "year": n % 7} for n, word in enumerate(words)]


@pytest.mark.parametrize(
    ("task", "label_of"),
    [("classes", str), ("regression", lambda word: float(word == "fine"))],
)
def test_peers_learn_what_is_easy(task, label_of):
    training, test = labelled(60, label_of), labelled(30, label_of)
    of = PackageSet(rows_of, 60, 30, task, numeric=("year",))
    peers = list(every_peer_but_fasttext(of, training, test))
    kinds = ["regression", "SVM"] if task == "classes" else ["ridge"]
    names = [f"{kind}, {read}" for read in of.features for kind in kinds]
    assert [peer.name for peer in peers] == names + (["nb-svm"] if task == "classes" else [])
    for peer in peers:
        if task == "classes":
            assert peer.held_out > 0.9
            assert (peer.test == [row["label"] for row in test]).all()
        else:
            assert np.corrcoef(peer.test, [row["label"] for row in test])[0, 1] > 0.9


def every_peer_but_fasttext(of, training, test):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.texts.tuned_peers._fasttext", lambda *given: Answers("fastText", 0.0, np.empty(0)))
        yield from (peer for peer in every_peer(of, training, test) if peer.name != "fastText")


def test_the_peer_of_cross_validation_and_the_best_on_the_test_are_compared():
    truth = ["a", "b"] * 50
    wrong = np.array(["a"] * 100)
    peers = [Answers("first", 0.9, wrong), Answers("second", 0.8, np.array(truth))]
    lines = compared("classes", truth, np.array(truth), peers)
    assert lines[0] == "unspool 100.00"
    assert lines[1].startswith("by cross-validation: first 50.00, difference +50.00 (+")
    assert lines[2] == "best on the test: second 100.00, difference +0.00 (+0.00 to +0.00)"


def test_labels_and_numbers_are_scored():
    peers = [Answers("peer", 0.0, np.array(["a;b", "b"]))]
    assert compared("multilabel", ["a;b", "a"], np.array(["a", "a"]), peers)[0] == "unspool 80.00"
    numbers = [Answers("peer", 0.0, np.array([0.0, 0.0]))]
    assert compared("regression", ["3", "4"], np.array(["0", "0"]), numbers)[0] == "unspool 3.54"
