"""Taints against tolerations: who may be on a tainted node, and for how long.

Pure; used by the scheduler (may it come?), the eviction of pods (must it leave?) and the kubelet.
In Kubernetes: k8s.io/component-helpers/scheduling/corev1 and k8s.io/api/core/v1 (Toleration.ToleratesTaint).
"""

from __future__ import annotations

from collections.abc import Iterable

from machinery.api.core.v1 import Taint, Toleration

NO_SCHEDULE = "NoSchedule"
PREFER_NO_SCHEDULE = "PreferNoSchedule"
NO_EXECUTE = "NoExecute"


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """An empty effect means every effect; an empty key with Exists means every taint."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return toleration.operator in ("", "Equal") and bool(toleration.key) and toleration.value == taint.value


def untolerated(
    taints: Iterable[Taint], tolerations: tuple[Toleration, ...], effects: tuple[str, ...]
) -> Taint | None:
    """The first taint of these effects that no toleration covers."""
    for taint in taints:
        if taint.effect in effects and not any(tolerates(toleration, taint) for toleration in tolerations):
            return taint
    return None
