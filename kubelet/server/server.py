"""The node's HTTPS server on :10250: whoever calls shows a certificate of the cluster.

Serves /containerLogs, /exec, /attach, /portForward, /run, and what is in `pages`.
Who may do what there the API server says, see `authorization`.
Real Kubernetes: kubelet/server/server.go. Left out: bearer tokens.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from kubelet.config import Config
from kubelet.runtime.interface import Runtime, RuntimeFailure
from kubelet.server import streams
from kubelet.server.authorization import Authorization, question
from kubelet.server.logs import LogOptions, LogRefused, attempt_of, log_file, read_log, status_of
from kubelet.server.pages import Pages
from kubelet.server.streams import Place, Refused
from machinery.api.core.v1 import Pod
from machinery.api.errors import ApiError
from machinery.component.clock import RealClock
from machinery.component.quick_aiohttp import no_system_certificates

with no_system_certificates():
    from aiohttp import web

log = logging.getLogger(__name__)

PODS: web.AppKey[Callable[[], Iterable[Pod]]] = web.AppKey("pods")
CONFIG: web.AppKey[Config] = web.AppKey("config")
RUNTIME: web.AppKey[Runtime] = web.AppKey("runtime")
MAY: web.AppKey[Authorization] = web.AppKey("may")


def tls_context(config: Config) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(config.tls_cert_file, config.tls_private_key_file)
    if config.client_ca_file:
        context.load_verify_locations(config.client_ca_file)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def groups_of(certificate: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """(user, groups) of a client certificate: its common name and organizations."""
    pairs = [pair for part in certificate.get("subject", ()) for pair in part]
    user = next((value for key, value in pairs if key == "commonName"), "")
    return user, tuple(value for key, value in pairs if key == "organizationName")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def authorize(request: web.Request, handler: Handler) -> web.StreamResponse:
    certificate = request.transport.get_extra_info("peercert") if request.transport else None
    user, groups = groups_of(certificate or {})
    asked = question(user, groups, request.method, request.path)
    what = f"(user={user}, verb={asked.verb}, resource=nodes, subresource={asked.subresource})"
    try:
        if await request.app[MAY].allows(asked):
            return await handler(request)
    except ApiError as error:
        log.warning("cannot ask who may use the node server: %s", error)
        return web.Response(status=500, text=f"Authorization error {what}")
    return web.Response(status=403, text=f"Forbidden {what}")


def _find(request: web.Request) -> Pod:
    namespace, name = request.match_info["namespace"], request.match_info["pod"]
    for pod in request.app[PODS]():
        if (pod.metadata.namespace, pod.metadata.name) == (namespace, name):
            return pod
    raise LogRefused(404, f'pod "{name}" not found')


async def container_logs(request: web.Request) -> web.StreamResponse:
    """GET /containerLogs/{namespace}/{pod}/{container}"""
    try:
        return await _stream(request)
    except LogRefused as refusal:
        return web.Response(status=refusal.code, text=str(refusal))
    except ValueError as error:
        return web.Response(status=400, text=f"invalid log options: {error}")


async def _stream(request: web.Request) -> web.StreamResponse:
    pod, container = _find(request), request.match_info["container"]
    options = LogOptions.parse(request.query, RealClock().now())
    attempt = attempt_of(pod, container, options.previous)
    path = log_file(request.app[CONFIG].pod_log_dir, pod, container, attempt)

    def running() -> bool:
        try:
            status = status_of(_find(request), container)
        except LogRefused:
            return False
        return status.state.running is not None and status.restart_count == attempt

    if not path.exists():
        raise LogRefused(404, f'the log of container "{container}" in pod "{pod.metadata.name}" does not exist')
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    async for piece in read_log(path, options, running):
        await response.write(piece)
    await response.write_eof()
    return response


Stream = Callable[[Runtime, Place, web.Request], Awaitable[web.StreamResponse]]


def streaming(stream: Stream) -> Handler:
    """/exec/{namespace}/{pod}/{container} and its like: finds the pod, and says in plain text why it cannot be."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            place = Place(_find(request), request.match_info.get("container", ""))
            return await stream(request.app[RUNTIME], place, request)
        except (Refused, LogRefused) as refusal:
            return web.Response(status=refusal.code, text=str(refusal))
        except RuntimeFailure as failure:
            return web.Response(status=500, text=str(failure))

    return handle


def application(
    config: Config, all_pods: Callable[[], Iterable[Pod]], runtime: Runtime, may: Authorization
) -> web.Application:
    app = web.Application(middlewares=[authorize])
    app[PODS], app[CONFIG], app[RUNTIME], app[MAY] = all_pods, config, runtime, may
    app.router.add_routes(Pages(config, all_pods, runtime).routes())
    app.router.add_get("/containerLogs/{namespace}/{pod}/{container}", container_logs)
    for method in ("GET", "POST"):
        app.router.add_route(method, "/exec/{namespace}/{pod}/{container}", streaming(streams.exec_))
        app.router.add_route(method, "/attach/{namespace}/{pod}/{container}", streaming(streams.attach))
        app.router.add_route(method, "/portForward/{namespace}/{pod}", streaming(streams.port_forward))
    app.router.add_post("/run/{namespace}/{pod}/{container}", streaming(streams.run))
    return app


async def serve(
    config: Config, all_pods: Callable[[], Iterable[Pod]], runtime: Runtime, may: Authorization, *, stop: asyncio.Event
) -> None:
    """Until stop."""
    runner = web.AppRunner(application(config, all_pods, runtime, may), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, None, config.port, ssl_context=tls_context(config)).start()
        await stop.wait()
    finally:
        await runner.cleanup()
