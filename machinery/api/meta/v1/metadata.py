"""What objects and lists carry: identity, revision, labels, owners, conditions."""

from typing import ClassVar

from machinery.api.model import FieldsV1, Int64, Model, Object, Time, field


class Condition(Model):
    """One observed aspect of an object: a type, True, False or Unknown, and why."""

    type: str = field(1, "", required=True)
    """Which aspect it is, as one word in CamelCase, perhaps with a domain in front."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    observed_generation: Int64 = field(3, 0)
    """The metadata.generation that was looked at; if that is older than the object's, so is the condition."""
    last_transition_time: Time | None = field(4, None, required=True)
    """When the status last changed from one value to another."""
    reason: str = field(5, "", required=True)
    """Why it changed last, as one word in CamelCase that programs may rely on."""
    message: str = field(6, "", required=True)
    """The same for people to read."""


class ListMeta(Model):
    """What a list carries beside its items: its revision and where to continue."""

    self_link: str = field(1, "")
    """The list's own URL. Deprecated: the server no longer fills it in."""
    resource_version: str = field(2, "")
    """The revision at which the list was read: a watch from here misses nothing. Not to be interpreted."""
    continue_: str = field(3, "", json="continue")
    """Where the next page begins: to be sent back as it is. Empty on the last page; expires after some minutes."""
    remaining_item_count: Int64 | None = field(4, None)
    """How many objects the following pages hold, if that is known; not with selectors."""


class ManagedFieldsEntry(Model):
    """Which fields one manager set, by which operation, when."""

    manager: str = field(1, "")
    """The name of the program that set these fields, such as kubectl."""
    operation: str = field(2, "")
    """How it did so: Apply or Update."""
    api_version: str = field(3, "")
    """The group and version in which the names of the fields are to be read."""
    time: Time | None = field(4, None)
    """When the set of fields last changed, by entering, leaving or getting another value."""
    fields_type: str = field(6, "")
    """The form in which the fields are told: always FieldsV1."""
    fields_v1: FieldsV1 | None = field(7, None)
    """The fields as nested maps whose keys begin with f: (field), k: (item by key) or v: (value)."""
    subresource: str = field(8, "")
    """The subresource through which they were set, such as status; empty for the object itself."""


class OwnerReference(Model):
    """The object that this one depends on and is deleted with."""

    atomic: ClassVar[bool] = True
    api_version: str = field(5, "", required=True)
    """The group and version of the owner."""
    kind: str = field(1, "", required=True)
    """The owner's kind."""
    name: str = field(3, "", required=True)
    """The owner's name; it lives in the same namespace or in none."""
    uid: str = field(4, "", required=True)
    """The owner's uid: a new object of the same name is not the owner."""
    controller: bool | None = field(6, None)
    """Whether this owner is the controller that manages the object; at most one is."""
    block_owner_deletion: bool | None = field(7, None)
    """Whether a foreground deletion of the owner waits until this object is gone. Default false."""


class ObjectMeta(Model):
    """What every object carries: name, namespace, identity, revision, labels, owners, deletion."""

    name: str = field(1, "")
    """The object's name, unique for its kind in the namespace. It cannot be changed."""
    generate_name: str = field(2, "")
    """If no name is given: the beginning of one, which the server completes with random characters."""
    namespace: str = field(3, "")
    """The namespace the object lives in; empty for kinds without. It cannot be changed."""
    self_link: str = field(4, "")
    """The object's own URL. Deprecated: the server no longer fills it in."""
    uid: str = field(5, "")
    """The object's identity in all of time; a new object of the same name gets another. Set by the server."""
    resource_version: str = field(6, "")
    """Changes with every write: send it along and the update fails if somebody else was faster."""
    generation: Int64 = field(7, 0)
    """Counts the changes of what is wished for (the spec). Set by the server."""
    creation_timestamp: Time | None = field(8, None)
    """When the object was created. Set by the server."""
    deletion_timestamp: Time | None = field(9, None)
    """When the object shall be gone; set by a delete and then final. It waits for finalizers to go."""
    deletion_grace_period_seconds: Int64 | None = field(10, None)
    """Seconds the object has to end in good order; set by a delete, and may only get shorter."""
    labels: dict[str, str] = field(11, {})
    """Short pairs of text by which objects are found and chosen, such as app: web."""
    annotations: dict[str, str] = field(12, {})
    """Pairs of text for programs and people to keep with the object; they cannot be selected by."""
    owner_references: tuple[OwnerReference, ...] = field(
        13, (), merge="merge", merge_key="uid", list_type="map", list_keys=("uid",)
    )
    """When all of its owners are gone, the garbage collector deletes this object, too."""
    finalizers: tuple[str, ...] = field(14, (), merge="merge", list_type="set")
    """Names of what must be done before the object may go; each is removed by the one who did it."""
    managed_fields: tuple[ManagedFieldsEntry, ...] = field(17, (), list_type="atomic")
    """Which program set which fields; server-side apply finds conflicts with it. Kept by the server."""


class PartialObjectMetadata(Object):
    """Any object, cut down to its metadata."""

    api_version: str = field(None, "meta.k8s.io/v1", required=True)
    kind: str = field(None, "PartialObjectMetadata", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)


class PartialObjectMetadataList(Object):
    """A list of objects, cut down to their metadata."""

    api_version: str = field(None, "meta.k8s.io/v1", required=True)
    kind: str = field(None, "PartialObjectMetadataList", required=True)
    metadata: ListMeta = field(1, ListMeta)
    """The revision at which the list was read, and where its next page begins."""
    items: tuple[PartialObjectMetadata, ...] = field(2, (), required=True)
    """The objects, cut down to their metadata."""
