"""A trained model on files: predictions beside their columns."""

import json
import random
from unittest.mock import Mock

import pytest

import unspool
from unspool.data.tables import read_table
from unspool.data.texts.side_columns import SideColumns
from unspool.errors import UserError
from unspool.readers import RawTextReader, WordReader
from unspool.runs import predict_file as predicting

from .reviews import rows_of, text, write_reviews


def predict_file(model, path, out, **options):
    return predicting.predict_file(model, model.reader, path, out, **options)


def test_a_file_of_an_unknown_format_comes_with_advice_for_users_of_a_model(tmp_path):
    path = tmp_path / "plain.ods"
    path.write_text("Ada wrote\n")
    with pytest.raises(UserError, match=r"a table ends in one of .* Save the sheet as CSV in UTF-8\.$"):
        predicting.predict_file(Mock(), Mock(spec=WordReader), path, tmp_path / "out.csv")


def test_the_columns_of_the_input_come_back_with_the_predictions(model_of_reviews, tmp_path):
    path = write_reviews(tmp_path / "new.csv", rows=60, seed=1)
    found = predict_file(model_of_reviews, path, tmp_path / "scored.csv")
    rows = rows_of(tmp_path / "scored.csv")
    assert [{name: row[name] for name in ("number", "review", "sentiment")} for row in rows] == rows_of(path)
    assert found.rows == 60
    assert sum(found.predictions.values()) == 60
    least = {"pos": model_of_reviews.threshold, "neg": 1 - model_of_reviews.threshold}
    assert all(least[row["prediction"]] <= float(row["probability"]) <= 1 for row in rows)
    assert sum(row["prediction"] == row["sentiment"] for row in rows) > 54


def test_rows_are_predicted_alike_wherever_they_stand(model_of_reviews, tmp_path):
    path = write_reviews(tmp_path / "new.csv", rows=1_030, seed=2)
    predict_file(model_of_reviews, path, tmp_path / "scored.jsonl")
    long = [json.loads(line) for line in (tmp_path / "scored.jsonl").read_text().splitlines()]
    assert [row["number"] for row in long] == [str(number) for number in range(1_030)]
    (tmp_path / "one.csv").write_text("review\n" + long[1_020]["review"] + "\n")
    predict_file(model_of_reviews, tmp_path / "one.csv", tmp_path / "one.jsonl")
    one = json.loads((tmp_path / "one.jsonl").read_text())
    assert one["probability"] == pytest.approx(long[1_020]["probability"], abs=1e-5)


def test_texts_may_come_one_a_line_or_in_a_folder(model_of_reviews, tmp_path):
    texts = ["a fine film", "a dull, awful film"]
    (tmp_path / "new.csv").write_text("review\n" + "".join(f'"{one}"\n' for one in texts))
    (tmp_path / "new.txt").write_text("\n".join(texts))
    (tmp_path / "folder").mkdir()
    for number, one in enumerate(texts):
        (tmp_path / "folder" / f"{number}.txt").write_text(one)
    expected = predicted(model_of_reviews, tmp_path / "new.csv", tmp_path)
    assert predicted(model_of_reviews, tmp_path / "new.txt", tmp_path) == expected
    in_folder = predicted(model_of_reviews, tmp_path / "folder", tmp_path)
    assert [(row.pop("file"), row.pop("text")) for row in in_folder] == [("0.txt", texts[0]), ("1.txt", texts[1])]
    assert in_folder == [{name: row[name] for name in row if name != "review"} for row in expected]
    with pytest.raises(UserError, match=r"new\.txt has one text a line and no columns: --text has no effect"):
        predict_file(model_of_reviews, tmp_path / "new.txt", tmp_path / "none.csv", text="review")


