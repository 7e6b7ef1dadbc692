"""One request on its way through the pipeline, with what each step has learnt of it so far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from aiohttp import web

from apiserver.connections import Connections
from apiserver.request_info import RequestInfo
from apiserver.user import ANONYMOUS, User
from machinery.api.errors import ApiError
from machinery.component.upgrade import hang_up


@dataclass(slots=True)
class Call:
    """The HTTP request, what it is about, who asks, and the warnings that the answer will carry."""

    http: web.BaseRequest
    info: RequestInfo
    user: User = ANONYMOUS
    warnings: list[str] = field(default_factory=list)
    object_name: str = ""
    """The name that a create was given (the URL does not hold it)."""
    object_identity: tuple[str, str] = ("", "")
    """uid and resourceVersion of an update, as its body says."""
    received: float = 0.0
    """When it came, in seconds since 1970."""
    panic: str = ""
    """What went wrong where nothing should."""
    cut_short: bool = False
    """The server ended this request to protect itself: 429 or 504."""
    connections: Connections | None = None
    impersonator: User | None = None
    """Who really asks, when `user` is somebody whom they impersonate."""
    failure: ApiError | None = None
    """The error that was answered."""
    annotations: dict[str, str] = field(default_factory=dict)
    """What the audit log shall say beside the request itself."""

    headers: dict[str, str] = field(default_factory=dict)
    """What the answer shall say of itself, whatever it is; `stamp` writes it."""
    begun: Callable[[], None] | None = None
    """To be called once a watch has begun: from then on it takes nobody's place."""
    started: Callable[[web.StreamResponse | None], None] | None = None
    """Who wants to know that a stream begins; without a response it is another protocol's."""

    def start(self, response: web.StreamResponse | None = None) -> None:
        """To be called before a stream's answer begins."""
        if response is not None:
            response.headers.update(self.headers)
        if self.started is not None:
            self.started(response)

    def when_gone(self, end: Callable[[], object]) -> AbstractContextManager[None]:
        """Inside the block, `end` is called as soon as the client has left, or the server is going."""
        return self.connections.when_gone(self.http, end) if self.connections is not None else nullcontext()

    def closed_at_the_end(self) -> AbstractContextManager[None]:
        """Inside the block the connection is a pipe: it closes when the server is going; what was said arrives."""
        transport = self.http.transport
        return self.when_gone(lambda: hang_up(transport)) if transport is not None else nullcontext()


Handler = Callable[[Call], Awaitable[web.StreamResponse]]
Filter = Callable[[Handler], Handler]
