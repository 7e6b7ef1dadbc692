"""The approver: a kubelet's request for its own client certificate is approved if its author may have that.

Watches CertificateSigningRequests; writes Approved where the API server says that who asks may create
`certificatesigningrequests/selfnodeclient` (a kubelet renews its own) or `/nodeclient` (who joins asks for one).
In Kubernetes: pkg/controller/certificates/approver.
"""

from __future__ import annotations

from collections.abc import Sequence

from controllers.signing_rules import KUBELET_CLIENT, Asked, kubelet_client
from machinery.api.authorization.v1 import ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec
from machinery.api.certificates.v1 import CertificateSigningRequest, CertificateSigningRequestCondition
from machinery.api.errors import NotFound
from machinery.client.controller import Context, Controller, own_key

ASK_AGAIN_SECONDS = 60.0
"""A permission may be given later."""
SELF, OTHERS = "selfnodeclient", "nodeclient"
MESSAGES = {
    SELF: "Auto approving self kubelet client certificate after SubjectAccessReview.",
    OTHERS: "Auto approving kubelet client certificate after SubjectAccessReview.",
}


def is_decided(request: CertificateSigningRequest) -> bool:
    types = {condition.type for condition in request.status.conditions}
    return bool(request.status.certificate or types & {"Approved", "Denied"})


def permissions(request: CertificateSigningRequest, asked: Asked) -> Sequence[str]:
    """Which permissions would do, in the order in which to ask for them."""
    spec = request.spec
    if spec.signer_name != KUBELET_CLIENT or kubelet_client(asked, spec.usages):
        return ()
    return (SELF, OTHERS) if spec.username == asked.common_name else (OTHERS,)


def approved(request: CertificateSigningRequest, message: str) -> CertificateSigningRequest:
    condition = CertificateSigningRequestCondition(
        type="Approved", status="True", reason="AutoApproved", message=message)
    return request.replace(status=request.status.replace(conditions=(*request.status.conditions, condition)))


def question(request: CertificateSigningRequest, subresource: str) -> SubjectAccessReview:
    """Whether the author of the request may do that."""
    spec = request.spec
    what = ResourceAttributes(
        group="certificates.k8s.io", resource="certificatesigningrequests", verb="create", subresource=subresource)
    return SubjectAccessReview(spec=SubjectAccessReviewSpec(
        user=spec.username, uid=spec.uid, groups=spec.groups, extra=spec.extra, resource_attributes=what))


class CSRApprovingController(Controller):
    """Keys are requests."""

    name = "csrapproving"
    workers = 1

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.requests = ctx.informers.informer(CertificateSigningRequest)
        self.watches = ((self.requests, own_key),)

    async def reconcile(self, key: str) -> float | None:
        request = self.requests.lister.get("", key)
        if request is None or is_decided(request) or request.spec.signer_name != KUBELET_CLIENT:
            return None
        from controllers.certificate_authority import asked, parsed

        wanted = permissions(request, asked(parsed(request.spec.request)))
        for subresource in wanted:
            answer = await self.ctx.client.create(question(request, subresource))
            if answer.status.allowed:
                return await self._approve(approved(request, MESSAGES[subresource]))
        return ASK_AGAIN_SECONDS if wanted else None

    async def _approve(self, request: CertificateSigningRequest) -> None:
        try:
            await self.ctx.client.update_subresource(request, "approval")
        except NotFound:
            return
