"""Kill -9 of this or that in the middle of the work: what comes back finishes it, and does nothing twice."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from controllers.config import Config
from controllers.run import control
from machinery.api.apps.v1 import Deployment, ReplicaSet
from machinery.api.coordination.v1 import Lease, LeaseSpec
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from tests.integration.controllers.test_workloads import deployment, is_complete, set_image, sets
from tests.support.controlplane import ControlPlane

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def process(server, module: str, user: str, *flags: str):
    """`python -m module` as its own process; killed hard at the end."""
    command = [sys.executable, "-m", module, "--kubeconfig", server.kubeconfig_of(user), *flags]
    running = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def outside(server) -> ControlPlane:
    """Only kubelets in this process."""
    return ControlPlane(server, "worker-1", scheduler=False, controllers=("none",))


async def test_the_api_server_dies_during_a_rollout(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(deployment(plane, 4))
        await plane.eventually(lambda: is_complete(plane))
        await set_image(plane, "v2")
        server.kill()
        await server.start()
        await plane.eventually(lambda: is_complete(plane))
        assert await sets(plane) == {"v1": 0, "v2": 4}
        await plane.until(lambda: len(plane.pods()) == 4)


async def test_the_controllers_and_the_scheduler_die_again_and_again(server):
    async with outside(server) as plane:
        await plane.client.create(deployment(plane, 12))
        for _ in range(2):
            async with (process(server, "controllers", "system:kube-controller-manager"),
                        process(server, "scheduler", "system:kube-scheduler")):
                before = len(plane.pods())
                await plane.until(lambda n=before: len(plane.pods()) > n or len(plane.pods()) == 12)
        async with (process(server, "controllers", "system:kube-controller-manager"),
                    process(server, "scheduler", "system:kube-scheduler")):
            await plane.eventually(lambda: is_complete(plane))
            assert len(plane.pods()) == 12
            (revision,) = {(await plane.client.get(Deployment, "web", plane.namespace)).metadata.annotations[
                "deployment.kubernetes.io/revision"]}
            assert revision == "1"


async def test_they_lead_when_elected_and_stop_when_asked(server):
    elect = "--leader-elect"
    async with (outside(server) as plane,
                process(server, "controllers", "system:kube-controller-manager", elect) as controllers,
                process(server, "scheduler", "system:kube-scheduler", elect) as scheduler):
        await plane.client.create(deployment(plane, 1))
        await plane.eventually(lambda: is_complete(plane))
        for running in (controllers, scheduler):
            running.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(running.wait, 60) == 0
        holders = {name: spec.holder_identity or "nobody" for name, spec in (await elections(plane)).items()}
        assert holders == {"kube-controller-manager": "nobody", "kube-scheduler": "nobody"}


async def test_who_was_killed_leads_again_at_once(server):
    """Under the same name: nobody has to wait until the lease of the dead one has run out."""
    async with outside(server) as plane:
        before = await leaders(plane, server)
        after = await leaders(plane, server)
        for name in before:
            assert after[name].holder_identity == before[name].holder_identity == socket.gethostname()
            assert after[name].lease_transitions == before[name].lease_transitions
            assert after[name].renew_time > before[name].renew_time


async def elections(plane: ControlPlane) -> dict[str, LeaseSpec]:
    """The leases that somebody leads by; an API server holds one of its own beside them."""
    leases = (await plane.client.list(Lease, "kube-system")).items
    return {lease.metadata.name: lease.spec for lease in leases if lease.metadata.name.startswith("kube-")}


async def leaders(plane: ControlPlane, server) -> dict[str, LeaseSpec]:
    """The leases, after both have led for a moment and were killed."""
    started = datetime.now(UTC)

    async def held():
        found = await elections(plane)
        fresh = [spec for spec in found.values() if spec.holder_identity and spec.renew_time > started]
        return found if len(fresh) == 2 else None

    async with (process(server, "controllers", "system:kube-controller-manager", "--leader-elect"),
                process(server, "scheduler", "system:kube-scheduler", "--leader-elect")):
        return await plane.eventually(held)


async def test_what_happened_is_told_also_when_the_run_is_cancelled(server):
    async with outside(server) as plane:
        kubeconfig = load_kubeconfig(server.kubeconfig_of("system:kube-controller-manager"))
        async with Client(kubeconfig) as client:
            running = asyncio.create_task(control(client, Config(controllers=("replicaset",)), asyncio.Event()))
            wanted = deployment(plane, 8)
            labels = wanted.spec.selector.match_labels
            spec = {"replicas": 8, "selector": {"matchLabels": labels}, "template": wanted.spec.template.to_dict()}
            await plane.client.create(ReplicaSet.from_dict({
                "metadata": {"name": "many", "namespace": plane.namespace}, "spec": spec}))

            async def counted():
                return (await plane.client.get(ReplicaSet, "many", plane.namespace)).status.replicas == 8

            await plane.eventually(counted)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert [e[1] for e in await plane.events("many")].count("SuccessfulCreate") == 8
