"""What can be asked, as OpenAPI 3.1, made from the model and the limits of the server."""

from typing import Any

import msgspec

from unspool.serving import inference_protocol as protocol
from unspool.serving.bodies import JSON
from unspool.serving.schemas import Begin, Begun, Saved, Wrong
from unspool.serving.settings import Settings
from unspool.serving.state import Served

_REFUSED = {
    400: "The body cannot be read, or an example is not what the model reads",
    401: "The token is missing or wrong",
    403: "The Host or the Origin is foreign",
    408: "The body arrived too slowly",
    413: "The body is too large",
    415: "The body is no JSON, or is compressed",
    503: "Too much is waiting; Retry-After says when to try again",
}


def description(served: Served, settings: Settings) -> dict[str, Any]:
    """The document."""
    loaded, schemas = served.loaded, served.schemas
    types = (
        schemas.predict,
        schemas.predicted,
        schemas.push,
        schemas.pushed,
        protocol.Infer,
        protocol.Inferred,
        Begin,
        Begun,
        Saved,
        Wrong,
    )
    shown, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    predict, predicted, push, pushed, infer, inferred, begin, begun, saved, wrong = shown
    said = {str(code): _content(why, wrong) for code, why in _REFUSED.items()}
    stream = [{"name": "stream", "in": "path", "required": True, "schema": {"type": "string"}}]
    ended = {"404": _content("No such stream", wrong)}

    def post(title: str, body: Any, answer: Any, code: str = "200") -> dict[str, Any]:
        content = {JSON: {"schema": body}}
        answers = {code: _content("The answer", answer), **said}
        return {"summary": title, "requestBody": {"required": True, "content": content}, "responses": answers}

    paths: dict[str, Any] = {
        "/predict": {"post": post(f"Answers to {loaded.model.reads}", predict, predicted)},
        f"/v2/models/{loaded.name}": {"get": _get("Inputs and outputs by the Open Inference Protocol")},
        f"/v2/models/{loaded.name}/infer": {"post": post("Answers by the Open Inference Protocol", infer, inferred)},
        **{path: {"get": _get(title)} for path, title in _GETS.items()},
    }
    if can_stream(served):
        pushing = post("What the model says after each of the next steps", push, pushed)
        paths |= {
            "/streams": {"post": post("Begins a series that is sent step by step", begin, begun, "201")},
            "/streams/{stream}/push": {"parameters": stream, "post": _joined(pushing, ended)},
            "/streams/{stream}/state": {
                "parameters": stream,
                "get": {"summary": "Its state", "responses": {"200": _content("The state", saved), **ended}},
            },
            "/streams/{stream}": {
                "parameters": stream,
                "delete": {"summary": "Ends it", "responses": {"204": {"description": "It has ended"}, **ended}},
            },
        }
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": loaded.model.description.get("title") or loaded.name, "version": loaded.version},
        "paths": paths,
        "components": {"schemas": components},
    }
    if settings.token:
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
    return found


_GETS = {
    "/": "A page that holds the model",
    "/healthz": "Whether the server is there",
    "/readyz": "Whether requests should come here",
    "/metrics": "What was counted, for Prometheus",
    "/openapi.json": "This document",
    "/v2": "The server by the Open Inference Protocol",
    "/v2/health/live": "As /healthz",
    "/v2/health/ready": "As /readyz",
}


def can_stream(served: Served) -> bool:
    """Whether the model reads series step by step."""
    from unspool_runtime import InputError

    try:
        served.loaded.model.stream()
    except InputError:
        return False
    return True


def _get(title: str) -> dict[str, Any]:
    return {"summary": title, "responses": {"200": {"description": "The answer"}}}


def _content(why: str, schema: Any) -> dict[str, Any]:
    return {"description": why, "content": {JSON: {"schema": schema}}}


def _joined(operation: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return operation | {"responses": operation["responses"] | more}
