"""Plugins that are told something by a file, on a real server; and a file with a mistake."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.integration.apiserver.conftest import Api, pod
from tests.support.apiserver import ApiServer
from tests.support.waiting import until

EVENTS = "/api/v1/namespaces/default/events"
LIMITS = {
    "apiVersion": "eventratelimit.admission.k8s.io/v1alpha1", "kind": "Configuration",
    "limits": [{"type": "User", "qps": 1, "burst": 5}],
}  # fmt: skip
SECURITY = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1", "kind": "PodSecurityConfiguration",
    "defaults": {"enforce": "baseline"}, "exemptions": {"namespaces": ["kube-system"]},
}  # fmt: skip
QUOTA = {
    "apiVersion": "apiserver.config.k8s.io/v1", "kind": "ResourceQuotaConfiguration",
    "limitedResources": [{"resource": "secrets", "matchContains": ["count/secrets"]}],
}  # fmt: skip


def configured(folder: Path, **plugins: Any) -> str:
    rows = [{"name": name, "configuration": document} for name, document in plugins.items()]
    file = folder / "admission.yaml"
    head = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration"}
    file.write_text(yaml.safe_dump({**head, "plugins": rows}))
    return f"--admission-control-config-file={file}"


def event(number: int) -> dict[str, Any]:
    about = {"kind": "Pod", "name": "web", "namespace": "default", "apiVersion": "v1"}
    return {"metadata": {"name": f"e-{number}"}, "involvedObject": about, "reason": "Seen", "message": "m"}


async def test_each_plugin_obeys_its_part(tmp_path: Path) -> None:
    file = configured(tmp_path, EventRateLimit=LIMITS, PodSecurity=SECURITY, ResourceQuota=QUOTA)
    async with (
        ApiServer(tmp_path, file, "--enable-admission-plugins=EventRateLimit") as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=server.context())) as session,
    ):
        api, bare = Api(session, server.url), pod(hostNetwork=True)
        answers = await asyncio.gather(*(api.post(EVENTS, event(number)) for number in range(60)))
        refused = await api.post("/api/v1/namespaces/default/pods", bare)
        exempt = await api.post("/api/v1/namespaces/kube-system/pods", bare)
        uncovered = await api.post("/api/v1/namespaces/default/secrets", {"metadata": {"name": "m"}})
    late = [answer for answer in answers if answer.status == 429]
    assert late and {answer.status for answer in answers} == {201, 429}
    assert late[0].message == "limit reached on type User for key kubernetes-admin"
    assert refused.status == 403 and 'violates PodSecurity "baseline:latest"' in refused.message
    assert exempt.status == 201
    assert (uncovered.status, uncovered.message) == (
        403, 'secrets "m" is forbidden: insufficient quota to consume: count/secrets')  # fmt: skip


async def test_a_mistake_refuses_the_start(tmp_path: Path) -> None:
    wrong = {**LIMITS, "limits": [{"type": "Pod", "qps": 1, "burst": 5}]}
    server = ApiServer(tmp_path, configured(tmp_path, EventRateLimit=wrong))
    async with server.etcd:
        server.spawn()
        await until(lambda: server.process is None or server.process.poll() is not None, 60)
    assert 'wrong admission configuration: EventRateLimit: limits[0].type: Unsupported value: "Pod"' in (
        server.log.read_text())  # fmt: skip
