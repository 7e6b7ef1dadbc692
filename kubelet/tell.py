"""Events about pods, with the part of the pod that they speak of.

Writes Events. Real Kubernetes: kubelet/events, kubelet/container/ref.go.
"""

from __future__ import annotations

from machinery.api.core.v1 import Pod
from machinery.client.events import EventRecorder


def field_path(pod: Pod, container: str) -> str:
    if any(c.name == container for c in pod.spec.init_containers):
        return f"spec.initContainers{{{container}}}"
    if any(c.name == container for c in pod.spec.ephemeral_containers):
        return f"spec.ephemeralContainers{{{container}}}"
    return f"spec.containers{{{container}}}"


class Tell:
    """One pod's voice. Of a pod that the API no longer has there is nothing to tell."""

    def __init__(self, recorder: EventRecorder, pod: Pod) -> None:
        self._recorder = recorder
        self.pod = pod

    def normal(self, reason: str, message: str, container: str = "") -> None:
        self._record("Normal", reason, message, container)

    def warning(self, reason: str, message: str, container: str = "") -> None:
        self._record("Warning", reason, message, container)

    def _record(self, kind: str, reason: str, message: str, container: str) -> None:
        path = field_path(self.pod, container) if container else ""
        self._recorder.record(self.pod, kind, reason, message, field_path=path)
