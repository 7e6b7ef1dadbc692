"""CertificateSigningRequest: what is asked for, whether it is approved, and what came of it.

The requester's identity is the server's word; /approval writes Approved and Denied, /status all else.
Real Kubernetes: pkg/registry/certificates/certificates.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from apiserver.durations import age
from apiserver.registry.certificates import validation
from apiserver.registry.metadata import stamp
from apiserver.registry.strategy import Doc, Strategy, columns, keep_metadata
from apiserver.user import User
from machinery.api import names
from machinery.api.durations import human
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.certificates.v1 import CertificateSigningRequest


class CertificateSigningRequestStrategy(Strategy):
    """See the module."""

    api_version = "certificates.k8s.io/v1"
    kind = "CertificateSigningRequest"
    has_status = True
    columns = columns("Name, Age, SignerName, Requestor, RequestedDuration, Condition")
    selectable_fields: ClassVar = ("spec.signerName",)

    def name_errors(self, name: str) -> list[str]:
        return names.path_segment(name)

    def note_creator(self, obj: Doc, user: User) -> None:
        spec = obj.setdefault("spec", {})
        for field, value in (("username", user.name), ("uid", user.uid), ("groups", list(user.groups))):
            spec.pop(field, None)
            if value:
                spec[field] = value
        spec.pop("extra", None)
        if user.extra:
            spec["extra"] = {key: list(values) for key, values in user.extra}

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        """Neither what was asked nor what was decided changes here: only the metadata."""
        obj["spec"], obj["status"] = old["spec"], old.get("status", {})

    def prepare_for_status_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_status_update(obj, old)
        _stamp_conditions(obj["status"], old.get("status", {}))

    def prepare_for_approval_update(self, obj: Doc, old: Doc) -> None:
        keep_metadata(obj, old)
        obj["spec"], was = old["spec"], old.get("status", {})
        obj["status"] = {**was, "conditions": obj.get("status", {}).get("conditions", [])}
        _stamp_conditions(obj["status"], was)

    def validate(self, obj: CertificateSigningRequest) -> list[FieldError]:
        return validation.request_errors(obj)

    def validate_update(self, obj: Any, old: Any) -> list[FieldError]:
        return self.validate(obj) + validation.change_errors(obj, old)

    def validate_status_update(self, obj: Any, old: Any) -> list[FieldError]:
        return self.validate(obj) + validation.change_errors(obj, old, may_sign=True)

    def validate_approval_update(self, obj: Any, old: Any) -> list[FieldError]:
        return self.validate(obj) + validation.change_errors(obj, old, may_approve=True)

    def selectable(self, obj: Doc) -> dict[str, str]:
        return {"spec.signerName": obj.get("spec", {}).get("signerName", "")}

    def row(self, obj: CertificateSigningRequest, now: datetime) -> list[Any]:
        seconds = obj.spec.expiration_seconds
        return [
            obj.metadata.name,
            age(obj.metadata.creation_timestamp, now),
            obj.spec.signer_name or "<none>",
            obj.spec.username,
            "<none>" if seconds is None else human(seconds),
            condition_of(obj),
        ]


def condition_of(obj: CertificateSigningRequest) -> str:
    """The CONDITION cell: a denial outweighs an approval."""
    types = {condition.type for condition in obj.status.conditions}
    words = ["Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"]
    return ",".join(words + ["Failed"] * ("Failed" in types) + ["Issued"] * bool(obj.status.certificate))


def _stamp_conditions(status: Doc, old: Doc) -> None:
    """Times that the writer left out: of the change from what was, and of this update."""
    now = stamp(datetime.now(UTC))
    was = {(row["type"], row.get("status")): row.get("lastTransitionTime") for row in old.get("conditions", ())}
    for row in status.get("conditions", ()):
        if not row.get("lastTransitionTime"):
            row["lastTransitionTime"] = was.get((row.get("type"), row.get("status"))) or now
        if not row.get("lastUpdateTime"):
            row["lastUpdateTime"] = now
