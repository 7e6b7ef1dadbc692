"""CertificateSigningRequest (k8s.io/api `certificates/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Bytes, Int32, Model, Object, Time, field


class CertificateSigningRequestSpec(Model):
    """The request, who made it, and for which signer and uses."""

    request: Bytes = field(1, "", required=True, list_type="atomic")
    """The PKCS#10 request, as a PEM block "CERTIFICATE REQUEST"."""
    signer_name: str = field(7, "", required=True)
    """Who shall sign: kubernetes.io/kube-apiserver-client, kubernetes.io/kubelet-serving … or one's own."""
    expiration_seconds: Int32 | None = field(8, None)
    """How long the certificate should last, at least 600; the signer may give less."""
    usages: tuple[str, ...] = field(5, (), list_type="atomic")
    """What the key is for: digital signature, key encipherment, client auth, server auth …"""
    username: str = field(2, "")
    """Who made the request; the server fills it in."""
    uid: str = field(3, "")
    """The uid of who made it; the server fills it in."""
    groups: tuple[str, ...] = field(4, (), list_type="atomic")
    """The groups of who made it; the server fills them in."""
    extra: dict[str, tuple[str, ...]] = field(6, {})
    """What else is known of who made it; the server fills it in."""


class CertificateSigningRequestCondition(Model):
    """Approved, Denied or Failed, and why."""

    type: str = field(1, "", required=True)
    """Approved, Denied or Failed. The first two exclude each other, and none of the three goes away."""
    status: str = field(6, "", required=True)
    """Always True for these three; conditions of one's own may say False or Unknown."""
    reason: str = field(2, "")
    """Why, as one word in CamelCase."""
    message: str = field(3, "")
    """The same for people to read."""
    last_update_time: Time | None = field(4, None)
    """When this condition was last written."""
    last_transition_time: Time | None = field(5, None)
    """When the status last changed; the server fills it in."""


class CertificateSigningRequestStatus(Model):
    """The decision and the certificate."""

    conditions: tuple[CertificateSigningRequestCondition, ...] = field(1, (), list_type="map", list_keys=("type",))
    """Whether it is approved, denied or failed; empty while nobody has decided."""
    certificate: Bytes = field(2, "", list_type="atomic")
    """The certificate as PEM, from the signer and only after approval; others may follow it. Written once."""


class CertificateSigningRequest(Object):
    """A request for a certificate that somebody approves and a signer signs."""

    api_version: str = field(None, "certificates.k8s.io/v1", required=True)
    kind: str = field(None, "CertificateSigningRequest", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CertificateSigningRequestSpec = field(2, CertificateSigningRequestSpec, required=True)
    """What is asked for; it cannot be changed."""
    status: CertificateSigningRequestStatus = field(3, CertificateSigningRequestStatus)
    """Empty until somebody decides."""
