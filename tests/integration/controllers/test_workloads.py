"""Deployments and replica sets, to running pods, on a real API server."""

from __future__ import annotations

from machinery.api.apps.v1 import Deployment, ReplicaSet
from machinery.api.core.v1 import Pod
from tests.support.controlplane import ControlPlane
from tests.support.objects import container
from tests.support.simulation import deployment as described
from tests.support.simulation import template


def deployment(plane: ControlPlane, replicas: int = 3, **spec) -> Deployment:
    made = described(replicas, **spec)
    return made.replace(metadata=type(made.metadata)(name="web", namespace=plane.namespace))


async def current(plane: ControlPlane) -> Deployment:
    return await plane.client.get(Deployment, "web", plane.namespace)


async def is_complete(plane: ControlPlane) -> Deployment | None:
    d = await current(plane)
    s = d.status
    settled = s.observed_generation == d.metadata.generation
    whole = s.updated_replicas == s.replicas == s.available_replicas == d.spec.replicas
    return d if settled and whole else None


async def sets(plane: ControlPlane) -> dict[str, int]:
    found = await plane.client.list(ReplicaSet, plane.namespace)
    return {rs.spec.template.spec.containers[0].image: rs.spec.replicas for rs in found.items}


async def set_image(plane: ControlPlane, image: str) -> None:
    body = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}}
    await plane.client.patch(Deployment, "web", plane.namespace, body, patch_type="strategic")


async def test_a_deployment_becomes_pods_with_the_names_and_texts_of_kubernetes(server):
    async with ControlPlane(server, "control-plane", "worker-1", "worker-2") as plane:
        await plane.client.create(deployment(plane))
        d = await plane.eventually(lambda: is_complete(plane))
        pods = plane.pods(app="web")
        assert len(pods) == 3 and {pod.spec.node_name for pod in pods} == {"worker-1", "worker-2"}
        (rs,) = (await plane.client.list(ReplicaSet, plane.namespace)).items
        assert all(pod.metadata.name.startswith(f"{rs.metadata.name}-") for pod in pods)
        assert d.metadata.annotations["deployment.kubernetes.io/revision"] == "1"
        assert {c.type: c.reason for c in d.status.conditions} == {
            "Available": "MinimumReplicasAvailable", "Progressing": "NewReplicaSetAvailable"}

        async def told():
            return {e[:2] for e in await plane.events("web")} >= {
                ("deployment-controller", "ScalingReplicaSet"), ("replicaset-controller", "SuccessfulCreate"),
                ("default-scheduler", "Scheduled")}

        await plane.eventually(told)
        messages = {e[2] for e in await plane.events("web")}
        assert f"Scaled up replica set {rs.metadata.name} from 0 to 3" in messages
        assert f"Created pod: {pods[0].metadata.name}" in messages


