"""What a pod's containers are called and labelled in Docker. Pure.

    k8s_POD_web-1_default_<uid>_0        the sandbox        k8s_app_web-1_default_<uid>_2      container app, third run

Docker has labels only: annotations are labels that start with `annotation.`.
Real Kubernetes: dockershim's naming.go and labels (now cri-dockerd), word by word.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubelet.runtime import interface as rt

TYPE = "io.kubernetes.docker.type"
SANDBOX, CONTAINER = "podsandbox", "container"
SANDBOX_ID = "io.kubernetes.sandbox.id"
LOG_PATH = "io.kubernetes.container.logpath"
ANNOTATION = "annotation."
POD_CONTAINER = "POD"


def _name(container: str, pod: rt.SandboxSpec, attempt: int) -> str:
    return "_".join(("k8s", container, pod.name, pod.namespace, pod.uid, str(attempt)))


def sandbox_name(spec: rt.SandboxSpec) -> str:
    return _name(POD_CONTAINER, spec, spec.attempt)


def container_name(spec: rt.ContainerSpec, sandbox: rt.SandboxSpec) -> str:
    return _name(spec.name, sandbox, spec.attempt)


def attempt_of(name: str) -> int:
    """From a container's name; 0 if somebody gave it another one."""
    last = name.rpartition("_")[2]
    return int(last) if last.isdecimal() else 0


def _labels(labels: Mapping[str, str], annotations: Mapping[str, str], **own: str) -> dict[str, str]:
    return {**labels, **{ANNOTATION + key: value for key, value in annotations.items()}, **own}


def sandbox_labels(spec: rt.SandboxSpec) -> dict[str, str]:
    own = {TYPE: SANDBOX, rt.CONTAINER_NAME: POD_CONTAINER}
    identity = {rt.POD_NAME: spec.name, rt.POD_NAMESPACE: spec.namespace, rt.POD_UID: spec.uid}
    return _labels(spec.labels, spec.annotations, **identity, **own)


def container_labels(spec: rt.ContainerSpec, sandbox_id: str, sandbox: rt.SandboxSpec) -> dict[str, str]:
    own = {TYPE: CONTAINER, rt.CONTAINER_NAME: spec.name, SANDBOX_ID: sandbox_id}
    identity = {rt.POD_NAME: sandbox.name, rt.POD_NAMESPACE: sandbox.namespace, rt.POD_UID: sandbox.uid}
    log = {LOG_PATH: f"{sandbox.log_directory}/{spec.log_path}"} if spec.log_path else {}
    return _labels(spec.labels, spec.annotations, **identity, **own, **log)


def annotations(labels: Mapping[str, str]) -> dict[str, str]:
    return {
        key.removeprefix(ANNOTATION): value for key, value in labels.items() if key.startswith(ANNOTATION)
    }
