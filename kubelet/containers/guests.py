"""Ephemeral containers: guests that join a running pod, start once and are never started again. Pure.

Real Kubernetes: kuberuntime_manager.go (EphemeralContainersToStart).
"""

from __future__ import annotations

from machinery.api.core.v1 import Container, Pod


def guests(pod: Pod) -> tuple[Container, ...]:
    """They have every field of a container, and one more."""
    return tuple(
        Container.from_dict({key: value for key, value in guest.to_dict().items() if key != "targetContainerName"})
        for guest in pod.spec.ephemeral_containers
    )


def target_of(pod: Pod, name: str) -> str:
    """The container whose processes a guest wants to see; "" for none, and for every other container."""
    found = (guest.target_container_name for guest in pod.spec.ephemeral_containers if guest.name == name)
    return next(found, "")
