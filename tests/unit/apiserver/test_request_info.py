"""Paths and what they are about."""

from __future__ import annotations

import pytest

from apiserver.request_info import RequestInfo, parse


def of(info: RequestInfo) -> tuple[str, ...]:
    return (info.verb, info.api_version, info.namespace, info.resource, info.name, info.subresource)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/pods", ("list", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/namespaces/d/pods", ("list", "v1", "d", "pods", "", "")),
        ("GET", "/api/v1/namespaces/d/pods/x", ("get", "v1", "d", "pods", "x", "")),
        ("HEAD", "/api/v1/namespaces/d/pods/x", ("get", "v1", "d", "pods", "x", "")),
        ("PUT", "/api/v1/namespaces/d/pods/x/status", ("update", "v1", "d", "pods", "x", "status")),
        ("POST", "/api/v1/namespaces/d/pods/x/binding", ("create", "v1", "d", "pods", "x", "binding")),
        ("GET", "/api/v1/namespaces", ("list", "v1", "", "namespaces", "", "")),
        ("GET", "/api/v1/namespaces/d", ("get", "v1", "d", "namespaces", "d", "")),
        ("PUT", "/api/v1/namespaces/d/finalize", ("update", "v1", "d", "namespaces", "d", "finalize")),
        ("PATCH", "/api/v1/namespaces/d/status", ("patch", "v1", "d", "namespaces", "d", "status")),
        (
            "DELETE",
            "/apis/apps/v1/namespaces/d/deployments",
            ("deletecollection", "apps/v1", "d", "deployments", "", ""),
        ),
        ("DELETE", "/apis/apps/v1/namespaces/d/deployments/x", ("delete", "apps/v1", "d", "deployments", "x", "")),
        ("GET", "/api/v1/watch/namespaces/d/pods", ("watch", "v1", "d", "pods", "", "")),
        ("GET", "/api/v1/watch/namespaces/d/pods/x", ("watch", "v1", "d", "pods", "x", "")),
        ("POST", "/api/v1/nodes", ("create", "v1", "", "nodes", "", "")),
    ],
)
def test_resources(method: str, path: str, expected: tuple[str, ...]) -> None:
    info = parse(method, path)
    assert info.is_resource and of(info) == expected


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/version"]
)
def test_everything_else(path: str) -> None:
    info = parse("GET", path)
    assert not info.is_resource and info.verb == "get" and info.path == path


def test_watch_flag_and_rest_of_a_proxy_path() -> None:
    assert parse("GET", "/api/v1/pods", watch=True).verb == "watch"
    assert parse("POST", "/api/v1/pods", watch=True).verb == "create"
    assert parse("GET", "/api/v1/namespaces/d/pods/x", watch=True).verb == "get"
    info = parse("GET", "/api/v1/nodes/n/proxy/logs/a")
    assert (info.subresource, info.rest) == ("proxy", "logs/a")
