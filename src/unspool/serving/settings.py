"""What a server allows."""

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Limits and permissions of a server, as options of `unspool serve` set them.

    Attributes:
        host: the address to listen on.
        port: 0 takes a free one.
        token: that requests must bring; empty for none.
        hosts: names that a request's Host may have besides localhost, `host` and addresses; "*" allows every name.
        origins: of pages of other servers that may send requests, as "https://example.com".
        body: bytes in the body of a request at most.
        text: characters in a text at most.
        steps: of a series at most; of a model that tags, words or steps of all examples of a request together.
        translations: of a text that a request may ask for.
        tokens: of a translation at most; what is longer is cut.
        examples: of a request at most, and steps of a stream that are pushed at once.
        queue: examples that may wait before requests are refused.
        streams: that may be open at once.
        idle: seconds without a step after which an idle stream is closed.
        slow: seconds that a client has for its request's head, again for its body, and to take some of the answer.
        drain: seconds between SIGTERM and closing the door: what sends requests here learns of it from /readyz.
        watch: seconds between two looks at the model's file.
        connections: at most.
        bodies: bytes of all requests that are read or answered, at most.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    token: str = ""
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    body: int = 2 * MEGABYTE
    text: int = 100_000
    steps: int = 10_000
    examples: int = 256
    translations: int = 10
    tokens: int = 512
    queue: int = 512
    streams: int = 256
    idle: float = 300.0
    slow: float = 10.0
    drain: float = 5.0
    watch: float = 1.0
    connections: int = 512
    bodies: int = 64 * MEGABYTE
