"""One request on its way through the pipeline, with what each step has learnt of it so far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from apiserver.request_info import RequestInfo
from apiserver.user import ANONYMOUS, User


@dataclass(slots=True)
class Call:
    """The HTTP request, what it is about, who asks, and the warnings that the answer will carry."""

    http: web.BaseRequest
    info: RequestInfo
    user: User = ANONYMOUS
    warnings: list[str] = field(default_factory=list)
    object_name: str = ""
    """The name that a create was given (the URL does not hold it)."""


Handler = Callable[[Call], Awaitable[web.StreamResponse]]
Filter = Callable[[Handler], Handler]
