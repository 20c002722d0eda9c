"""Models that read columns beside a text: the runtime reads rows, and answers as the trainer does."""

import json
import math
import zipfile
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from unspool.candidates import RawModel
from unspool.candidates.texts import BlendTexts, LinearTexts, NGrams
from unspool.candidates.texts.linear import COLUMNS
from unspool.candidates.texts.trees import COLUMN_TREES, COUNT_TREES, FittedTreesTexts
from unspool.data.tables.problems import Flaw
from unspool.data.texts.side_columns import SideColumns, TextRow
from unspool.export import Smaller, export_model
from unspool.readers import RawExamples, RawTextReader
from unspool.tasks import Binary, Multiclass, Multilabel, Regression

unspool_runtime = pytest.importorskip("unspool_runtime")
from unspool_runtime.cli import main  # noqa: E402
from unspool_runtime.texts.columns import RowReader  # noqa: E402

SIDE = SideColumns(("price", "age"), ("brand",))
draw = np.random.default_rng(0)
TEXTS = [
    TextRow(
        f"a {('fine', 'dull', 'très bien')[i % 3]} film",
        (float(draw.normal()), math.nan if i % 5 else 2.0, ("1", "TRUE", "NA")[i % 3]),
    )
    for i in range(60)
]
NEW = [
    {"text": "a fine film", "price": 0.5, "age": None, "brand": "01.0", "beside": "ignored"},
    {"text": "?!", "price": "NA", "age": " 3 ", "brand": "never seen"},
    {"text": "très dull", "price": np.float32(-9), "age": 1, "brand": None},
    {"text": "a film", "price": 1, "age": 2, "brand": True},
]
AS_TEXTS = [
    TextRow("a fine film", (0.5, math.nan, "1")),
    TextRow("?!", (math.nan, 3.0, "never seen")),
    TextRow("très dull", (-9.0, 1.0, "NA")),
    TextRow("a film", (1.0, 2.0, "TRUE")),
]
LINEAR = LinearTexts("linear", 1.0, (NGrams("words", 1, 2),), c=1.0, calibrated=False)
BLEND = BlendTexts("blend", 1.0, (LINEAR, COLUMNS, COLUMN_TREES))
labels = np.arange(60)


class OlderTrees:
    """Trees whose mean is a probability."""

    name = "column-trees"

    def fit(self, texts, target, task):
        plain, arrays = COLUMN_TREES.fit(texts, target, task).state()
        del plain["gives_scores"]
        return FittedTreesTexts.from_state(plain, arrays | {"values": expit(arrays["values"])})


CASES = {
    "linear": (LINEAR, Binary(("no", "yes")), labels % 2),
    "columns": (COLUMNS, Multiclass(("a", "b", "c")), labels % 3),
    "trees": (COLUMN_TREES, Multiclass(("a", "b", "c")), labels % 3),
    "trees of several": (COLUMN_TREES, Multilabel(("a", "b"), "|"), np.stack([labels % 2, labels % 3 == 0], axis=1)),
    "older trees": (OlderTrees(), Binary(("no", "yes")), labels % 2),
    "trees of numbers": (COLUMN_TREES, Regression(), labels / 7.0),
    "trees of both": (COUNT_TREES, Regression(), labels / 7.0),
    "blend": (BLEND, Binary(("no", "yes")), labels % 2),
}


@pytest.fixture
def folder(folder_of):
    def saved(case):
        candidate, task, target = CASES[case]
        model = candidate.fit(TEXTS, target, task.name)
        raw = RawModel("text", candidate.name, task.name, model)
        threshold = 0.4 if task.name in ("binary", "multilabel") else None
        return model, folder_of(raw, RawTextReader(SIDE), task, RawExamples(TEXTS), threshold=threshold)

    return saved


@pytest.mark.parametrize("case", CASES)
def test_rows_are_answered_alike(folder, tmp_path, monkeypatch, case):
    trained, where = folder(case)
    found = export_model(where, tmp_path / "m.unspool")
    assert found.agree == found.count == 32 + 7 + 2
    wanted = trained.outputs(AS_TEXTS)
    for kernels in ("native", "reference"):
        monkeypatch.setenv("UNSPOOL_KERNELS", kernels)
        model = unspool_runtime.Model.load(found.out)
        assert model.reads == "rows"
        np.testing.assert_allclose(model.outputs(NEW).reshape(wanted.shape), wanted, atol=2e-6)
        np.testing.assert_array_equal(model.outputs(NEW)[1:2], model.outputs(NEW[1:2]))
        assert len(model.predict(NEW)) == len(NEW)


