"""The command that answers over HTTP: serve."""

import argparse
import os
from pathlib import Path
from typing import Any

from unspool.cli.options import add_command, duration, positive
from unspool.cli.output import say
from unspool.errors import UserError
from unspool.serving.settings import Settings

TOKEN = "UNSPOOL_TOKEN"
LEAST_TOKEN = 16
_DIGITS_OF_A_PORT = 5
_EPILOG = (
    "example:\n"
    "  unspool serve runs/reviews\n"
    "  curl http://127.0.0.1:8080/predict -H 'Content-Type: application/json' \\\n"
    '       -d \'{"examples": ["a fine film", "two hours I want back"]}\'\n\n'
    "  UNSPOOL_TOKEN=$(openssl rand -hex 32) unspool serve reviews.unspool --host 0.0.0.0\n\n"
    "paths:\n"
    "  POST /predict           answers to examples\n"
    "  POST /streams           opens a stream, a series sent step by step; then POST /streams/STREAM/push\n"
    "  /v2/...                 the Open Inference Protocol\n"
    "  GET  /                  a page that holds the model\n"
    "  GET  /healthz /readyz   liveness and readiness\n"
    "  GET  /metrics           metrics for Prometheus\n"
    "  GET  /openapi.json      the schema, made from the model\n\n"
    "Beyond a limit the answer is 503 with Retry-After; a mistake gets one line that says what is wrong."
)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LIMITS = {
    "queue": "examples that may wait; further requests get 503",
    "examples": "examples in one request",
    "text": "characters in a text",
    "steps": "steps in a series; words or steps in a whole request to a model that tags",
    "translations": "translations that a request may ask for, for each text",
    "tokens": "tokens in a translation; longer ones are cut",
    "body": "bytes in the body of a request",
    "streams": "open streams",
    "connections": "connections",
}
_TIMES = {
    "idle": "after which an idle stream is closed",
    "slow": "a client has to send a request",
    "drain": "between SIGTERM and closing the port",
}


def add_commands(commands: Any) -> None:
    """Add serve."""
    parser = add_command(
        commands,
        "serve",
        _serve,
        "answer over HTTP with a trained model",
        "Answers JSON requests with a trained model, until Ctrl-C or SIGTERM. A run's folder is exported first. If the "
        "model changes, the new one is loaded, checked against its golden answers and swapped in; if it fails, the old "
        "one stays. Needs pip install 'unspool[serve]'.",
        _EPILOG,
        usage="RUN [options]",
    )
    parser.add_argument("model", type=Path, metavar="RUN", help="a run's folder, or a portable model (.unspool)")
    parser.add_argument(
        "--port", type=_port, default=Settings.port, help=f"default: {Settings.port}; 0 takes a free one"
    )
    parser.add_argument(
        "--host", default=Settings.host, help=f"address to listen on (default: {Settings.host}, this machine only)"
    )
    secrets = parser.add_mutually_exclusive_group()
    secrets.add_argument(
        "--token-file", type=Path, metavar="FILE", help=f"holds the token that requests must bring (or set {TOKEN})"
    )
    secrets.add_argument("--no-token", action="store_true", help="allow other machines without a token")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="accept requests for this host name; can be repeated",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="accept requests from pages of this origin, as https://app.example; can be repeated",
    )
    limits = parser.add_argument_group("limits")
    for name, what in _LIMITS.items():
        default = getattr(Settings, name)
        limits.add_argument(
            f"--max-{name}", type=positive, default=default, metavar="N", help=f"{what} (default: {default})"
        )
    for name, what in _TIMES.items():
        seconds = getattr(Settings, name)
        limits.add_argument(
            f"--{name}", type=duration, default=seconds, metavar="TIME", help=f"time {what} (default: {seconds:g}s)"
        )


def _serve(options: argparse.Namespace) -> None:
    token = _token(options)
    if options.host not in _LOOPBACK and not token and not options.no_token:
        raise UserError(
            f"--host {options.host} accepts connections from other machines, but there is no token. Set {TOKEN} "
            "or --token-file, or pass --no-token to allow everyone."
        )
    for origin in options.allow_origin:
        if not origin.lower().startswith(("http://", "https://")):
            raise UserError(f"--allow-origin {origin}: an origin begins with https:// or http://.")
    try:
        from unspool.serving.server import serve
    except ModuleNotFoundError as error:
        raise UserError(f"unspool serve needs {error.name}. Install it with: pip install 'unspool[serve]'.") from error
    settings = Settings(
        host=options.host,
        port=options.port,
        token=token,
        hosts=tuple(options.allow_host),
        origins=tuple(options.allow_origin),
        **{name: getattr(options, f"max_{name}") for name in _LIMITS},
        **{name: getattr(options, name) for name in _TIMES},
    )
    serve(options.model, settings, say)


def _token(options: argparse.Namespace) -> str:
    """The token: of the file, else of the environment, where it is taken from so that no child inherits it."""
    found = os.environ.pop(TOKEN, "")
    if options.no_token:
        return ""
    where = TOKEN
    if options.token_file:
        from unspool.files import read_bounded

        where = f"--token-file {options.token_file}"
        try:
            found = read_bounded(options.token_file, 1 << 12).decode("ascii").strip()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it holds no token of ASCII characters"
            raise UserError(f"{where} cannot be read: {reason}.") from error
    elif not found:
        return ""
    if len(found) < LEAST_TOKEN or not found.isascii() or not found.isprintable() or " " in found:
        raise UserError(
            f"{where}: the token must have at least {LEAST_TOKEN} printable ASCII characters and no spaces. Make one "
            "with: openssl rand -hex 32."
        )
    return found


def _port(text: str) -> int:
    if not text.isdecimal() or len(text) > _DIGITS_OF_A_PORT or int(text) >= 1 << 16:
        raise argparse.ArgumentTypeError(f"{text[:40]} is not a port: it must lie between 0 and 65535")
    return int(text)