@pytest.mark.parametrize(
    ("names", "note"),
    [
        ([], []),
        (["b.txt"], ["it has folders of texts, so b.txt beside them was not read"]),
        (["b.txt", "a.txt"], ["it has folders of texts, so 2 .txt files beside them, such as a.txt, were not read"]),
    ],
)
def test_texts_that_lie_beside_folders_of_texts_are_named(names, note, model_of_reviews, tmp_path):
    (tmp_path / "new" / "old").mkdir(parents=True)
    for name in ["old/1.txt", *names]:
        (tmp_path / "new" / name).write_text("a fine film")
    found = predict_file(model_of_reviews, tmp_path / "new", tmp_path / "scored.csv", text="text")
    assert (found.rows, [*found.notes]) == (1, note)


def test_lines_of_text_have_no_columns_beside_the_text(tmp_path):
    (tmp_path / "new.txt").write_text("a fine film\n")
    reader = RawTextReader(SideColumns(("price",), ("brand",)))
    with pytest.raises(UserError, match=r"one text a line; this model reads price, brand beside the text\. Give a"):
        predicting.predict_file(Mock(), reader, tmp_path / "new.txt", tmp_path / "scored.csv")


def predicted(model, path, folder):
    predict_file(model, path, folder / "scored.csv")
    return rows_of(folder / "scored.csv")


