"""What one kind decides for itself: defaults, validation, what an update may touch, its columns and its row.

A strategy changes plain dicts (the JSON form) on the way in and reads typed objects when it validates or prints.
Real Kubernetes: k8s.io/apiserver/pkg/registry/rest/{create,update,delete}.go and pkg/apis/*/{defaults,validation}.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from apiserver import durations
from apiserver.registry import ownership
from apiserver.registry.conversion import Conversion
from apiserver.user import User
from machinery.api import names, scheme
from machinery.api.apply import Fields, named
from machinery.api.errors import FieldError
from machinery.api.field_errors import quote
from machinery.api.fields import FieldSelector
from machinery.api.model import Model

Doc = dict[str, Any]


ALL_METADATA = (
    "deletionTimestamp", "generation", "selfLink", "labels", "annotations", "finalizers", "ownerReferences",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of kubectl's table; priority 1 shows with `-o wide` only."""

    name: str
    priority: int = 0
    type: str = "string"
    format: str = ""
    description: str = ""


def columns(shown: str, wide: str = "", **types: str) -> tuple[Column, ...]:
    """Columns from comma-separated names; Name has the format `name`, `types` gives the odd `integer`."""
    rows = [(name.strip(), 0) for name in shown.split(",")] + [(n.strip(), 1) for n in wide.split(",") if n.strip()]
    return tuple(
        Column(name, priority, types.get(name.lower().replace(" ", "_"), "string"), "name" * (name == "Name"))
        for name, priority in rows
    )


class Reservation:
    """What one write holds until it is known to have happened; the default holds nothing."""

    async def fill(self, obj: Doc, old: Doc | None) -> bool:
        """Reserve what `obj` asks for and write it into the object; whether it was changed. May run again."""
        return False

    async def keep(self) -> None:
        """The write happened: give back what the old object held and the new one does not."""

    async def release(self) -> None:
        """The write did not happen: give everything back."""


