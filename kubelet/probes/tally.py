"""How often each probe was asked and what it said, for /metrics/probes. Forgotten with its pod.

Real Kubernetes: prober/prober_manager.go, ProberResults.
"""

from __future__ import annotations

from kubelet.probes.checks import Outcome
from machinery.api.core.v1 import Pod
from machinery.component.metrics import Counter

LABELS = ("probe_type", "container", "pod", "namespace", "pod_uid", "result")
PROBES = Counter("prober_probe_total", "Cumulative number of a probe for a container by result.", LABELS)


def count(pod: Pod, container: str, kind: str, outcome: Outcome) -> None:
    meta = pod.metadata
    result = "unknown" if outcome.unknown else "successful" if outcome.ok else "failed"
    PROBES.inc(kind.title(), container, meta.name, meta.namespace, meta.uid, result)


def forget(uid: str) -> None:
    for labels in [labels for labels in PROBES.values if labels[4] == uid]:
        del PROBES.values[labels]
