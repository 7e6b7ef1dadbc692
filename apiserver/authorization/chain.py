"""The ordered list of authorizers, put together from --authorization-mode once at start.

Node, RBAC is the default; before every mode stands the group system:masters, which nothing can lock out.
Real Kubernetes: pkg/kubeapiserver/authorizer. Left out: ABAC, Webhook, structured configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apiserver.authorization import bootstrap_policy
from apiserver.authorization.authorizer import NO_OPINION, Authorizer, Decision, Opinion
from apiserver.authorization.index import Index
from apiserver.authorization.node import NodeAuthorizer
from apiserver.authorization.rbac import RBAC
from apiserver.request_info import RequestInfo
from apiserver.storage.interface import Cacher
from apiserver.user import MASTERS, User

MODES = ("Node", "RBAC", "AlwaysAllow", "AlwaysDeny")
ALWAYS_ALLOWED = ("/healthz", "/livez", "/readyz")


@dataclass(frozen=True)
class Authorization:
    """Who is asked, in order; and RBAC with its Index, which guard roles and bindings whatever the modes are."""

    authorizers: tuple[Authorizer, ...]
    index: Index
    rbac: RBAC


def authorization(modes: Sequence[str], cachers: Mapping[str, Cacher]) -> Authorization:
    """`cachers` by plural: those of `index.NEEDED` and `node.NEEDED`. ValueError for a mode that is none."""
    if unknown := [mode for mode in modes if mode not in MODES]:
        raise ValueError(f"unknown authorization mode {unknown[0]!r}: there are {', '.join(MODES)}")
    index = Index(cachers)
    rbac = RBAC(index)
    found: list[Authorizer] = [privileged_group, always_allowed_paths]
    for mode in modes:
        if mode == "Node":
            found.append(NodeAuthorizer(cachers, bootstrap_policy.node_rules()))
        elif mode == "RBAC":
            found.append(rbac)
        else:
            found.append(always_allow if mode == "AlwaysAllow" else always_deny)
    return Authorization(tuple(found), index, rbac)


_ALLOW = Opinion(Decision.ALLOW)


def privileged_group(user: User, info: RequestInfo) -> Opinion:
    """The administrators whom no missing role can lock out."""
    return _ALLOW if MASTERS in user.groups else NO_OPINION


def always_allowed_paths(user: User, info: RequestInfo) -> Opinion:
    """Health is for everybody, also where there are no roles."""
    return _ALLOW if not info.is_resource and info.path in ALWAYS_ALLOWED else NO_OPINION


def always_allow(user: User, info: RequestInfo) -> Opinion:
    """Whoever is in may do everything."""
    return _ALLOW


def always_deny(user: User, info: RequestInfo) -> Opinion:
    """Nobody may do anything."""
    return Opinion(Decision.NO_OPINION, "Everything is forbidden.")
