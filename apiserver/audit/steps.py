"""What the audit log is told of a request on its way: that it came, that its stream began, and how it ended.

A request ends in ResponseComplete, or in Panic where this server made a mistake of its own. One whose client leaves
before the answer ends as well.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/filters/audit.go.
"""

from __future__ import annotations

import asyncio
import ssl

from aiohttp import web

from apiserver.audit.log import AuditLog
from apiserver.audit.policy import COMPLETE, PANIC, RECEIVED, STARTED
from apiserver.call import Call, Filter, Handler
from apiserver.limits import is_long_running


def audited(audit_log: AuditLog) -> Filter:
    """Writes one line per finished request, off the request's path; and one when a stream begins."""

    def step(following: Handler) -> Handler:
        tells_of_starts = audit_log.may_tell(STARTED)

        async def handle(call: Call) -> web.StreamResponse:
            call.received = audit_log.begin()
            if tells_of_starts and is_long_running(call.info):
                call.started = lambda response: audit_log.tell(STARTED, call, response)
            try:
                response = await following(call)
            except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
                audit_log.tell(COMPLETE, call, None)
                raise
            audit_log.tell(PANIC if call.panic else COMPLETE, call, response)
            return response

        return handle if audit_log.enabled else following

    return step


def announced(audit_log: AuditLog) -> Filter:
    """Writes that a request came, as soon as it is known whose it is; nothing where no rule wants that."""

    def step(following: Handler) -> Handler:
        async def handle(call: Call) -> web.StreamResponse:
            audit_log.tell(RECEIVED, call, None)
            return await following(call)

        return handle if audit_log.may_tell(RECEIVED) else following

    return step