def test_rows_that_cannot_be_used_stop_or_are_counted(model_of_reviews, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text('review\na fine film\n" "\na dull film\n')
    with pytest.raises(UserError, match=r"new.csv, row 2 .*column review: the text is empty"):
        predict_file(model_of_reviews, path, tmp_path / "scored.csv")
    assert list(tmp_path.iterdir()) == [path]
    found = predict_file(model_of_reviews, path, tmp_path / "scored.csv", on_error="skip")
    assert (found.rows, found.left_out) == (2, {"no text": 1})
    assert [row["review"] for row in rows_of(tmp_path / "scored.csv")] == ["a fine film", "a dull film"]


def test_a_formula_is_quoted_where_a_spreadsheet_would_run_it(model_of_reviews, tmp_path):
    (tmp_path / "new.csv").write_text("review\n=SUM(A1) fine film\n")
    predict_file(model_of_reviews, tmp_path / "new.csv", tmp_path / "scored.csv")
    assert rows_of(tmp_path / "scored.csv")[0]["review"] == "'=SUM(A1) fine film"


def test_attributions_add_up_and_find_the_words_that_tell(model_of_reviews, tmp_path):
    rng = random.Random(3)
    lines = [text("pos" if number % 2 else "neg", rng) for number in range(12)]
    (tmp_path / "new.csv").write_text("\n".join(["review", *lines]))
    predict_file(model_of_reviews, tmp_path / "new.csv", tmp_path / "scored.jsonl", attributions=True)
    for row in map(json.loads, (tmp_path / "scored.jsonl").read_text().splitlines()):
        total = sum(pair["weight"] for pair in row["attributions"])
        assert row["attribution_error"] <= max(0.02 * abs(total), 1e-3)
        assert [pair["token"] for pair in row["attributions"]][-2:] == row["review"].split()[-2:]
        # A neighbour of a telling word has half of what their pair weighs.
        tokens = [pair["token"] for pair in row["attributions"]]
        strongest = max(range(len(tokens)), key=lambda place: row["attributions"][place]["weight"])
        telling = {"fine", "great", "lovely", "moving", "dull", "awful", "boring", "flat"}
        assert telling & set(tokens[max(strongest - 1, 0) : strongest + 2])


def test_attributions_fit_into_parquet(model_of_reviews, tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "new.csv").write_text("review\na fine film\n")
    predict_file(model_of_reviews, tmp_path / "new.csv", tmp_path / "scored.parquet", attributions=True)
    (chunk,) = read_table(tmp_path / "scored.parquet").chunks()
    assert [pair["token"] for pair in chunk.cells["attributions"][0]] == ["<start>", "a", "fine", "film"]


@pytest.mark.parametrize(
    ("header", "out", "message"),
    [
        ("reviews", "scored.csv", "has no column 'review', which the model reads. Its columns are reviews. Name"),
        ("review,prediction", "scored.csv", "has a column 'prediction' already"),
        ("review", "scored.txt", "has the ending '.txt'"),
        ("review", "nowhere/scored.csv", "there is no folder"),
    ],
)
def test_what_cannot_be_predicted_is_refused_and_nothing_written(header, out, message, model_of_reviews, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text(f"{header}\na fine film{',x' * header.count(',')}\n")
    with pytest.raises(UserError, match=message):
        predict_file(model_of_reviews, path, tmp_path / out)
    assert list(tmp_path.iterdir()) == [path]


def test_each_row_of_a_table_of_steps_comes_back_with_its_tag(tmp_path):
    draw = random.Random(0)
    rows = [(name, step, (step // 4 + name) % 2) for name in range(30) for step in range(12)]
    draw.shuffle(rows)
    lines = [
        f"s{name},{step},{level + draw.gauss(0, 0.1):.3f},{'up' if level else 'down'}" for name, step, level in rows
    ]
    (tmp_path / "steps.csv").write_text("series,t,level,state\n" + "\n".join(lines) + "\n")
    given = {"task": "tagging", "label": "state", "model": "window-regression", "verbose": False}
    model = unspool.train(tmp_path / "steps.csv", out=tmp_path / "run", **given).model.trained
    new = "note,series,t,level\na,y,1,1.10\nb,x,3,0.0\nc,y,2,\nd,x,1,bad\ne,y,0,1.0\nf,y,3,\n"
    (tmp_path / "new.csv").write_text(new)
    with pytest.raises(UserError, match="row 4"):
        predict_file(model, tmp_path / "new.csv", tmp_path / "said.csv")
    for ending in ("csv", "jsonl"):
        found = predict_file(model, tmp_path / "new.csv", tmp_path / f"said.{ending}", on_error="skip")
        assert (found.rows, found.predictions, sum(found.left_out.values())) == (2, {"up": 2}, 1)
    said = rows_of(tmp_path / "said.csv")
    assert [(row["note"], row["t"], row["level"], row["prediction"]) for row in said] == [
        ("a", "1", "1.10", "up"),
        ("e", "0", "1.0", "up"),
    ]
    assert all(0.5 < float(row["probability"]) <= 1 for row in said)
    (tmp_path / "taken.csv").write_text(new.replace("note", "prediction"))
    with pytest.raises(UserError, match="has a column 'prediction' already"):
        predict_file(model, tmp_path / "taken.csv", tmp_path / "said.csv", on_error="skip")


def test_each_row_of_a_table_of_tokens_comes_back_with_its_tag(tmp_path):
    places = ("Lima", "Oslo")
    texts = {(n // 2, n % 2): ("from", places[n % 3 % 2], f"in{n}") for n in range(60)}
    told = [
        f"{document},{sentence},{word},{'place' if word in places else 'other'}\n"
        for (document, sentence), words in texts.items()
        for word in words
    ]
    (tmp_path / "tokens.csv").write_text("document,sentence,word,tag\n" + "".join(told))
    given = {"task": "tagging", "series": "document,sentence", "model": "window-regression", "verbose": False}
    model = unspool.train(tmp_path / "tokens.csv", out=tmp_path / "run", **given).model.trained
    (tmp_path / "new.csv").write_text("note,document,sentence,word\na,1,1,from\nb,1,1,Oslo\nc,1,2,from\nd,1,2,Lima\n")
    found = predict_file(model, tmp_path / "new.csv", tmp_path / "said.csv")
    assert (found.rows, found.predictions) == (4, {"place": 2, "other": 2})
    said = [(row["note"], row["word"], row["prediction"]) for row in rows_of(tmp_path / "said.csv")]
    assert said == [("a", "from", "other"), ("b", "Oslo", "place"), ("c", "from", "other"), ("d", "Lima", "place")]
    (tmp_path / "lacks.csv").write_text("document,word\n1,from\n1,Oslo\n")
    with pytest.raises(UserError, match="has no column 'sentence'"):
        predict_file(model, tmp_path / "lacks.csv", tmp_path / "none.csv")
    assert not (tmp_path / "none.csv").exists()
