"""Which container of a pod a request means, in Kubernetes' words when that is not clear. Pure.

Real Kubernetes: pkg/registry/core/pod/strategy.go (validateContainer).
"""

from __future__ import annotations

from typing import Any

from machinery.api.errors import BadRequest

Doc = dict[str, Any]
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


def chosen(pod: Doc, wanted: str) -> str:
    """The one named; else the pod's own default, or its only one."""
    name = pod["metadata"]["name"]
    plain, inits, ephemeral = (
        [container["name"] for container in pod["spec"].get(field) or []]
        for field in ("containers", "initContainers", "ephemeralContainers")
    )
    if wanted:
        if wanted not in plain + inits + ephemeral:
            raise BadRequest(f"container {wanted} is not valid for pod {name}")
        return wanted
    default = pod["metadata"].get("annotations", {}).get(DEFAULT_CONTAINER, "")
    if default in plain:
        return default
    if len(plain) == 1:
        return plain[0]
    choice = f"a container name must be specified for pod {name}, choose one of: [{' '.join(plain)}]"
    raise BadRequest(choice + (f" or one of the init containers: [{' '.join(inits)}]" if inits else ""))
