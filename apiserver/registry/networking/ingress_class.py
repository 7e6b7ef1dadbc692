"""IngressClass: which controller serves an Ingress. Real Kubernetes: pkg/registry/networking/ingressclass."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import at_most, checked, domain_prefixed_path
from apiserver.registry.field_checks import one_of, unchanged
from apiserver.registry.networking.ingress import reference_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.networking.v1 import IngressClass, IngressClassParametersReference

_CONTROLLER_LIMIT = 250


class IngressClassStrategy(Strategy):
    """See the module."""

    api_version = "networking.k8s.io/v1"
    kind = "IngressClass"
    has_generation = True
    columns = columns("Name, Controller, Parameters, Age")

    def default(self, obj: Doc) -> None:
        parameters = obj.get("spec", {}).get("parameters")
        if parameters is not None:
            parameters.setdefault("scope", "Cluster")

    def validate(self, obj: IngressClass) -> list[FieldError]:
        spec, path = obj.spec, "spec.controller"
        if not spec.controller:
            found = [FieldError.required(path)]
        else:
            found = at_most(path, spec.controller, _CONTROLLER_LIMIT) + domain_prefixed_path(path, spec.controller)
        return found + (_parameters_errors(spec.parameters) if spec.parameters is not None else [])

    def validate_update(self, obj: IngressClass, old: IngressClass) -> list[FieldError]:
        return unchanged("spec.controller", obj.spec.controller, old.spec.controller) + self.validate(obj)

    def row(self, obj: IngressClass, now: datetime) -> list[Any]:
        parameters, shown = obj.spec.parameters, "<none>"
        if parameters is not None:
            group = f".{parameters.api_group}" if parameters.api_group is not None else ""
            shown = f"{parameters.kind}{group}/{parameters.name}"
        return [obj.metadata.name, obj.spec.controller, shown, age(obj.metadata.creation_timestamp, now)]


def _parameters_errors(row: IngressClassParametersReference) -> list[FieldError]:
    path, namespace = "spec.parameters", "spec.parameters.namespace"
    found = reference_errors(row, path)
    if row.scope is None:
        return [*found, FieldError.required(f"{path}.scope")]
    found += one_of(f"{path}.scope", row.scope, ("Cluster", "Namespace"))
    if row.scope == "Namespace" and row.namespace is None:
        found.append(FieldError.required(namespace, "`parameters.scope` is set to 'Namespace'"))
    elif row.scope == "Namespace":
        found += checked(namespace, row.namespace, names.dns_label)
    elif row.scope == "Cluster" and row.namespace is not None:
        found.append(FieldError.forbidden(namespace, "`parameters.scope` is set to 'Cluster'"))
    return found
