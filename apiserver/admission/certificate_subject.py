"""CertificateSubjectRestriction: nobody is signed into system:masters, whom no authorizer can hold back.

Real Kubernetes: plugin/pkg/admission/certificates/subjectrestriction.
"""

from __future__ import annotations

import base64
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Plugin
from machinery.api.errors import Forbidden

_SIGNER, _GROUP = "kubernetes.io/kube-apiserver-client", "system:masters"


class CertificateSubjectRestriction(Plugin):
    """See the module."""

    def handles(self, attributes: Attributes) -> bool:
        requests = attributes.resource.kind == "CertificateSigningRequest"
        return requests and attributes.operation == "CREATE" and not attributes.subresource

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec, resource = obj["spec"], attributes.resource
        if spec.get("signerName") == _SIGNER and _GROUP in organizations(spec.get("request", "")):
            why = f"use of {_SIGNER} signer with {_GROUP} group is not allowed"
            raise Forbidden(resource.plural, attributes.name, why, group=resource.group)


def organizations(request: str) -> list[str]:
    """The groups that a request, which has been found to be one, asks for."""
    from cryptography import x509  # Here: it is large, and few API servers ever see a request.

    subject = x509.load_pem_x509_csr(base64.b64decode(request)).subject
    return [str(each.value) for each in subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)]
