"""CSIDriver: what a CSI driver can do and wants. Real Kubernetes: pkg/registry/storage/csidriver."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import optional_one_of
from apiserver.registry.field_checks import one_of, unchanged
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.storage.v1 import CSIDriver, TokenRequest

_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_TEN_MINUTES, _LONGEST = 600, 2**32


class CSIDriverStrategy(Strategy):
    """See the module."""

    api_version = "storage.k8s.io/v1"
    kind = "CSIDriver"
    allow_unconditional_update = False
    returns_deleted = True
    columns = columns(
        "Name, AttachRequired, PodInfoOnMount, StorageCapacity, TokenRequests, RequiresRepublish, Modes, Age",
        attachrequired="boolean", podinfoonmount="boolean", storagecapacity="boolean", requiresrepublish="boolean",
    )  # fmt: skip

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("attachRequired", True)
        for flag in ("podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"):
            spec.setdefault(flag, False)
        spec.setdefault("fsGroupPolicy", "ReadWriteOnceWithFSType")
        if not spec.get("volumeLifecycleModes"):
            spec["volumeLifecycleModes"] = ["Persistent"]

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        """Drivers that re-read their tokens watch the generation."""
        watched = ("tokenRequests", "requiresRepublish", "seLinuxMount")
        if [obj["spec"].get(name) for name in watched] != [old["spec"].get(name) for name in watched]:
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def validate(self, obj: CSIDriver) -> list[FieldError]:
        spec = obj.spec
        found = optional_one_of("spec.fsGroupPolicy", spec.fs_group_policy, _POLICIES)
        found += _token_errors(spec.token_requests)
        for mode in spec.volume_lifecycle_modes:
            found += one_of("spec.volumeLifecycleModes", mode, ("Persistent", "Ephemeral"))
        return found

    def validate_update(self, obj: CSIDriver, old: CSIDriver) -> list[FieldError]:
        new, was = obj.spec, old.spec
        return [
            *self.validate(obj),
            *unchanged("spec.attachedRequired", new.attach_required, was.attach_required),
            *unchanged("spec.volumeLifecycleModes", new.volume_lifecycle_modes, was.volume_lifecycle_modes),
        ]

    def row(self, obj: CSIDriver, now: datetime) -> list[Any]:
        spec = obj.spec
        return [
            obj.metadata.name,
            spec.attach_required is not False,
            bool(spec.pod_info_on_mount),
            bool(spec.storage_capacity),
            ",".join(each.audience for each in spec.token_requests) if spec.token_requests else "<unset>",
            bool(spec.requires_republish),
            ",".join(spec.volume_lifecycle_modes) or "<none>",
            age(obj.metadata.creation_timestamp, now),
        ]


def _token_errors(requests: tuple[TokenRequest, ...]) -> list[FieldError]:
    found, seen = [], set()
    for index, row in enumerate(requests):
        path, seconds = f"spec.tokenRequests[{index}]", row.expiration_seconds
        if row.audience in seen:
            found.append(FieldError.duplicate(f"{path}.audience", row.audience))
            continue
        seen.add(row.audience)
        if seconds is not None and seconds < _TEN_MINUTES:
            why = "may not specify a duration less than 10 minutes"
            found.append(FieldError.invalid(f"{path}.expirationSeconds", seconds, why))
        if seconds is not None and seconds > _LONGEST:
            why = "may not specify a duration larger than 2^32 seconds"
            found.append(FieldError.invalid(f"{path}.expirationSeconds", seconds, why))
    return found
