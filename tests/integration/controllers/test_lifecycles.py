"""Namespaces, garbage, services and nodes, on a real API server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from machinery.api.apps.v1 import Deployment, ReplicaSet
from machinery.api.coordination.v1 import Lease
from machinery.api.core.v1 import ConfigMap, Endpoints, Namespace, Node, Pod, Secret, Service, ServiceAccount
from machinery.api.discovery.v1 import EndpointSlice
from machinery.api.errors import NotFound
from tests.integration.controllers.test_workloads import deployment, is_complete
from tests.support.controlplane import ControlPlane
from tests.support.objects import container


async def gone(plane: ControlPlane, kind, name: str, namespace: str = "") -> bool:
    try:
        await plane.client.get(kind, name, namespace)
    except NotFound:
        return True
    return False


async def names(plane: ControlPlane, kind) -> list[str]:
    return [obj.metadata.name for obj in (await plane.client.list(kind, plane.namespace)).items]


async def test_a_namespace_begins_with_an_account_and_a_certificate(server):
    async with ControlPlane(server) as plane:
        async def begun():
            return "default" in await names(plane, ServiceAccount) and "kube-root-ca.crt" in await names(
                plane, ConfigMap)

        await plane.eventually(begun)
        certificate = (await plane.client.get(ConfigMap, "kube-root-ca.crt", plane.namespace)).data["ca.crt"]
        assert certificate == server.authority.ca.cert.read_text()
        await plane.client.delete(ServiceAccount, "default", plane.namespace)
        await plane.client.patch(ConfigMap, "kube-root-ca.crt", plane.namespace, {"data": {"ca.crt": "x"}})

        async def restored():
            config = await plane.client.get(ConfigMap, "kube-root-ca.crt", plane.namespace)
            return await begun() and config.data["ca.crt"] == certificate

        await plane.eventually(restored)


async def test_a_namespace_ends_with_everything_in_it(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(deployment(plane))
        await plane.client.create(Secret.from_dict({"metadata": {"name": "s", "namespace": plane.namespace}}))
        await plane.eventually(lambda: is_complete(plane))
        await plane.client.delete(Namespace, plane.namespace)
        await plane.eventually(lambda: gone(plane, Namespace, plane.namespace), 60)
        for kind in (Pod, ReplicaSet, Deployment, Secret, ConfigMap, ServiceAccount):
            assert await names(plane, kind) == []


async def test_a_namespace_waits_for_what_is_held_and_says_so(server):
    async with ControlPlane(server) as plane:
        await plane.client.create(ConfigMap.from_dict({"metadata": {
            "name": "held", "namespace": plane.namespace, "finalizers": ["example.com/hold"]}}))
        await plane.client.delete(Namespace, plane.namespace)

        async def said():
            status = (await plane.client.get(Namespace, plane.namespace)).status
            return {c.type: c.message for c in status.conditions if c.status == "True"}

        messages = await plane.eventually(said)
        assert messages["NamespaceContentRemaining"] == (
            "Some resources are remaining: configmaps. has 1 resource instances")
        assert messages["NamespaceFinalizersRemaining"].endswith("example.com/hold in 1 resource instances")
        await plane.client.patch(ConfigMap, "held", plane.namespace, {"metadata": {"finalizers": None}})
        await plane.eventually(lambda: gone(plane, Namespace, plane.namespace), 60)


async def test_deleting_an_owner(server):
    async with ControlPlane(server, "worker-1") as plane:
        for policy in ("Background", "Foreground", "Orphan"):
            await plane.client.create(deployment(plane, 2))
            await plane.eventually(lambda: is_complete(plane))
            await plane.client.delete(Deployment, "web", plane.namespace, propagation_policy=policy)
            await plane.eventually(lambda: gone(plane, Deployment, "web", plane.namespace))
            if policy == "Foreground":
                assert await names(plane, ReplicaSet) == [] and await names(plane, Pod) == []
            if policy != "Orphan":
                await plane.until(lambda: not plane.pods())
                assert await plane.eventually(lambda: _none(plane, ReplicaSet))
        (rs,) = (await plane.client.list(ReplicaSet, plane.namespace)).items
        assert rs.metadata.owner_references == () and len(plane.pods()) == 2
        await plane.client.create(deployment(plane, 2))
        await plane.eventually(lambda: is_complete(plane))
        assert await names(plane, ReplicaSet) == [rs.metadata.name]


async def _none(plane: ControlPlane, kind) -> bool:
    return await names(plane, kind) == []


async def test_an_owner_that_never_was(server):
    async with ControlPlane(server) as plane:
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "ghost", "uid": "1234"}
        await plane.client.create(Secret.from_dict({"metadata": {
            "name": "lost", "namespace": plane.namespace, "ownerReferences": [reference]}}))
        await plane.eventually(lambda: gone(plane, Secret, "lost", plane.namespace))


async def test_a_service_finds_its_pods(server):
    async with ControlPlane(server, "worker-1") as plane:
        ready = set()
        plane.ready = lambda pod: pod.metadata.name in ready
        await plane.client.create(Service.from_dict({
            "metadata": {"name": "web", "namespace": plane.namespace},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}}))

        async def slices():
            return (await plane.client.list(EndpointSlice, plane.namespace)).items

        (empty,) = await plane.eventually(slices)
        assert empty.endpoints == ()
        ready.add("a")
        for name in "ab":
            await plane.client.create(Pod.from_dict({
                "metadata": {"name": name, "namespace": plane.namespace, "labels": {"app": "web"}},
                "spec": {"containers": [container().to_dict()]}}))

        async def two():
            return [s for s in await slices() if len(s.endpoints) == 2]

        (slice_,) = await plane.eventually(two)
        await plane.until(lambda: all(p.status.phase == "Running" for p in plane.pods()))

        async def as_wanted():
            (slice_,) = await two()
            states = {e.target_ref.name: e.conditions.ready for e in slice_.endpoints}
            return slice_ if states == {"a": True, "b": False} else None

        slice_ = await plane.eventually(as_wanted)
        assert [(p.port, p.protocol) for p in slice_.ports] == [(8080, "TCP")]

        async def addresses():
            found = await plane.client.get(Endpoints, "web", plane.namespace)
            return [(len(s.addresses), len(s.not_ready_addresses)) for s in found.subsets] == [(1, 1)]

        await plane.eventually(addresses)
        await plane.client.delete(Service, "web", plane.namespace)
        await plane.eventually(lambda: gone(plane, Endpoints, "web", plane.namespace))
        await plane.eventually(lambda: _none(plane, EndpointSlice))


async def test_every_node_gets_its_own_subnet(server):
    async with ControlPlane(server, "control-plane", "worker-1", "worker-2") as plane:
        await plane.until(lambda: all(plane.node(n).spec.pod_cidr for n in plane.nodes))
        cidrs = {plane.node(n).spec.pod_cidr for n in plane.nodes}
        assert cidrs == {f"10.244.{i}.0/24" for i in range(3)}
        assert all(plane.node(n).spec.pod_cidrs == (plane.node(n).spec.pod_cidr,) for n in plane.nodes)


async def test_a_silent_node_loses_its_pods_and_may_come_back(server):
    async with ControlPlane(server, "worker-1", "worker-2", node_monitor_grace_period=2.0) as plane:
        lease = {"metadata": {"name": "worker-2", "namespace": "kube-node-lease"}}
        await plane.client.create(Lease.from_dict(lease))
        beating = True

        async def beat():
            while beating:
                await plane.client.patch(
                    Lease, "worker-2", "kube-node-lease", {"spec": {"renewTime": _micro()}})
                if _ready(plane.node("worker-2")) != "True":
                    await plane.beat("worker-2")
                await asyncio.sleep(0.2)

        plane.start(beat())
        tolerations = [{"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute",
                        "tolerationSeconds": 1}]
        d = deployment(plane, 1).to_dict()
        d["spec"]["template"]["spec"] |= {"tolerations": tolerations, "nodeSelector": {}}
        await plane.client.create(Deployment.from_dict(d))
        await plane.until(lambda: _unreachable(plane.node("worker-1")) and not _unreachable(plane.node("worker-2")))
        assert _ready(plane.node("worker-1")) == "Unknown"
        await plane.until(lambda: [p.spec.node_name for p in plane.pods()] == ["worker-2"])
        await plane.eventually(lambda: is_complete(plane))
        await plane.beat("worker-1")
        await plane.until(lambda: not plane.node("worker-1").spec.taints)
        beating = False
        await plane.client.delete(Lease, "worker-2", "kube-node-lease")


async def test_pods_of_a_node_that_was_deleted_are_removed(server):
    async with ControlPlane(server, "worker-1", "worker-2", node_gone_quarantine=0.2) as plane:
        await plane.client.create(deployment(plane, 2))
        await plane.eventually(lambda: is_complete(plane))
        lost = next(p for p in plane.pods() if p.spec.node_name == "worker-1")
        plane.nodes = ("worker-2",)
        await plane.client.delete(Node, "worker-1")
        await plane.eventually(lambda: gone(plane, Pod, lost.metadata.name, plane.namespace))
        await plane.until(lambda: [p.spec.node_name for p in plane.pods()] == ["worker-2"] * 2)


def _unreachable(node: Node) -> bool:
    keys = {(t.key, t.effect) for t in node.spec.taints}
    return keys >= {("node.kubernetes.io/unreachable", "NoExecute"), ("node.kubernetes.io/unreachable", "NoSchedule")}


def _ready(node: Node) -> str:
    return next(c.status for c in node.status.conditions if c.type == "Ready")


def _micro() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
