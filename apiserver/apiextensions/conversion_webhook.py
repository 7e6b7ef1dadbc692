"""The conversion `Webhook`: objects are sent to a server of the definition's author, which sends them back converted.

One question for many objects. What comes back is believed but for metadata, of which only labels and annotations may
differ; all else that can go wrong ends the request with the reason.
Real Kubernetes: apiextensions-apiserver's pkg/apiserver/conversion/webhook_converter.go.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from machinery.api.errors import InternalError

Doc = dict[str, Any]
FindService = Callable[[str, str], Awaitable[Doc | None]]
"""A Service by name and namespace."""
TIMEOUT_SECONDS = 30.0
LARGEST = 64 * 1024 * 1024
_SPOKEN = ("v1", "v1beta1")
_KEPT = ("labels", "annotations")


class Failed(Exception):
    """Why a webhook did not convert."""


@dataclass(frozen=True, slots=True)
class WebhookConversion:
    """`webhook` is spec.conversion.webhook of a definition."""

    webhook: Doc
    kind: str
    find_service: FindService
    timeout: float = TIMEOUT_SECONDS

    async def __call__(self, documents: Sequence[Doc], api_version: str) -> list[Doc]:
        """The documents in this version, in the same order."""
        try:
            return converted(documents, await self._ask(documents, api_version), api_version)
        except Failed as error:
            given = documents[0].get("apiVersion", "")
            raise InternalError(f"conversion webhook for {given}, Kind={self.kind} failed: {error}") from None

    async def _ask(self, documents: Sequence[Doc], api_version: str) -> Doc:
        asked = review(documents, api_version, self.webhook.get("conversionReviewVersions", ()))
        answer = await self._post(orjson.dumps(asked))
        response = answer.get("response")
        if not isinstance(response, dict):
            raise Failed("no response field")
        if response.get("uid") != asked["request"]["uid"]:
            raise Failed(f'expected response.uid="{asked["request"]["uid"]}", got "{response.get("uid", "")}"')
        return response

    async def _post(self, body: bytes) -> Doc:
        config = self.webhook.get("clientConfig") or {}
        url, name = await self._place(config)
        try:
            async with (
                asyncio.timeout(self.timeout),
                aiohttp.ClientSession() as session,
                session.post(
                    url, data=body, headers={"Content-Type": "application/json", "Accept": "application/json"},
                    ssl=_trust(config.get("caBundle", "")), server_hostname=name, allow_redirects=False,
                ) as answer,
            ):  # fmt: skip
                text = await answer.content.read(LARGEST)
        except TimeoutError:
            raise Failed(f'Post "{url}": context deadline exceeded') from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Failed(f'Post "{url}": {error}') from None
        if answer.status != 200:
            raise Failed(f"the server answered {answer.status}")
        return _document(text)

    async def _place(self, config: Doc) -> tuple[str, str | None]:
        """The URL, and the name that its certificate must have, where the URL does not say."""
        if config.get("url"):
            return config["url"], None
        service = config.get("service") or {}
        name, namespace, port = service.get("name", ""), service.get("namespace", ""), service.get("port", 443)
        found = await self.find_service(name, namespace)
        address = (found or {}).get("spec", {}).get("clusterIP", "")
        if address in ("", "None"):
            raise Failed(f'service "{name}" not found' if found is None else f'service "{name}" has no cluster IP')
        return f"https://{address}:{port}{service.get('path') or '/'}", f"{name}.{namespace}.svc"


def _trust(bundle: str) -> ssl.SSLContext:
    """Whom to believe: the bundle, or without one what the system believes."""
    if not bundle:
        return ssl.create_default_context()
    return ssl.create_default_context(cadata=base64.b64decode(bundle).decode())


def _document(text: bytes) -> Doc:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Failed(f"the answer is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise Failed("the answer is no ConversionReview")
    return found


def review(documents: Sequence[Doc], api_version: str, spoken: Sequence[str]) -> Doc:
    """The question, in the first of the webhook's versions that we speak."""
    version = next((each for each in spoken if each in _SPOKEN), _SPOKEN[0])
    request = {"uid": str(uuid.uuid4()), "desiredAPIVersion": api_version, "objects": list(documents)}
    return {"kind": "ConversionReview", "apiVersion": f"apiextensions.k8s.io/{version}", "request": request}


def converted(given: Sequence[Doc], response: Doc, api_version: str) -> list[Doc]:
    """The objects of an answer, checked; pure."""
    result = response.get("result") or {}
    if result.get("status") != "Success":
        raise Failed(result.get("message") or "the webhook did not say why")
    objects = response.get("convertedObjects") or []
    if len(objects) != len(given):
        raise Failed(f"expected {len(given)} converted objects, got {len(objects)}")
    return [_checked(index, pair, api_version) for index, pair in enumerate(zip(given, objects, strict=True))]


def _checked(index: int, pair: tuple[Doc, Any], api_version: str) -> Doc:
    before, after = pair
    where = f"invalid converted object at index {index}"
    if not isinstance(after, dict):
        raise Failed(f"{where}: it is no object")
    if after.get("apiVersion") != api_version:
        raise Failed(f"{where}: invalid groupVersion (expected {api_version}, received {after.get('apiVersion', '')})")
    if after.get("kind") != before.get("kind"):
        raise Failed(f"{where}: invalid kind (expected {before.get('kind')}, received {after.get('kind', '')})")
    meta = after.get("metadata")
    if not isinstance(meta, dict):
        raise Failed(f"{where}: metadata must be an object")
    for name in ("name", "namespace", "uid"):
        if meta.get(name) != before["metadata"].get(name):
            raise Failed(f"{where}: invalid metadata: metadata.{name} must not change")
    kept = {name: value for name, value in before["metadata"].items() if name not in _KEPT}
    return {**after, "metadata": kept | {name: meta[name] for name in _KEPT if meta.get(name)}}