class Strategy:
    """The defaults of every decision; a kind overrides what it does differently."""

    api_version: ClassVar[str] = "v1"
    kind: ClassVar[str]
    allow_create_on_update: ClassVar[bool] = False
    allow_unconditional_update: ClassVar[bool] = True
    has_status: ClassVar[bool] = False
    status_keeps: ClassVar[tuple[str, ...]] = ()
    """Of the metadata, what who writes the status may not change with it: see ALL_METADATA."""
    has_generation: ClassVar[bool] = False
    columns: ClassVar[tuple[Column, ...]] = columns("Name, Age")
    ttl: int | None = None
    conversion: ClassVar[Conversion | None] = None
    alike: bool = False
    """Whether the kind's other versions differ from this one in nothing but their name."""
    """How its objects are stored, where that is in another kind's form."""

    patches: ClassVar[tuple[str, ...]] = ()
    """The media types of the patches that it takes, where it does not take all."""
    speaks_protobuf: ClassVar[bool] = True
    """Whether its objects have a protobuf form."""
    scale_paths: ClassVar[tuple[str, str, str] | None] = None
    """Where the replicas wanted, those present and the selector's text stand, where that is not as in a Deployment."""
    deprecation: ClassVar[str] = ""
    """What everybody is told who uses this version."""

    def __init__(self) -> None:
        self.resource = scheme.for_kind(self.api_version, self.kind)

    @property
    def model(self) -> type[Model]:
        return self.resource.model

    @property
    def stored_under(self) -> str:
        """The first part of its objects' keys in etcd."""
        return self.resource.plural

    # --- on the way in: plain dicts, changed in place ---

    def default(self, obj: Doc) -> None:
        """Fill what the user left out."""

    def note_creator(self, obj: Doc, user: User) -> None:
        """Write down who creates the object, where its kind keeps that."""

    def prepare_for_create(self, obj: Doc) -> None:
        """Drop what a creator may not set."""
        if self.has_status:
            obj["status"] = {}
        if self.has_generation:
            obj["metadata"]["generation"] = 1

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        """Keep what an ordinary update may not touch; count generations of the spec."""
        if self.has_status:
            obj["status"] = old.get("status", {})
        if self.has_generation:
            self.count_generation(obj, old)

    def prepare_for_status_update(self, obj: Doc, old: Doc) -> None:
        """An update of /status touches the status and nothing else."""
        status = obj.get("status", {})
        obj.update({key: value for key, value in old.items() if key != "metadata"})
        if self.status_keeps == ALL_METADATA:
            keep_metadata(obj, old)
        for key in self.status_keeps:
            obj["metadata"].pop(key, None)
            if key in old["metadata"]:
                obj["metadata"][key] = old["metadata"][key]
        obj["status"] = status

    def prepare(self, subresource: str, obj: Doc, old: Doc) -> None:
        """The `prepare_for_…_update` of a subresource, or of the object itself."""
        getattr(self, f"prepare_for_{subresource}_update" if subresource else "prepare_for_update")(obj, old)

    def reset_fields(self, subresource: str) -> Fields:
        """What `prepare` takes from the old object whatever is sent: nobody comes to own it through this door."""
        if not subresource:
            return ownership.STATUS if self.has_status else ownership.NOTHING
        kept = ("metadata",) if self.status_keeps == ALL_METADATA else (f"metadata.{key}" for key in self.status_keeps)
        return named(*kept, "spec")

    def validation(self, subresource: str) -> Callable[[Any, Any], list[FieldError]]:
        """The `validate_…_update` of a subresource, or of the object itself."""
        return getattr(self, f"validate_{subresource}_update" if subresource else "validate_update")

    def count_generation(self, obj: Doc, old: Doc) -> None:
        generation = old["metadata"].get("generation", 0)
        changed = {k: v for k, v in obj.items() if k not in ("metadata", "status")} != {
            k: v for k, v in old.items() if k not in ("metadata", "status")
        }
        deleting = "deletionTimestamp" in obj["metadata"] and "deletionTimestamp" not in old["metadata"]
        obj["metadata"]["generation"] = generation + (1 if changed or deleting else 0)

    # --- validation: typed objects, every error at once ---

    def name_errors(self, name: str) -> list[str]:
        return names.dns_subdomain(name)

    def validate(self, obj: Any) -> list[FieldError]:
        return []

    def validate_update(self, obj: Any, old: Any) -> list[FieldError]:
        return self.validate(obj)

    def validate_status_update(self, obj: Any, old: Any) -> list[FieldError]:
        return []

    def warnings(self, obj: Any) -> list[str]:
        return []

    # --- deletion ---

    def grace_period(self, obj: Doc, requested: int | None) -> int | None:
        """Seconds that the object lives on after DELETE; None where its kind knows no graceful deletion."""
        return None

    def blocks_removal(self, obj: Doc) -> bool:
        """Whether something must still happen before the object may go."""
        return bool(obj["metadata"].get("finalizers"))

    def marked(self, obj: Doc) -> Doc:
        """The object as it is once its deletion has begun."""
        return obj

    default_propagation: ClassVar[str] = ""
    """What becomes of dependents when a deleter does not say: Orphan, or "" for Background."""
    has_dependents: ClassVar[bool] = True
    """Whether the garbage collector minds it at all: no propagation policy touches the finalizers of the rest."""
    returns_deleted: ClassVar[bool] = False
    """Whether DELETE answers with the object itself rather than a Status."""

    # --- what must be reserved in the store beside the object (addresses, ports) ---

    def reservation(self, *, dry_run: bool) -> Reservation:
        return Reservation()

    async def after_delete(self, obj: Doc) -> None:
        """Give back what was reserved."""

    # --- reading ---

    def selectable(self, obj: Doc) -> dict[str, str]:
        """The values of the fields that a field selector may name, beside metadata.name and metadata.namespace."""
        return {}

    selectable_fields: ClassVar[tuple[str, ...]] = ()
    field_aliases: ClassVar[dict[str, str]] = {}
    """Older names of selectable fields."""

    def refused_field(self, field: str) -> str:
        """Why a field selector may not name this field."""
        if self.selectable_fields:
            return f"field label not supported: {field}"
        return f'{quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"'

    def renamed(self, selector: FieldSelector) -> FieldSelector:
        """The selector by today's names."""
        if not self.field_aliases:
            return selector
        rows = (replace(row, field=self.field_aliases.get(row.field, row.field)) for row in selector.requirements)
        return FieldSelector(tuple(rows))

    indexes: ClassVar[tuple[str, ...]] = ()

    def row(self, obj: Any, now: datetime) -> list[Any]:
        """The cells of kubectl's table, one per column."""
        return [obj.metadata.name, durations.age(obj.metadata.creation_timestamp, now)]



def keep_metadata(obj: Doc, old: Doc) -> None:
    """A subresource's update leaves the metadata as it was, except the resourceVersion that it was based on."""
    metadata = dict(old["metadata"])
    if "resourceVersion" in obj.get("metadata", {}):
        metadata["resourceVersion"] = obj["metadata"]["resourceVersion"]
    obj["metadata"] = metadata
