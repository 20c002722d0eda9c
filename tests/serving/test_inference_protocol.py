"""The Open Inference Protocol: what is described, what is answered, what is refused."""

import json

import numpy as np
import pytest

from unspool_runtime import Model

from . import models

INFER = "/v2/models/films/infer"


def of_texts(*texts, **changes):
    return {"inputs": [{"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": [*texts]} | changes]}


def of_series(data, shape, *more, datatype="FP64"):
    return {"inputs": [{"name": "series", "shape": shape, "datatype": datatype, "data": data}, *more]}


def lengths(*numbers):
    return {"name": "lengths", "shape": [len(numbers)], "datatype": "INT64", "data": [*numbers]}


def test_texts(serve):
    served = serve()
    answer = served.client.post(INFER, json=of_texts("a fine film", "?!") | {"id": "7"}).json()
    model, version = Model.load(served.path), served.state.served.loaded.version
    assert answer == {
        "model_name": "films",
        "model_version": version,
        "id": "7",
        "outputs": [
            {"name": "prediction", "shape": [2], "datatype": "BYTES", "data": model.predict(["a fine film", "?!"])},
            {
                "name": "probabilities",
                "shape": [2, 2],
                "datatype": "FP64",
                "data": model.probabilities(["a fine film", "?!"]).ravel().tolist(),
            },
        ],
    }
    path = f"/v2/models/films/versions/{version}/infer"
    asked = of_texts("a") | {"outputs": [{"name": "probabilities"}]}
    assert [one["name"] for one in served.client.post(path, json=asked).json()["outputs"]] == ["probabilities"]


def test_a_column_of_texts_is_a_list_of_them(serve):
    client = serve().client
    column, row = (client.post(INFER, json=of_texts("a", "film", shape=shape)).json() for shape in ([2, 1], [2]))
    assert column == row


def test_series_in_rows_or_in_one_list_and_shorter_ones(serve):
    served = serve(models.series())
    rows = [[[1.0, 0.5], [2.0, 1.0]], [[3.0, 1.5], [0.0, 0.0]]]
    flat = np.ravel(rows).tolist()
    expected = Model.load(served.path).probabilities([np.array(rows[0]), np.array(rows[1])[:1]])
    for data in (rows, flat):
        answer = served.client.post(INFER, json=of_series(data, [2, 2, 2], lengths(2, 1)))
        assert answer.json()["outputs"][1]["data"] == expected.ravel().tolist()


def test_labels_with_commas_can_be_told_apart(serve):
    described = models.texts()
    described["task"] = described["task"] | {"labels": ["a, b", 'é"']}
    parameters = serve(described).client.get("/v2/models/films").json()["parameters"]
    assert parameters == {"task": "binary", "labels": '["a, b","é\\""]'}
    assert json.loads(parameters["labels"]) == ["a, b", 'é"']


def test_metadata(serve):
    client = serve(models.series()).client
    told = client.get("/v2/models/films").json()
    assert told["inputs"] == [
        {"name": "series", "datatype": "FP64", "shape": [-1, -1, -1]},
        {"name": "lengths", "datatype": "INT64", "shape": [-1]},
    ]
    assert told["outputs"][1] == {"name": "probabilities", "datatype": "FP64", "shape": [-1, 2]}
    assert client.get("/v2").json()["name"] == "unspool"
    assert client.get("/v2/models/films/ready").json() == {"name": "films", "ready": True}


