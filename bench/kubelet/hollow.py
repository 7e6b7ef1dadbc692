"""A thousand hollow nodes in a handful of processes, ten thousand pods of deployments on them: how long until all run.

Each node is a whole kubelet over a runtime that runs nothing (see kubelet/hollow); everything else is real. Beside the
time: what each process spent on it, and what one pod's life costs the API server in requests.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.figures import show
from bench.kubelet.plane import Plane, plane
from machinery.api.apps.v1 import Deployment
from machinery.api.core.v1 import Namespace, Node, Pod
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client

NODES, PROCESSES, PODS, EACH = 1000, 2, 10_000, 100
BOUND = 120.0
NAMESPACE = "hollow"


async def measure(nodes: int = NODES, pods: int = PODS) -> None:
    """The figures."""
    with tempfile.TemporaryDirectory(prefix="mini-bench-") as folder:
        async with plane(Path(folder)) as here, Client(load_kubeconfig(here.api.kubeconfig)) as client:
            began = time.monotonic()
            farm(here, nodes)
            await until_ready(client, nodes)
            show(f"{nodes} hollow nodes in {PROCESSES} processes: registered and Ready", time.monotonic() - began, "s")
            await asyncio.sleep(5)
            await until_running(here, client, pods)


def farm(here: Plane, nodes: int) -> None:
    kubeconfig = here.api.kubeconfig
    for number in range(PROCESSES):
        share = nodes // PROCESSES
        here.run("kubelet.hollow", {
            "kubeconfig": kubeconfig, "nodes": share, "first": number * share, "root-dir": here.folder / "hollow",
        }, name=f"hollow-{number}")  # fmt: skip


async def until_ready(client: Client, nodes: int) -> None:
    while sum(map(ready, (await client.list(Node, resource_version="0")).items)) < nodes:
        await asyncio.sleep(3)


def ready(node: Node) -> bool:
    return any(c.type == "Ready" and c.status == "True" for c in node.status.conditions) and not node.spec.taints


async def until_running(here: Plane, client: Client, pods: int) -> None:
    """From the first deployment's creation until no pod is left that does not run."""
    await client.create(Namespace.from_dict({"metadata": {"name": NAMESPACE}}))
    before, seen, began = here.spent(), audited(here), time.monotonic()
    for number in range(pods // EACH):
        await client.create(deployment(f"web-{number}"))
    while await running(client) < pods:
        await asyncio.sleep(1)
    left = (await client.list(Pod, NAMESPACE, field_selector="status.phase!=Running", limit=1)).items
    took = time.monotonic() - began
    assert not left
    show(f"{pods} pods of deployments: all Running", took, "s", bound=BOUND)
    show("pods that became Running", pods / took, "/s")
    for name, spent in here.spent().items():
        show(f"{name}: processor time for each pod", 1000 * (spent - before.get(name, 0)) / pods, "ms",
             processes=len(here.processes[name]), cores=round((spent - before.get(name, 0)) / took, 2))  # fmt: skip
    for what, count in (audited(here) - seen).most_common(16):
        show(f"requests for each pod: {what}", count / pods, "")


async def running(client: Client) -> int:
    """As the deployments tell it."""
    found = await client.list(Deployment, NAMESPACE, resource_version="0")
    return sum(each.status.ready_replicas for each in found.items)


def deployment(name: str) -> Deployment:
    labels = {"app": name}
    container = {"name": "web", "image": "registry.example/web:1"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": EACH, "selector": {"matchLabels": labels}, "template": template}
    return Deployment.from_dict({"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec})


def audited(here: Plane) -> Counter[str]:
    """How often which kind of request was made, watches left out."""
    counted: Counter[str] = Counter()
    with here.api.audit_log.open("rb") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("stage") == "ResponseComplete" and row["verb"] != "watch":
                what = row.get("objectRef") or {}
                name = "/".join(part for part in (what.get("resource"), what.get("subresource")) if part)
                counted[f"{row['verb']} {name}"] += 1
    return counted
