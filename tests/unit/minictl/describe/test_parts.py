"""The pieces that pages are made of: columns, ages, titles, amounts, selectors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from machinery.api.durations import human
from minictl.describe import parts
from minictl.describe.ages import age
from minictl.describe.amounts import pod_amounts
from minictl.describe.config_map import size
from minictl.describe.facts import Facts
from minictl.describe.generic import title
from minictl.describe.page import Page, align
from minictl.describe.service import endpoints


def test_neighbours_share_a_width_and_others_do_not() -> None:
    assert align(["a\tb", "long\tb", "", "x\ty\tz", "xx\t\tz"]) == ["a     b", "long  b", "", "x   y  z", "xx     z"]


def test_what_steers_a_terminal_is_shown() -> None:
    page = Page()
    page.row(1, "Name:", "a\x1b[31m")
    assert page.text() == "  Name:  a^[[31m\n"


@pytest.mark.parametrize(("seconds", "text"), [
    (-5, "<invalid>"), (0, "0s"), (119, "119s"), (120, "2m"), (154, "2m34s"), (660, "11m"), (3 * 3600, "3h"),
    (7 * 3600 + 31 * 60, "7h31m"), (50 * 3600, "2d2h"), (30 * 86400, "30d"), (800 * 86400, "2y70d"),
])  # fmt: skip
def test_ages(seconds: int, text: str) -> None:
    assert human(seconds) == text


def test_no_time_is_no_age() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert age(None, now) == "<unknown>"
    assert age((now - timedelta(seconds=61)).isoformat(), now) == "61s"


@pytest.mark.parametrize(("field", "text"), [
    ("apiVersion", "API Version"), ("uid", "UID"), ("creationTimestamp", "Creation Timestamp"), ("f:x", "f:x"),
    ("hostIP", "Host IP"),
])  # fmt: skip
def test_titles(field: str, text: str) -> None:
    assert title(field) == text


def test_a_pod_needs_the_largest_step_of_its_start() -> None:
    def container(cpu: str, **more: str) -> dict:
        return {"resources": {"requests": {"cpu": cpu}}, **more}

    side_car = container("100m", restartPolicy="Always")
    pod = {"spec": {"containers": [container("200m"), container("300m")], "initContainers": [side_car, container("1")]}}
    assert pod_amounts(pod, "requests") == {"cpu": "1100m"}
    assert pod_amounts({"spec": {**pod["spec"], "initContainers": [side_car]}}, "requests") == {"cpu": "600m"}


def test_selectors_in_words() -> None:
    expressions = [{"key": "tier", "operator": "In", "values": ["b", "a"]}, {"key": "old", "operator": "DoesNotExist"}]
    assert parts.selector({"matchLabels": {"app": "x"}, "matchExpressions": expressions}) == "app=x,!old,tier in (a,b)"


def test_bytes_of_base64() -> None:
    assert [size(text) for text in ("", "YQ==", "YWI=", "YWJj")] == [0, 1, 2, 3]


def test_only_ready_endpoints_are_listed_three_at_most() -> None:
    one = {"ports": [{"name": "http", "port": 80}], "endpoints": [
        {"addresses": [f"10.0.0.{n}"], "conditions": {"ready": n != 2}} for n in range(1, 7)]}  # fmt: skip
    assert endpoints([one], "http") == "10.0.0.1:80,10.0.0.3:80,10.0.0.4:80 + 2 more..."
    assert endpoints([one], "other") == ""


def test_events_repeated() -> None:
    page = Page()
    now = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
    event = {"type": "Normal", "reason": "Pulled", "count": 3, "firstTimestamp": "2026-01-01T00:00:00Z",
             "lastTimestamp": "2026-01-01T00:09:00Z", "involvedObject": {}, "message": "m"}  # fmt: skip
    parts.events(page, Facts(now, [event]))
    assert "Normal  Pulled  60s (x3 over 10m)" in page.text()
