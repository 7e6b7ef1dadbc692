"""The cleaner: requests for certificates go some time after they were decided, or when nobody decided for a day.

Watches CertificateSigningRequests and deletes them; each is looked at again when its time comes.
In Kubernetes: pkg/controller/certificates/cleaner, which looks at all of them once an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from machinery.api.certificates.v1 import CertificateSigningRequest
from machinery.api.errors import Conflict, NotFound
from machinery.client.controller import Context, Controller, own_key

DECIDED, PENDING = timedelta(hours=1), timedelta(hours=24)


def ends(request: CertificateSigningRequest) -> datetime | None:
    """When it may go; None for what waits for its signer."""
    return min(_ends(request), default=None)


def _ends(request: CertificateSigningRequest) -> Iterator[datetime]:
    issued, created = bool(request.status.certificate), request.metadata.creation_timestamp
    if not request.status.conditions and created is not None:
        yield created + PENDING
    for condition in request.status.conditions:
        done = condition.type in ("Denied", "Failed") or (condition.type == "Approved" and issued)
        if done and condition.last_update_time is not None:
            yield condition.last_update_time + DECIDED
    if issued:
        from controllers.certificate_authority import expires

        yield expires(request.status.certificate)


class CSRCleanerController(Controller):
    """Keys are requests."""

    name = "csrcleaner"
    workers = 1

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.requests = ctx.informers.informer(CertificateSigningRequest)
        self.watches = ((self.requests, own_key),)

    async def reconcile(self, key: str) -> float | None:
        request = self.requests.lister.get("", key)
        end = ends(request) if request is not None else None
        if request is None or end is None:
            return None
        left = (end - self.ctx.clock.now()).total_seconds()
        if left > 0:
            return left + 1
        try:
            await self.ctx.client.delete(CertificateSigningRequest, key, uid=request.metadata.uid)
        except (NotFound, Conflict):
            return None
        return None
