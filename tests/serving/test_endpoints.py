"""What each path answers."""

import numpy as np
import pytest

from unspool_runtime import Model

from . import models


def test_predict_gives_what_the_model_says(serve):
    served = serve()
    examples = ["a fine film", "?!", "dull!"]
    answer = served.client.post("/predict", json={"examples": examples})
    assert answer.status_code == 200
    model = Model.load(served.path)
    probabilities = model.probabilities(examples).tolist()
    assert answer.json() == {
        "predictions": [
            {"prediction": label, "probabilities": dict(zip(["no", "yes"], row, strict=True))}
            for label, row in zip(model.predict(examples), probabilities, strict=True)
        ],
        "model": {"name": "films", "version": served.state.served.loaded.version},
    }


def test_series_have_missing_numbers(serve):
    served = serve(models.series())
    given = [[[1.0, 0.5], [None, 1.0]], [[2, 3]]]
    answer = served.client.post("/predict", json={"examples": given})
    expected = Model.load(served.path).predict([np.array([[1.0, 0.5], [np.nan, 1.0]]), np.array([[2.0, 3.0]])])
    assert [one["prediction"] for one in answer.json()["predictions"]] == expected


def test_token_ids(serve):
    served = serve(models.ids(), steps=4)
    given = [[1, 2, 3], [-(2**63)], [6, 6, 6, 6]]
    expected = Model.load(served.path).probabilities(given).tolist()
    answer = served.client.post("/predict", json={"examples": given})
    assert [[*one["probabilities"].values()] for one in answer.json()["predictions"]] == expected
    padded = {"name": "ids", "shape": [2, 3], "datatype": "INT64", "data": [1, 2, 3, 5, 0, 0]}
    lengths = {"name": "lengths", "shape": [2], "datatype": "INT32", "data": [3, 1]}
    inferred = served.client.post("/v2/models/films/infer", json={"inputs": [padded, lengths]}).json()
    assert inferred["outputs"][0]["data"] == Model.load(served.path).predict([[1, 2, 3], [5]])
    for wrong, said in (
        ([1] * 5, "length <= 4"),
        ([1.5], "Expected `int`, got `float`"),
        ([2**63], "<= 9223372036854775807"),
        ("a", "Expected `array`"),
    ):
        refused = served.client.post("/predict", json={"examples": [wrong]})
        assert refused.status_code == 400
        assert said in refused.json()["error"]


TASKS = {
    "regression": ({"kind": "regression", "labels": [], "mean": 1.0, "scale": 2.0}, {"type": "number"}),
    "multilabel": (
        {"kind": "multilabel", "labels": ["good"], "threshold": 0.3},
        {"type": "array", "items": {"enum": ["good"]}},
    ),
}


@pytest.mark.parametrize("name", TASKS)
def test_other_tasks(serve, name):
    task, kind = TASKS[name]
    served = serve(models.texts() | {"task": task})
    examples = ["a fine film", "dull"]
    answers = served.client.post("/predict", json={"examples": examples}).json()["predictions"]
    assert [one["prediction"] for one in answers] == Model.load(served.path).predict(examples)
    assert ["probabilities" in one for one in answers] == [bool(task["labels"])] * 2
    schemas = served.client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Answer"]["properties"]["prediction"] == kind
    outputs = served.client.get("/v2/models/films").json()["outputs"]
    assert outputs[0]["datatype"] == ("BOOL" if task["labels"] else "FP64")


def test_health_and_metrics(serve):
    served = serve()
    assert served.client.get("/healthz").json() == {"live": True}
    assert served.client.get("/readyz").json() == {"ready": True}
    served.client.post("/predict", json={"examples": ["a", "b"]})
    served.client.get("/wp-admin")
    told = served.client.get("/metrics").text
    assert 'unspool_requests_total{code="200",endpoint="predict"} 1.0' in told
    assert 'unspool_requests_total{code="404",endpoint="other"} 1.0' in told
    assert "unspool_batch_examples_sum 2.0" in told
    version = served.state.served.loaded.version
    assert f'unspool_model{{name="films",version="{version}"}} 1.0' in told
    served.state.leaving = True
    answer = served.client.get("/readyz")
    assert (answer.status_code, answer.headers["connection"]) == (503, "close")
    assert served.client.post("/predict", json={"examples": ["a"]}).status_code == 200


def test_openapi_is_made_from_the_model_and_the_limits(serve):
    served = serve(examples=7, text=50)
    told = served.client.get("/openapi.json").json()
    examples = told["components"]["schemas"]["Predict"]["properties"]["examples"]
    assert (examples["maxItems"], examples["items"]["maxLength"]) == (7, 50)
    assert told["components"]["schemas"]["Answer"]["properties"]["prediction"] == {"enum": ["no", "yes"]}
    assert told["info"]["title"] == "Films"
    assert "/v2/models/films/infer" in told["paths"]
    assert "/streams" not in told["paths"]  # this model reads texts


def test_openapi_is_shown_for_a_title_with_half_a_character(serve):
    answer = serve(models.texts() | {"title": "Films \ud800"}).client.get("/openapi.json")
    assert (answer.status_code, answer.json()["info"]["title"]) == (200, "Films ?")


def test_openapi_lists_what_there_is(serve):
    served = serve(models.series())
    for path, methods in served.client.get("/openapi.json").json()["paths"].items():
        if "get" in methods and "{" not in path and path != "/":
            assert served.client.get(path).status_code == 200, path
    assert served.client.get("/docs").json() == {"error": "Not found: /docs. /openapi.json lists all paths."}
    assert served.client.get("/predict").json() == {"error": "/predict does not accept GET."}


@pytest.mark.slow
def test_the_page_holds_the_model(serve):
    answer = serve().client.get("/")
    assert "model.json" in answer.text
    assert '<h1 dir="auto">Films</h1>' in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_a_model_without_a_page_names_its_version(serve, monkeypatch):
    served = serve()
    monkeypatch.setattr("sys.executable", "/bin/false")
    answer = served.client.get("/")
    assert f"Version {served.state.served.loaded.version}" in answer.text
