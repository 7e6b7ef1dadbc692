"""Facts about a pod that its containers may ask for: fieldRef and resourceFieldRef. Pure.

Real Kubernetes: pkg/fieldpath, api/v1/resource/helpers.go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from kubelet.containers.failure import ConfigFailure
from machinery.api.core.v1 import Container, Pod, ResourceFieldSelector
from machinery.api.quantity import milli_value, value

_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']*)'\]")


def _lines(pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{key}={json.dumps(pairs[key], ensure_ascii=False)}" for key in sorted(pairs))


def field_value(pod: Pod, path: str) -> str:
    """The text of `metadata.name`, `metadata.labels['app']`, `status.podIP` and their like."""
    if match := _SUBSCRIPT.fullmatch(path):
        return getattr(pod.metadata, match[1]).get(match[2], "")
    found = {
        "metadata.name": lambda: pod.metadata.name,
        "metadata.namespace": lambda: pod.metadata.namespace,
        "metadata.uid": lambda: pod.metadata.uid,
        "metadata.labels": lambda: _lines(pod.metadata.labels),
        "metadata.annotations": lambda: _lines(pod.metadata.annotations),
        "spec.nodeName": lambda: pod.spec.node_name,
        "spec.serviceAccountName": lambda: pod.spec.service_account_name,
        "status.hostIP": lambda: pod.status.host_ip,
        "status.hostIPs": lambda: ",".join(ip.ip for ip in pod.status.host_ips),
        "status.podIP": lambda: pod.status.pod_ip,
        "status.podIPs": lambda: ",".join(ip.ip for ip in pod.status.pod_ips),
    }.get(path)
    if found is None:
        raise ConfigFailure(f"unsupported fieldPath: {path}")
    return found()


def resource_value(
    pod: Pod, container: Container, selector: ResourceFieldSelector, allocatable: Mapping[str, str]
) -> str:
    """A request or limit in units of the divisor, rounded up; an absent limit is what the node has."""
    target = container
    if selector.container_name:
        everyone = (*pod.spec.init_containers, *pod.spec.containers)
        target = next((c for c in everyone if c.name == selector.container_name), container)
    side, _, name = selector.resource.partition(".")
    amounts = getattr(target.resources, side, None)
    if amounts is None or not name:
        raise ConfigFailure(f"unsupported container resource: {selector.resource}")
    amount = amounts.get(name) or target.resources.limits.get(name)
    if not amount:
        amount = allocatable.get(name, "0") if side == "limits" else "0"
    measure = milli_value if name == "cpu" else value
    divisor = measure(selector.divisor if selector.divisor not in (None, "", "0") else "1")
    return str(-(-measure(amount) // divisor))
