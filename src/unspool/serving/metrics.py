"""What is counted, in the text format of Prometheus."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters of one server, in a registry of their own.

    Attributes:
        waiting: examples in the queue.
        streams: that are open.
        reloads: of a changed model, by "swapped", "same" and "refused".
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter("unspool_requests", "Requests answered.", ["endpoint", "code"], registry=registry)
        self._seconds = Histogram(
            "unspool_request_seconds",
            "From a request's head to its answer's end; refusals with 503 are left out.",
            ["endpoint"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._batches = Histogram("unspool_batch_examples", "Examples of a batch.", buckets=_SIZES, registry=registry)
        self._model = Gauge("unspool_model", "The model that is served: 1.", ["name", "version"], registry=registry)
        self.waiting = Gauge("unspool_queue_examples", "Examples that wait.", registry=registry)
        self.streams = Gauge("unspool_streams", "Streams that are open.", registry=registry)
        self.reloads = Counter("unspool_reloads", "Changes of the model's file.", ["result"], registry=registry)

    def request(self, endpoint: str, code: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(endpoint, str(code)).inc()
        if code != 503:
            self._seconds.labels(endpoint).observe(seconds)

    def batch(self, size: int) -> None:
        """Count a batch."""
        self._batches.observe(size)

    def model(self, name: str, version: str) -> None:
        """Name the model that is served from now on."""
        self._model.clear()
        self._model.labels(name, version).set(1)

    def text(self) -> bytes:
        """All of them."""
        return generate_latest(self._registry)
