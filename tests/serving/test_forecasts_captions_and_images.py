"""Models that forecast, write captions or enlarge images behind HTTP."""

import numpy as np
import pytest

from unspool_runtime import Model

from . import models

INFER = "/v2/models/films/infer"
HISTORY = {"history": [[20.0, 3, 0], [21.5, None, 1], [19, 5, 0]], "ahead": [[1], [0], [0], [1]], "start": "2026-03-01"}
SERIES = [[[1.0, 0.5], [2.0, 1.0]], [[0.0, -3.0]]]
IMAGE = [[0.1, 0.9], [0.4, 0.2], [0.0, 1.0]]


def test_forecasts_are_those_of_the_model(serve):
    served = serve(models.forecaster())
    answer = served.client.post("/predict", json={"examples": [HISTORY, HISTORY | {"start": 1772323200}]})
    assert answer.status_code == 200, answer.text
    first, second = (one["prediction"] for one in answer.json()["predictions"])
    assert first == second == [list(step) for step in Model.load(served.path).predict([HISTORY])[0]]


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ([[1, 2]], "its history is not a list of steps"),
        (HISTORY | {"ahead": None}, "'ahead' must have 4 steps"),
        (HISTORY | {"start": "soon"}, "its start is 'soon'"),
        (HISTORY | {"start": "1" * 65}, "length <= 64"),
        (HISTORY | {"history": [[1, 2, 3]] * 21}, "length <= 20"),
        (HISTORY | {"more": 1}, "or with more than"),
        ("2026", "Expected `object | array`, got `str`"),
    ],
)
def test_what_is_no_history(serve, history, said):
    answer = serve(models.forecaster(), steps=20).client.post("/predict", json={"examples": [history]})
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_forecasts_have_no_tensors(serve):
    client = serve(models.forecaster()).client
    assert client.get("/v2/models/films").json()["inputs"] == []
    sent = {"inputs": [{"name": "history", "datatype": "FP64", "shape": [1, 1], "data": [1]}]}
    answer = client.post(INFER, json=sent)
    assert (answer.status_code, "is asked at /predict" in answer.json()["error"]) == (400, True)
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert "'sold', 'visits', 'promo'" in schemas["Predict"]["properties"]["examples"]["items"]["description"]


def test_captions_have_scores(serve):
    served = serve(models.captions())
    answer = served.client.post("/predict", json={"examples": SERIES, "count": 2})
    assert answer.status_code == 200, answer.text
    said = [[one["text"] for one in row["translations"]] for row in answer.json()["predictions"]]
    expected = Model.load(served.path).translate(SERIES, count=2)
    assert said == [[one.text for one in row] for row in expected]
    tensors = {"name": "series", "datatype": "FP64", "shape": [1, 2, 2], "data": SERIES[:1]}
    found = served.client.post(INFER, json={"inputs": [tensors]}).json()["outputs"]
    assert found[0]["data"] == Model.load(served.path).predict(SERIES[:1])


def test_larger_images_are_rows_of_grey_values(serve):
    served = serve(models.upscaler())
    expected = Model.load(served.path).predict([IMAGE])
    assert np.shape(expected) == (1, 6, 4)
    answer = served.client.post("/predict", json={"examples": [IMAGE]})
    assert [one["prediction"] for one in answer.json()["predictions"]] == expected
    tensors = {"name": "series", "datatype": "FP64", "shape": [1, 3, 2], "data": [IMAGE]}
    (found,) = served.client.post(INFER, json={"inputs": [tensors]}).json()["outputs"]
    assert found == {"name": "prediction", "datatype": "INT64", "shape": [1, 6, 4], "data": np.ravel(expected).tolist()}
    (told,) = served.client.get("/v2/models/films").json()["outputs"]
    assert told == {"name": "prediction", "datatype": "INT64", "shape": [-1, 6, 4]}
