"""The signer: an approved request to one of Kubernetes' own signers gets its certificate from the cluster's authority.

Watches CertificateSigningRequests; writes the certificate, or Failed where the signer's rules forbid what is asked.
In Kubernetes: pkg/controller/certificates/signer. Left out: another authority for each signer.
"""

from __future__ import annotations

from datetime import timedelta

from controllers.signing_rules import RULES
from machinery.api.certificates.v1 import CertificateSigningRequest, CertificateSigningRequestCondition
from machinery.api.errors import NotFound
from machinery.client.controller import Context, Controller, own_key

SHORTEST = timedelta(minutes=10)


def is_to_be_signed(request: CertificateSigningRequest) -> bool:
    """Approved, by one of our signers, and neither done nor given up."""
    types = {condition.type for condition in request.status.conditions if condition.status == "True"}
    decided = "Approved" in types and not types & {"Denied", "Failed"}
    return decided and not request.status.certificate and request.spec.signer_name in RULES


def lifetime(request: CertificateSigningRequest, longest: timedelta) -> timedelta:
    """As asked, within bounds."""
    seconds = request.spec.expiration_seconds
    return longest if seconds is None else min(max(timedelta(seconds=seconds), SHORTEST), longest)


def failed(request: CertificateSigningRequest, why: str) -> CertificateSigningRequest:
    condition = CertificateSigningRequestCondition(
        type="Failed", status="True", reason="SignerValidationFailure", message=why)
    return request.replace(status=request.status.replace(conditions=(*request.status.conditions, condition)))


class CSRSigningController(Controller):
    """Keys are requests. Without files it signs nothing."""

    name = "csrsigning"
    workers = 1

    def __init__(self, ctx: Context, *, certificate: str, key: str, longest: float) -> None:
        super().__init__(ctx)
        self._files, self._longest = (certificate, key), timedelta(seconds=longest)
        self.requests = ctx.informers.informer(CertificateSigningRequest)
        self.watches = ((self.requests, own_key),)

    async def reconcile(self, key: str) -> None:
        request = self.requests.lister.get("", key)
        if request is None or not is_to_be_signed(request) or not all(self._files):
            return
        try:
            await self.ctx.client.update_status(self._decided(request))
        except NotFound:
            return

    def _decided(self, request: CertificateSigningRequest) -> CertificateSigningRequest:
        # Imported with the first request: what it brings weighs more than this controller.
        from controllers.certificate_authority import Authority, asked, parsed

        spec, wanted = request.spec, parsed(request.spec.request)
        if why := RULES[spec.signer_name](asked(wanted), spec.usages):
            return failed(request, why)
        authority, now = Authority.of_files(*self._files), self.ctx.clock.now()
        certificate = authority.sign(wanted, spec.usages, lifetime(request, self._longest), now)
        return request.replace(status=request.status.replace(certificate=certificate))
