"""A Deployment, its replica sets and pods, without an API: for running plans to their end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from controllers.deployment import Plan, plan
from controllers.rollout import size
from machinery.api.apps.v1 import (
    Deployment,
    DeploymentSpec,
    DeploymentStrategy,
    ReplicaSet,
    RollingUpdateDeployment,
)
from machinery.api.core.v1 import PodSpec, PodTemplateSpec
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from tests.support.objects import NOW, container, meta


def template(image: str = "v1") -> PodTemplateSpec:
    """A template that differs by its image."""
    pod = container().replace(image=image)
    return PodTemplateSpec(metadata=ObjectMeta(labels={"app": "web"}), spec=PodSpec(containers=(pod,)))


def deployment(replicas: int = 3, *, image: str = "v1", surge: int | str | None = None,
               unavailable: int | str | None = None, strategy: str = "RollingUpdate", **spec: object) -> Deployment:
    """A deployment named web, as the API would have defaulted it."""
    rolling = None
    if strategy == "RollingUpdate":
        rolling = RollingUpdateDeployment(
            max_surge="25%" if surge is None else surge, max_unavailable="25%" if unavailable is None else unavailable)
    defaults = {"progress_deadline_seconds": 600, "revision_history_limit": 10}
    return Deployment(
        metadata=meta("web", generation=1),
        spec=DeploymentSpec(
            replicas=replicas, selector=LabelSelector(match_labels={"app": "web"}), template=template(image),
            strategy=DeploymentStrategy(type=strategy, rolling_update=rolling), **{**defaults, **spec}),
    )


@dataclass
class Simulation:
    """`step` runs the controller once; `pods` says for each set how many pods are not yet, and are, available."""

    deployment: Deployment
    sets: dict[str, ReplicaSet] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    clock: int = 0

    def step(self, *, old_pods_running: bool = False) -> Plan:
        """Plan, and write what it says."""
        self.clock += 1
        now = NOW + timedelta(seconds=self.clock)
        decided = plan(self.deployment, self.sets.values(), now=now, old_pods_running=old_pods_running)
        if rs := decided.create:
            made = rs.metadata.replace(uid=rs.metadata.name, creation_timestamp=now, generation=1)
            self.sets[rs.metadata.name] = rs.replace(metadata=made)
            self.events.append(f"create {rs.metadata.name} {size(rs)}")
        for before, after in decided.update:
            self.sets[after.metadata.name] = after
            if size(before) != size(after):
                self.events.append(f"{after.metadata.name} {size(before)}->{size(after)}")
        for rs in decided.delete:
            del self.sets[rs.metadata.name]
        annotations = self.deployment.metadata.annotations
        if decided.revision:
            annotations = annotations | {"deployment.kubernetes.io/revision": decided.revision}
        self.deployment = self.deployment.replace(
            status=decided.status, metadata=self.deployment.metadata.replace(annotations=annotations))
        return decided

    def pods(self, name: str, count: int, available: int) -> None:
        """The replica set controller and the kubelets got this far."""
        rs = self.sets[name]
        status = rs.status.replace(
            replicas=count, ready_replicas=available, available_replicas=available,
            observed_generation=rs.metadata.generation)
        self.sets[name] = rs.replace(status=status)

    def follow(self) -> None:
        """Every set gets at once the pods that it should have, all available."""
        for name, rs in list(self.sets.items()):
            self.pods(name, size(rs), size(rs))

    def settle(self, most: int = 200) -> None:
        """Until nothing changes any more."""
        for _ in range(most):
            before = (self.deployment, dict(self.sets))
            self.step()
            self.follow()
            if (self.deployment, self.sets) == before:
                return
        raise AssertionError("never settles")

    def change(self, **spec: object) -> None:
        """The user edits the spec."""
        generation = self.deployment.metadata.generation + 1
        self.deployment = self.deployment.replace(
            spec=self.deployment.spec.replace(**spec),
            metadata=self.deployment.metadata.replace(generation=generation))
