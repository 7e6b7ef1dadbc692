"""CertificateApproval and CertificateSigning: who decides on a request, or issues for it, must be let by its signer.

Beside the permission to write `/approval` or `/status`, they ask the authorizers for the verb `approve` or `sign` on
the signer, by name or by its domain: `kubernetes.io/*`.
Real Kubernetes: plugin/pkg/admission/certificates/{approval,signing}, whose sentences these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin
from apiserver.authorization.authorizer import Authorizer, decide
from apiserver.request_info import RequestInfo
from apiserver.user import User
from machinery.api.errors import Forbidden

_GROUP = "certificates.k8s.io"


class _SignerPlugin(Plugin):
    verb: ClassVar[str]
    subresource: ClassVar[str]

    def __init__(self, authorizers: Sequence[Authorizer]) -> None:
        self._authorizers = authorizers

    def handles(self, attributes: Attributes) -> bool:
        requests = attributes.resource.kind == "CertificateSigningRequest"
        return requests and attributes.operation == "UPDATE" and attributes.subresource == self.subresource

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        signer = old["spec"].get("signerName", "")
        if self.concerns(obj, old) and not may(self._authorizers, attributes.user, self.verb, signer):
            why = f'user not permitted to {self.verb} requests with signerName "{signer}"'
            raise Forbidden(attributes.resource.plural, attributes.name, why, group=_GROUP)

    def concerns(self, obj: Doc, old: Doc) -> bool:
        return True


class CertificateApproval(_SignerPlugin):
    """Before every write of /approval."""

    verb, subresource = "approve", "approval"


class CertificateSigning(_SignerPlugin):
    """Before a write of /status that issues a certificate or changes conditions."""

    verb, subresource = "sign", "status"

    def concerns(self, obj: Doc, old: Doc) -> bool:
        now, was = obj.get("status", {}), old.get("status", {})
        return any((now.get(field) or None) != (was.get(field) or None) for field in ("certificate", "conditions"))


def may(authorizers: Sequence[Authorizer], user: User, verb: str, signer: str) -> bool:
    """Whether the user has the verb on this signer, or on all of its domain."""
    names = (signer, f"{signer.partition('/')[0]}/*")
    return any(
        decide(authorizers, user, RequestInfo(
            path="", verb=verb, is_resource=True, group=_GROUP, version="*", resource="signers", name=name)).allowed
        for name in names
    )  # fmt: skip
