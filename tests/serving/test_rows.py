"""Models that read columns beside a text: rows in JSON, and a tensor for each column."""

import pytest

from unspool.serving.bodies import decoded
from unspool_runtime import Model

from . import models

INFER = "/v2/models/films/infer"
SENT = [*models.ROWS, {"review": "dull", "price": 3, "brand": 7, "other": True}]


def tensors(rows, **changes):
    kinds = {"review": "BYTES", "price": "FP64", "brand": "BYTES"}
    return {
        "inputs": [
            {"name": name, "datatype": kind, "shape": [len(rows)], "data": [row[name] for row in rows]}
            | changes.get(name, {})
            for name, kind in kinds.items()
        ]
    }


def test_rows_are_answered_as_the_model_does(serve):
    served = serve(models.rows())
    model = Model.load(served.path)
    said = served.client.post("/predict", json={"examples": SENT}).json()["predictions"]
    assert [one["prediction"] for one in said] == model.predict(SENT)
    assert [[*one["probabilities"].values()] for one in said] == model.probabilities(SENT).tolist()
    assert len({one["probabilities"]["yes"] for one in said}) == 3


def test_whole_numbers_of_any_size_are_kept(serve):
    body = '{"examples": [{"review": "dull", "price": 3, "brand": 9007199254740993}]}'
    asked = decoded(body.encode(), serve(models.rows()).state.served.schemas.predict)
    assert repr(asked.examples[0]["brand"]) == "9007199254740993"


def test_columns_by_the_inference_protocol(serve):
    served = serve(models.rows())
    answer = served.client.post(INFER, json=tensors(models.ROWS))
    assert answer.status_code == 200, answer.text
    expected = Model.load(served.path).probabilities(models.ROWS)
    assert answer.json()["outputs"][1]["data"] == expected.ravel().tolist()
    assert served.client.get("/v2/models/films").json()["inputs"] == [
        {"name": "review", "datatype": "BYTES", "shape": [-1]},
        {"name": "price", "datatype": "FP64", "shape": [-1]},
        {"name": "brand", "datatype": "BYTES", "shape": [-1]},
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a fine film", "Expected `object`, got `str`"),
        ({"review": "a", "price": 1}, "Example 0 (counted from 0) has no column 'brand' (categorical)"),
        ({"review": 1, "price": 1, "brand": "a"}, "the column 'review' holds int, where a text should be"),
        ({"review": "", "price": 1, "brand": "a"}, "the text in column review is empty or blank."),
        ({"review": "a", "price": "much", "brand": "a"}, "the column 'price' holds 'much'"),
        ({"review": "a", "price": [1], "brand": "a"}, "got `array`"),
        ({"review": "a" * 51, "price": 1, "brand": "a"}, "length <= 50"),
    ],
)
def test_what_is_no_row(serve, row, said):
    answer = serve(models.rows(), text=50).client.post("/predict", json={"examples": [row]})
    assert answer.status_code == 400
    assert said in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"inputs": tensors(models.ROWS)["inputs"][:2]}, "takes the inputs 'review', 'price', 'brand'"),
        (tensors(models.ROWS, price={"datatype": "BYTES"}), "'price' is FP64"),
        (tensors(models.ROWS, price={"shape": [1]}), "the same number of examples"),
        (tensors(models.ROWS, price={"data": ["a", "b"]}), "is not an array [2]"),
        (tensors(models.ROWS, brand={"data": ["a", None]}), "not a list of 2 texts"),
        (tensors([]), "from 1 to 256"),
    ],
)
def test_columns_that_do_not_fit(serve, body, said):
    answer = serve(models.rows()).client.post(INFER, json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_openapi_names_the_columns(serve):
    schemas = serve(models.rows()).client.get("/openapi.json").json()["components"]["schemas"]
    said = schemas["Predict"]["properties"]["examples"]["items"]["description"]
    assert "text 'review'; numeric 'price'; categorical 'brand'" in said
