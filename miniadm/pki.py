"""The cluster's certificates: one authority, and one certificate per identity, as kubeadm names them.

etcd has an authority of its own, because it believes whoever holds a certificate of the one it trusts.
So does the front proxy, which is believed when it says for whom it asks. Tokens of service accounts are signed with a
key that stands beside them (sa.key, sa.pub).
`wanted` lists who needs one, as data; `ensure` makes what is missing or about to expire and keeps the rest.
Keys are ECDSA P-256 (fast to make and to use) and readable by root only. Left out: rotation while running.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from miniadm.cluster import SERVICE_IP, Cluster, Machine

AUTHORITIES = ("ca", "etcd-ca", "front-proxy-ca")
CA_DAYS = 3650
DAYS = 365
RENEW_BEFORE = datetime.timedelta(days=30)
_ANY_TIME_AGO = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Identity:
    """Who a certificate speaks for: CN is the user or server, O its group, `names` the server's names."""

    file: str
    common_name: str
    organization: str = ""
    names: tuple[str, ...] = ()
    issuer: str = "ca"


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def wanted(cluster: Cluster) -> tuple[Identity, ...]:
    """Everybody in the cluster who has to prove who they are."""
    control_plane = cluster.machines[0]
    server_names = (
        "kubernetes", "kubernetes.default", "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local", "localhost", control_plane.name,
        SERVICE_IP, "127.0.0.1", control_plane.ip,
    )  # fmt: skip
    return (
        Identity("etcd", "etcd", names=("localhost", "127.0.0.1"), issuer="etcd-ca"),
        Identity("apiserver", "kube-apiserver", names=server_names),
        Identity("apiserver-etcd-client", "kube-apiserver-etcd-client", issuer="etcd-ca"),
        Identity("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
        Identity("controllers", "system:kube-controller-manager"),
        Identity("scheduler", "system:kube-scheduler"),
        Identity("front-proxy-client", "front-proxy-client", issuer="front-proxy-ca"),
        Identity("kube-proxy", "system:kube-proxy", "system:node-proxier"),
        Identity("network", "mini:network"),
        Identity("admin", "kubernetes-admin", "system:masters"),
        *(node_identity(machine) for machine in cluster.machines),
    )


def node_identity(machine: Machine) -> Identity:
    """A kubelet is a client of the API server and a server to it, under one name."""
    return Identity(
        f"kubelet-{machine.name}",
        f"system:node:{machine.name}",
        "system:nodes",
        (machine.name, machine.ip, "127.0.0.1"),
    )


def ensure(cluster: Cluster) -> list[str]:
    """Make whatever certificate is missing; the names of those that were made."""
    folder = cluster.pki
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made: list[str] = []
    authorities = {name: _authority(folder, name, cluster, made) for name in AUTHORITIES}
    for identity in wanted(cluster):
        authority = authorities[identity.issuer]
        if not _is_good(folder, identity, authority):
            _issue(folder, identity, authority)
            made.append(identity.file)
    if not _is_pair(folder / "sa.key", folder / "sa.pub"):
        _make_token_keys(folder)
        made.append("sa")
    return made


def _is_pair(key: Path, public: Path) -> bool:
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), None)
        return _public_pem(private.public_key()) == public.read_bytes()
    except (FileNotFoundError, ValueError):
        return False


def _make_token_keys(folder: Path) -> None:
    """A new pair ends every token that the old one has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    _write_file(folder / "sa.key", _private_pem(key))
    _write_file(folder / "sa.pub", _public_pem(key.public_key()))


def _authority(folder: Path, name: str, cluster: Cluster, made: list[str]) -> Authority:
    authority = _load_authority(folder / name)
    if authority is None:
        authority = _make_authority(folder / name, f"{cluster.name}-{name}")
        made.append(name)
    return authority


def _load_authority(path: Path) -> Authority | None:
    try:
        certificate = x509.load_pem_x509_certificate(path.with_suffix(".crt").read_bytes())
        key = serialization.load_pem_private_key(path.with_suffix(".key").read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    return Authority(certificate, key) if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _make_authority(path: Path, name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        _builder(subject, subject, key, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(path, certificate, key)
    return Authority(certificate, key)


def _issue(folder: Path, identity: Identity, authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, identity.common_name)]
    if identity.organization:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, identity.organization))
    builder = (
        _builder(x509.Name(attributes), authority.certificate.subject, key, DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_purposes(identity)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    if identity.names:
        names = [_general_name(name) for name in identity.names]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    _write(folder / identity.file, builder.sign(authority.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _ANY_TIME_AGO)
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _purposes(identity: Identity) -> list[x509.ObjectIdentifier]:
    """etcd dials itself with its server certificate; a kubelet serves and dials."""
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return both if identity.names else both[1:]


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(folder: Path, identity: Identity, authority: Authority) -> bool:
    """Whether the stored certificate is by this authority, for these names, and lasts a while."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{identity.file}.crt").read_bytes())
        certificate.verify_directly_issued_by(authority.certificate)
        key = (folder / f"{identity.file}.key").read_bytes()
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature):
        return False
    expires = certificate.not_valid_after_utc
    lasts = expires - datetime.datetime.now(datetime.UTC) > RENEW_BEFORE
    return bool(key) and lasts and _names(certificate) == set(identity.names)


def _names(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in names}


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """Key before certificate: a pair that a power cut halved is found incomplete and made again."""
    _write_file(path.with_name(f"{path.name}.key"), _private_pem(key))
    _write_file(path.with_name(f"{path.name}.crt"), certificate.public_bytes(serialization.Encoding.PEM))


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_pem(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _write_file(target: Path, content: bytes) -> None:
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
