"""Middleware for every request: checks of host, origin and token, response headers, errors and metrics."""

import ipaddress
import time
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unspool.serving.bodies import JSON, encoded
from unspool.serving.metrics import Metrics
from unspool.serving.refusals import Gone, Refusal
from unspool.serving.settings import Settings
from unspool_runtime import InputError

OPEN = frozenset({"/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"})
"""Paths that load balancers may ask without a token and with any Host header."""
ENDPOINTS = frozenset({"healthz", "readyz", "metrics", "openapi.json", "predict", "streams", "v2"})
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}
_LEFT = 499  # nobody reads it; it is counted
_SAID = {404: "Not found: {path}. /openapi.json lists all paths.", 405: "{path} does not accept {method}."}


class Gate:
    """Checks Host, Origin and token, turns exceptions into responses, and counts requests.

    Args:
        app: the application behind it.
        settings: which hosts, origins and token are allowed.
        metrics: to count requests in.
        leaving: whether the server is shutting down, so that clients should not keep their connections.
        say: logs internal errors.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        metrics: Metrics,
        leaving: Callable[[], bool],
        say: Callable[[str], None],
    ):
        self._app, self._metrics, self._leaving, self._say = app, metrics, leaving, say
        self._token = _digest(settings.token.encode()) if settings.token else b""
        self._hosts = {"localhost", *map(_name_of, (settings.host, *settings.hosts))}
        self._origins = {origin.lower().rstrip("/") for origin in settings.origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, shared = time.perf_counter(), 0, self._shared(scope)

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cache-Control"] = "no-store"
                headers.update(shared)
                if self._leaving():
                    headers["Connection"] = "close"
            await send(message)

        try:
            asks_first = bool(shared) and scope["method"] == "OPTIONS"
            self._check(scope, asks_first)
            if asks_first:
                await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, sent)
                return
            scope["app"] = self  # the router then raises what it cannot route
            await self._app(scope, receive, sent)
        except Gone:
            status = _LEFT
        except Exception as error:
            if status:
                raise  # half an answer has left: the server closes the connection
            refusal = self._refusal(error, scope)
            await _answer(refusal)(scope, receive, sent)
        finally:
            self._metrics.request(_endpoint(scope["path"]), status, time.perf_counter() - begun)

    def _shared(self, scope: Scope) -> dict[str, str]:
        """The CORS headers of a response; empty if the origin is not allowed."""
        origin = Headers(scope=scope).get("origin", "")
        if origin.lower() not in self._origins:
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Retry-After",
            "Vary": "Origin",
        }

    def _check(self, scope: Scope, asks_first: bool) -> None:
        """Refuse requests that are not allowed; a CORS preflight has no token yet."""
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:  # a proxy may read another end than we do
            raise Refusal(400, "Send Content-Length or Transfer-Encoding, not both.", closes=True)
        if scope["path"] in OPEN:
            return
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._known(host):
            raise Refusal(403, f"Unknown host {host[:100]!r}. To accept it, start the server with --allow-host NAME.")
        if origin is not None and not self._same(origin, host):
            raise Refusal(403, f"Requests from {origin[:100]!r} are not allowed; see --allow-origin.")
        scheme, _, given = headers.get("authorization", "").partition(" ")
        given = given if scheme.lower() == "bearer" else ""
        # Digests are of one length: neither the token's nor where the first wrong character is shows in the time.
        if (
            self._token
            and not asks_first
            and not compare_digest(_digest(given.encode("utf-8", "replace")), self._token)
        ):
            raise Refusal(401, "Send the header Authorization: Bearer TOKEN.", {"WWW-Authenticate": "Bearer"})

    def _known(self, host: str) -> bool:
        """Whether a Host is this server's. Any IP address is: DNS rebinding needs a name."""
        if "*" in self._hosts:
            return True
        name = _name_of(host)
        try:
            return name in self._hosts or bool(ipaddress.ip_address(name))
        except ValueError:
            return False

    def _same(self, origin: str, host: str) -> bool:
        origin = origin.lower()
        return origin in self._origins or origin in (f"http://{host.lower()}", f"https://{host.lower()}")

    def _refusal(self, error: Exception, scope: Scope) -> Refusal:
        if isinstance(error, Refusal):
            return error
        if isinstance(error, InputError):
            return Refusal(400, str(error))
        if isinstance(error, HTTPException):
            said = _SAID.get(error.status_code, "This cannot be answered.")
            message = said.format(path=scope["path"][:100], method=scope["method"][:20])
            return Refusal(error.status_code, message, dict(error.headers or {}))
        if isinstance(error, MemoryError):
            return Refusal(503, "Not enough memory. Send fewer examples per request.", {"Retry-After": "1"})
        self._say(f"{scope['path'][:100]} failed: {type(error).__name__}: {error}")
        return Refusal(500, "Internal error; see the server's log.")


def _name_of(host: str) -> str:
    """A host without its port.

    Example:
        >>> _name_of("ML.example.com:8080"), _name_of("[::1]:8080"), _name_of("[::1]"), _name_of("::1")
        ('ml.example.com', '::1', '::1', '::1')
    """
    name, colon, port = host.lower().rpartition(":")
    alone = colon and port.isdecimal() and (":" not in name or name.endswith("]"))
    return (name if alone else host.lower()).removeprefix("[").removesuffix("]")


def _digest(value: bytes) -> bytes:
    return sha256(value).digest()


def _answer(refusal: Refusal) -> Response:
    headers = refusal.headers | ({"Connection": "close"} if refusal.closes else {})
    return Response(encoded({"error": refusal.message}), refusal.status, headers, JSON)


def _endpoint(path: str) -> str:
    """The name that a request is counted under: one of a few, whatever its path.

    Example:
        >>> _endpoint("/v2/models/reviews/infer"), _endpoint("/"), _endpoint("/wp-admin")
        ('v2', 'page', 'other')
    """
    first = path.strip("/").partition("/")[0]
    return "page" if path == "/" else first if first in ENDPOINTS else "other"
