"""What a service counts, in the form of Prometheus: requests, seconds, tokens. Never a text."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one process."""

    def __init__(self, queued: Callable[[], float]) -> None:
        """Count nothing yet.

        Args:
            queued: number of compressions that run or wait now.
        """
        self._registry = CollectorRegistry()
        self.requests = self._counter("lingua_requests", "Requests answered", "path", "status")
        self.tokens = self._counter("lingua_tokens", "Tokens of what was compressed", "side")
        self.chosen = self._counter("lingua_compressions", "Compressions by what chose", "method")
        self.seconds = Histogram(
            "lingua_request_seconds", "Time of a request", ("path",), buckets=_BUCKETS, registry=self._registry
        )
        gauge = Gauge("lingua_jobs", "Compressions that run or wait", registry=self._registry)
        gauge.set_function(queued)

    def compressed(self, before: int, after: int, method: str) -> None:
        """Count a compression.

        Args:
            before: tokens before.
            after: tokens now.
            method: what chose.
        """
        self.tokens.labels("before").inc(before)
        self.tokens.labels("after").inc(after)
        self.chosen.labels(method).inc()

    def text(self) -> bytes:
        """Return all figures."""
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self._registry)