async def test_a_deleted_pod_is_replaced(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(deployment(plane, 2))
        await plane.eventually(lambda: is_complete(plane))
        victim = plane.pods()[0].metadata.name
        await plane.client.delete(Pod, victim, plane.namespace)
        await plane.until(lambda: len(plane.pods()) == 2 and victim not in {p.metadata.name for p in plane.pods()})
        await plane.eventually(lambda: is_complete(plane))


async def test_rolling_update_undo_and_scale(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(deployment(plane))
        await plane.eventually(lambda: is_complete(plane))
        await set_image(plane, "v2")
        d = await plane.eventually(lambda: is_complete(plane))
        assert await sets(plane) == {"v1": 0, "v2": 3}
        assert d.metadata.annotations["deployment.kubernetes.io/revision"] == "2"
        await set_image(plane, "v1")
        d = await plane.eventually(lambda: is_complete(plane))
        assert await sets(plane) == {"v1": 3, "v2": 0}
        assert d.metadata.annotations["deployment.kubernetes.io/revision"] == "3"
        await plane.client.patch(Deployment, "web", plane.namespace, {"spec": {"replicas": 5}})
        await plane.eventually(lambda: is_complete(plane))
        await plane.until(lambda: len(plane.pods()) == 5)


async def test_a_bad_image_stops_the_rollout_and_keeps_the_service(server):
    async with ControlPlane(server, "worker-1") as plane:
        plane.ready = lambda pod: pod.spec.containers[0].image != "bad"
        await plane.client.create(deployment(plane, 3, progress_deadline_seconds=1))
        await plane.eventually(lambda: is_complete(plane))
        await set_image(plane, "bad")

        async def late():
            return any(c.reason == "ProgressDeadlineExceeded" for c in (await current(plane)).status.conditions)

        await plane.eventually(late)
        assert await sets(plane) == {"v1": 3, "bad": 1}
        ready = [p for p in plane.pods() if any(c.status == "True" for c in p.status.conditions if c.type == "Ready")]
        assert len(ready) == 3


async def test_another_set_has_the_name_already(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(deployment(plane, 1))
        await plane.eventually(lambda: is_complete(plane))
        (first,) = (await plane.client.list(ReplicaSet, plane.namespace)).items
        await plane.client.delete(Deployment, "web", plane.namespace)
        await plane.eventually(lambda: _no_sets(plane))
        labels = {"app": "stranger"}
        await plane.client.create(ReplicaSet.from_dict({
            "metadata": {"name": first.metadata.name, "namespace": plane.namespace},
            "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [container().to_dict()]}}}}))
        await plane.client.create(deployment(plane, 1))
        d = await plane.eventually(lambda: is_complete(plane))
        assert d.status.collision_count == 1
        assert {rs.metadata.name for rs in (await plane.client.list(ReplicaSet, plane.namespace)).items} > {
            first.metadata.name}


async def _no_sets(plane: ControlPlane) -> bool:
    return not (await plane.client.list(ReplicaSet, plane.namespace)).items


async def test_recreate(server):
    async with ControlPlane(server, "worker-1") as plane:
        most = []
        await plane.client.create(deployment(plane, 2, strategy="Recreate"))
        await plane.eventually(lambda: is_complete(plane))
        await set_image(plane, "v2")

        async def done():
            images = {p.spec.containers[0].image for p in plane.pods()}
            most.append(len(images))
            return await is_complete(plane) and images == {"v2"}

        await plane.eventually(done)
        assert max(most) == 1


async def test_a_replica_set_adopts_releases_and_never_overshoots(server):
    async with ControlPlane(server, "worker-1") as plane:
        lone = Pod.from_dict({
            "metadata": {"name": "lone", "namespace": plane.namespace, "labels": {"app": "web"}},
            "spec": {"containers": [container().to_dict()]}})
        await plane.client.create(lone)
        rs = ReplicaSet.from_dict({
            "metadata": {"name": "set", "namespace": plane.namespace},
            "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template().to_dict()}})
        await plane.client.create(rs)
        await plane.until(lambda: len(plane.pods()) == 3)
        owned = {p.metadata.name: [r.name for r in p.metadata.owner_references] for p in plane.pods()}
        assert owned["lone"] == ["set"]
        await plane.client.patch(Pod, "lone", plane.namespace, {"metadata": {"labels": {"app": "other"}}})
        await plane.until(lambda: len(plane.pods(app="web")) == 3 and len(plane.pods(app="other")) == 1)
        await plane.until(lambda: not plane.pods(app="other")[0].metadata.owner_references)
        for replicas in (30, 1, 20):
            await plane.client.patch(ReplicaSet, "set", plane.namespace, {"spec": {"replicas": replicas}})
            await plane.until(lambda n=replicas: len(plane.pods(app="web")) == n)

        async def counted():
            s = (await plane.client.get(ReplicaSet, "set", plane.namespace)).status
            return s.replicas == s.ready_replicas == s.available_replicas == s.fully_labeled_replicas == 20

        await plane.eventually(counted)
        assert len(plane.pods(app="web")) == 20
