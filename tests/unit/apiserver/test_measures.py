"""Numbers under Kubernetes' names and labels, and none for what does not exist."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from apiserver import measures
from apiserver.call import Call
from apiserver.limits import is_long_running
from apiserver.request_info import parse
from machinery.component import metrics


def call(method: str, path: str, *, content_type: str = "", watch: bool = False, **query: str) -> Call:
    http: Any = SimpleNamespace(query=query, content_type=content_type)
    return Call(http, parse(method, path, watch=watch))


@pytest.mark.parametrize(
    ("asked", "verb", "scope"),
    [
        (call("GET", "/api/v1/pods"), "LIST", "cluster"),
        (call("GET", "/api/v1/namespaces/a/pods"), "LIST", "namespace"),
        (call("GET", "/api/v1/namespaces/a/pods", watch=True), "WATCH", "namespace"),
        (call("POST", "/api/v1/namespaces/a/pods"), "POST", "resource"),
        (call("PUT", "/api/v1/namespaces/a/pods/b"), "PUT", "resource"),
        (call("PATCH", "/api/v1/nodes/b", content_type="application/apply-patch+yaml"), "APPLY", "resource"),
        (call("PATCH", "/api/v1/namespaces/a/pods/b", content_type="application/json-patch+json"), "PATCH", "resource"),
        (call("DELETE", "/api/v1/namespaces/a/pods"), "DELETECOLLECTION", "namespace"),
        (call("GET", "/api/v1/namespaces/a/pods/b/exec"), "CONNECT", "resource"),
    ],
)
def test_verbs_and_scopes(asked: Call, verb: str, scope: str) -> None:
    assert (measures.verb_of(asked), measures.scope_of(asked.info)) == (verb, scope)


async def test_what_a_request_leaves() -> None:
    async def answer(_: Call) -> web.StreamResponse:
        return web.Response(body=b"x" * 2000)

    requests = measures.Requests({("measured.io", "v1", "things")}, is_long_running)
    handle = requests.measured(answer)
    await handle(call("GET", "/apis/measured.io/v1/things/a"))
    await handle(call("POST", "/apis/measured.io/v1/things", dryRun="All"))
    await handle(call("GET", "/apis/measured.io/v1/nonsense/a"))
    await handle(call("GET", "/nonsense"))
    lines = [line for line in metrics.render().splitlines() if "measured.io" in line or "nonsense" in line]
    subject = (
        'group="measured.io",version="v1",resource="things",subresource="",scope="resource",component="apiserver"'
    )
    assert f'apiserver_request_total{{verb="GET",dry_run="",{subject},code="200"}} 1' in lines
    assert f'apiserver_request_total{{verb="POST",dry_run="All",{subject},code="200"}} 1' in lines
    assert f'apiserver_response_sizes_bucket{{verb="GET",{subject},le="1000"}} 0' in lines
    assert f'apiserver_response_sizes_bucket{{verb="GET",{subject},le="10000"}} 1' in lines
    assert not [line for line in lines if "nonsense" in line]
