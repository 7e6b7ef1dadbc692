"""Computes a pod's status and hands it to the writer.

Real Kubernetes: kubelet_pods.go, generateAPIPodStatus, and its callers.
"""

from __future__ import annotations

from kubelet.pods.actions import init_done
from kubelet.pods.containers_status import View
from kubelet.pods.status import Situation, pod_status
from kubelet.pods.tools import Memory, Tools
from machinery.api.core.v1 import Pod


def report(tools: Tools, memory: Memory, pod: Pod, *, over: bool = False) -> None:
    latest, health = tools.writer.latest(pod), tools.prober.health(memory.uid)
    view = View(
        runtime_name=tools.runtime_name,
        status=memory.status,
        reasons={} if over else memory.reasons,
        health=health,
        initialized=init_done(pod, memory.status, health.started),
        applied=memory.applied,
    )
    situation = Situation(tools.clock.now().replace(microsecond=0), tools.config.node_ip, over, memory.verdict)
    tools.writer.submit(latest, pod_status(latest, view, situation))
