"""Names of proxied pods, services and nodes, and the host and port that they mean."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.proxy.places import Place, Wanted, node_place, pod_place, service_places, split
from apiserver.proxy.reverse import Road
from machinery.api.errors import ApiError, BadRequest, NotFound, ServiceUnavailable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web", Wanted("", "web", "")),
        ("web:80", Wanted("", "web", "80")),
        ("https:web:", Wanted("https", "web", "")),
        ("https:web:main", Wanted("https", "web", "main")),
        (":web:80", Wanted("", "web", "80")),
    ],
)
def test_split(text: str, expected: Wanted) -> None:
    assert split(text, "pod") == expected


@pytest.mark.parametrize("text", ["", "web:", "ftp:web:21", "a:b:c:d", ":80"])
def test_not_a_name(text: str) -> None:
    with pytest.raises(BadRequest, match=f'invalid pod request "{text}"'):
        split(text, "pod")


def pod(ip: str = "10.1.1.1", *ports: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "a"}, {"name": "b", "ports": list(ports)}]}, "status": {"podIP": ip}}


WEB = {"name": "web", "containerPort": 8080}


@pytest.mark.parametrize(
    ("wanted", "document", "expected"),
    [
        (Wanted("", "p", ""), pod(), Place("10.1.1.1", 80)),
        (Wanted("https", "p", ""), pod(), Place("10.1.1.1", 443, True)),
        (Wanted("", "p", ""), pod("10.1.1.1", WEB), Place("10.1.1.1", 8080)),
        (Wanted("", "p", "web"), pod("10.1.1.1", WEB), Place("10.1.1.1", 8080)),
        (Wanted("https", "p", "9"), pod("10.1.1.1", WEB), Place("10.1.1.1", 9, True)),
    ],
)
def test_pods(wanted: Wanted, document: dict[str, Any], expected: Place) -> None:
    assert pod_place(wanted, document) == expected


@pytest.mark.parametrize("ip", ["", "127.0.0.1", "169.254.169.254", "224.0.0.1", "::1"])
def test_addresses_that_are_no_pods(ip: str) -> None:
    with pytest.raises(BadRequest, match="address not allowed"):
        pod_place(Wanted("", "p", "80"), pod(ip))


SERVICE = {"spec": {"ports": [{"name": "http", "port": 80}, {"port": 81}]}}


def slice_of(name: str, number: int, *endpoints: tuple[str, bool]) -> dict[str, Any]:
    rows = [{"addresses": [ip], "conditions": {"ready": ready}} for ip, ready in endpoints]
    return {"ports": [{"name": name, "port": number}], "endpoints": rows}


SLICES = [slice_of("http", 8080, ("10.1.1.1", True), ("10.1.1.2", False)), slice_of("", 9, ("10.1.1.3", True))]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted("", "s", "http"), [Place("10.1.1.1", 8080)]),
        (Wanted("https", "s", "80"), [Place("10.1.1.1", 8080, True)]),
        (Wanted("", "s", ""), [Place("10.1.1.3", 9)]),
        (Wanted("", "s", "81"), [Place("10.1.1.3", 9)]),
    ],
)
def test_services(wanted: Wanted, expected: list[Place]) -> None:
    assert service_places(wanted, SERVICE, SLICES, "default") == expected


@pytest.mark.parametrize(
    ("port", "service", "slices", "kind", "message"),
    [
        ("", None, [], NotFound, 'services "s" not found'),
        ("99", SERVICE, SLICES, ServiceUnavailable, 'no service port 99 found for service "s"'),
        ("other", SERVICE, SLICES, ServiceUnavailable, 'no endpoints available for service "s"'),
        ("", SERVICE, [], ServiceUnavailable, 'no endpoints available for service "s"'),
    ],
)
def test_no_service(port: str, service: Any, slices: Any, kind: type[ApiError], message: str) -> None:
    with pytest.raises(kind, match=message):
        service_places(Wanted("", "s", port), service, slices, "default")


def test_nodes() -> None:
    assert node_place(Wanted("", "n", ""), "10.0.0.1", 10250) is None
    assert node_place(Wanted("", "n", "10250"), "10.0.0.1", 10250) is None
    assert node_place(Wanted("", "n", "9100"), "10.0.0.1", 10250) == Place("10.0.0.1", 9100)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/api/v1/nodes/n/proxy", Road("/api/v1/nodes/n/proxy", "", "")),
        ("/api/v1/nodes/n/proxy/", Road("/api/v1/nodes/n/proxy", "/", "")),
        ("/api/v1/nodes/n/proxy/a%2Fb/?x=%20", Road("/api/v1/nodes/n/proxy", "/a%2Fb/", "x=%20")),
    ],
)
def test_roads(raw: str, expected: Road) -> None:
    assert Road.of(raw, segments=5) == expected
