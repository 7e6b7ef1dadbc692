"""What PodSecurity is configured with: the policy of namespaces that say nothing, and who is not held to any.

Real Kubernetes: PodSecurityConfiguration, k8s.io/pod-security-admission/admission/api.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apiserver.admission.configuration import check_kind, refuse, unknown_fields
from apiserver.admission.pod_security_standards import LEVELS, PRIVILEGED
from machinery.api.field_errors import FieldError

Doc = dict[str, Any]
KIND = "PodSecurityConfiguration"
VERSIONS = tuple(f"pod-security.admission.config.k8s.io/{version}" for version in ("v1", "v1beta1", "v1alpha1"))
MODES = ("enforce", "audit", "warn")
_LISTS = ("usernames", "namespaces", "runtimeClasses")
VERSION = re.compile(r"v1\.([0-9]|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Exemptions:
    """Users, namespaces and runtime classes that no standard holds for."""

    usernames: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    runtime_classes: frozenset[str] = frozenset()

    def reason(self, namespace: str, user: str, runtime_class: str = "") -> str:
        """Why somebody is exempt, as one word; empty if not."""
        if namespace in self.namespaces:
            return "namespace"
        if user in self.usernames:
            return "user"
        return "runtimeClass" if runtime_class and runtime_class in self.runtime_classes else ""


def defaults_of(document: Doc) -> dict[str, str]:
    """What labels would say, mode by mode, for a namespace that has none. Raises Mistaken."""
    check_kind(document, KIND, VERSIONS, where="PodSecurity")
    given = document.get("defaults") or {}
    known = [name for mode in MODES for name in (mode, f"{mode}-version")]
    errors = unknown_fields(document, ("apiVersion", "kind", "defaults", "exemptions"))
    errors += unknown_fields(given, known, "defaults")
    for mode in MODES:
        level, version = given.get(mode) or PRIVILEGED, given.get(f"{mode}-version") or "latest"
        if level not in LEVELS:
            errors.append(FieldError.invalid(f"defaults.{mode}", level, f"must be one of {', '.join(LEVELS)}"))
        if version != "latest" and not VERSION.fullmatch(str(version)):
            errors.append(FieldError.invalid(f"defaults.{mode}-version", version, 'must be "latest" or "v1.x"'))
    refuse("PodSecurity", errors)
    return {name: value for name, value in given.items() if value}


def exemptions_of(document: Doc) -> Exemptions:
    """Raises Mistaken."""
    given = document.get("exemptions") or {}
    errors = unknown_fields(given, _LISTS, "exemptions")
    for name in _LISTS:
        values = given.get(name) or []
        if not isinstance(values, list) or not all(value and isinstance(value, str) for value in values):
            errors.append(FieldError.invalid(f"exemptions.{name}", values, "must be a list of names"))
        elif len(set(values)) < len(values):
            errors.append(FieldError.duplicate(f"exemptions.{name}", values))
    refuse("PodSecurity", errors)
    return Exemptions(*(frozenset(given.get(name) or ()) for name in _LISTS))
