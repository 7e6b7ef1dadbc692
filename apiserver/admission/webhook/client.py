"""The HTTPS client of webhooks: by URL, or to a ready endpoint of a service under the service's own name.

Connections are kept, answers are bounded, redirects are not followed.
Real Kubernetes: k8s.io/apiserver/pkg/util/webhook/client.go.
"""

from __future__ import annotations

import asyncio
import base64
import random
import ssl
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

import aiohttp
import orjson
import yarl

from apiserver.admission.webhook.configurations import Hook
from apiserver.proxy.places import Place
from apiserver.proxy.reverse import dialled
from machinery.api.errors import ApiError, generic

Doc = dict[str, Any]
Resolve = Callable[[str, str, int], Awaitable[list[Place]]]
"""From namespace, name and port of a service to its ready endpoints; raises ApiError when there are none."""
MOST_BYTES = 4 * 1024 * 1024
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "kube-apiserver-admission"}


class CallFailed(Exception):
    """Why there is no answer."""


class WebhookClient:
    """Wants to know how services are found. Opens nothing before the first call."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, hook: Hook, body: Doc) -> bytes:
        """The body of the answer to a review. Raises CallFailed."""
        return await self.post(hook.doc["clientConfig"], orjson.dumps(body), seconds=hook.timeout)

    async def post(self, config: Doc, body: bytes, *, seconds: int, most: int = MOST_BYTES) -> bytes:
        """The body of what the server of a clientConfig answers. Raises CallFailed."""
        shown = f"{shown_url(config)}?timeout={seconds}s"
        try:
            async with asyncio.timeout(seconds):
                return await self._asked(config, shown, body, most)
        except TimeoutError:
            raise CallFailed(f'Post "{shown}": context deadline exceeded') from None
        except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as error:
            raise CallFailed(f'Post "{shown}": {_why(error)}') from None

    async def _asked(self, config: Doc, shown: str, body: bytes, most: int) -> bytes:
        url, more = yarl.URL(shown, encoded=True), {}
        if service := config.get("service"):
            name = f"{service['name']}.{service['namespace']}.svc"
            place = await self._endpoint(service, shown)
            more = {"server_hostname": name}
            headers = {**_HEADERS, "Host": url.raw_authority}
            url = yarl.URL(f"https://{place.authority}{url.raw_path_qs}", encoded=True)
        else:
            headers = _HEADERS
        context = trusting(config.get("caBundle") or "")
        request = self._open().post(url, data=body, headers=headers, allow_redirects=False, ssl=context, **more)
        async with request as answer:
            text = await _bounded(answer, most)
        if not 200 <= answer.status < 300:
            raise CallFailed(generic(answer.status, text.decode("utf-8", "replace")[:1024].strip()).message)
        return text

    async def _endpoint(self, service: Doc, shown: str) -> Place:
        try:
            places = await self._resolve(service["namespace"], service["name"], service.get("port", 443))
        except ApiError as error:
            raise CallFailed(f'Post "{shown}": {error.message.replace("services ", "service ", 1)}') from None
        return random.choice(places)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
            timeout, jar = aiohttp.ClientTimeout(total=None), aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=jar)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def shown_url(config: Doc) -> str:
    """The URL of a webhook; a service's is made of its name."""
    service = config.get("service")
    if service is None:
        return config["url"]
    path = (service.get("path") or "").removeprefix("/")
    return f"https://{service['name']}.{service['namespace']}.svc:{service.get('port', 443)}/{path}"


@lru_cache(maxsize=128)
def trusting(bundle: str) -> ssl.SSLContext:
    """For servers whose certificate the bundle's authorities signed; without a bundle, the system's. ValueError."""
    if not bundle:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=base64.b64decode(bundle).decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError):
        raise ValueError("unable to load root certificates: unable to parse bytes as PEM block") from None
    return context


async def _bounded(answer: aiohttp.ClientResponse, most: int) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > most:
            answer.close()
            raise CallFailed(f"the webhook's answer is larger than {most} bytes")
    return b"".join(parts)


def _why(error: Exception) -> str:
    """What went wrong with a connection, in the words that Go has for it."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return dialled(error, f"{error.host}:{error.port}")
    return "EOF" if isinstance(error, aiohttp.ServerDisconnectedError) else str(error) or type(error).__name__
