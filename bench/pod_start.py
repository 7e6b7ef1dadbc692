"""From creating a pod to its Ready condition, image present, against what the runtime alone takes on the same node.

The runtime alone: RunPodSandbox, CreateContainer and StartContainer by CRI, nothing else. The two take turns.
Command: `.venv/bin/python -m bench.pod_start [RUNS]`.
"""

from __future__ import annotations

import asyncio
import sys
import time

from bench.figures import show, show_median
from bench.lab import running
from kubelet.runtime import interface as rt
from kubelet.runtime.cri.runtime import CriRuntime
from machinery.api.core.v1 import Container, Pod, PodSpec
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from miniadm.cluster import Cluster, Machine

IMAGE, NAMESPACE, BOUND = "mini/web:1", "default", 2.2


def main() -> None:
    """Print the figures."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with running() as cluster:
        whole, alone = asyncio.run(measure(cluster, runs))
    pod = show_median("create → Ready", whole, "s")
    bare = show_median("runtime alone: sandbox, container, start", alone, "s")
    show("create → Ready, as a multiple of the runtime alone", pod / bare, "×", bound=BOUND)


async def measure(cluster: Cluster, runs: int) -> tuple[list[float], list[float]]:
    """Seconds of each whole start and of each bare one, the first (warm-up) of both left out."""
    machine = cluster.machines[-1]
    runtime = CriRuntime(str(machine.run / "containerd" / "containerd.sock"))
    whole, alone = [], []
    async with Client(load_kubeconfig(cluster.admin_kubeconfig)) as client:
        for run in range(runs + 1):
            whole.append(await whole_start(client, machine, f"bench-{run}"))
            await quiet(runtime, f"bench-{run}")
            alone.append(await bare_start(runtime, machine, f"bare-{run}"))
    await runtime.close()
    return whole[1:], alone[1:]


async def quiet(runtime: CriRuntime, name: str) -> None:
    """Until the kubelet has cleared the pod away, so that its cleaning does not slow the next start."""
    while any(pod.name == name for pod in (await runtime.pods()).values()):
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)


async def whole_start(client: Client, machine: Machine, name: str) -> float:
    """Create a pod for this node and follow it until it is Ready; then delete it and wait until it is gone."""
    spec = PodSpec(
        containers=(Container(name="c", image=IMAGE),),
        node_selector={"kubernetes.io/hostname": machine.name},
        termination_grace_period_seconds=0,
    )
    selector = f"metadata.name={name}"
    start = (await client.list(Pod, NAMESPACE, limit=1)).resource_version
    began = time.monotonic()
    await client.create(Pod(metadata=ObjectMeta(name=name, namespace=NAMESPACE), spec=spec))
    ready = 0.0
    async for event in client.watch(Pod, NAMESPACE, resource_version=start, field_selector=selector):
        if not ready and any(c.type == "Ready" and c.status == "True" for c in event.object.status.conditions):
            ready = time.monotonic() - began
            await client.delete(Pod, name, NAMESPACE)
        if event.type == "DELETED":
            break
    return ready


async def bare_start(runtime: CriRuntime, machine: Machine, name: str) -> float:
    """The same container by CRI, without labels, so that the kubelet leaves it alone; removed afterwards."""
    sandbox_spec = rt.SandboxSpec(name=name, namespace="bench", uid=name, cgroup_parent=f"{machine.cgroup}/bench")
    container_spec = rt.ContainerSpec(name="c", image=IMAGE)
    began = time.monotonic()
    sandbox = await runtime.run_sandbox(sandbox_spec)
    container = await runtime.create_container(sandbox.id, container_spec, sandbox_spec)
    await runtime.start_container(container)
    took = time.monotonic() - began
    await runtime.stop_sandbox(sandbox.id)
    await runtime.remove_sandbox(sandbox.id)
    return took


if __name__ == "__main__":
    main()
