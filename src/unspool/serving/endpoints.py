"""The handlers of all paths."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from unspool.serving import inference_protocol as protocol
from unspool.serving.bodies import JSON, decoded, encoded
from unspool.serving.metrics import CONTENT_TYPE
from unspool.serving.openapi import description
from unspool.serving.page import Pages
from unspool.serving.refusals import Refusal
from unspool.serving.schemas import Begin, asked_of, refuse_too_many_steps
from unspool.serving.state import Served, State, unless_gone

Answering = Callable[[Request], Awaitable[Response]]


class Endpoints:
    """The endpoints of a server."""

    def __init__(self, state: State, pages: Pages):
        self._state, self._pages = state, pages

    def routes(self) -> list[Route]:
        """The routes of all endpoints."""
        model = "/v2/models/{name}"
        versions = f"{model}/versions/{{version}}"
        several: list[tuple[str, str, Answering]] = [
            ("GET", "/", self.page),
            ("GET", "/healthz", self.live),
            ("GET", "/readyz", self.ready),
            ("GET", "/metrics", self.metrics),
            ("GET", "/openapi.json", self.openapi),
            ("POST", "/predict", self.predict),
            ("POST", "/streams", self.begin),
            ("POST", "/streams/{stream}/push", self.push),
            ("GET", "/streams/{stream}/state", self.saved),
            ("DELETE", "/streams/{stream}", self.end),
            ("GET", "/v2", self.server),
            ("GET", "/v2/health/live", self.live),
            ("GET", "/v2/health/ready", self.ready),
        ]
        for path in (model, versions):
            several += [
                ("GET", path, self.model),
                ("GET", f"{path}/ready", self.model_ready),
                ("POST", f"{path}/infer", self.infer),
            ]
        return [Route(path, answering, methods=[method]) for method, path, answering in several]

    async def page(self, request: Request) -> Response:
        """The model's page, made at the first request."""
        found = await unless_gone(request, self._pages.of(self._state.served.loaded))
        headers = {"Content-Security-Policy": "frame-ancestors 'none'", "Referrer-Policy": "no-referrer"}
        return (
            HTMLResponse(found, headers=headers)
            if isinstance(found, str)
            else FileResponse(found, headers=headers, media_type="text/html")
        )

    async def live(self, request: Request) -> Response:
        """Liveness: always true."""
        return _json({"live": True})

    async def ready(self, request: Request) -> Response:
        """Readiness: false once the server is shutting down."""
        ready = not self._state.leaving
        return _json({"ready": ready}, 200 if ready else 503)

    async def metrics(self, request: Request) -> Response:
        """The metrics, in the format of Prometheus."""
        return Response(self._state.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def openapi(self, request: Request) -> Response:
        """The OpenAPI description for this model."""
        said = json.dumps(description(self._state.served, self._state.settings), ensure_ascii=False)
        # The title of a model from elsewhere may contain half a character.
        return Response(said.encode("utf-8", "replace"), media_type=JSON)

    async def predict(self, request: Request) -> Response:
        """Predict examples."""
        self._state.work.refuse_if_full()
        async with self._state.bodies.read(request) as content:
            served = self._state.served
            given = decoded(content, served.schemas.predict)
            how = asked_of(served.loaded, getattr(given, "count", 1), self._state.settings)
            refuse_too_many_steps(served.loaded, given.examples, self._state.settings)
            found = await unless_gone(request, self._state.work.answers(served.loaded, given.examples, how))
            answers = served.loaded.format.said(found)
        return _json({"predictions": answers, "model": served.loaded.named})

    async def begin(self, request: Request) -> Response:
        """Open a stream."""
        async with self._state.bodies.read(request) as content:
            given = decoded(content, Begin)
            loaded = self._state.served.loaded
            try:
                saved = None if given.state is None else base64.b64decode(given.state, validate=True)
            except ValueError as error:
                raise Refusal(400, f"The state is no base64: {error}.") from error
            return _json({"stream": self._state.streams.begin(loaded, saved), "model": loaded.named}, 201)

    async def push(self, request: Request) -> Response:
        """Read the next steps of a stream, and answer after each."""
        self._state.work.refuse_if_full()
        session = self._state.streams.find(request.path_params["stream"])
        async with self._state.bodies.read(request) as content:
            steps = decoded(content, self._state.served.schemas.push).steps
            pushed = self._state.work.call(lambda: (session.push(steps), session.stream.steps), len(steps))
            answers, read = await unless_gone(request, pushed)
        return _json({"answers": answers, "steps": read, "model": session.model.named})

    async def saved(self, request: Request) -> Response:
        """The state of a stream, to resume it from elsewhere."""
        session = self._state.streams.find(request.path_params["stream"])
        state, steps = await self._state.work.call(lambda: (session.stream.save(), session.stream.steps), 1)
        return _json({"state": base64.b64encode(state).decode(), "steps": steps, "model": session.model.named})

    async def end(self, request: Request) -> Response:
        """Close a stream."""
        self._state.streams.end(request.path_params["stream"])
        return Response(status_code=204)

    async def server(self, request: Request) -> Response:
        """Server metadata of the Open Inference Protocol."""
        from unspool import __version__

        return _json({"name": "unspool", "version": __version__, "extensions": []})

    async def model(self, request: Request) -> Response:
        """Model metadata of the Open Inference Protocol."""
        return _json(protocol.metadata(self._named(request).loaded))

    async def model_ready(self, request: Request) -> Response:
        """Readiness of the model."""
        loaded = self._named(request).loaded
        ready = not self._state.leaving
        return _json({"name": loaded.name, "ready": ready}, 200 if ready else 503)

    async def infer(self, request: Request) -> Response:
        """Predict examples by the Open Inference Protocol."""
        self._state.work.refuse_if_full()
        served = self._named(request)
        async with self._state.bodies.read(request) as content:
            given = decoded(content, protocol.Infer)
            examples = protocol.examples_of(given, served.loaded, self._state.settings)
            how = asked_of(served.loaded, protocol.count_of(given, served.loaded), self._state.settings)
            found = await unless_gone(request, self._state.work.answers(served.loaded, examples, how))
            answer = protocol.inferred(given, served.loaded, found)
        return _json(answer)

    def _named(self, request: Request) -> Served:
        """The served model, if the path names it and its version.

        Raises:
            Refusal: another model is served.
        """
        served = self._state.served
        loaded, wanted = served.loaded, request.path_params
        if wanted["name"] != loaded.name or wanted.get("version", loaded.version) != loaded.version:
            raise Refusal(404, f"No such model; this server has {loaded.name}, version {loaded.version}.")
        return served


def _json(value: Any, status: int = 200) -> Response:
    return Response(encoded(value), status, media_type=JSON)
