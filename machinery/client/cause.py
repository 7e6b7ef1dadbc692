"""Who acts, for which key, and what woke them: kept beside the running task, sent with every write.

`with acting("replicaset", "default/web", woken_by): ...` marks all requests made inside; transport.py turns the mark
into three headers, and the API server writes them into its audit log. Real Kubernetes has nothing like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from machinery.api.model import Object

KEPT = 8
"""How many wakers one cause names: the newest. A burst of a thousand pods must still fit into a header."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a request is made. `woken_by` holds references such as `Pod/default/web@1234`, oldest first."""

    actor: str
    key: str
    woken_by: tuple[str, ...] = ()


_current: ContextVar[Cause | None] = ContextVar("cause", default=None)


@contextmanager
def acting(actor: str, key: str, woken_by: Iterable[str] = ()) -> Iterator[Cause]:
    """Everything that this task (and those it starts) asks of the API inside is done for this cause."""
    cause = Cause(actor, key, tuple(woken_by))
    with acting_for(cause):
        yield cause


@contextmanager
def acting_for(cause: Cause | None) -> Iterator[None]:
    """As `acting`, for a cause that was noted earlier with `current()`."""
    token = _current.set(cause)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Cause | None:
    return _current.get()


def headers() -> dict[str, str]:
    """The current cause as request headers."""
    cause = _current.get()
    if cause is None:
        return {}
    named = {"Mini-Actor": cause.actor, "Mini-Key": cause.key, "Mini-Woken-By": ",".join(cause.woken_by)}
    return {name: quote(value, safe="/@:,.-_ ") for name, value in named.items() if value}


def reference(obj: Object) -> str:
    """`Pod/default/web@1234`, or `Node/worker-1@1234` where the kind has no namespace."""
    meta = obj.metadata
    path = "/".join(part for part in (obj.kind, meta.namespace, meta.name) if part)
    return f"{path}@{meta.resource_version}"


def merged(known: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """Both without repeats, newest last, and no more than KEPT of them."""
    newest = tuple(more)
    return (*(one for one in known if one not in newest), *dict.fromkeys(newest))[-KEPT:]
