"""One container as the runtime is asked for it. Pure: files and objects are made and fetched before.

Real Kubernetes: kuberuntime_container.go, generateContainerConfig. Left out: devices, hugepages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kubelet.containers.env import Sources, environment
from kubelet.containers.expansion import expand_all
from kubelet.containers.identity import container_hash
from kubelet.containers.qos import PERIOD, cpu_quota, cpu_shares, oom_score_adj
from kubelet.containers.sandbox import pod_labels
from kubelet.containers.security import container_security
from kubelet.runtime import interface as rt
from machinery.api.core.v1 import Container, Pod
from machinery.api.quantity import milli_value, value


@dataclass(frozen=True)
class Ingredients:
    """What was made ready for one container."""

    image: rt.Image
    mounts: tuple[rt.Mount, ...]
    sources: Sources
    attempt: int = 0
    termination_file: str = ""
    memory_capacity: int = 0
    root: str = ""


def resources(pod: Pod, container: Container, memory_capacity: int) -> rt.Resources:
    limits, requests = container.resources.limits, container.resources.requests
    quota = cpu_quota(milli_value(limits.get("cpu", "0")))
    return rt.Resources(
        cpu_shares=cpu_shares(milli_value(requests.get("cpu") or limits.get("cpu", "0"))),
        cpu_quota=quota,
        cpu_period=PERIOD if quota else 0,
        memory_limit=value(limits.get("memory", "0")),
        oom_score_adj=oom_score_adj(pod, container, memory_capacity),
    )


def _annotations(container: Container, ingredients: Ingredients) -> dict[str, str]:
    return {
        rt.CONTAINER_HASH: container_hash(container),
        rt.RESTART_COUNT: str(ingredients.attempt),
        rt.TERMINATION_MESSAGE_PATH: container.termination_message_path,
        rt.TERMINATION_MESSAGE_POLICY: container.termination_message_policy,
        rt.TERMINATION_FILE: ingredients.termination_file,
    }


def _labels(pod: Pod, container: Container) -> Mapping[str, str]:
    ours = {key: text for key, text in pod_labels(pod).items() if key.startswith("io.kubernetes.")}
    return {**ours, rt.CONTAINER_NAME: container.name}


def container_spec(pod: Pod, container: Container, ingredients: Ingredients) -> rt.ContainerSpec:
    variables = environment(pod, container, ingredients.sources)
    return rt.ContainerSpec(
        name=container.name,
        image=ingredients.image.id,
        attempt=ingredients.attempt,
        command=expand_all(container.command, variables),
        args=expand_all(container.args, variables),
        working_dir=container.working_dir,
        env=tuple(variables.items()),
        mounts=ingredients.mounts,
        labels=_labels(pod, container),
        annotations=_annotations(container, ingredients),
        log_path=f"{container.name}/{ingredients.attempt}.log",
        stdin=container.stdin,
        stdin_once=container.stdin_once,
        tty=container.tty,
        resources=resources(pod, container, ingredients.memory_capacity),
        security=container_security(pod, container, image=ingredients.image, root=ingredients.root),
    )
