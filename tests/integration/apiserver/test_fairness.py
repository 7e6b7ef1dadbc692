"""One noisy client beside a node's heartbeats and another user's reads, on a real server; and its objects."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from apiserver.flowcontrol.bootstrap import LEVELS, SCHEMAS
from tests.integration.apiserver.conftest import Api
from tests.support.apiserver import ApiServer

FLOW = "/apis/flowcontrol.apiserver.k8s.io/v1"
NODE, LEASES = "system:node:n", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
MAPS = "/api/v1/namespaces/default/configmaps"
FLOODING = 200
"""Connections of the noisy client, each of which asks again as soon as it was answered."""
SECONDS = 3.0


@asynccontextmanager
async def client(
    server: ApiServer, name: str = "kubernetes-admin", *, of: str = "system:masters"
) -> AsyncIterator[Api]:
    context = server.context(server.authority.issue(name, organization=of))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, limit=0)) as session:
        yield Api(session, server.url)


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def flood(api: Api, seen: Counter[int], stop: asyncio.Event) -> None:
    async def one() -> None:
        while not stop.is_set():
            with contextlib.suppress(aiohttp.ClientError):
                async with api.session.get(api.url + MAPS) as answer:
                    await answer.read()
                    seen[answer.status] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(FLOODING):
            group.create_task(one())


async def repeat(seconds: float, ask: Any) -> list[tuple[int, float]]:
    """Status and duration of requests that come one after the other for so long."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        status = (await ask()).status
        found.append((status, time.monotonic() - begun))
        await asyncio.sleep(0.1)
    return found


async def test_a_flood_starves_neither_heartbeats_nor_others(tmp_path: Path) -> None:
    flags = ("--max-requests-inflight=40", "--max-mutating-requests-inflight=20")
    async with (
        ApiServer(tmp_path, *flags) as server,
        client(server) as admin, client(server, NODE, of="system:nodes") as node,
        client(server, "noisy", of="crowd") as noisy, client(server, "jane", of="devs") as jane,
    ):  # fmt: skip
        await allow_reading(admin)
        for number in range(150):
            await admin.post(MAPS, {"metadata": {"name": f"m-{number}"}, "data": {"text": "x"}})
        lease = {"metadata": {"name": "n"}, "spec": {"holderIdentity": "n", "leaseDurationSeconds": 40}}
        assert (await node.post(LEASES, lease)).status == 201
        beat = {"spec": {"leaseTransitions": 1}}
        seen: Counter[int] = Counter()
        stop = asyncio.Event()
        flooding = asyncio.create_task(flood(noisy, seen, stop))
        try:
            async with asyncio.timeout(60):
                while not seen:
                    await asyncio.sleep(0.05)
            beats, reads = await asyncio.gather(
                repeat(SECONDS, lambda: node.patch(f"{LEASES}/n", beat)),
                repeat(SECONDS, lambda: jane.get(f"{MAPS}/m-1")),
            )
            waiting = (await admin.get("/debug/api_priority_and_fairness/dump_requests")).body
            shown = (await admin.get("/metrics")).body
        finally:
            stop.set()
            await flooding
    assert {status for status, _ in beats + reads} == {200}
    assert max(seconds for _, seconds in beats) < 10, "a node that is silent for 40 s is lost"
    assert len(beats) >= 3 and len(reads) >= 3
    assert waiting.startswith("PriorityLevelName, FlowSchemaName,")
    waited = 'request_wait_duration_seconds_count{priority_level="global-default",flow_schema="global-default"'
    assert seen[429] or waited in shown, "nobody had to wait: that was no flood"
    assert set(seen) <= {200, 429}
    assert 'apiserver_flowcontrol_current_limit_seats{priority_level="node-high"}' in shown


async def allow_reading(admin: Api) -> None:
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
    await admin.post(f"{rbac}/roles", {"metadata": {"name": "read"}, "rules": [rule]})
    subjects = [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": name} for name in ("crowd", "devs")]
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "read"}
    made = await admin.post(
        f"{rbac}/rolebindings", {"metadata": {"name": "read"}, "roleRef": reference, "subjects": subjects}
    )
    assert made.status == 201, made.body


async def conditions(api: Api, name: str) -> list[tuple[str, str, str]]:
    rows = (await api.get(f"{FLOW}/flowschemas/{name}")).body.get("status", {}).get("conditions", [])
    return [(row["type"], row["status"], row["reason"]) for row in rows]


