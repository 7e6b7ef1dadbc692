"""What makes a container another one: a change of its name or image means that it must be made anew. Pure.

Real Kubernetes: kubecontainer.HashContainer.
"""

from __future__ import annotations

import hashlib

from machinery.api.core.v1 import Container, Pod


def container_hash(container: Container) -> str:
    return hashlib.sha256(f"{container.name}\0{container.image}".encode()).hexdigest()[:8]


def pod_identity(pod: Pod) -> str:
    """How messages name a pod: web_default(0b1c...)."""
    return f"{pod.metadata.name}_{pod.metadata.namespace}({pod.metadata.uid})"
