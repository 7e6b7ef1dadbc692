"""Streams from a node's kubelet through the API server to the client, with the kubelet client certificate.

Finds the node's address and port in its Node object; bytes pass as they come, those of upgraded connections too.
Real Kubernetes: pkg/kubelet/client and registry/generic/rest/streamer.go.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from apiserver.call import Call
from apiserver.config import Config
from apiserver.proxy.reverse import ReverseProxy, dialled
from machinery.api.errors import ApiError, BadRequest, NotFound, from_status, generic
from machinery.component.upgrade import Target, is_upgrade, pass_on

KUBELET_PORT = 10250
NodeLookup = Callable[[str], Awaitable[dict[str, Any] | None]]


class NodeProxy:
    """Wants a way to find a Node by name. `proxy` passes on what is asked of nodes, pods and services."""

    def __init__(self, config: Config, find_node: NodeLookup) -> None:
        self._find_node = find_node
        self._config = config
        self._session: aiohttp.ClientSession | None = None
        self.proxy = ReverseProxy()

    async def stream(self, call: Call, node: str, path: str, parameters: Mapping[str, str]) -> web.StreamResponse:
        """GET path of the node's kubelet; its answer becomes ours."""
        host, port = await self.address(node)
        url = f"https://{host}:{port}{path}"
        try:
            async with self._open().get(url, params=parameters) as answer:
                if answer.status >= 400:
                    raise _refusal(answer.status, await answer.text())
                return await _relay(call, answer)
        except (aiohttp.ClientConnectionError, TimeoutError, OSError) as error:
            raise plain(f'Get "{url}": {dialled(error, f"{host}:{port}")}') from None

    async def connect(self, call: Call, node: str, path: str) -> web.StreamResponse:
        """The client's upgrade goes to path of the node's kubelet, and so does all that follows."""
        if not is_upgrade(call.http):
            raise BadRequest("Upgrade request required")
        host, port = await self.address(node)
        forwarded = ("X-Forwarded-For", call.http.remote or "")
        call.start()
        try:
            with call.closed_at_the_end():
                return await pass_on(call.http, Target(host, port, path, self.tls), forwarded)
        except (OSError, TimeoutError) as error:
            raise plain(f"error dialing backend: {dialled(error, f'{host}:{port}')}") from None

    async def close(self) -> None:
        await self.proxy.close()
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self.tls, limit=0)
            timeout = aiohttp.ClientTimeout(total=None, connect=10)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """How this server shows itself to kubelets."""
        return _tls(self._config)

    async def address(self, name: str) -> tuple[str, int]:
        node = await self._find_node(name)
        if node is None:
            raise NotFound("nodes", name)
        status = node.get("status", {})
        addresses = {address["type"]: address["address"] for address in reversed(status.get("addresses", []))}
        host = next((addresses[kind] for kind in ("InternalIP", "ExternalIP", "Hostname") if kind in addresses), "")
        if not host:
            raise plain(f"no preferred addresses found; known addresses: {list(addresses.values())}")
        port = status.get("daemonEndpoints", {}).get("kubeletEndpoint", {}).get("Port") or KUBELET_PORT
        return host, port


def plain(message: str) -> ApiError:
    """A failure that has no reason of its own: kubectl shows the message alone."""
    error = generic(500)
    error.message = message
    return error


def _tls(config: Config) -> ssl.SSLContext:
    """Our certificate towards the kubelet; its own is checked when we were told the CA."""
    context = ssl.create_default_context(cafile=config.kubelet_certificate_authority or None)
    context.check_hostname = bool(config.kubelet_certificate_authority)
    if not config.kubelet_certificate_authority:
        context.verify_mode = ssl.CERT_NONE
    if config.kubelet_client_certificate:
        context.load_cert_chain(config.kubelet_client_certificate, config.kubelet_client_key)
    return context


def _refusal(code: int, body: str) -> ApiError:
    """The kubelet's error as our own: its Status, or its text."""
    with contextlib.suppress(ValueError):
        status = orjson.loads(body)
        if isinstance(status, dict) and status.get("kind") == "Status":
            return from_status(status)
    error = generic(code)
    error.message = body.strip() or error.message
    return error


async def _relay(call: Call, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status)
    response.content_type = answer.content_type or "text/plain"
    call.start(response)
    await response.prepare(call.http)
    with contextlib.suppress(ConnectionError, aiohttp.ClientConnectionError), call.when_gone(answer.close):
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    return response