async def test_the_objects_are_there_and_a_change_holds_at_once(api: Api) -> None:
    for plural, specs in (("flowschemas", SCHEMAS), ("prioritylevelconfigurations", LEVELS)):
        items = (await api.get(f"{FLOW}/{plural}")).body["items"]
        assert set(specs) <= {item["metadata"]["name"] for item in items}
        assert all(item["metadata"]["annotations"] == {"apf.kubernetes.io/autoupdate-spec": "true"} for item in items)
    rule = {
        "subjects": [{"kind": "User", "user": {"name": "ghost"}}],
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}],
    }
    spec = {"priorityLevelConfiguration": {"name": "mine"}, "matchingPrecedence": 50, "rules": [rule]}
    made = (await api.post(f"{FLOW}/flowschemas", {"metadata": {"name": "mine"}, "spec": spec})).body["metadata"]["uid"]

    async def dangling() -> Any:
        return await conditions(api, "mine") == [("Dangling", "True", "NotFound")]

    await eventually(dangling, 60)
    limited = {"nominalConcurrencyShares": 0, "limitResponse": {"type": "Reject"}}
    level = {"metadata": {"name": "mine"}, "spec": {"type": "Limited", "limited": limited}}
    uid = (await api.post(f"{FLOW}/prioritylevelconfigurations", level)).body["metadata"]["uid"]

    async def refused() -> Any:
        return (await api.get(MAPS, Impersonate_User="ghost")).status == 429

    await eventually(refused, 60)
    answer = await api.get(MAPS, Impersonate_User="ghost")
    assert answer.headers["X-Kubernetes-PF-FlowSchema-UID"] == made
    assert answer.headers["X-Kubernetes-PF-PriorityLevel-UID"] == uid
    assert answer.headers["Retry-After"] == "1" and answer.body["reason"] == "TooManyRequests"

    async def found() -> Any:
        return await conditions(api, "mine") == [("Dangling", "False", "Found")]

    await eventually(found, 60)
    for plural in ("prioritylevelconfigurations", "flowschemas"):
        assert (await api.delete(f"{FLOW}/{plural}/mine")).status == 200


async def test_every_answer_names_its_schema(api: Api) -> None:
    masters = (await api.get(f"{FLOW}/flowschemas/exempt")).body["metadata"]["uid"]
    async with api.session.get(f"{api.url}{MAPS}?watch=true&timeoutSeconds=1") as watch:
        assert watch.headers["X-Kubernetes-PF-FlowSchema-UID"] == masters and watch.headers["Audit-ID"]
    missing = await api.get(f"{MAPS}/missing", Audit_ID="mine")
    assert missing.headers["X-Kubernetes-PF-FlowSchema-UID"] == masters
    assert (missing.status, missing.headers["Audit-ID"]) == (404, "mine")
    assert (await api.get("/livez")).headers["X-Kubernetes-PF-PriorityLevel-UID"]


async def test_whoever_is_not_exempt_may_list_every_kind(server: ApiServer, api: Api) -> None:
    """Kinds that are views of others, too: how long a list is decides how many seats it takes."""
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "reader"}
    binding = {"metadata": {"name": "reader"}, "roleRef": role, "subjects": [subject]}
    assert (await api.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding)).status == 201
    places = ["/apis/autoscaling/v1/horizontalpodautoscalers", "/apis/autoscaling/v2/horizontalpodautoscalers",
              "/apis/events.k8s.io/v1/events", "/api/v1/componentstatuses", "/apis/apps/v1/deployments"]  # fmt: skip
    async with client(server, "reader", of="readers") as reader:
        for place in places:

            async def listed(path: str = place) -> bool:
                answer = await reader.get(path)
                assert answer.status in (200, 403), answer.body
                return answer.status == 200

            await eventually(listed, 60)


async def test_what_is_suggested_is_set_right_unless_somebody_says_otherwise(api: Api) -> None:
    one, now = f"{FLOW}/prioritylevelconfigurations/system", {"limited": {"nominalConcurrencyShares": 31}}
    assert (await api.patch(one, {"spec": now})).status == 200

    async def shares() -> Any:
        return (await api.get(one)).body["spec"]["limited"]["nominalConcurrencyShares"] == 30

    await eventually(shares, 60)
    own = {"metadata": {"annotations": {"apf.kubernetes.io/autoupdate-spec": "false"}}, "spec": now}
    assert json.dumps((await api.patch(one, own)).body["spec"]["limited"]).count("31") == 1


async def test_switched_off_the_plain_limits_hold(tmp_path: Path) -> None:
    async with ApiServer(tmp_path, "--enable-priority-and-fairness=false") as server, client(server) as admin:
        answer = await admin.get(f"{FLOW}/flowschemas")
        assert answer.body["items"] == [] and "X-Kubernetes-PF-FlowSchema-UID" not in answer.headers
        assert (await admin.get("/debug/api_priority_and_fairness/dump_requests")).status == 404
