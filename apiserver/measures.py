"""The numbers that /metrics shows, under the names and labels that users of Kubernetes know.

A request costs a few dictionary operations; everything that can be counted when somebody looks is counted then.
Only resources that exist get numbers of their own, or a stranger could fill the memory with names.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/metrics, storage/etcd3/metrics, audit/metrics.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from aiohttp import web

from apiserver import version
from apiserver.call import Call
from apiserver.request_info import RequestInfo
from machinery.component.metrics import Counter, Gauge, Histogram

_SUBJECT = ("verb", "group", "version", "resource", "subresource", "scope", "component")
_LATENCIES = (
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
)  # fmt: skip
REQUESTS = Counter(
    "apiserver_request_total",
    "Requests by verb, dry run, group, version, resource, scope, component and response code.",
    ("verb", "dry_run", *_SUBJECT[1:], "code"),
)
DURATIONS = Histogram(
    "apiserver_request_duration_seconds",
    "Seconds from a request to its answer, for everything but long-running requests.",
    ("verb", "dry_run", *_SUBJECT[1:]),
    buckets=_LATENCIES,
)
SIZES = Histogram(
    "apiserver_response_sizes",
    "Bytes of the answers to reading requests.",
    _SUBJECT,
    buckets=tuple(1000.0 * 10**power for power in range(7)),
)
IN_FLIGHT = Gauge(
    "apiserver_current_inflight_requests", "Requests that run now, long ones apart.", ("request_kind",)
)
LONG_RUNNING = Gauge("apiserver_longrunning_requests", "Long-running requests that are open now.", _SUBJECT)
TERMINATIONS = Counter(
    "apiserver_request_terminations_total",
    "Requests that the server ended in self-defence.",
    ("code", *_SUBJECT),
)
WATCH_EVENTS = Counter("apiserver_watch_events_total", "Events sent to watchers.", ("group", "version", "kind"))
AUDIT_EVENTS = Counter("apiserver_audit_event_total", "Audit events made and sent to the audit log.")
AUDIT_ERRORS = Counter("apiserver_audit_error_total", "Audit events that were lost, by where.", ("plugin",))
OBJECTS = Gauge("apiserver_storage_objects", "Objects stored, by resource.", ("resource",))
_BUILT = ("major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler", "platform")
BUILD = Gauge(
    "kubernetes_build_info",
    "Always 1, labelled by what this server is.",
    tuple("".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name) for name in _BUILT),
)
BUILD.set(1, *(version.INFO[name] for name in _BUILT))

MUTATING = frozenset(("create", "update", "patch", "delete", "deletecollection", "post", "put"))
_VERBS = {"create": "POST", "update": "PUT", "proxy": "CONNECT"}
_CONNECT = frozenset(("attach", "exec", "portforward", "proxy", "log"))
_COMPONENT = "apiserver"
APPLY_TYPE = "application/apply-patch+yaml"
_PAGES = ("/healthz", "/livez", "/readyz", "/metrics", "/version")
"""The paths outside of resources that have numbers of their own."""


def verb_of(call: Call) -> str:
    """GET, LIST, WATCH, POST, PUT, PATCH, APPLY, DELETE, DELETECOLLECTION or CONNECT."""
    info = call.info
    if info.subresource in _CONNECT and info.subresource != "log":
        return "CONNECT"
    if info.verb == "patch" and call.http.content_type == APPLY_TYPE:
        return "APPLY"
    return _VERBS.get(info.verb) or info.verb.upper()


def scope_of(info: RequestInfo) -> str:
    if info.name or info.verb == "create":
        return "resource"
    return "namespace" if info.namespace else "cluster"


def subject_of(call: Call) -> tuple[str, ...]:
    """The values of _SUBJECT for a request."""
    info = call.info
    if not info.is_resource:
        return verb_of(call), "", "", "", info.path, "", _COMPONENT
    return verb_of(call), info.group, info.version, info.resource, info.subresource, scope_of(info), _COMPONENT


class Requests:
    """Counts requests; wants to know which resources (group, version, plural) there are."""

    def __init__(self, known: Iterable[tuple[str, str, str]], is_long: Callable[[RequestInfo], bool]) -> None:
        self._known, self._is_long = frozenset(known), is_long

    def measured(self, following: Callable) -> Callable:
        async def handle(call: Call) -> web.StreamResponse:
            info = call.info
            if not self._worth(info):
                return await following(call)
            if self._is_long(info):
                return await self._long(following, call)
            begun = time.perf_counter()
            response = await following(call)
            _series(call).add(response, time.perf_counter() - begun, cut_short=call.cut_short)
            return response

        return handle

    def _worth(self, info: RequestInfo) -> bool:
        if info.is_resource:
            return (info.group, info.version, info.resource) in self._known
        return info.path in _PAGES

    async def _long(self, following: Callable, call: Call) -> web.StreamResponse:
        subject = subject_of(call)
        LONG_RUNNING.add(1, *subject)
        try:
            response = await following(call)
        finally:
            LONG_RUNNING.add(-1, *subject)
        REQUESTS.inc(subject[0], "", *subject[1:], str(response.status))
        return response


class Series:
    """What all requests of one sort add to, found once: verb, place, dry run."""

    __slots__ = ("_identity", "_seconds", "_size", "_subject")

    def __init__(self, verb: str, subject: tuple[str, ...], dry_run: str) -> None:
        self._subject = (verb, *subject)
        self._identity = (verb, dry_run if dry_run in ("", "All") else "invalid", *subject)
        self._seconds = DURATIONS.observer(*self._identity)
        self._size = SIZES.observer(*self._subject) if verb in ("GET", "LIST") else None

    def add(self, response: web.StreamResponse, seconds: float, *, cut_short: bool) -> None:
        code = str(response.status)
        REQUESTS.inc(*self._identity, code)
        self._seconds(seconds)
        if self._size is not None and isinstance(response, web.Response) and isinstance(response.body, bytes):
            self._size(len(response.body))
        if cut_short:
            TERMINATIONS.inc(code, *self._subject)


_SERIES: dict[tuple, Series] = {}


def _series(call: Call) -> Series:
    info = call.info
    dry_run = call.http.query.get("dryRun", "")
    apply = info.verb == "patch" and call.http.content_type == APPLY_TYPE
    place = (info.group, info.version, info.resource, info.subresource) if info.is_resource else info.path
    sort = (info.verb, place, info.name != "", info.namespace != "", apply, dry_run in ("", "All") and dry_run)
    if (found := _SERIES.get(sort)) is None:
        verb, *subject = subject_of(call)
        found = _SERIES[sort] = Series(verb, tuple(subject), dry_run)
    return found
