"""exec, attach and port-forward: the runtime says where, and the client's upgrade goes there byte for byte.

The runtime's streaming server listens on this node's loopback and accepts each address once. This kubelet never looks
into a stream. Real Kubernetes: kubelet/server/server.go (getExec, getAttach, getPortForward), kubelet_pods.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from kubelet.runtime import interface as rt
from machinery.api.core.v1 import Container, EphemeralContainer, Pod
from machinery.component.quick_aiohttp import no_system_certificates
from machinery.component.upgrade import Target, is_upgrade, pass_on

with no_system_certificates():
    from aiohttp import web

RUN_SECONDS = 600.0


class Refused(Exception):
    """Why there is no such stream. `code` is the HTTP status."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Place:
    """A container of a pod, as the URL names it."""

    pod: Pod
    container: str = ""

    @property
    def spec(self) -> Container | EphemeralContainer | None:
        spec = self.pod.spec
        everyone = (*spec.containers, *spec.init_containers, *spec.ephemeral_containers)
        return next((each for each in everyone if each.name == self.container), None)


def _flag(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "") in ("1", "true")


def streams_of(query: Mapping[str, str]) -> rt.Streams:
    """What the query asks for; a terminal has no stderr of its own."""
    tty = _flag(query, "tty")
    found = rt.Streams(_flag(query, "input"), _flag(query, "output"), _flag(query, "error") and not tty, tty)
    if not (found.stdin or found.stdout or found.stderr):
        raise Refused(400, "you must specify at least 1 of stdin, stdout, stderr")
    return found


def ports_of(query: Mapping[str, str]) -> tuple[int, ...]:
    """WebSocket clients name their ports here; those of SPDY name them later, inside."""
    texts = [text for text in query.get("ports", query.get("port", "")).split(",") if text]
    if not all(text.isdecimal() and 0 < int(text) < 65536 for text in texts):
        raise Refused(400, f'invalid port in "{",".join(texts)}"')
    return tuple(int(text) for text in texts)


async def container_id(runtime: rt.Runtime, place: Place) -> str:
    """The run of the container that goes on now."""
    status = (await runtime.pods(place.pod.metadata.uid)).get(place.pod.metadata.uid)
    newest = status.newest(place.container) if status is not None else None
    if newest is None or not newest.running:
        raise Refused(500, f'container not found ("{place.container}")')
    return newest.id


async def exec_(runtime: rt.Runtime, place: Place, request: web.Request) -> web.StreamResponse:
    command, streams = tuple(request.query.getall("command", [])), streams_of(request.query)
    return await _follow(request, await runtime.exec(await container_id(runtime, place), command, streams))


async def attach(runtime: rt.Runtime, place: Place, request: web.Request) -> web.StreamResponse:
    """Whether there is a terminal was decided when the container was made."""
    wanted, spec = streams_of(request.query), place.spec
    tty = spec is not None and spec.tty
    streams = rt.Streams(wanted.stdin, wanted.stdout, wanted.stderr and not tty, tty)
    return await _follow(request, await runtime.attach(await container_id(runtime, place), streams))


async def port_forward(runtime: rt.Runtime, place: Place, request: web.Request) -> web.StreamResponse:
    uid, ports = place.pod.metadata.uid, ports_of(request.query)
    status = (await runtime.pods(uid)).get(uid)
    if status is None or status.sandbox is None:
        raise Refused(404, "pod not found")
    return await _follow(request, await runtime.port_forward(status.sandbox.id, ports))


async def run(runtime: rt.Runtime, place: Place, request: web.Request) -> web.StreamResponse:
    """One command to its end; the answer is what it wrote."""
    command = tuple(request.query.get("cmd", "").split(" "))
    done = await runtime.exec_sync(await container_id(runtime, place), command, RUN_SECONDS)
    return web.Response(body=done.stdout + done.stderr, content_type="text/plain")


async def _follow(request: web.Request, url: str) -> web.StreamResponse:
    if not is_upgrade(request):
        raise Refused(400, "Upgrade request required")
    place = urlsplit(url)
    path = f"{place.path}?{place.query}" if place.query else place.path
    try:
        return await pass_on(request, Target(place.hostname or "127.0.0.1", place.port or 80, path))
    except (OSError, TimeoutError) as error:
        raise Refused(502, f"the runtime's streaming server: {error}") from error
