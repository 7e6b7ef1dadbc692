"""Priority: a pod without a priority class has priority 0; the two system classes exist without objects.

Real Kubernetes: plugin/pkg/admission/priority. Left out so far: PriorityClass objects.
"""

from __future__ import annotations

from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import PodPlugin
from machinery.api.errors import Forbidden

SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


class Priority(PodPlugin):
    """See the module."""

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec = obj["spec"]
        name = spec.get("priorityClassName", "")
        if name and name not in SYSTEM_CLASSES:
            raise Forbidden("pods", attributes.name, f"no PriorityClass with name {name} was found")
        spec["priority"] = SYSTEM_CLASSES.get(name, 0)
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
