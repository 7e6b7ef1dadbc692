"""/healthz, /livez and /readyz: named checks, in the text that Kubernetes' users and probes know.

`poststarthook/…` are the steps of starting up: each passes once somebody has said `passed(name)`. A check never hangs:
what takes longer than CHECK_SECONDS has failed. The reasons go to the log, not to strangers.
Real Kubernetes: k8s.io/apiserver/pkg/server/healthz and pkg/server/healthz.go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

log = logging.getLogger(__name__)

ENDPOINTS = ("healthz", "livez", "readyz")
CHECK_SECONDS = 2.0
NAMESPACES, PRIORITY_CLASSES, SERVICE_IPS, BOOTSTRAP, IDENTITY, ROLES, FAIRNESS = (
    "start-system-namespaces-controller",
    "scheduling/bootstrap-system-priority-classes",
    "start-service-ip-repair-controllers",
    "bootstrap-controller",
    "start-kube-apiserver-identity-lease-controller",
    "rbac/bootstrap-roles",
    "priority-and-fairness-config-producer",
)
HOOKS = (NAMESPACES, IDENTITY, SERVICE_IPS, ROLES, PRIORITY_CLASSES, FAIRNESS, BOOTSTRAP)


class Unhealthy(Exception):
    """Why a check fails."""


class Check(NamedTuple):
    """One named check; `run` raises Unhealthy."""

    name: str
    run: Callable[[], Awaitable[None]]
    endpoints: Sequence[str] = ENDPOINTS


class Verdict(NamedTuple):
    """An answer of a health endpoint; None of it is a Status."""

    healthy: bool
    text: str


class Health:
    """Wants a question to etcd that raises while etcd is away, and a word on whether the caches follow it."""

    def __init__(self, ask_etcd: Callable[[], Awaitable[object]], caches_follow: Callable[[], bool]) -> None:
        self._ask_etcd, self._caches_follow = ask_etcd, caches_follow
        self._passed: set[str] = set()
        self._stopping = False
        hooks = [Check(f"poststarthook/{name}", self._hook(name)) for name in HOOKS]
        self.checks = (
            Check("ping", _well),
            Check("log", _well),
            Check("etcd", self._etcd),
            Check("etcd-readiness", self._etcd, ("readyz",)),
            Check("informer-sync", self._informers, ("readyz",)),
            *hooks,
            Check("shutdown", self._shutdown, ("readyz",)),
        )

    def passed(self, hook: str) -> None:
        """This step of starting up is done."""
        self._passed.add(hook)

    def stopping(self) -> None:
        """From now on not ready: whoever balances load sends nothing new."""
        self._stopping = True

    def known(self, endpoint: str) -> list[Check]:
        return [check for check in self.checks if endpoint in check.endpoints]

    async def one(self, endpoint: str, name: str) -> Verdict | None:
        """The answer of /readyz/etcd; None for a check that is not there."""
        for check in self.known(endpoint):
            if check.name == name:
                why = await _result(check)
                return Verdict(not why, f"internal server error: {why}\n" if why else "ok")
        return None

    async def all(self, endpoint: str, *, excluded: Sequence[str] = (), verbose: bool = False) -> Verdict:
        """`ok`; every check by name when asked to, or when one fails."""
        checks = self.known(endpoint)
        asked = [check for check in checks if check.name not in excluded]
        results = await asyncio.gather(*map(_result, asked))
        failed = {check.name: why for check, why in zip(asked, results, strict=True) if why}
        if failed:
            log.info("%s check failed: %s", endpoint, "; ".join(f"{name}: {why}" for name, why in failed.items()))
        elif not verbose:
            return Verdict(True, "ok")
        lines = [_line(check.name, check.name in excluded, check.name in failed) for check in checks]
        if unknown := sorted(set(excluded) - {check.name for check in checks}):
            quoted = ",".join(f'"{name}"' for name in unknown)
            lines.append(f"warn: some health checks cannot be excluded: no matches for {quoted}")
        verdict = f"{endpoint} check {'failed' if failed else 'passed'}"
        return Verdict(not failed, "\n".join([*lines, verdict, ""]))

    async def _etcd(self) -> None:
        await self._ask_etcd()

    async def _informers(self) -> None:
        if not self._caches_follow():
            raise Unhealthy("the watch caches do not follow etcd")

    async def _shutdown(self) -> None:
        if self._stopping:
            raise Unhealthy("process is shutting down")

    def _hook(self, name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            if name not in self._passed:
                raise Unhealthy("not finished")

        return run


async def _well() -> None:
    """Who can answer at all is well in this respect."""


async def _result(check: Check) -> str:
    """What is wrong; empty when nothing is."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check.run()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g}s"
    except (Unhealthy, OSError) as error:
        return str(error)
    return ""


def _line(name: str, excluded: bool, failed: bool) -> str:
    if excluded:
        return f"[+]{name} excluded: ok"
    return f"[-]{name} failed: reason withheld" if failed else f"[+]{name} ok"
