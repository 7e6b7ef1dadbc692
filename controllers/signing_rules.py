"""What each of Kubernetes' signers accepts: rules over a parsed request and the usages asked for. Pure.

In Kubernetes: pkg/apis/certificates/helpers.go and pkg/controller/certificates/signer, whose sentences these are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

CLIENT = "kubernetes.io/kube-apiserver-client"
KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
KUBELET_SERVING = "kubernetes.io/kubelet-serving"
LEGACY = "kubernetes.io/legacy-unknown"
_NODES, _NODE = ["system:nodes"], "system:node:"


class Asked(NamedTuple):
    """What a request says: its subject, and its alternative names by kind."""

    common_name: str
    organizations: list[str]
    dns: list[str]
    ips: list[str]
    emails: list[str]
    uris: list[str]


Rule = Callable[[Asked, Collection[str]], str]
"""Why not, or nothing."""


def kubelet_client(asked: Asked, usages: Collection[str]) -> str:
    """A kubelet that dials the API server: a name, and nothing that a server would have."""
    if asked.organizations != _NODES:
        return "subject organization is not system:nodes"
    for kind, names in (("DNS", asked.dns), ("Email", asked.emails), ("IP", asked.ips), ("URI", asked.uris)):
        if names:
            return f"{kind} subjectAltNames are not allowed"
    return _node_name(asked) or _usages(usages, "client auth")


def kubelet_serving(asked: Asked, usages: Collection[str]) -> str:
    """A kubelet that serves."""
    if asked.organizations != _NODES:
        return "subject organization is not system:nodes"
    if not asked.dns and not asked.ips:
        return "DNS or IP subjectAltName is required"
    for kind, names in (("Email", asked.emails), ("URI", asked.uris)):
        if names:
            return f"{kind} subjectAltNames are not allowed"
    return _usages(usages, "server auth") or _node_name(asked)


def client(asked: Asked, usages: Collection[str]) -> str:
    """Anybody who dials the API server."""
    for usage in usages:
        if usage not in ("digital signature", "key encipherment", "client auth"):
            return f"invalid usage for client certificate: {usage}"
    return "" if "client auth" in usages else "missing required usage for client certificate: client auth"


def anything(asked: Asked, usages: Collection[str]) -> str:
    """The signer of old has no rules."""
    return ""


RULES: dict[str, Rule] = {
    CLIENT: client, KUBELET_CLIENT: kubelet_client, KUBELET_SERVING: kubelet_serving, LEGACY: anything,
}  # fmt: skip


def _node_name(asked: Asked) -> str:
    named = asked.common_name.startswith(_NODE)
    return "" if named else "subject common name does not begin with system:node:"


def _usages(usages: Collection[str], purpose: str) -> str:
    least = {"digital signature", purpose}
    whole = least | {"key encipherment"}
    return "" if set(usages) in (least, whole) else f"usages did not match [{' '.join(sorted(whole))}]"
