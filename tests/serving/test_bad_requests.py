"""Each mistake gets one clear answer, and other requests are unharmed."""

import pytest

from . import models

JSON = {"Content-Type": "application/json"}
DEEP = b"[" * 10_000
BODIES = {
    "no JSON": (b"{", 400, "truncated"),
    "empty": (b"", 400, "truncated"),
    "not UTF-8": (b'{"examples": ["\xff"]}', 400, "Invalid UTF-8 encoded string"),
    "half a character": (b'{"examples": ["\\ud800"]}', 400, "truncated"),
    "NaN": (b'{"examples": [NaN]}', 400, "invalid character"),
    "a list": (b'["a"]', 400, "Expected `object`"),
    "nothing": (b'{"examples": []}', 400, "length >= 1"),
    "a number": (b'{"examples": ["a", 1]}', 400, "Expected `str`, got `int` - at `$.examples[1]`"),
    "another key": (b'{"texts": ["a"]}', 400, "unknown field `texts`"),
    "deep": (b'{"examples": ' + DEEP, 400, "Expected `str`, got `array`"),
    "deep elsewhere": (b'{"examples": ["a"], "more": ' + DEEP, 400, "unknown field `more`"),
    "deep at the top": (DEEP, 400, "Expected `object`, got `array`"),
    "too many": (b'{"examples": [' + b'"a",' * 300 + b'"a"]}', 400, "length <= 256"),
    "a blank text": (b'{"examples": ["a", " "]}', 400, "Example 1 (counted from 0) is empty or blank. Leave it out."),
    "a long text": (b'{"examples": ["' + b"a" * 100_001 + b'"]}', 400, "length <= 100000"),
    "10 MB of text": (b'{"examples": ["' + b"a" * 10_000_000 + b'"]}', 413, "larger than 2,097,152 bytes"),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies(serve, name):
    body, status, said = BODIES[name]
    client = serve().client
    answer = client.post("/predict", content=body, headers=JSON)
    assert answer.status_code == status
    assert said in answer.json()["error"]
    assert len(answer.json()["error"]) < 500
    assert client.post("/predict", json={"examples": ["a"]}).status_code == 200


SERIES = {
    "deep": (b'{"examples": [' + DEEP, "Expected"),
    "NaN": (b'{"examples": [[[NaN, 1]]]}', "invalid character"),
    "infinity": (b'{"examples": [[[1e999, 1]]]}', "out of range"),
    "too large": (b'{"examples": [[[1e300, 1]]]}', "infinite or too large number"),
    "ragged": (b'{"examples": [[[1, 2]], [[1, 2], [3]]]}', "Example 1 (counted from 0) is not a series of 2 channels"),
    "other channels": (b'{"examples": [[[1, 2, 3]]]}', "is not a series of 2 channels"),
    "too long": (b'{"examples": [[' + b"[1, 2]," * 10_000 + b"[1, 2]]]}", "length <= 10000"),
    "text": (b'{"examples": ["a fine film"]}', "Expected `array`, got `str`"),
}


@pytest.mark.parametrize("name", SERIES)
def test_series(serve, name):
    body, said = SERIES[name]
    answer = serve(models.series()).client.post("/predict", content=body, headers=JSON)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


HEADERS = {
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "Content-Type: application/json"),
    "compressed": (JSON | {"Content-Encoding": "gzip"}, 415, "Compressed"),
    "foreign Host": (JSON | {"Host": "evil.example"}, 403, "Unknown host 'evil.example'"),
    "foreign Host with a port": (JSON | {"Host": "evil.example:8080"}, 403, "Unknown host"),
    "no Host": (JSON | {"Host": ""}, 403, "Unknown host"),
    "foreign Origin": (JSON | {"Origin": "https://evil.example"}, 403, "are not allowed"),
    "an Origin from disk": (JSON | {"Origin": "null"}, 403, "are not allowed"),
    "another port": (JSON | {"Origin": "http://testserver:1"}, 403, "are not allowed"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers(serve, name):
    headers, status, said = HEADERS[name]
    client = serve().client
    answer = client.post("/predict", content=b'{"examples": ["a"]}', headers=headers)
    assert answer.status_code == status
    assert said in answer.json()["error"]
    assert client.post("/predict", json={"examples": ["a"]}).status_code == 200


@pytest.mark.parametrize(
    "host", ["testserver", "TestServer:80", "localhost:1", "127.0.0.1", "[::1]:8080", "ml.example"]
)
def test_hosts_that_are_known(serve, host):
    headers = JSON | {"Host": host, "Origin": f"https://{host}"}
    answer = serve(hosts=("ML.example:80",)).client.post("/predict", content=b'{"examples": ["a"]}', headers=headers)
    assert answer.status_code == 200, answer.text


def test_origins_and_hosts_that_are_allowed(serve):
    client = serve(origins=("https://app.example",), hosts=("*",)).client
    headers = JSON | {"Host": "any.example", "Origin": "https://app.example"}
    assert client.post("/predict", content=b'{"examples": ["a"]}', headers=headers).status_code == 200


def test_a_browser_may_let_a_page_of_an_allowed_origin_ask(serve):
    app = {"Origin": "https://app.example"}
    client = serve(origins=("https://app.example",), token=TOKEN).client
    asked = app | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    before = client.options("/predict", headers=asked)
    assert before.status_code == 204
    assert before.headers["access-control-allow-headers"] == "Authorization, Content-Type"
    for headers, status in ((app, 401), (app | {"Authorization": f"Bearer {TOKEN}"}, 200)):
        answer = client.post("/predict", json={"examples": ["a"]}, headers=headers)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert answer.headers["vary"] == "Origin"
    foreign = client.options("/predict", headers=asked | {"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "access-control-allow-origin" not in foreign.headers
    assert "access-control-allow-origin" not in client.get("/healthz").headers
    assert client.options("/predict").status_code == 401


TOKEN = "a token that nobody knows"


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN])
@pytest.mark.parametrize("path", ["/", "/metrics", "/openapi.json", "/v2", "/v2/models/films"])
def test_without_the_token_nothing_is_told(serve, given, path):
    answer = serve(token=TOKEN).client.get(path, headers={"Authorization": given})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_with_the_token(serve):
    client = serve(token=TOKEN).client
    for scheme in ("bearer", "BEARER", "Bearer"):
        headers = {"Authorization": f"{scheme} {TOKEN}"}
        assert client.post("/predict", json={"examples": ["a"]}, headers=headers).status_code == 200
    assert client.get("/openapi.json", headers=headers).json()["security"] == [{"token": []}]
    for path in ("/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"):
        assert client.get(path, headers={"Host": "10.0.0.7"}).status_code == 200


def test_an_error_of_ours_is_logged_and_not_told(serve, monkeypatch):
    served = serve()

    def fails(examples):
        raise RuntimeError("secret")

    monkeypatch.setattr(served.state.served.loaded.model._engine, "outputs", fails)
    answer = served.client.post("/predict", json={"examples": ["a"]})
    assert (answer.status_code, answer.json()) == (
        500,
        {"error": "Internal error; see the server's log."},
    )
    assert served.log == ["/predict failed: RuntimeError: secret"]
