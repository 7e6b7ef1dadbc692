"""ServiceAccount: a pod that names no account runs as its namespace's `default`.

Real Kubernetes: plugin/pkg/admission/serviceaccount. Left out so far: the token volume, image pull secrets, and
refusing accounts that do not exist.
"""

from __future__ import annotations

from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import PodPlugin


class ServiceAccount(PodPlugin):
    """See the module."""

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec = obj["spec"]
        name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
        spec["serviceAccountName"] = spec["serviceAccount"] = name
