"""resourceVersion, resourceVersionMatch, limit and continue in every combination; what a watch may be asked."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from tests.integration.apiserver.conftest import Answer, Api, pod
from tests.integration.apiserver.test_reading import fill, maps, names
from tests.support.apiserver import ApiServer

TWO, FOUR = ["c00", "c01"], ["c00", "c01", "c02", "c03"]
ALL = [*FOUR, "new"]


@pytest.fixture
async def etcd(server: ApiServer) -> AsyncIterator[EtcdStorage]:
    async with EtcdStorage(EtcdConfig(servers=(server.etcd.url,))) as storage:
        yield storage


async def listed(api: Api, path: str, **query: Any) -> Answer:
    return await api.get(path + "?" + "&".join(f"{key}={quote(str(value))}" for key, value in query.items()))


async def events_of(api: Api, path: str) -> list[dict[str, Any]]:
    """All that a watch tells until it ends."""
    async with asyncio.timeout(60), api.session.get(api.url + path) as answer:
        assert answer.status == 200
        return [json.loads(line) for line in (await answer.read()).splitlines()]


@pytest.mark.parametrize(
    ("match", "version", "limit", "expected"),
    [
        ("", "", 0, ALL), ("", "0", 0, ALL), ("", "then", 0, ALL), ("", "", 2, TWO), ("", "0", 2, ALL),
        ("", "then", 2, TWO), ("NotOlderThan", "0", 0, ALL), ("NotOlderThan", "0", 2, ALL),
        ("NotOlderThan", "then", 0, ALL), ("NotOlderThan", "then", 2, TWO), ("Exact", "then", 0, FOUR),
        ("Exact", "then", 2, TWO),
    ],
)  # fmt: skip
async def test_lists(api: Api, namespace: str, match: str, version: str, limit: int, expected: list[str]) -> None:
    await fill(api, namespace, 4)
    then = (await api.get(maps(namespace))).revision
    now = (await api.post(maps(namespace), {"metadata": {"name": "new"}})).revision
    await api.get(maps(namespace))
    query: dict[str, Any] = {"resourceVersionMatch": match} if match else {}
    if version:
        query["resourceVersion"] = then if version == "then" else version
    if limit:
        query["limit"] = limit
    answer = await listed(api, maps(namespace), **query)
    assert names(answer) == expected
    past = match == "Exact" or (limit and not match and version == "then")
    assert answer.revision == then if past else int(answer.revision) >= int(now)
    more = len(ALL) - 1 - len(expected) if past else len(ALL) - len(expected)
    assert answer.body["metadata"].get("remainingItemCount", 0) == more
    assert ("continue" in answer.body["metadata"]) == bool(more)
    if token := answer.body["metadata"].get("continue"):
        rest = await listed(api, maps(namespace), **{"continue": token})
        assert names(rest) == (FOUR if past else ALL)[2:] and rest.revision == answer.revision


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("resourceVersionMatch=Exact", "resourceVersionMatch is forbidden unless resourceVersion is provided"),
        ("resourceVersionMatch=Exact&resourceVersion=0", 'resourceVersionMatch "exact" is forbidden for resource'),
        ("resourceVersionMatch=Exact&resourceVersion=1&continue=x", "forbidden when continue is provided"),
        (
            "resourceVersionMatch=Often&resourceVersion=1",
            'resourceVersionMatch: Unsupported value: "Often": supported values: "Exact", "NotOlderThan", ""',
        ),
        ("resourceVersionMatch=Often", "[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless"),
        ("sendInitialEvents=false", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"),
        (
            "watch=1&resourceVersionMatch=NotOlderThan",
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        ("watch=1&sendInitialEvents=true", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
        (
            "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact",
            'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
        ),
        ("resourceVersion=abc", 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid'),
    ],
)
async def test_contradictions(api: Api, namespace: str, query: str, message: str) -> None:
    answer = await api.get(f"{maps(namespace)}?{query}")
    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert answer.message.startswith('ListOptions.meta.k8s.io "" is invalid: ') and message in answer.message
    assert (answer.body["details"]["group"], answer.body["details"]["kind"]) == ("meta.k8s.io", "ListOptions")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=x", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("timeoutSeconds=1.5", 'strconv.ParseInt: parsing "1.5": invalid syntax'),
        ("limit=99999999999999999999", 'strconv.ParseInt: parsing "99999999999999999999": value out of range'),
        ("continue=x", "invalid continue token: continue key is not valid"),
        ("continue=e30&resourceVersion=7", "specifying resource version is not allowed when using continue"),
        ("labelSelector=a+b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("labelSelector=a+in+(b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("labelSelector=,", "found ',', expected: !, identifier, or 'end of string'"),
        ("labelSelector=-a%3Db", 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'),
        ("fieldSelector=name", "invalid selector: 'name'; can't understand 'name'"),
    ],
)
async def test_what_cannot_be_read(api: Api, namespace: str, query: str, message: str) -> None:
    for request in (query, f"watch=true&{query}") if not query.startswith("continue") else (query,):
        answer = await api.get(f"{maps(namespace)}?{request}")
        assert (answer.status, answer.body["reason"]) == (400, "BadRequest"), answer.body
        assert answer.message.startswith(message), answer.message


async def test_a_revision_that_nobody_has_seen(api: Api, namespace: str) -> None:
    await fill(api, namespace, 1)
    future = int((await api.get(maps(namespace))).revision) + 10_000
    queries = ("", "&resourceVersionMatch=Exact", "&resourceVersionMatch=NotOlderThan", "&limit=1")
    paths = [f"{maps(namespace)}?resourceVersion={future}{query}" for query in queries]
    for answer in await asyncio.gather(*map(api.get, (*paths, f"{maps(namespace)}/c00?resourceVersion={future}"))):
        assert (answer.status, answer.body["reason"]) == (504, "Timeout")
        assert answer.message.startswith(f"Timeout: Too large resource version: {future}, current: ")
        assert int(answer.message.rpartition(" ")[2]) > 1
        cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
        assert answer.body["details"] == {"causes": [cause], "retryAfterSeconds": 1}
        assert answer.headers["Retry-After"] == "1"
    for huge in (2**63, 2**64 - 1):
        answer = await api.get(f"{maps(namespace)}?resourceVersion={huge}&resourceVersionMatch=Exact")
        assert answer.status == 504


async def test_get_waits_for_a_revision(api: Api, namespace: str) -> None:
    made = await api.post(maps(namespace), {"metadata": {"name": "a"}})
    for version in ("", "0", made.revision):
        assert (await api.get(f"{maps(namespace)}/a?resourceVersion={version}")).status == 200
    assert (await api.get(f"{maps(namespace)}/a?resourceVersion=x")).status == 422


async def test_pages_that_outlived_their_revision(api: Api, namespace: str, etcd: EtcdStorage) -> None:
    await fill(api, namespace, 5)
    first = await api.get(f"{maps(namespace)}?limit=2")
    await api.delete(f"{maps(namespace)}/c02")
    last = await api.post(maps(namespace), {"metadata": {"name": "c99"}})
    await etcd.compact(int(last.revision))
    late = await api.get(f"{maps(namespace)}?limit=2&continue={first.body['metadata']['continue']}")
    assert (late.status, late.body["reason"]) == (410, "Expired")
    assert late.message.startswith("The provided continue parameter is too old to display a consistent list result.")
    token = late.body["metadata"]["continue"]
    rest = await api.get(f"{maps(namespace)}?limit=2&continue={token}")
    assert names(rest) == ["c03", "c04"] and int(rest.revision) >= int(last.revision)
    assert names(await api.get(f"{maps(namespace)}?continue={rest.body['metadata']['continue']}")) == ["c99"]
    exact = await api.get(f"{maps(namespace)}?resourceVersion={first.revision}&resourceVersionMatch=Exact")
    assert (exact.status, exact.message) == (410, "The resourceVersion for the provided list is too old.")


async def test_a_watch_from_what_nobody_has_any_more(
    api: Api, server: ApiServer, namespace: str, etcd: EtcdStorage
) -> None:
    await fill(api, namespace, 2)
    server.stop()
    await etcd.compact(await etcd.current_revision())
    await server.start()
    (event,) = await events_of(api, f"{maps(namespace)}?watch=1&resourceVersion=1")
    status = event["object"]
    assert (event["type"], status["kind"], status["code"], status["reason"]) == ("ERROR", "Status", 410, "Expired")
    assert status["message"].startswith("too old resource version: 1 (")


async def test_a_token_belongs_to_its_list(api: Api, namespace: str) -> None:
    await fill(api, namespace, 3)
    token = (await api.get(f"{maps(namespace)}?limit=1")).body["metadata"]["continue"]
    await api.post("/api/v1/namespaces/default/configmaps", {"metadata": {"name": f"x-{namespace}"}})
    elsewhere = await api.get(f"/api/v1/namespaces/kube-system/configmaps?continue={token}")
    assert [each["metadata"]["namespace"] for each in elsewhere.body["items"]] in ([], ["kube-system"])


async def test_a_selector_hides_how_many_remain(api: Api, namespace: str) -> None:
    await fill(api, namespace, 6)
    for query in ("labelSelector=n%3D0", "fieldSelector=metadata.name!%3Dc01", "labelSelector=n%3D0&resourceVersion=0"):
        meta = (await api.get(f"{maps(namespace)}?limit=1&{query}")).body["metadata"]
        assert "remainingItemCount" not in meta and ("continue" in meta) == ("resourceVersion" not in query)


async def test_one_name(api: Api, namespace: str) -> None:
    await fill(api, namespace, 3)
    assert names(await api.get(f"{maps(namespace)}?fieldSelector=metadata.name%3Dc01")) == ["c01"]
    assert names(await api.get(f"{maps(namespace)}?fieldSelector=metadata.name%3D%3Dc01&limit=1")) == ["c01"]
    everywhere = await api.get(f"/api/v1/configmaps?fieldSelector=metadata.name%3Dc01,metadata.namespace%3D{namespace}")
    assert names(everywhere) == ["c01"]
    events = await api.watch(f"{maps(namespace)}?watch=1&fieldSelector=metadata.name%3Dc02", count=1)
    assert events[0]["object"]["metadata"]["name"] == "c02"
    below = maps(namespace).replace("/v1/", "/v1/watch/")
    wrong = await api.get(f"{below}/c01?fieldSelector=metadata.name%3Dc02")
    assert (wrong.status, wrong.message) == (400, "fieldSelector metadata.name doesn't match requested name")


FIELDS = {
    "/api/v1/pods": [
        "metadata.namespace", "spec.nodeName", "spec.host", "spec.restartPolicy", "spec.schedulerName",
        "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs",
        "status.nominatedNodeName",
    ],
    "/api/v1/nodes": ["spec.unschedulable"],
    "/api/v1/namespaces": ["status.phase"],
    "/api/v1/secrets": ["metadata.namespace", "type"],
    "/api/v1/services": ["metadata.namespace", "spec.clusterIP", "spec.type"],
    "/api/v1/replicationcontrollers": ["metadata.namespace", "status.replicas"],
    "/api/v1/events": [
        "metadata.namespace", "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ],
    "/apis/events.k8s.io/v1/events": [
        "metadata.namespace", "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid",
        "regarding.apiVersion", "regarding.resourceVersion", "regarding.fieldPath", "reason", "reportingController",
        "type",
    ],
    "/apis/batch/v1/jobs": ["metadata.namespace", "status.successful"],
    "/apis/certificates.k8s.io/v1/certificatesigningrequests": ["spec.signerName"],
}  # fmt: skip
ONLY_METADATA = ("/api/v1/configmaps", "/apis/apps/v1/replicasets", "/apis/apps/v1/deployments",
                 "/apis/storage.k8s.io/v1/storageclasses", "/apis/batch/v1/cronjobs")  # fmt: skip
REFUSED = {"/apis/batch/v1/jobs": 'field label "spec.odd" not supported for Job'}


async def test_fields_of_each_kind(api: Api) -> None:
    for path, fields in FIELDS.items():
        for field in ("metadata.name", *fields):
            assert (await api.get(f"{path}?fieldSelector={field}%3Dx")).status == 200, (path, field)
            assert (await api.get(f"{path}?fieldSelector={field}!%3Dx&limit=1")).status == 200, (path, field)
        wrong = await api.get(f"{path}?fieldSelector=spec.odd%3Dx")
        assert (wrong.status, wrong.message) == (400, REFUSED.get(path, "field label not supported: spec.odd"))
    for path in ONLY_METADATA:
        for field in ("metadata.name", "metadata.namespace"):
            assert (await api.get(f"{path}?fieldSelector={field}%3Dx")).status == 200, (path, field)
        wrong = await api.get(f"{path}?watch=true&fieldSelector=status.replicas%3D1")
        assert (wrong.status, wrong.message) == (
            400, '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
        )  # fmt: skip
    assert (await api.get("/api/v1/nodes?fieldSelector=metadata.namespace%3Dx")).status == 400


async def test_the_old_name_of_a_pods_node(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    await api.post(path, pod("a", nodeName="n1"))
    await api.post(path, pod("b"))
    assert names(await api.get(f"{path}?fieldSelector=spec.host%3Dn1")) == ["a"]
    events = await api.watch(f"{path}?watch=true&fieldSelector=spec.host%3Dn1", count=1)
    assert events[0]["object"]["metadata"]["name"] == "a"


# --- watches ---


async def test_where_a_watch_begins(api: Api, namespace: str) -> None:
    await fill(api, namespace, 2)
    then = (await api.get(maps(namespace))).revision
    await api.post(maps(namespace), {"metadata": {"name": "new"}})
    await api.get(maps(namespace))
    state = [("ADDED", "c00"), ("ADDED", "c01"), ("ADDED", "new")]
    match = "&resourceVersionMatch=NotOlderThan"
    cases = {
        "": state,
        "&resourceVersion=0": state,
        f"&resourceVersion={then}": state[2:],
        f"&resourceVersion={then}&sendInitialEvents=true{match}": state,
        f"&resourceVersion={then}&sendInitialEvents=false{match}": state[2:],
        f"&sendInitialEvents=true{match}": state,
        f"&sendInitialEvents=true&resourceVersion=0{match}": state,
        f"&sendInitialEvents=false{match}": [],
    }
    told = await asyncio.gather(
        *(events_of(api, f"{maps(namespace)}?watch=1&timeoutSeconds=1{query}") for query in cases)
    )
    for (query, expected), events in zip(cases.items(), told, strict=True):
        assert [(each["type"], each["object"]["metadata"]["name"]) for each in events] == expected, query


async def test_the_end_of_the_initial_events_is_marked(api: Api, namespace: str) -> None:
    await fill(api, namespace, 1)
    now = (await api.get(maps(namespace))).revision
    query = "watch=1&sendInitialEvents=1&allowWatchBookmarks=1&resourceVersionMatch=NotOlderThan"
    for version in ("", "&resourceVersion=0", f"&resourceVersion={now}"):
        _, mark = await api.watch(f"{maps(namespace)}?{query}{version}", count=2)
        assert mark["type"] == "BOOKMARK" and mark["object"]["kind"] == "ConfigMap"
        meta = mark["object"]["metadata"]
        assert meta["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert int(meta["resourceVersion"]) >= int(now)
    late = await api.get(f"{maps(namespace)}?{query}&resourceVersion={int(now) + 10_000}")
    assert (late.status, late.body["reason"]) == (504, "Timeout")


async def test_a_watch_that_ends_says_how_far_it_has_come(api: Api, namespace: str) -> None:
    start = (await api.post(maps(namespace), {"metadata": {"name": "a"}})).revision
    began = time.monotonic()
    query = f"watch=1&resourceVersion={start}&timeoutSeconds=3"
    async with api.session.get(f"{api.url}{maps(namespace)}?{query}&allowWatchBookmarks=true") as answer:
        await api.post("/api/v1/namespaces/default/configmaps", {"metadata": {"name": f"far-{namespace}"}})
        now = (await api.get(maps(namespace))).revision
        (event,) = [json.loads(line) for line in (await answer.read()).splitlines()]
    assert 2.5 < time.monotonic() - began < 60
    assert event["type"] == "BOOKMARK" and int(event["object"]["metadata"]["resourceVersion"]) >= int(now)


async def test_a_negative_timeout_is_over_at_once(api: Api, namespace: str) -> None:
    async with asyncio.timeout(60):
        assert (await api.get(f"{maps(namespace)}?watch=1&resourceVersion=0&timeoutSeconds=-1")).status == 200


async def test_what_watch_means(api: Api, namespace: str) -> None:
    await fill(api, namespace, 1)
    for value, kind in (("false", "ConfigMapList"), ("0", "ConfigMapList"), ("False", "ConfigMapList")):
        assert (await api.get(f"{maps(namespace)}?watch={value}")).body["kind"] == kind
    for value in ("watch", "watch=", "watch=yes", "watch=True"):
        assert (await api.watch(f"{maps(namespace)}?{value}", count=1))[0]["type"] == "ADDED"