WRONG = {
    "another input": (of_texts("a", name="texts"), "takes the input 'text'"),
    "no input": ({"inputs": []}, "takes the input 'text'"),
    "twice": ({"inputs": of_texts("a")["inputs"] * 2}, "takes the input 'text'"),
    "another type": (of_texts("a", datatype="FP32"), "is BYTES, not 'FP32'"),
    "another shape": (of_texts("a", shape=[1, 2]), "the shape of 'text' has 1 number"),
    "another size": (of_texts("a", "b", shape=[3]), "not a list of 3 texts"),
    "none": (of_texts(), "0 examples"),
    "too many": (of_texts(*"a" * 300), "300 examples; the limit is 256"),
    "a long text": (of_texts("a" * 100_001), "text 0 (counted from 0) has 100,001 characters"),
    "a number": (of_texts(7), "not a list of 1 texts"),
    "an unknown output": (of_texts("a") | {"outputs": [{"name": "latent"}]}, "there is no output 'latent'"),
    "a huge shape": (of_texts("a", shape=[10**30]), "the limit is 256"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_a_model_of_texts(serve, name):
    body, said = WRONG[name]
    answer = serve().client.post(INFER, json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


WRONG_SERIES = {
    "ragged": (of_series([[[1, 2]], [[1]]], [2, 1, 2]), "is not an array [2, 1, 2]"),
    "another size": (of_series([1, 2, 3], [1, 1, 2]), "is not an array [1, 1, 2]"),
    "rows that do not fit": (of_series([[[1, 2]], [[3, 4]]], [1, 2, 2]), "is not an array [1, 2, 2]"),
    "a huge shape": (of_series([1, 2], [1, 2, 2**62]), "is not an array"),
    "many steps": (of_series([1, 2], [1, 10_001, 2]), "10001 steps; the limit is 10000"),
    "texts": (of_series(["a", "b"], [1, 1, 2]), "is not an array"),
    "numbers as texts": (of_series(["1", None, "2", 3], [1, 2, 2]), "is not an array"),
    "a negative shape": (of_series([1, 2], [1, -1, 2]), "none of them negative"),
    "too long": (of_series([1, 2], [1, 1, 2], lengths(2)), "are from 0 to 1"),
    "half a step": (of_series([1, 2], [1, 1, 2], lengths(0.5)), "not whole"),
    "lengths of others": (of_series([1, 2], [1, 1, 2], lengths(1, 1)), "INT64 of shape [1]"),
    "no steps": (of_series([], [1, 0, 2]), "Example 0 (counted from 0) has no numbers"),
    "other channels": (of_series([1, 2, 3], [1, 1, 3]), "Example 0 (counted from 0) is not a series of 2 channels"),
}


@pytest.mark.parametrize("name", WRONG_SERIES)
def test_what_does_not_fit_a_model_of_series(serve, name):
    body, said = WRONG_SERIES[name]
    answer = serve(models.series()).client.post(INFER, json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def of_ids(*numbers):
    return {"inputs": [{"name": "ids", "shape": [1, len(numbers)], "datatype": "INT64", "data": [*numbers]}]}


def test_ids_as_predict_accepts_them(serve):
    client, numbers = serve(models.ids()).client, [1, 2, 2**53 + 1, 2**63 - 1]
    answer = client.post(INFER, json=of_ids(*numbers))
    assert answer.status_code == client.post("/predict", json={"examples": [numbers]}).status_code == 200, answer.text


@pytest.mark.parametrize(
    ("number", "said"), [(0.5, "not whole"), (1e17, "larger than 2^53"), (2**63, "larger than 2^53")]
)
def test_numbers_that_are_no_ids(serve, number, said):
    answer = serve(models.ids()).client.post(INFER, json=of_ids(1, number))
    assert answer.status_code == 400
    assert said in answer.json()["error"]


@pytest.mark.parametrize("place", ['"data": ', '"parameters": {"a": ', '"more": '])
def test_json_nested_10_000_deep(serve, place):
    body = '{"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", ' + place + "[" * 10_000
    answer = serve().client.post(INFER, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "Expected" in answer.json()["error"] or "unknown field" in answer.json()["error"]


def test_another_name_or_version_is_not_answered(serve):
    client = serve().client
    for path in ("/v2/models/other/infer", "/v2/models/films/versions/1/infer"):
        answer = client.post(path, json=of_texts("a"))
        assert answer.status_code == 404
        assert "this server has films, version" in answer.json()["error"]
