"""What the node server shows beside logs and streams: health, pods, figures, configuration.

Nothing here is measured before somebody asks. Real Kubernetes: kubelet/server/server.go (InstallDefaultHandlers,
InstallDebuggingHandlers), server/stats. Left out: checkpoints, node logs, pprof, swap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from kubelet.config import Config
from kubelet.node.facts import read_machine
from kubelet.probes.tally import PROBES
from kubelet.runtime.interface import Runtime, RuntimeFailure, RuntimePod
from kubelet.stats import exposition, readings
from kubelet.stats.collector import Collector, Sample
from kubelet.stats.summary import summary
from machinery.api.core.v1 import Pod
from machinery.component import metrics
from machinery.component.clock import RealClock
from machinery.component.quick_aiohttp import no_system_certificates

with no_system_certificates():
    from aiohttp import web

FIRST_SECONDS = 0.1
"""How far apart the first two readings are from which a rate is told."""


def _json(document: Any) -> web.Response:
    return web.Response(body=orjson.dumps(document), content_type="application/json")


def _text(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/plain")


def running(pod: RuntimePod) -> dict[str, Any]:
    """A pod as the runtime alone knows it."""
    containers = [{"name": run.name, "image": run.image, "resources": {}} for run in pod.containers if run.running]
    meta = {"name": pod.name, "namespace": pod.namespace, "uid": pod.uid, "creationTimestamp": None}
    return {"metadata": meta, "spec": {"containers": containers}, "status": {}}


class Pages:
    """One method for each page."""

    def __init__(self, config: Config, pods: Callable[[], Iterable[Pod]], runtime: Runtime) -> None:
        self._config, self._pods, self._runtime = config, pods, runtime
        self._collector = Collector(config, runtime, RealClock(), pods)
        self._started = datetime.now(UTC)
        self._warm = False

    def routes(self) -> list[web.RouteDef]:
        health = [web.get(f"/healthz{path}", self.healthz) for path in ("", "/ping", "/log", "/syncloop")]
        return [
            *health,
            web.get("/pods", self.pods),
            web.get("/runningpods/", self.running_pods),
            web.get("/stats/summary", self.summary),
            web.get("/metrics", self.metrics),
            web.get("/metrics/resource", self.resource),
            web.get("/metrics/cadvisor", self.cadvisor),
            web.get("/metrics/probes", self.probes),
            web.get("/configz", self.configz),
            web.get("/images/blobs", self.blobs),
            web.post("/images/load", self.load),
        ]

    async def healthz(self, request: web.Request) -> web.Response:
        """Whoever answers lives: there is one loop, and this is it."""
        return _text("ok")

    async def pods(self, request: web.Request) -> web.Response:
        items = [pod.to_dict() for pod in self._pods()]
        return _json({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items})

    async def running_pods(self, request: web.Request) -> web.Response:
        """The runtime's word for it, whatever we believe."""
        try:
            found = await self._runtime.pods()
        except RuntimeFailure as failure:
            return web.Response(status=500, text=str(failure))
        items = [running(pod) for pod in found.values() if any(run.running for run in pod.containers)]
        return _json({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items})

    async def summary(self, request: web.Request) -> web.Response:
        brief = request.query.get("only_cpu_and_memory") in ("true", "1")
        limits = readings.most_processes(), readings.processes()
        return _json(summary(self._config.node_name, await self._sample(disks=not brief), limits, self._started))

    async def _sample(self, *, disks: bool) -> Sample:
        if not self._warm:
            self._warm = True
            await self._collector.sample(disks=False)
            await asyncio.sleep(FIRST_SECONDS)
        return await self._collector.sample(disks=disks)

    async def metrics(self, request: web.Request) -> web.Response:
        return _text(metrics.render())

    async def resource(self, request: web.Request) -> web.Response:
        return _text(exposition.render(exposition.resource(await self._collector.sample(disks=False))))

    async def cadvisor(self, request: web.Request) -> web.Response:
        sample = await self._collector.sample(disks=False)
        return _text(exposition.render(exposition.cadvisor(sample, read_machine(self._config.root_dir))))

    async def probes(self, request: web.Request) -> web.Response:
        return _text(metrics.render({PROBES.name: PROBES}))

    async def blobs(self, request: web.Request) -> web.Response:
        """What need not be sent again."""
        try:
            return _json({"blobs": sorted(await self._runtime.blobs())})
        except RuntimeFailure as failure:
            return web.Response(status=500, text=str(failure))

    async def load(self, request: web.Request) -> web.Response:
        """The body is an OCI archive; `minictl image load` sends it. Real kubelets have nothing like it."""
        try:
            await self._runtime.load(request.content.iter_any())
        except RuntimeFailure as failure:
            return web.Response(status=500, text=str(failure))
        return _json({})

    async def configz(self, request: web.Request) -> web.Response:
        from kubelet.config_file import document

        return _json({"kubeletconfig": document(self._config)})
