"""One APIService that names a Service: its server is looked after, asked what it serves, and handed requests.

Writes the condition Available. Asks again every 30 s, at once when the APIService, the Service or its EndpointSlices
change or a request found nobody, and with growing pauses while the server does not answer. What it served when it was
last reached is remembered as long as it is away.
Real Kubernetes: kube-aggregator's pkg/controllers/status/remote, pkg/apiserver/handler_{proxy,discovery}.go.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson
from aiohttp import web

from apiserver import replies
from apiserver.aggregator import discovered, openapi
from apiserver.aggregator.availability import PASSED, Finding, failed_check, is_available, missing, places
from apiserver.aggregator.identity import AGGREGATOR, FrontProxy, Unspeakable, headers_of
from apiserver.aggregator.openapi import NONSENSE, NOTHING, Described
from apiserver.aggregator.priorities import GroupVersion
from apiserver.aggregator.relay import Relay, There, Told, Unreachable
from apiserver.call import Call
from apiserver.endpoints.dispatch import not_found
from apiserver.proxy.places import Place
from apiserver.storage.interface import StorageError
from apiserver.user import User
from machinery.api.errors import ApiError

log = logging.getLogger(__name__)

Doc = dict[str, Any]
CHECK_SECONDS = 30.0
LEARN_SECONDS = 60.0
NEVER = float("-inf")
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 30.0
ATTEMPTS = 5
UNAVAILABLE = "service unavailable\n"
_LISTS = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"
_AGGREGATED = ",".join((_LISTS.format("v2"), _LISTS.format("v2beta1"), "application/json"))


@dataclass(frozen=True)
class Surroundings:
    """What all extensions share."""

    relay: Relay
    proxy: FrontProxy
    behind: Callable[[Doc], Awaitable[tuple[Doc | None, list[Doc]]]]
    """From a reference to the Service and its EndpointSlices."""
    tell: Callable[[str, Finding], Awaitable[None]]
    """Writes the condition of the APIService of that name."""
    changed: Callable[[], None]
    """What some extension serves is no longer what it was."""


@dataclass(frozen=True)
class Known:
    """What the server told of itself when it was last asked."""

    resources: tuple[Doc, ...] = ()
    fresh: bool = False
    etag: str = ""
    openapi: Described = NOTHING


class Extension:
    """See the module. Wants the APIService."""

    def __init__(self, obj: Doc, around: Surroundings) -> None:
        self._obj, self._around = obj, around
        self._news = asyncio.Event()
        self._learnt = NEVER
        self._trusted: tuple[Any, ssl.SSLContext] | None = None
        """Whom to believe, and what that was made from."""
        self.known = Known()

    def update(self, obj: Doc) -> None:
        """The APIService is now like this."""
        before, self._obj = self._obj, obj
        if before["spec"] != obj["spec"]:
            self._learnt = NEVER
            self.wake()

    def wake(self) -> None:
        """Something happened: look again now."""
        self._news.set()

    @property
    def name(self) -> str:
        return self._obj["metadata"]["name"]

    @property
    def reference(self) -> Doc:
        """The Service: namespace, name and port."""
        return self._obj["spec"]["service"]

    @property
    def served(self) -> GroupVersion:
        spec = self._obj["spec"]
        return spec.get("group", ""), spec["version"]

    @property
    def root(self) -> str:
        group, version = self.served
        return f"apis/{group}/{version}" if group else f"api/{version}"

    @property
    def available(self) -> bool:
        return is_available(self._obj)

    def entry(self) -> Doc:
        """For aggregated discovery."""
        fresh = self.known.fresh and self.available
        return discovered.version_entry(self.served[1], self.known.resources, fresh=fresh)

    # --- requests

    async def serve(self, call: Call) -> web.StreamResponse:
        """The answer of the extension server; 503 when there is none to be had."""
        if call.info.path.startswith("/openapi/"):
            return await self._description(call)
        return await self._handed_on(call, call.user)

    async def _description(self, call: Call) -> web.StreamResponse:
        if (own := self.known.openapi.document) is not None:
            return await own.answer(call.http.headers, cache="no-cache, private")
        return await self._handed_on(call, AGGREGATOR)

    async def _handed_on(self, call: Call, user: User) -> web.StreamResponse:
        if not self.available:
            return _unavailable(UNAVAILABLE)
        if {".", ".."} & set(call.http.path.split("/")):
            raise not_found()
        try:
            there = self._there(random.choice(await self._places()))
        except ApiError:
            self.wake()
            return _unavailable(UNAVAILABLE)
        except (ValueError, OSError) as error:
            return replies.text(f"{error}\n", 500)
        try:
            return await self._around.relay.hand_on(call, there, headers_of(user))
        except (Unreachable, Unspeakable) as error:
            self.wake()
            return _unavailable(f"error trying to reach service: {error}\n")

    async def _places(self) -> list[Place]:
        return places(self.reference, *await self._around.behind(self.reference))

    def _there(self, place: Place) -> There:
        """With its certificate checked, unless the APIService says otherwise."""
        spec, proxy = self._obj["spec"], self._around.proxy
        bundle, careless = spec.get("caBundle") or "", bool(spec.get("insecureSkipTLSVerify"))
        made_from = (bundle, careless, proxy.age())
        if self._trusted is None or self._trusted[0] != made_from:
            self._trusted = made_from, proxy.careless() if careless else proxy.trusting(bundle)
        return There(place, self._server_name, self._trusted[1])

    @property
    def _server_name(self) -> str:
        return f"{self.reference['name']}.{self.reference['namespace']}.svc"

    # --- looking after it

    async def run(self) -> None:
        """Until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            self._news.clear()
            well = await self._looked_after()
            pause = FIRST_PAUSE_SECONDS if well else min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                async with asyncio.timeout(CHECK_SECONDS if well else pause):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _looked_after(self) -> bool:
        """Whether there is no reason to look again soon."""
        try:
            finding, at = await self._finding()
            if at is not None and time.monotonic() >= self._learnt + LEARN_SECONDS:
                await self._learn(at)
            elif at is None:
                self._remember(replace(self.known, fresh=False))
                self._learnt = NEVER
            await self._around.tell(self.name, finding)
        except (ApiError, StorageError) as error:
            log.info("APIService %s: trying again: %s", self.name, error)
            return False
        return finding.reason != "FailedDiscoveryCheck"

    async def _finding(self) -> tuple[Finding, Place | None]:
        """What is to be said of it, and where somebody answered."""
        service, slices = await self._around.behind(self.reference)
        if found := missing(self.reference, service, slices):
            return found, None
        try:
            candidates = places(self.reference, service, slices)
        except ApiError as error:
            return failed_check(error.message), None
        asked = random.sample(candidates, min(ATTEMPTS, len(candidates)))
        checks = [asyncio.create_task(self._check(place)) for place in asked]
        try:
            return await _first_well(checks)
        finally:
            for check in checks:
                check.cancel()

    async def _check(self, place: Place) -> tuple[Finding, Place | None]:
        """Any certificate will do: this only asks whether somebody is there."""
        try:
            there = There(place, self._server_name, self._around.proxy.careless())
            told = await self._around.relay.ask(there, f"/{self.root}")
            why = "" if 200 <= told.status < 300 else f"bad status from {there.url('/' + self.root)}: {told.status}"
        except (Unreachable, OSError) as error:  # the latter: our certificate cannot be used
            why = str(error)
        if why:
            return failed_check(f"failing or missing response from https://{place.authority}/{self.root}: {why}"), None
        return PASSED, place

    async def _learn(self, place: Place) -> None:
        try:
            there = self._there(place)
            resources, etag = await self._resources(there)
            described = await openapi.described(self._around.relay, there, self.root, self.known.openapi)
        except (Unreachable, OSError, *NONSENSE) as error:
            log.info("APIService %s: cannot learn what is served: %s: %s", self.name, type(error).__name__, error)
            self._remember(replace(self.known, fresh=False))
            return
        self._learnt = time.monotonic()
        self._remember(Known(resources, True, etag, described))

    async def _resources(self, there: There) -> tuple[tuple[Doc, ...], str]:
        ask = self._around.relay.ask
        told = await ask(there, "/apis", accept=_AGGREGATED, etag=self.known.etag)
        if told.status == 304:
            return self.known.resources, self.known.etag
        if told.status == 200 and (found := discovered.from_aggregated(_document(told), self.served)) is not None:
            return discovered.sound(found), told.etag
        told = await ask(there, f"/{self.root}")
        if told.status != 200:
            raise Unreachable(f"failed to download discovery for /{self.root}: {told.status}")
        return discovered.sound(discovered.from_plain(_document(told), self.served)), ""

    def _remember(self, known: Known) -> None:
        before, self.known = self.known, known
        if before != known:
            self._around.changed()


async def _first_well(checks: list[asyncio.Task[tuple[Finding, Place | None]]]) -> tuple[Finding, Place | None]:
    """The first of them that passes; else the last that failed."""
    result: tuple[Finding, Place | None] = failed_check("no endpoints"), None
    for check in asyncio.as_completed(checks):
        result = await check
        if result[1] is not None:
            break
    return result


def _document(told: Told) -> Doc:
    found = orjson.loads(told.body)
    return found if isinstance(found, dict) else {}


def _unavailable(why: str) -> web.Response:
    """As plain text: clients have words of their own for it."""
    return replies.text(why, 503)
