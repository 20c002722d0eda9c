"""Models that tag and models that translate: a tag for each word, several translations of each text, and limits."""

import asyncio
import time

import numpy as np
import pytest

from unspool.serving import loaded as serving
from unspool.serving.loaded import Translating, load_checked
from unspool_runtime import Model, ModelError

from . import models

INFER = "/v2/models/films/infer"
WORDS = [["a", "fine", "FILM", "zzz"], ["?"], ["dull"] * 9]
STEPS = [np.array([[1.0, 0.5], [2.0, 1.0], [0.0, 0.0]]), np.array([[3.0, -1.0]])]
TEXTS = ["abc abd", "?!", "x été", "zz zz zz zz"]
TAGGERS = {
    "words": (models.words_tagger, WORDS, WORDS),
    "steps": (models.steps_tagger, STEPS, [one.tolist() for one in STEPS]),
}


def tensor(name, datatype, shape, data):
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


@pytest.mark.parametrize("kind", TAGGERS)
def test_each_word_or_step_has_a_tag(serve, kind):
    tree, examples, sent = TAGGERS[kind]
    served = serve(tree())
    model = Model.load(served.path)
    answer = served.client.post("/predict", json={"examples": sent})
    assert answer.status_code == 200, answer.text
    expected = model.probabilities(examples)
    for said, tags, rows in zip(answer.json()["predictions"], model.predict(examples), expected, strict=True):
        assert said["prediction"] == tags
        assert [[*one.values()] for one in said["probabilities"]] == rows[: len(tags)].tolist()
        assert all(list(one) == ["B", "I", "O"] for one in said["probabilities"])


@pytest.mark.parametrize("in_rows", [True, False])
def test_words_by_the_inference_protocol(serve, in_rows):
    served = serve(models.words_tagger())
    rows = [["a", "fine", "film"], ["dull", "", ""]]
    data = rows if in_rows else [*rows[0], *rows[1]]
    body = {"inputs": [tensor("words", "BYTES", [2, 3], data), tensor("lengths", "INT64", [2], [3, 1])]}
    answer = served.client.post(INFER, json=body).json()
    first, second = Model.load(served.path).predict([["a", "fine", "film"], ["dull"]])
    probabilities = Model.load(served.path).probabilities([["a", "fine", "film"], ["dull"]])
    assert answer["outputs"] == [
        tensor("prediction", "BYTES", [2, 3], [*first, *second, "", ""]),
        tensor("probabilities", "FP64", [2, 3, 3], probabilities.ravel().tolist()),
    ]
    told = served.client.get("/v2/models/films").json()
    assert told["inputs"][0] == {"name": "words", "datatype": "BYTES", "shape": [-1, -1]}
    assert [one["shape"] for one in told["outputs"]] == [[-1, -1], [-1, -1, 3]]


def test_steps_by_the_inference_protocol(serve):
    served = serve(models.steps_tagger())
    body = {"inputs": [tensor("series", "FP64", [1, 3, 2], STEPS[0].ravel().tolist())]}
    found = served.client.post(INFER, json=body).json()["outputs"]
    assert found[0]["data"] == Model.load(served.path).predict(STEPS[:1])[0]


def test_long_and_short_examples_are_tagged_in_groups_with_the_answers_of_each_alone(tmp_path, monkeypatch):
    loaded = load_checked(models.write(tmp_path / "m.unspool", models.words_tagger()), "m")
    monkeypatch.setattr(serving, "MOST_PADDED", 20)
    asked, outputs = [], loaded.model._engine.outputs
    monkeypatch.setattr(loaded.model._engine, "outputs", lambda some: asked.append([*map(len, some)]) or outputs(some))
    examples = [["a"] * size for size in (30, 2, 7, 1, 3, 8)]
    found = loaded.answers(examples)
    assert asked == [[1, 2, 3], [7, 8], [30]]
    for one, example in zip(found, examples, strict=True):
        assert np.array_equal(one, outputs([example])[0][: len(example)])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"examples": ["a fine film"]}, "Expected `array`, got `str`"),
        ({"examples": [["a", 3]]}, "Expected `str`, got `int`"),
        ({"examples": [["a"] * 21]}, "length <= 20"),
        ({"examples": [["a"] * 11, ["b"] * 10]}, "The examples have 21 words together; the limit is 20"),
        ({"examples": [["a" * 51]]}, "length <= 50"),
        ({"examples": [["a"]], "count": 2}, "unknown field `count`"),
        ({"examples": [["a", "b"], ["c"], []]}, "Example 2 (counted from 0) is an empty list of words"),
        ({"examples": [["a", "b"], ["c"], ["d", " "]]}, "Example 2 (counted from 0): word 1 is empty or blank"),
    ],
)
def test_what_a_tagger_does_not_take(serve, body, said):
    answer = serve(models.words_tagger(), steps=20, text=50).client.post("/predict", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([tensor("words", "BYTES", [2], ["a", "b"])], "the shape of 'words' has 2 numbers"),
        ([tensor("words", "BYTES", [1, 2], ["a"])], "not an array [1, 2] of texts"),
        ([tensor("words", "BYTES", [2, 2], [["a", "b", "c"], ["d"]])], "not an array [2, 2] of texts"),
        ([tensor("words", "BYTES", [1, 1], [None])], "not an array [1, 1] of texts"),
        ([tensor("words", "BYTES", [1, 1], ["a" * 51])], "a word has 51 characters, and 50 are allowed"),
        ([tensor("words", "BYTES", [3, 10], ["a"] * 30)], "more than 20 words or steps, padding included"),
        ([tensor("words", "BYTES", [1, 1], ["a"]), tensor("lengths", "INT64", [1], [2])], "are from 0 to 1"),
    ],
)
def test_words_that_are_no_tensor(serve, inputs, said):
    answer = serve(models.words_tagger(), steps=20, text=50).client.post(INFER, json={"inputs": inputs})
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_translations_and_their_scores(serve):
    served = serve(models.translator())
    model = Model.load(served.path)
    one = served.client.post("/predict", json={"examples": TEXTS}).json()["predictions"]
    assert [found["prediction"] for found in one] == model.predict(TEXTS)
    assert [len(found["translations"]) for found in one] == [1] * len(TEXTS)
    three = served.client.post("/predict", json={"examples": TEXTS, "count": 3}).json()["predictions"]
    expected = [[best._asdict() for best in some] for some in model.translate(TEXTS, count=3)]
    assert [found["translations"] for found in three] == expected
    assert [found["prediction"] for found in three] == [some[0]["text"] for some in expected]


