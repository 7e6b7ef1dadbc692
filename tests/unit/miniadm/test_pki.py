"""Certificates: who they speak for, and that good ones are kept."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from miniadm import pki
from miniadm.cluster import Cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    cluster = Cluster("mini", tmp_path, subnet="192.168.80.0/24")
    pki.ensure(cluster)
    return cluster


def certificate(cluster: Cluster, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((cluster.pki / f"{name}.crt").read_bytes())


def names(cluster: Cluster, name: str) -> set[str]:
    extension = certificate(cluster, name).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(entry.value) for entry in extension.value}


@pytest.mark.parametrize(
    ("file", "user", "group"),
    [
        ("admin", "kubernetes-admin", "system:masters"),
        ("kubelet-worker-1", "system:node:worker-1", "system:nodes"),
        ("controllers", "system:kube-controller-manager", None),
        ("scheduler", "system:kube-scheduler", None),
        ("kube-proxy", "system:kube-proxy", "system:node-proxier"),
        ("network", "mini:network", None),
        ("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
    ],
)
def test_identities(cluster: Cluster, file: str, user: str, group: str | None):
    subject = certificate(cluster, file).subject
    assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == user
    groups = [attribute.value for attribute in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    assert groups == ([group] if group else [])


def test_servers_are_known_by_every_name_that_clients_use(cluster: Cluster):
    assert {"kubernetes.default.svc", "10.96.0.1", "192.168.80.10", "localhost"} <= names(cluster, "apiserver")
    assert {"worker-2", "192.168.80.12"} <= names(cluster, "kubelet-worker-2")


def test_clients_cannot_pose_as_servers(cluster: Cluster):
    usage = certificate(cluster, "admin").extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_etcd_trusts_its_own_authority_alone(cluster: Cluster):
    ca, etcd = certificate(cluster, "ca"), certificate(cluster, "etcd-ca")
    certificate(cluster, "apiserver-etcd-client").verify_directly_issued_by(etcd)
    with pytest.raises(ValueError, match="Issuer"):
        certificate(cluster, "kubelet-worker-1").verify_directly_issued_by(etcd)
    certificate(cluster, "kubelet-worker-1").verify_directly_issued_by(ca)


def test_everything_is_for_roots_eyes(cluster: Cluster):
    assert stat.S_IMODE(cluster.pki.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in cluster.pki.iterdir()} == {0o600}


def test_good_certificates_are_kept(cluster: Cluster):
    before = {path: path.read_bytes() for path in cluster.pki.iterdir()}
    assert pki.ensure(cluster) == []
    assert {path: path.read_bytes() for path in cluster.pki.iterdir()} == before


def test_what_is_missing_broken_or_outdated_is_made_again(cluster: Cluster, monkeypatch: pytest.MonkeyPatch):
    (cluster.pki / "admin.crt").unlink()
    (cluster.pki / "scheduler.crt").write_text("not a certificate")
    assert pki.ensure(cluster) == ["scheduler", "admin"]
    assert pki.ensure(replace(cluster, workers=3)) == ["kubelet-worker-3"]
    assert pki.ensure(replace(cluster, subnet="192.168.83.0/24")) == [
        "apiserver",
        "kubelet-control-plane",
        "kubelet-worker-1",
        "kubelet-worker-2",
    ]
    monkeypatch.setattr(pki, "RENEW_BEFORE", pki.datetime.timedelta(days=pki.DAYS + 1))
    assert len(pki.ensure(cluster)) == len(pki.wanted(cluster))


def test_a_new_authority_makes_all_new(cluster: Cluster):
    (cluster.pki / "ca.key").unlink()
    made = pki.ensure(cluster)
    assert made[0] == "ca"
    assert "admin" in made
    assert "etcd" not in made


def test_the_keys_of_tokens_are_made_once_and_made_where_they_are_missing(cluster: Cluster):
    key, public = cluster.pki / "sa.key", cluster.pki / "sa.pub"
    first = public.read_bytes()
    assert first.startswith(b"-----BEGIN PUBLIC KEY-----") and stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "sa" not in pki.ensure(cluster) and public.read_bytes() == first
    key.unlink()
    assert pki.ensure(cluster) == ["sa"] and public.read_bytes() != first


def test_the_front_proxy_has_an_authority_of_its_own(cluster: Cluster):
    proxy, authority = certificate(cluster, "front-proxy-client"), certificate(cluster, "front-proxy-ca")
    proxy.verify_directly_issued_by(authority)
    assert authority.subject != certificate(cluster, "ca").subject
