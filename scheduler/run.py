"""The scheduler's tasks: informers, the loop, events, health; with an election, only while elected.

In Kubernetes: cmd/kube-scheduler/app/server.go. Left out: configuration files and profiles.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial

from machinery.client.config import load_kubeconfig
from machinery.client.events import EventRecorder
from machinery.client.informer import InformerFactory
from machinery.client.leases import LeaderElector
from machinery.client.rest import Client
from machinery.component.health import serve_health
from machinery.component.run import stoppable
from scheduler.config import Config
from scheduler.scheduler import Scheduler

AT_ONCE = 16
"""Requests under way: of a thousand decisions each waits for its turn here, and users' requests need not wait there."""


async def run(config: Config, stop: asyncio.Event) -> None:
    """Schedule until stopped."""
    known = load_kubeconfig(config.kubeconfig or None)
    async with (
        Client(known, user_agent="kube-scheduler") as client,
        Client(known, user_agent="kube-scheduler", most_at_once=AT_ONCE) as busy,
    ):
        work = partial(schedule_with, busy, config, stop, teller=client)
        await stoppable(stop, serve_health(config.health_port, stop), _lead(client, config, stop, work))


async def _lead(client: Client, config: Config, stop: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
    """The election's own requests wait for no others."""
    if not config.leader_elect:
        return await work()
    # The machine's name, which outlives a killed process: the next one leads at once. One of us per machine, then.
    elector = LeaderElector(client, "kube-scheduler", socket.gethostname())
    return await elector.run(work, stop)


async def schedule_with(client: Client, config: Config, stop: asyncio.Event, *, teller: Client | None = None) -> None:
    """The tasks, over a client that someone else opens and closes; events by a client of their own, if there is one."""
    informers = InformerFactory(client)
    events = EventRecorder(teller or client, config.scheduler_name)
    scheduler = Scheduler(client, informers, events, name=config.scheduler_name)
    try:
        await stoppable(stop, informers.run(stop), scheduler.run())
    finally:
        await events.close()
