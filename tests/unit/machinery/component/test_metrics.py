from machinery.component.metrics import REGISTRY, Counter, Gauge, Histogram, Metric, render


def only(*metrics: Metric) -> str:
    for metric in metrics:
        REGISTRY.pop(metric.name)
    return render({metric.name: metric for metric in metrics})


def test_counter() -> None:
    counter = Counter("t_requests_total", "Requests.", ("code", "verb"))
    counter.inc("200", "GET")
    counter.inc("200", "GET", by=2)
    counter.inc("500", 'a"b\n')
    assert only(counter) == (
        "# HELP t_requests_total Requests.\n"
        "# TYPE t_requests_total counter\n"
        't_requests_total{code="200",verb="GET"} 3\n'
        't_requests_total{code="500",verb="a\\"b\\n"} 1\n'
    )


def test_gauge() -> None:
    gauge, asked = Gauge("t_depth", "Depth.", ("queue",)), Gauge("t_now", "Now.", ask=lambda: 7)
    gauge.set(4, "a")
    gauge.set(1.5, "b")
    gauge.remove("a")
    assert only(gauge, asked).splitlines()[2:] == [
        't_depth{queue="b"} 1.5', "# HELP t_now Now.", "# TYPE t_now gauge", "t_now 7",
    ]


def test_histogram_counts_everything_up_to_each_bound() -> None:
    histogram = Histogram("t_seconds", "Seconds.", buckets=(0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 3):
        histogram.observe(value)
    assert only(histogram).splitlines()[2:] == [
        't_seconds_bucket{le="0.1"} 2', 't_seconds_bucket{le="1"} 3', 't_seconds_bucket{le="+Inf"} 4',
        "t_seconds_sum 3.65", "t_seconds_count 4",
    ]
