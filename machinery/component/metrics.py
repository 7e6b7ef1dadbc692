"""Counters, gauges and histograms in Prometheus' text format; nothing else.

A metric registers itself in REGISTRY when it is made; health.py serves `render()` at /metrics.
In real Kubernetes: component-base/metrics over prometheus/client_golang.
Left out: exemplars, deprecation, stability levels.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator

REGISTRY: dict[str, Metric] = {}
BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

Labels = tuple[str, ...]
Ask = Callable[[], "float | dict[Labels, float]"]
"""The number, or one for each tuple of label values."""


class Metric:
    """A name, a help line, and one number (or more) for each tuple of label values."""

    type = "untyped"

    def __init__(self, name: str, help_text: str, labels: Labels = ()) -> None:
        self.name, self.help_text, self.labels = name, help_text, labels
        self.values: dict[Labels, float] = {}
        REGISTRY[name] = self

    def samples(self) -> Iterator[tuple[str, str, float]]:
        """(name, labels in braces, value) for each line to print."""
        for values, number in self.values.items():
            yield self.name, self.braces(values), number

    def braces(self, values: Labels, *more: tuple[str, str]) -> str:
        pairs = [f'{label}="{escape(value)}"' for label, value in (*zip(self.labels, values, strict=True), *more)]
        return "{" + ",".join(pairs) + "}" if pairs else ""


class Counter(Metric):
    """A number that only grows."""

    type = "counter"

    def inc(self, *labels: str, by: float = 1.0) -> None:
        self.values[labels] = self.values.get(labels, 0.0) + by


class Gauge(Metric):
    """A number that is set, or asked for when someone scrapes."""

    type = "gauge"

    def __init__(self, name: str, help_text: str, labels: Labels = (), *, ask: Ask | None = None) -> None:
        super().__init__(name, help_text, labels)
        self.ask = ask

    def set(self, value: float, *labels: str) -> None:
        self.values[labels] = value

    def add(self, value: float, *labels: str) -> None:
        self.values[labels] = self.values.get(labels, 0.0) + value

    def remove(self, *labels: str) -> None:
        self.values.pop(labels, None)

    def samples(self) -> Iterator[tuple[str, str, float]]:
        if self.ask:
            answer = self.ask()
            self.values = answer if isinstance(answer, dict) else {(): answer}
        yield from super().samples()


class Histogram(Metric):
    """How many observations fell under each bound, with their sum and count."""

    type = "histogram"

    def __init__(self, name: str, help_text: str, labels: Labels = (), *,
                 buckets: tuple[float, ...] = BUCKETS) -> None:
        super().__init__(name, help_text, labels)
        self.buckets = buckets
        self.counts: dict[Labels, list[int]] = {}
        self.sums: dict[Labels, float] = {}

    def observe(self, value: float, *labels: str) -> None:
        self.observer(*labels)(value)

    def observer(self, *labels: str) -> Callable[[float], None]:
        """`observe` for these labels, for whoever observes at every request."""
        counts = self.counts.setdefault(labels, [0] * (len(self.buckets) + 1))
        self.sums.setdefault(labels, 0.0)
        buckets, sums = self.buckets, self.sums

        def observe(value: float) -> None:
            counts[bisect_left(buckets, value)] += 1
            sums[labels] += value

        return observe

    def samples(self) -> Iterator[tuple[str, str, float]]:
        for labels, counts in self.counts.items():
            below = 0
            for bound, count in zip((*(f"{bound:g}" for bound in self.buckets), "+Inf"), counts, strict=True):
                below += count
                yield f"{self.name}_bucket", self.braces(labels, ("le", bound)), below
            yield f"{self.name}_sum", self.braces(labels), self.sums[labels]
            yield f"{self.name}_count", self.braces(labels), below


def escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def render(registry: dict[str, Metric] | None = None) -> str:
    """Every metric as the text that Prometheus scrapes."""
    lines: list[str] = []
    for metric in (REGISTRY if registry is None else registry).values():
        lines += [f"# HELP {metric.name} {metric.help_text}", f"# TYPE {metric.name} {metric.type}"]
        lines += [f"{name}{braces} {number:.15g}" for name, braces, number in metric.samples()]
    return "\n".join(lines) + "\n"
