"""API versions that Kubernetes once served: what replaced each, told to whoever still asks.

Real Kubernetes answers a bare 404; the hint is ours, because old tutorials are full of these versions.
"""

from __future__ import annotations

from apiserver.request_info import RequestInfo
from machinery.api.errors import ApiError, Details, NotFound

_SINCE = {
    "apps/v1beta1": ("apps/v1", "1.16"),
    "apps/v1beta2": ("apps/v1", "1.16"),
    "extensions/v1beta1": ("apps/v1 (workloads) or networking.k8s.io/v1 (Ingress, NetworkPolicy)", "1.16"),
    "networking.k8s.io/v1beta1": ("networking.k8s.io/v1", "1.22"),
    "batch/v1beta1": ("batch/v1", "1.25"),
    "batch/v2alpha1": ("batch/v1", "1.21"),
    "autoscaling/v2beta1": ("autoscaling/v2", "1.25"),
    "autoscaling/v2beta2": ("autoscaling/v2", "1.26"),
    "policy/v1beta1": ("policy/v1", "1.25"),
    "rbac.authorization.k8s.io/v1beta1": ("rbac.authorization.k8s.io/v1", "1.22"),
    "apiextensions.k8s.io/v1beta1": ("apiextensions.k8s.io/v1", "1.22"),
    "coordination.k8s.io/v1beta1": ("coordination.k8s.io/v1", "1.22"),
    "discovery.k8s.io/v1beta1": ("discovery.k8s.io/v1", "1.25"),
    "events.k8s.io/v1beta1": ("events.k8s.io/v1", "1.25"),
    "storage.k8s.io/v1beta1": ("storage.k8s.io/v1", "1.22"),
    "scheduling.k8s.io/v1beta1": ("scheduling.k8s.io/v1", "1.22"),
    "admissionregistration.k8s.io/v1beta1": ("admissionregistration.k8s.io/v1", "1.22"),
    "apiregistration.k8s.io/v1beta1": ("apiregistration.k8s.io/v1", "1.22"),
    "authentication.k8s.io/v1beta1": ("authentication.k8s.io/v1", "1.22"),
    "authorization.k8s.io/v1beta1": ("authorization.k8s.io/v1", "1.22"),
    "certificates.k8s.io/v1beta1": ("certificates.k8s.io/v1", "1.22"),
    "node.k8s.io/v1beta1": ("node.k8s.io/v1", "1.25"),
    "flowcontrol.apiserver.k8s.io/v1beta1": ("flowcontrol.apiserver.k8s.io/v1", "1.26"),
    "flowcontrol.apiserver.k8s.io/v1beta2": ("flowcontrol.apiserver.k8s.io/v1", "1.29"),
    "flowcontrol.apiserver.k8s.io/v1beta3": ("flowcontrol.apiserver.k8s.io/v1", "1.32"),
}


def explained(info: RequestInfo) -> ApiError | None:
    """A 404 that names what to write instead; None for a version that never was."""
    return explanation(info.api_version)


def explanation(api_version: str) -> ApiError | None:
    """See `explained`; by group and version alone, as discovery asks."""
    if api_version not in _SINCE:
        return None
    replacement, release = _SINCE[api_version]
    error = NotFound("", "")
    error.message = (
        f"the server could not find the requested resource: apiVersion {api_version} was removed in "
        f"Kubernetes {release}; write apiVersion: {replacement} instead"
    )
    error.details = Details()
    return error
