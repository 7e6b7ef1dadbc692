"""CertificateSigningRequest (k8s.io/api `certificates/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Bytes, Int32, Model, Object, Time, field


class CertificateSigningRequestSpec(Model):
    """The request, who made it, and for which signer and uses."""

    request: Bytes = field(1, "", required=True, list_type="atomic")
    signer_name: str = field(7, "", required=True)
    expiration_seconds: Int32 | None = field(8, None)
    usages: tuple[str, ...] = field(5, (), list_type="atomic")
    username: str = field(2, "")
    uid: str = field(3, "")
    groups: tuple[str, ...] = field(4, (), list_type="atomic")
    extra: dict[str, tuple[str, ...]] = field(6, {})


class CertificateSigningRequestCondition(Model):
    """Approved, Denied or Failed, and why."""

    type: str = field(1, "", required=True)
    status: str = field(6, "", required=True)
    reason: str = field(2, "")
    message: str = field(3, "")
    last_update_time: Time | None = field(4, None)
    last_transition_time: Time | None = field(5, None)


class CertificateSigningRequestStatus(Model):
    """The decision and the certificate."""

    conditions: tuple[CertificateSigningRequestCondition, ...] = field(1, (), list_type="map", list_keys=("type",))
    certificate: Bytes = field(2, "", list_type="atomic")


class CertificateSigningRequest(Object):
    """A request for a certificate that somebody approves and a signer signs."""

    api_version: str = field(None, "certificates.k8s.io/v1", required=True)
    kind: str = field(None, "CertificateSigningRequest", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CertificateSigningRequestSpec = field(2, CertificateSigningRequestSpec, required=True)
    status: CertificateSigningRequestStatus = field(3, CertificateSigningRequestStatus)
