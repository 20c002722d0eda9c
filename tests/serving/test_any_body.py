"""Whatever JSON comes, the answer is 200, or 400 with one line: never an error of ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import models

NUMBERS = st.one_of(st.integers(-3, 3), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.none())
SCALARS = st.one_of(NUMBERS, st.booleans(), st.text(max_size=5))
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
STEPS = st.lists(st.lists(NUMBERS, min_size=1, max_size=3) | NUMBERS, max_size=4)
TEXTS = st.lists(st.text(max_size=20), max_size=3)
ROWS = st.lists(st.fixed_dictionaries({"review": ANY, "price": SCALARS, "brand": SCALARS}), max_size=3)
TIMES = st.sampled_from(["2026-03-01", "2026-03-01T05:00", "", "x"]) | NUMBERS
HISTORIES = st.lists(st.fixed_dictionaries({"history": STEPS}, optional={"ahead": STEPS, "start": TIMES}), max_size=2)
EXAMPLES = st.one_of(ANY, HISTORIES, TEXTS, ROWS, st.lists(TEXTS, max_size=3), st.lists(STEPS, max_size=3))
TENSORS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["text", "series", "words", "lengths", "review", "price", "brand", "other"]),
        "shape": st.lists(st.integers(-1, 4), max_size=4),
        "datatype": st.sampled_from(["BYTES", "FP64", "FP32", "INT64", "BOOL"]),
        "data": st.one_of(EXAMPLES, st.lists(NUMBERS, max_size=8)),
    }
)
BODIES = st.one_of(
    ANY,
    st.fixed_dictionaries({"examples": EXAMPLES}, optional={"count": st.one_of(st.integers(-1, 12), ANY)}),
    st.fixed_dictionaries({"steps": st.one_of(ANY, STEPS)}),
    st.fixed_dictionaries(
        {"inputs": st.lists(TENSORS, min_size=1, max_size=2)},
        optional={"outputs": ANY, "id": ANY, "parameters": ANY | st.fixed_dictionaries({"count": SCALARS})},
    ),
    st.fixed_dictionaries({"state": ANY}),
)


@pytest.mark.parametrize(
    "kind",
    ["texts", "series", "words_tagger", "steps_tagger", "translator", "rows", "forecaster", "captions", "upscaler"],
)
def test_any_json(serve, kind):
    served = serve(getattr(models, kind)(), streams=10**6)
    client = served.client
    streams = client.post("/streams", json={})
    push = f"/streams/{streams.json()['stream']}/push" if streams.status_code == 201 else "/streams"

    @given(body=BODIES)
    @settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], database=None)
    def answered(body):
        content = json.dumps(body).encode()
        for path in ("/predict", "/v2/models/films/infer", push, "/streams"):
            answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
            assert answer.status_code in (200, 201, 400), (path, answer.text)
            if answer.status_code == 400:
                assert list(answer.json()) == ["error"]
                assert "\n" not in answer.json()["error"]

    answered()
    assert not served.log
