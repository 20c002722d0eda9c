"""The page of a search: what it tells, for every way in which trials end, and that it acts on nobody's text."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from unspool.evaluation.searched import Searched, SearchedTrial, Setting
from unspool.report.figures.trials import drawings
from unspool.report.search import write_search_page

UNITS = Setting("model.units", "4..64:log", log=True, importance=0.3)
RATE = Setting("training.learning_rate", "0.0001..0.01:log", log=True, importance=0.6)
CELL = Setting("model.cell", "lstm,gru", choices=("lstm", "gru"), importance=0.1)


def trial(number, state="finished", losses=(0.7, 0.5, 0.55), cell="lstm", reason=""):
    loss = min(losses) if state == "finished" else None
    settings = {"model.units": 4 + number, "training.learning_rate": 0.001 * (number + 1), "model.cell": cell}
    return SearchedTrial(number, settings, state, loss, losses, 2 if loss else 0, 1.5, 1234, reason)


@pytest.fixture
def search():
    trials = (
        trial(0),
        trial(1, "pruned", (0.9, 0.8)),
        trial(2, losses=(0.6, 0.4), cell="gru"),
        trial(3, "diverged", (0.9, float("nan"))),
        trial(4, "out of time", (0.8,)),
        trial(5, "impossible", (), reason="model.heads does not divide <b>model.width</b>"),
        trial(6, "under way", (30.0,)),
    )
    command = "unspool search a --over model.units=4..64:log"
    return Searched("a", "A model", command, (UNITS, RATE, CELL), trials, 0)


def page_of(search, tmp_path):
    return write_search_page(search, tmp_path).read_text()


def rows_of(page, label):
    table = re.search(rf'aria-label="{label}".*?</table>', page, re.DOTALL)[0]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]]


def test_the_best_trials_come_in_their_order(search, tmp_path):
    rows = rows_of(page_of(search, tmp_path), "The best trials")
    assert [(row[0], row[4], row[5]) for row in rows] == [
        ("2", "0.4000", "epoch 2 of 2"),
        ("0", "0.5000", "epoch 2 of 3"),
    ]


def test_all_trials_are_told_with_their_ends(search, tmp_path):
    rows = rows_of(page_of(search, tmp_path), "All trials")
    assert [row[5] for row in rows] == [
        "epoch 2 of 3",
        "pruned after 2 epochs",
        "epoch 2 of 2",
        "diverged after 2 epochs",
        "out of time after 1 epoch",
        "impossible: model.heads does not divide &lt;b&gt;model.width&lt;/b&gt;",
        "under way after 1 epoch",
    ]
    assert search.words == (
        "7 trials: 2 trained to their end, 1 pruned, 1 diverged, 1 stopped as the time was over, 1 impossible, 1 not "
        "finished"
    )


def test_tables_have_the_short_names_of_settings(search, tmp_path):
    page = page_of(search, tmp_path)
    head = re.search(r'aria-label="The best trials".*?</thead>', page, re.DOTALL)[0]
    assert re.findall(r"<th[^>]*>(.*?)</th>", head)[1:4] == ["learning_rate", "units", "cell"]


@pytest.mark.parametrize(("epochs", "said"), [(2, "within the first 2 epochs"), (0, "trained to their end")])
def test_how_to_read_importances_is_a_sentence(search, tmp_path, epochs, said):
    page = " ".join(page_of(replace(search, importance_epochs=epochs), tmp_path).split())
    assert f"{said} each setting explains, by functional ANOVA" in page


def test_whole_numbers_have_whole_ticks(search):
    plain = replace(search, settings=(replace(UNITS, values="4..12", log=False), replace(RATE, log=False)))
    by_setting = {drawing.setting: drawing for drawing in drawings(plain)}
    (axes,) = by_setting["model.units"].draw().axes
    assert all(tick == round(tick) for tick in axes.get_xticks())
    (axes,) = by_setting["training.learning_rate"].draw().axes
    assert any(tick != round(tick) for tick in axes.get_xticks())


def test_settings_come_by_importance(search, tmp_path):
    page = page_of(search, tmp_path)
    titles = re.findall(r'<p class="title">(.*?)</p>', page)
    assert titles == [
        "Importance of each setting",
        "training.learning_rate",
        "model.units",
        "model.cell",
        "Validation loss by epoch",
    ]


def test_figures_follow_the_theme_of_the_page(search, tmp_path):
    page = page_of(search, tmp_path)
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(svg)
        assert "var(--" in svg
        assert not re.search(r"#(1c1c1a|5f5f5a|0072b2|fefefe)", svg)
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_a_search_that_is_open_tells_how_to_go_on(search, tmp_path):
    page = page_of(search, tmp_path)
    assert "No trial has been scored on the test set yet." in page
    assert "<pre>unspool search a --over model.units=4..64:log</pre>" in page


def test_a_search_without_a_finished_trial_has_a_page(tmp_path):
    trials = (trial(0, "under way", ()),)
    page = page_of(Searched("a", "A", "", (Setting("model.units", "4..64"),), trials), tmp_path)
    assert "1 trials" not in page
    assert "<svg" not in page


def test_hostile_names_are_inert(tmp_path):
    hostile = "<script>alert(1)</script>\u202e"
    setting = Setting("data.tokenizer", hostile, choices=(hostile, "x"))
    one = SearchedTrial(0, {"data.tokenizer": hostile}, "finished", 0.5, (0.5,), 1, 1.0, 10)
    page = page_of(Searched(hostile, hostile, hostile, (setting,), (one,)), tmp_path)
    assert "<script" not in page
    assert "\u202e" not in page


def test_what_lies_above_a_figure_is_drawn_at_its_edge(search):
    slices = [one for one in drawings(search) if one.setting == "model.units"]
    axes = slices[0].draw().axes[0]
    triangles = [line for line in axes.lines if line.get_marker() == "^"]
    assert len(triangles) == 4  # pruned, diverged, out of time, and under way at a loss of 30
    assert all(line.get_ydata()[0] <= axes.get_ylim()[1] for line in triangles)


def test_the_same_search_gives_the_same_bytes(search, tmp_path):
    first = write_search_page(search, tmp_path).read_bytes()
    assert write_search_page(search, tmp_path).read_bytes() == first
