"""Looks at a pod in the runtime, and adds what containers left behind as their last words.

Reads the runtime and termination message files. Real Kubernetes: kuberuntime_container.go, getTerminationMessage.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kubelet.pods.tools import Memory, Tools
from kubelet.runtime import interface as rt
from kubelet.server.log_format import last_lines

MESSAGE_LIMIT = 4096
LOG_LINES, LOG_LIMIT = 80, 2048


async def look(tools: Tools, memory: Memory) -> rt.RuntimePod:
    """The runtime's view of this pod as of now."""
    found = (await tools.runtime.pods(memory.uid)).get(memory.uid, rt.RuntimePod(memory.uid))
    for item in (*found.sandboxes, *found.containers):
        tools.pod_of[item.id] = memory.uid
    ids = {container.id for container in found.containers}
    memory.applied = {key: amounts for key, amounts in memory.applied.items() if key in ids}
    containers = tuple(_with_message(container, memory) for container in found.containers)
    memory.status = replace(found, containers=containers)
    return memory.status


def _with_message(container: rt.RuntimeContainer, memory: Memory) -> rt.RuntimeContainer:
    if container.finished_at is None:
        return container
    if container.id not in memory.messages:
        memory.messages[container.id] = container.message or _last_words(container)
    return replace(container, message=memory.messages[container.id])


def _last_words(container: rt.RuntimeContainer) -> str:
    """The file that the container wrote; or, if it asked for that and failed, the end of its log."""
    file = container.annotations.get(rt.TERMINATION_FILE)
    text = _read(Path(file), MESSAGE_LIMIT) if file else ""
    fallback = container.annotations.get(rt.TERMINATION_MESSAGE_POLICY) == "FallbackToLogsOnError"
    if text or not fallback or container.exit_code == 0 or not container.log_path:
        return text
    return last_lines(Path(container.log_path), LOG_LINES, LOG_LIMIT)


def _read(path: Path, limit: int) -> str:
    try:
        with path.open("rb") as file:
            return file.read(limit).decode(errors="replace")
    except OSError:
        return ""
