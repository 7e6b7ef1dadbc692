"""DefaultTolerationSeconds: a pod stays 300 s on a node that is not ready or unreachable, unless it says otherwise.

Real Kubernetes: plugin/pkg/admission/defaulttolerationseconds.
"""

from __future__ import annotations

from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import PodPlugin

SECONDS = 300
TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


class DefaultTolerationSeconds(PodPlugin):
    """See the module."""

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec = obj["spec"]
        present = spec.get("tolerations", [])
        missing = [taint for taint in TAINTS if not any(_tolerates(toleration, taint) for toleration in present)]
        if missing:
            spec["tolerations"] = [*present, *(_toleration(taint) for taint in missing)]


def _tolerates(toleration: dict[str, Any], taint: str) -> bool:
    same_key = toleration.get("key", "") in ("", taint)
    return same_key and toleration.get("effect", "") in ("", "NoExecute")


def _toleration(taint: str) -> dict[str, Any]:
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS}