def test_a_smaller_model_is_compared_on_rows(folder, tmp_path):
    found = export_model(folder("blend")[1], tmp_path / "m.unspool", Smaller("int8"))
    assert found.reduction.golden.count == 41
    assert unspool_runtime.Model.load(found.out).check().passed


@pytest.mark.parametrize("case", CASES)
def test_a_page_answers_rows_alike(folder, tmp_path, javascript, case):
    trained, where = folder(case)
    rows = [{name: None if cell is None else str(cell) for name, cell in one.items()} for one in NEW]
    exported = export_model(where, tmp_path / "m.unspool").out
    check, found = javascript(exported, rows, "[...model.outputs(model.rows.read(one))]")
    assert (check["agree"], check["count"]) == (41, 41)
    assert check["largest"] < 2e-6
    wanted = trained.outputs(AS_TEXTS)
    np.testing.assert_allclose(np.reshape(found, wanted.shape), wanted, atol=2e-6)


def test_trees_in_a_portable_file_from_before_are_still_read(folder, tmp_path, javascript):
    trained, where = folder("trees")
    exported, older = export_model(where, tmp_path / "m.unspool").out, tmp_path / "older.unspool"
    with zipfile.ZipFile(exported) as read, zipfile.ZipFile(older, "w") as write:
        for name in read.namelist():
            write.writestr(name, read.read(name).replace(b'"tree texts"', b'"column trees"'))
    assert b'"column trees"' in older.read_bytes()
    wanted = trained.outputs(AS_TEXTS)
    np.testing.assert_allclose(unspool_runtime.Model.load(older).outputs(NEW), wanted, atol=2e-6)
    rows = [{name: None if cell is None else str(cell) for name, cell in one.items()} for one in NEW]
    found = javascript(older, rows, "[...model.outputs(model.rows.read(one))]")[1]
    np.testing.assert_allclose(found, wanted, atol=2e-6)


def test_words_and_columns_add_up_to_the_score(folder, tmp_path, javascript):
    trained, where = folder("linear")
    of = (
        "((row) => ((all) => all.tokens.reduce((a, b) => a + b, all.rest))"
        "(model.texts.contributions(row.text, 0, row.cells)))(model.rows.read(one))"
    )
    rows = [{name: None if cell is None else str(cell) for name, cell in one.items()} for one in NEW]
    found = javascript(export_model(where, tmp_path / "m.unspool").out, rows, of)[1]
    np.testing.assert_allclose(found, trained.scores(AS_TEXTS)[:, 0], atol=1e-9)


def test_columns_named_as_what_stands_for_arrays_are_columns(folder_of, tmp_path, javascript):
    side = SideColumns((), ("array", "strings"))
    texts = [TextRow(text, (cell, cell)) for text, cell in zip(TEXTS, "abc" * 20, strict=True)]
    model = COLUMNS.fit(texts, labels % 2, "binary")
    raw = RawModel("text", "columns", "binary", model)
    where = folder_of(raw, RawTextReader(side), Binary(("no", "yes")), RawExamples(texts), threshold=0.5)
    check, _ = javascript(export_model(where, tmp_path / "m.unspool").out)
    assert check["passed"]


def test_the_command_reads_rows_as_lines_of_json(folder, tmp_path, capsys):
    out = export_model(folder("linear")[1], tmp_path / "m.unspool").out
    rows = [one | {"price": number} for number, one in enumerate(NEW)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main([str(out), str(tmp_path / "rows.jsonl")]) == 0
    told = [json.loads(line)["prediction"] for line in capsys.readouterr().out.splitlines()]
    assert told == unspool_runtime.Model.load(out).predict(rows)


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["NA", " n/a", "?", "2.5", "1e300", "-inf", " x ", np.float32(2.5), np.int64(3), Decimal("2.50")]),
    st.lists(st.integers(), max_size=1),
)


@settings(max_examples=300, deadline=None)
@given(number=CELLS, category=CELLS)
def test_a_row_has_the_cells_of_training(number, category):
    side, reader = SideColumns(("price",), ("brand",)), RowReader("text", ("price",), ("brand",))
    wanted = side.parse([number, category])
    try:
        (found,) = reader.rows([{"text": "a", "price": number, "brand": category}])
    except unspool_runtime.InputError:
        assert isinstance(wanted, Flaw)
        return
    assert not isinstance(wanted, Flaw)
    np.testing.assert_equal(found.cells, wanted)


def test_a_page_takes_no_number_that_javascript_alone_knows(node):
    program = """
      const read = (cell) => { try { return numberIn(cell, "price"); } catch (error) { return error.message; } };
      print(given.map(read));
    """
    assert node(program, ["0x10", "0b1", "0", "1e3"]) == [
        "price: “0x10” is not a number.",
        "price: “0b1” is not a number.",
        0,
        1000,
    ]
