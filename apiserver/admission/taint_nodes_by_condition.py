"""TaintNodesByCondition: nothing is scheduled to a new node before the node lifecycle controller has seen it ready.

Real Kubernetes: plugin/pkg/admission/nodetaint.
"""

from __future__ import annotations

from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Plugin

NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


class TaintNodesByCondition(Plugin):
    """See the module."""

    def handles(self, attributes: Attributes) -> bool:
        nodes = attributes.resource.plural == "nodes" and not attributes.resource.group
        return nodes and attributes.operation == "CREATE" and not attributes.subresource

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec = obj.setdefault("spec", {})
        taints = spec.get("taints") or []
        if not any((each.get("key"), each.get("effect")) == tuple(NOT_READY.values()) for each in taints):
            spec["taints"] = [*taints, dict(NOT_READY)]
