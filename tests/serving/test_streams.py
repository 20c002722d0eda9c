"""Series that come step by step."""

import numpy as np
import pytest

from unspool.serving.loaded import load_checked
from unspool.serving.metrics import Metrics
from unspool.serving.refusals import Full, Refusal
from unspool.serving.streams import Streams
from unspool_runtime import Model

from . import models

STEPS = [[1.0, 0.5], [2.0, -1.0], [0.0, 3.0]]


def begin(client, **body):
    answer = client.post("/streams", json=body)
    assert answer.status_code == 201, answer.text
    return f"/streams/{answer.json()['stream']}"


def test_each_step_is_answered_as_the_whole_series_so_far(serve):
    served = serve(models.series())
    stream = begin(served.client)
    first = served.client.post(f"{stream}/push", json={"steps": STEPS[:2]}).json()
    last = served.client.post(f"{stream}/push", json={"steps": STEPS[2:]}).json()
    assert (first["steps"], last["steps"]) == (2, 3)
    model = Model.load(served.path)
    for count, answer in enumerate(first["answers"] + last["answers"], start=1):
        series = [np.array(STEPS[:count])]
        assert answer["prediction"] == model.predict(series)[0]
        assert [*answer["probabilities"].values()] == model.probabilities(series)[0].tolist()


def test_a_step_of_one_channel_may_be_a_number(serve):
    client = serve(models.series(channels=1)).client
    numbers, lists = (
        client.post(f"{begin(client)}/push", json={"steps": steps}).json() for steps in ([1.0, 2.5], [[1.0], [2.5]])
    )
    assert len(numbers["answers"]) == 2
    assert numbers == lists


def test_a_state_goes_on_elsewhere(serve):
    client = serve(models.series()).client
    stream = begin(client)
    client.post(f"{stream}/push", json={"steps": STEPS[:2]})
    saved = client.get(f"{stream}/state").json()
    assert saved["steps"] == 2
    other = begin(client, state=saved["state"])
    pushed = [client.post(f"{one}/push", json={"steps": STEPS[2:]}).json() for one in (stream, other)]
    assert pushed[0] == pushed[1]
    assert pushed[1]["steps"] == client.get(f"{other}/state").json()["steps"] == 3


def test_a_step_that_cannot_be_read_leaves_the_stream_as_it_was(serve):
    client = serve(models.series()).client
    stream, other = begin(client), begin(client)
    client.post(f"{stream}/push", json={"steps": STEPS[:1]})
    for wrong in ([STEPS[1], [1.0]], [STEPS[1], [1.0, 1e300]]):
        answer = client.post(f"{stream}/push", json={"steps": wrong})
        assert answer.status_code == 400, answer.text
    assert client.post(f"{stream}/push", json={"steps": [[None, 1]]}).status_code == 400
    given = client.post(f"{stream}/push", json={"steps": STEPS[1:]}).json()
    client.post(f"{other}/push", json={"steps": STEPS[:1]})
    assert given == client.post(f"{other}/push", json={"steps": STEPS[1:]}).json()


def test_an_ended_stream_is_not_there(serve):
    client = serve(models.series()).client
    stream = begin(client)
    assert client.delete(stream).status_code == 204
    for answer in (client.delete(stream), client.post(f"{stream}/push", json={"steps": STEPS})):
        assert answer.status_code == 404
        assert "No such stream" in answer.json()["error"]


def test_too_many_streams_are_refused(serve):
    client = serve(models.series(), streams=2).client
    stream = begin(client)
    begin(client)
    answer = client.post("/streams", json={})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    client.delete(stream)
    begin(client)


@pytest.mark.parametrize(
    ("state", "said"), [("AAAA", "of another model, or is none"), ("a", "no base64"), ("\x80", "no base64")]
)
def test_a_state_of_something_else_is_refused(serve, state, said):
    answer = serve(models.series()).client.post("/streams", json={"state": state})
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_a_model_that_reads_no_streams_says_so(serve):
    answer = serve().client.post("/streams", json={})
    assert answer.status_code == 400
    assert "cannot read a stream" in answer.json()["error"]


def test_what_is_idle_ends(tmp_path):
    loaded = load_checked(models.write(tmp_path / "model.unspool", models.series()), "model")
    now = 0.0
    streams = Streams(2, 10.0, Metrics(), lambda: now)
    first, second = streams.begin(loaded), streams.begin(loaded)
    now = 8.0
    streams.find(first)
    with pytest.raises(Full):
        streams.begin(loaded)
    now = 11.0
    streams.begin(loaded)
    streams.find(first)
    with pytest.raises(Refusal, match="was idle for 10 s"):
        streams.find(second)
