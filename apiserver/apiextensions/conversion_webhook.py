"""The conversion `Webhook`: objects are sent to a server of the definition's author, which sends them back converted.

One question for many objects. What comes back is believed but for metadata, of which only labels and annotations may
differ; all else that can go wrong ends the request with the reason.
Real Kubernetes: apiextensions-apiserver's pkg/apiserver/conversion/webhook_converter.go.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from apiserver.admission.webhook.client import CallFailed
from machinery.api.errors import InternalError

Doc = dict[str, Any]
TIMEOUT_SECONDS = 30
LARGEST = 64 * 1024 * 1024
_SPOKEN = ("v1", "v1beta1")
_KEPT = ("labels", "annotations")


class Client(Protocol):
    """See admission.webhook.client.WebhookClient: by URL, or to a ready endpoint of a service."""

    async def post(self, config: Doc, body: bytes, *, seconds: int, most: int) -> bytes: ...


class Failed(Exception):
    """Why a webhook did not convert."""


@dataclass(frozen=True, slots=True)
class WebhookConversion:
    """`webhook` is spec.conversion.webhook of a definition."""

    webhook: Doc
    kind: str
    client: Client
    timeout: int = TIMEOUT_SECONDS

    async def __call__(self, documents: Sequence[Doc], api_version: str) -> list[Doc]:
        """The documents in this version, in the same order."""
        try:
            return converted(documents, await self._ask(documents, api_version), api_version)
        except (Failed, CallFailed) as error:
            given = documents[0].get("apiVersion", "")
            raise InternalError(f"conversion webhook for {given}, Kind={self.kind} failed: {error}") from None

    async def _ask(self, documents: Sequence[Doc], api_version: str) -> Doc:
        asked = review(documents, api_version, self.webhook.get("conversionReviewVersions", ()))
        config = self.webhook.get("clientConfig") or {}
        answer = _document(await self.client.post(config, orjson.dumps(asked), seconds=self.timeout, most=LARGEST))
        response = answer.get("response")
        if not isinstance(response, dict):
            raise Failed("no response field")
        if response.get("uid") != asked["request"]["uid"]:
            raise Failed(f'expected response.uid="{asked["request"]["uid"]}", got "{response.get("uid", "")}"')
        return response


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
