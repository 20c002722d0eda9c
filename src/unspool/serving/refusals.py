"""Requests that are not answered as asked: a status and one sentence."""


class Refusal(Exception):
    """A request is refused.

    Attributes:
        status: of HTTP.
        message: what is wrong and what to do.
        headers: that the answer has.
        closes: whether the connection ends, because the rest of the request is not waited for.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None, closes: bool = False):
        super().__init__(message)
        self.status, self.message, self.headers, self.closes = status, message, headers or {}, closes


class Full(Refusal):
    """There is more to do than the server takes on.

    Example:
        >>> Full("64 streams are open.", 2.3).headers
        {'Retry-After': '3'}
    """

    def __init__(self, message: str, seconds: float = 1.0):
        # Rounded up, as the header takes whole seconds.
        super().__init__(503, f"{message} Try again later.", {"Retry-After": str(max(1, int(-(-seconds // 1))))})


class Gone(Exception):
    """The client has left; nobody reads an answer."""