def test_translations_by_the_inference_protocol(serve):
    served = serve(models.translator())
    body = {"inputs": [tensor("text", "BYTES", [2], TEXTS[:2])], "parameters": {"count": 2}}
    found = {one["name"]: one for one in served.client.post(INFER, json=body).json()["outputs"]}
    expected = Model.load(served.path).translate(TEXTS[:2], count=2)
    counts = [len(some) for some in expected]
    assert sorted(counts) == [1, 2], "of one text the search finds only one answer, split differently"
    rows = [[*((one.text, one.score) for one in some), *[("", 0.0)] * (2 - len(some))] for some in expected]
    assert found["prediction"]["data"] == [some[0].text for some in expected]
    assert found["translations"] == tensor("translations", "BYTES", [2, 2], [text for row in rows for text, _ in row])
    assert found["scores"]["data"] == [score for row in rows for _, score in row]
    assert found["counts"]["data"] == counts
    told = served.client.get("/v2/models/films").json()
    assert [one["name"] for one in told["outputs"]] == list(found)


def test_a_translation_is_cut_at_the_limit_of_the_server_or_of_the_model(serve):
    cut = serve(models.translator(), tokens=2)
    said = cut.client.post("/predict", json={"examples": TEXTS}).json()["predictions"]
    assert [[one["prediction"]] for one in said] == [
        [one.text for one in some] for some in Model.load(cut.path).translate(TEXTS, maximum=2)
    ]
    assert not all(one["translations"][0]["ended"] for one in said)


@pytest.mark.parametrize("count", [0, 6, -1, 1.5, "2", None])
def test_the_count_of_translations_is_bounded(serve, count):
    client = serve(models.translator(), translations=5).client
    assert client.post("/predict", json={"examples": ["a"], "count": count}).status_code == 400
    body = {"inputs": [tensor("text", "BYTES", [1], ["a"])], "parameters": {"count": count}}
    answer = client.post(INFER, json=body)
    assert answer.status_code == 400
    assert "count" in answer.json()["error"]
    assert client.post("/predict", json={"examples": ["a"], "count": 5}).status_code == 200


def test_only_a_translator_takes_a_count(serve):
    body = {"inputs": [tensor("text", "BYTES", [1], ["a"])], "parameters": {"count": 1}}
    assert "only models that translate" in serve().client.post(INFER, json=body).json()["error"]


def test_requests_for_other_counts_are_not_computed_together(tmp_path):
    """A search for more translations is wider, and may find another best one."""
    from .test_work import running

    loaded = load_checked(models.write(tmp_path / "m.unspool", models.translator()), "m")
    hows = [Translating(1, 20), Translating(10, 20), Translating(1, 20), Translating(1, 3)]

    async def together():
        async with running() as (work, go):
            asked = [asyncio.create_task(work.answers(loaded, TEXTS, how)) for how in hows]
            await asyncio.sleep(0)
            go.set()
            return await asyncio.gather(*asked)

    for found, how in zip(asyncio.run(together()), hows, strict=True):
        assert found == loaded.model.translate(TEXTS, how.count, maximum=how.maximum)


def test_openapi_describes_tags_and_translations(serve):
    client = serve(models.translator(), translations=5).client
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Predict"]["properties"]["count"]["maximum"] == 5
    assert schemas["Translated"]["properties"]["score"] == {"type": "number"}


def test_openapi_describes_tags(serve):
    schemas = serve(models.words_tagger()).client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Predict"]["properties"]["examples"]["items"]["items"]["type"] == "string"
    assert schemas["Answer"]["properties"]["prediction"] == {"type": "array", "items": {"enum": ["B", "I", "O"]}}


def test_a_model_that_reads_something_else_is_refused(tmp_path, monkeypatch):
    path = models.write(tmp_path / "m.unspool", models.texts())
    monkeypatch.setattr(Model, "reads", "pictures")
    with pytest.raises(ModelError, match="films reads pictures, which cannot be served yet"):
        load_checked(path, "films")


@pytest.mark.parametrize("kind", ["words_tagger", "translator"])
def test_a_changed_model_is_checked_and_swapped_in(serve, kind):
    served = serve(getattr(models, kind)())
    first = served.state.served.loaded
    models.write(served.path, getattr(models, kind)(seed=1))
    end = time.monotonic() + 120
    while served.state.served.loaded is first:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert "golden answers agree" in served.log[0]
