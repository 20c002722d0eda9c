"""Exceptions that end a request: a status and one sentence."""


class Refusal(Exception):
    """A request is refused.

    Attributes:
        status: the HTTP status.
        message: what is wrong and what to do.
        headers: of the response.
        closes: whether the connection is closed, as the rest of the request is not read.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None, closes: bool = False):
        super().__init__(message)
        self.status, self.message, self.headers, self.closes = status, message, headers or {}, closes


class Full(Refusal):
    """The server is at a limit.

    Example:
        >>> Full("64 streams are open.", 2.3).headers
        {'Retry-After': '3'}
    """

    def __init__(self, message: str, seconds: float = 1.0):
        # Rounded up, as the header takes whole seconds.
        super().__init__(503, f"{message} Try again later.", {"Retry-After": str(max(1, int(-(-seconds // 1))))})


class Gone(Exception):
    """The client has disconnected."""
