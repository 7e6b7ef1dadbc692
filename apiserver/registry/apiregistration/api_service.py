"""APIService: who serves a group and version; what comes of it is in apiserver/aggregator.

Real Kubernetes: kube-aggregator's pkg/registry/apiservice.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import checked, needed
from apiserver.registry.field_checks import one_of
from apiserver.registry.metadata import stamp
from apiserver.registry.strategy import ALL_METADATA, Doc, Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError, quote

if TYPE_CHECKING:
    from machinery.api.apiregistration.v1 import APIService

GROUP = "apiregistration.k8s.io"
PLACE = (GROUP, "v1", "apiservices")


class APIServiceStrategy(Strategy):
    """See the module."""

    api_version = "apiregistration.k8s.io/v1"
    kind = "APIService"
    has_status = True
    status_keeps = ALL_METADATA
    allow_unconditional_update = False
    columns = columns("Name, Service, Available, Age")

    def default(self, obj: Doc) -> None:
        service = obj.get("spec", {}).get("service")
        if service is not None:
            service.setdefault("port", 443)

    def prepare_for_create(self, obj: Doc) -> None:
        """What this server serves itself is available by its being here."""
        super().prepare_for_create(obj)
        if obj.get("spec", {}).get("service") is None:
            obj["status"] = {"conditions": [local_condition(stamp(datetime.now(UTC)))]}

    def name_errors(self, name: str) -> list[str]:
        return names.path_segment(name)

    def validate(self, obj: APIService) -> list[FieldError]:
        spec, found = obj.spec, []
        wanted = f"{spec.version}.{spec.group}"
        if obj.metadata.name != wanted:
            why = f'must be `spec.version+"."+spec.group`: {quote(wanted)}'
            found.append(FieldError.invalid("metadata.name", obj.metadata.name, why))
        if not spec.group and spec.version != "v1":
            why = "only v1 may have an empty group and it better be legacy kube"
            found.append(FieldError.required("spec.group", why))
        found += checked("spec.group", spec.group, names.dns_subdomain) if spec.group else []
        found += checked("spec.version", spec.version, names.dns1035_label)
        for field, value, most in (
            ("groupPriorityMinimum", spec.group_priority_minimum, 20000),
            ("versionPriority", spec.version_priority, 1000),
        ):
            if not 0 < value <= most:
                why = f"must be positive and less than {most}"
                found.append(FieldError.invalid(f"spec.{field}", value, why))
        return found + _backend_errors(obj)

    def validate_status_update(self, obj: APIService, old: APIService) -> list[FieldError]:
        found = []
        for index, row in enumerate(obj.status.conditions):
            found += one_of(f"status.conditions[{index}].status", row.status, ("True", "False", "Unknown"))
        return found

    def row(self, obj: APIService, now: datetime) -> list[Any]:
        service = obj.spec.service
        backend = "Local" if service is None else f"{service.namespace}/{service.name}"
        return [obj.metadata.name, backend, _available(obj), age(obj.metadata.creation_timestamp, now)]


def local_condition(now: str) -> Doc:
    """What is to be said of a group and version that this server answers for."""
    available = {"type": "Available", "status": "True", "lastTransitionTime": now}
    return available | {"reason": "Local", "message": "Local APIServices are always available"}


def _available(obj: APIService) -> str:
    row = next((row for row in obj.status.conditions if row.type == "Available"), None)
    if row is None:
        return "Unknown"
    return row.status if row.status == "True" else f"{row.status} ({row.reason})"


def _backend_errors(obj: APIService) -> list[FieldError]:
    spec, found = obj.spec, []
    if spec.service is None:
        if spec.ca_bundle:
            shown, why = f"{len(spec.ca_bundle) * 3 // 4} bytes", "local APIServices may not have a caBundle"
            found.append(FieldError.invalid("spec.caBundle", shown, why))
        if spec.insecure_skip_tls_verify:
            why = "local APIServices may not have insecureSkipTLSVerify"
            found.append(FieldError.invalid("spec.insecureSkipTLSVerify", True, why))
        return found
    found += needed("spec.service.namespace", spec.service.namespace) + needed("spec.service.name", spec.service.name)
    port = spec.service.port
    if port is not None and (bad := names.port_number(port)):
        found.append(FieldError.invalid("spec.service.port", port, f"port is not valid: {','.join(bad)}"))
    if spec.insecure_skip_tls_verify and spec.ca_bundle:
        why = "may not be true if caBundle is present"
        found.append(FieldError.invalid("spec.insecureSkipTLSVerify", True, why))
    return found
