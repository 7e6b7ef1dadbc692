"""The ordered pipeline that every request passes, as data: `filters()` lists the steps, outermost first.

After the filters, `endpoints` decodes, defaults, admits, validates and stores (see `registry.store`).
Real Kubernetes: DefaultBuildHandlerChain in k8s.io/apiserver/pkg/server/config.go.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Sequence
from functools import lru_cache

from aiohttp import web

from apiserver import replies
from apiserver.audit.event import id_of
from apiserver.audit.log import AuditLog
from apiserver.audit.steps import announced, audited
from apiserver.authentication import impersonation
from apiserver.authentication.authenticator import Authenticator
from apiserver.authentication.bearer import REMARKS
from apiserver.authentication.chain import authenticate
from apiserver.authorization.authorizer import Authorizer, Opinion, decide, refusal
from apiserver.call import Call, Filter, Handler
from apiserver.encoding.compression import compressed
from apiserver.limits import Deadlines, deadline
from apiserver.measures import Requests
from apiserver.storage_errors import translated
from machinery.api.errors import ApiError, InternalError

log = logging.getLogger(__name__)


def filters(
    audit_log: AuditLog,
    authenticators: Sequence[Authenticator],
    authorizers: Sequence[Authorizer],
    *,
    measuring: Requests,
    deadlines: Deadlines,
    limit: Filter,
) -> tuple[Filter, ...]:
    """The steps, outermost first."""
    return (
        stamped,
        measuring.measured,
        audited(audit_log),
        compressed,
        answered,
        deadline(deadlines),
        authenticated(authenticators),
        announced(audit_log),
        impersonating(authorizers),
        limit,
        authorized(authorizers),
    )


def assemble(steps: Sequence[Filter], handler: Handler) -> Handler:
    """Wrap the handler in every step."""
    for step in reversed(steps):
        handler = step(handler)
    return handler


def stamped(following: Handler) -> Handler:
    """Each request has an id, and each answer says so, and whatever else the steps want it to say."""

    async def handle(call: Call) -> web.StreamResponse:
        call.headers["Audit-ID"] = id_of(call.http.headers)
        response = await following(call)
        if not response.prepared:
            response.headers.update(call.headers)
        return response

    return handle


def answered(following: Handler) -> Handler:
    """The one place that turns exceptions into Status answers."""

    async def handle(call: Call) -> web.StreamResponse:
        try:
            return await following(call)
        except ApiError as error:
            return replies.failure(error, call)
        except (ConnectionError, ssl.SSLError):
            raise
        except Exception as error:  # noqa: BLE001 - the one renderer
            return replies.failure(_translated(error, call), call)

    return handle


def _translated(error: Exception, call: Call) -> ApiError:
    known = translated(error, call.info)
    if known is None:
        log.exception("%s %s", call.http.method, call.http.path_qs)
        call.panic = f"{type(error).__name__}: {error}"
        return InternalError(call.panic)
    return known


def authenticated(authenticators: Sequence[Authenticator]) -> Filter:
    """Learns who asks; the first authenticator that knows decides."""

    def step(following: Handler) -> Handler:
        async def handle(call: Call) -> web.StreamResponse:
            call.user = await authenticate(authenticators, call.http)
            if REMARKS in call.http:
                call.annotations |= call.http[REMARKS]
            return await following(call)

        return handle

    return step


def impersonating(authorizers: Sequence[Authorizer]) -> Filter:
    """Lets those who may ask as somebody else; from here on the request is that user's."""

    def step(following: Handler) -> Handler:
        async def handle(call: Call) -> web.StreamResponse:
            asked = impersonation.wanted(call.http.headers)
            if asked is not None:
                for question in impersonation.questions(asked):
                    if not (opinion := decide(authorizers, call.user, question)).allowed:
                        raise refusal(call.user, question, opinion.reason)
                call.impersonator, call.user = call.user, impersonation.become(asked)
            return await following(call)

        return handle

    return step


def authorized(authorizers: Sequence[Authorizer]) -> Filter:
    """Lets through what the first authorizer with an opinion allows."""

    def step(following: Handler) -> Handler:
        async def handle(call: Call) -> web.StreamResponse:
            opinion = decide(authorizers, call.user, call.info)
            call.annotations |= _annotations(opinion)
            if opinion.allowed:
                return await following(call)
            raise refusal(call.user, call.info, opinion.reason)

        return handle

    return step


@lru_cache(maxsize=1024)
def _annotations(opinion: Opinion) -> dict[str, str]:
    """What the audit log says of the decision."""
    decision = "allow" if opinion.allowed else "forbid"
    return {"authorization.k8s.io/decision": decision, "authorization.k8s.io/reason": opinion.reason}
