"""What all kinds share: metadata, selectors, options, Status, discovery, tables (k8s.io/apimachinery `meta/v1`)."""

from typing import ClassVar

from machinery.api.model import AnyValue, FieldsV1, Int32, Int64, Model, Object, RawExtension, Time, field


class GroupVersionForDiscovery(Model):
    """A group and version, whole and split."""

    group_version: str = field(1, "", required=True)
    version: str = field(2, "", required=True)


class ServerAddressByClientCIDR(Model):
    """The server's address for clients of one network."""

    client_cidr: str = field(1, "", json="clientCIDR", required=True)
    server_address: str = field(2, "", required=True)


class APIGroup(Model):
    """A group of the API and the versions that it is served in."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIGroup", required=True)
    name: str = field(1, "", required=True)
    versions: tuple[GroupVersionForDiscovery, ...] = field(2, (), required=True, list_type="atomic")
    preferred_version: GroupVersionForDiscovery = field(3, GroupVersionForDiscovery)
    server_address_by_client_cidrs: tuple[ServerAddressByClientCIDR, ...] = field(
        4, (), json="serverAddressByClientCIDRs", list_type="atomic"
    )


class APIGroupList(Model):
    """Every group of the API, as `GET /apis` answers."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIGroupList", required=True)
    groups: tuple[APIGroup, ...] = field(1, (), required=True, list_type="atomic")


class APIResource(Model):
    """One resource of a group and version: its names, scope and verbs."""

    name: str = field(1, "", required=True)
    singular_name: str = field(6, "", required=True)
    namespaced: bool = field(2, False, required=True)
    group: str = field(8, "")
    version: str = field(9, "")
    kind: str = field(3, "", required=True)
    verbs: tuple[str, ...] = field(4, (), required=True)
    short_names: tuple[str, ...] = field(5, (), list_type="atomic")
    categories: tuple[str, ...] = field(7, (), list_type="atomic")
    storage_version_hash: str = field(10, "")


class APIResourceList(Model):
    """The resources of one group and version, as `GET /apis/apps/v1` answers."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIResourceList", required=True)
    group_version: str = field(1, "", required=True)
    resources: tuple[APIResource, ...] = field(2, (), required=True, list_type="atomic")


class APIVersions(Model):
    """The versions of the legacy group, as `GET /api` answers."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIVersions", required=True)
    versions: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    server_address_by_client_cidrs: tuple[ServerAddressByClientCIDR, ...] = field(
        2, (), json="serverAddressByClientCIDRs", required=True, list_type="atomic"
    )


class ApplyOptions(Model):
    """Query parameters of a server-side apply."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ApplyOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    force: bool = field(2, False, required=True)
    field_manager: str = field(3, "", required=True)


class Condition(Model):
    """One observed aspect of an object: a type, True, False or Unknown, and why."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    observed_generation: Int64 = field(3, 0)
    last_transition_time: Time | None = field(4, None, required=True)
    reason: str = field(5, "", required=True)
    message: str = field(6, "", required=True)


class CreateOptions(Model):
    """Query parameters of a create."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "CreateOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    field_manager: str = field(3, "")
    field_validation: str = field(4, "")


class Preconditions(Model):
    """What must be true of the object for a delete to go through."""

    uid: str | None = field(1, None)
    resource_version: str | None = field(2, None)


class DeleteOptions(Model):
    """How to delete: grace, preconditions, and what becomes of dependents."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "DeleteOptions", required=True)
    grace_period_seconds: Int64 | None = field(1, None)
    preconditions: Preconditions | None = field(2, None)
    orphan_dependents: bool | None = field(3, None)
    propagation_policy: str | None = field(4, None)
    dry_run: tuple[str, ...] = field(5, (), list_type="atomic")
    ignore_store_read_error_with_cluster_breaking_potential: bool | None = field(6, None)


class FieldSelectorRequirement(Model):
    """One requirement on a field, as authorization requests carry it."""

    key: str = field(1, "", required=True)
    operator: str = field(2, "", required=True)
    values: tuple[str, ...] = field(3, (), list_type="atomic")


class GetOptions(Model):
    """Query parameters of a get."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "GetOptions", required=True)
    resource_version: str = field(1, "")


class GroupKind(Model):
    """A kind without its version."""

    group: str = field(1, "", required=True)
    kind: str = field(2, "", required=True)


class GroupResource(Model):
    """A resource without its version."""

    group: str = field(1, "", required=True)
    resource: str = field(2, "", required=True)


class GroupVersion(Model):
    """An API group and version."""

    group: str = field(1, "", required=True)
    version: str = field(2, "", required=True)


class GroupVersionKind(Model):
    """A kind, fully named."""

    group: str = field(1, "", required=True)
    version: str = field(2, "", required=True)
    kind: str = field(3, "", required=True)


class GroupVersionResource(Model):
    """A resource, fully named."""

    group: str = field(1, "", required=True)
    version: str = field(2, "", required=True)
    resource: str = field(3, "", required=True)


class LabelSelectorRequirement(Model):
    """One expression of a selector: key, In, NotIn, Exists or DoesNotExist, values."""

    key: str = field(1, "", required=True)
    operator: str = field(2, "", required=True)
    values: tuple[str, ...] = field(3, (), list_type="atomic")


class LabelSelector(Model):
    """A question to labels: every pair of matchLabels and every expression must hold."""

    atomic: ClassVar[bool] = True
    match_labels: dict[str, str] = field(1, {})
    match_expressions: tuple[LabelSelectorRequirement, ...] = field(2, (), list_type="atomic")


class ListMeta(Model):
    """What a list carries beside its items: its revision and where to continue."""

    self_link: str = field(1, "")
    resource_version: str = field(2, "")
    continue_: str = field(3, "", json="continue")
    remaining_item_count: Int64 | None = field(4, None)


class ListOptions(Model):
    """Query parameters of a list or watch."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ListOptions", required=True)
    label_selector: str = field(1, "")
    field_selector: str = field(2, "")
    watch: bool = field(3, False)
    allow_watch_bookmarks: bool = field(9, False)
    resource_version: str = field(4, "")
    resource_version_match: str = field(10, "")
    timeout_seconds: Int64 | None = field(5, None)
    limit: Int64 = field(7, 0)
    continue_: str = field(8, "", json="continue")
    send_initial_events: bool | None = field(11, None)


class ManagedFieldsEntry(Model):
    """Which fields one manager set, by which operation, when."""

    manager: str = field(1, "")
    operation: str = field(2, "")
    api_version: str = field(3, "")
    time: Time | None = field(4, None)
    fields_type: str = field(6, "")
    fields_v1: FieldsV1 | None = field(7, None)
    subresource: str = field(8, "")


class OwnerReference(Model):
    """The object that this one depends on and is deleted with."""

    atomic: ClassVar[bool] = True
    api_version: str = field(5, "", required=True)
    kind: str = field(1, "", required=True)
    """The owner's kind."""
    name: str = field(3, "", required=True)
    uid: str = field(4, "", required=True)
    controller: bool | None = field(6, None)
    block_owner_deletion: bool | None = field(7, None)


class ObjectMeta(Model):
    """What every object carries: name, namespace, identity, revision, labels, owners, deletion."""

    name: str = field(1, "")
    generate_name: str = field(2, "")
    namespace: str = field(3, "")
    self_link: str = field(4, "")
    uid: str = field(5, "")
    resource_version: str = field(6, "")
    generation: Int64 = field(7, 0)
    creation_timestamp: Time | None = field(8, None)
    deletion_timestamp: Time | None = field(9, None)
    deletion_grace_period_seconds: Int64 | None = field(10, None)
    labels: dict[str, str] = field(11, {})
    annotations: dict[str, str] = field(12, {})
    owner_references: tuple[OwnerReference, ...] = field(
        13, (), merge="merge", merge_key="uid", list_type="map", list_keys=("uid",)
    )
    finalizers: tuple[str, ...] = field(14, (), merge="merge", list_type="set")
    managed_fields: tuple[ManagedFieldsEntry, ...] = field(17, (), list_type="atomic")


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
    items: tuple[PartialObjectMetadata, ...] = field(2, (), required=True)


class PatchOptions(Model):
    """Query parameters of a patch."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PatchOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    force: bool | None = field(2, None)
    field_manager: str = field(3, "")
    field_validation: str = field(4, "")


class RootPaths(Model):
    """The paths that the server knows, as `GET /` answers."""

    paths: tuple[str, ...] = field(1, (), required=True, list_type="atomic")


class StatusCause(Model):
    """One cause of a failure: reason, message and the field at fault."""

    reason: str = field(1, "")
    message: str = field(2, "")
    field: str = field(3, "")


class StatusDetails(Model):
    """What a failure was about: name, kind, causes, when to try again."""

    name: str = field(1, "")
    group: str = field(2, "")
    kind: str = field(3, "")
    uid: str = field(6, "")
    causes: tuple[StatusCause, ...] = field(4, (), list_type="atomic")
    retry_after_seconds: Int32 = field(5, 0)


class Status(Object):
    """The answer that is not an object: success or failure, reason, details."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Status", required=True)
    metadata: ListMeta = field(1, ListMeta)
    status: str = field(2, "")
    message: str = field(3, "")
    reason: str = field(4, "")
    details: StatusDetails | None = field(5, None, list_type="atomic")
    code: Int32 = field(6, 0)


class TableColumnDefinition(Model):
    """The head of one column; priority 1 shows only when asked for wide output."""

    name: str = field(None, "", required=True)
    type: str = field(None, "", required=True)
    format: str = field(None, "", required=True)
    description: str = field(None, "", required=True)
    priority: Int32 = field(None, 0, required=True)


class TableRowCondition(Model):
    """A remark on a row, such as Completed."""

    type: str = field(None, "", required=True)
    status: str = field(None, "", required=True)
    reason: str = field(None, "")
    message: str = field(None, "")


class TableRow(Model):
    """The cells of one object."""

    cells: tuple[AnyValue, ...] = field(None, (), required=True, list_type="atomic")
    conditions: tuple[TableRowCondition, ...] = field(None, (), list_type="atomic")
    object: RawExtension | None = field(None, None)


class Table(Object):
    """Objects as rows of cells, the way people see them."""

    api_version: str = field(None, "meta.k8s.io/v1", required=True)
    kind: str = field(None, "Table", required=True)
    metadata: ListMeta = field(None, ListMeta)
    column_definitions: tuple[TableColumnDefinition, ...] = field(None, (), required=True, list_type="atomic")
    rows: tuple[TableRow, ...] = field(None, (), required=True, list_type="atomic")


class TableOptions(Model):
    """Query parameters of a request for a table."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "TableOptions", required=True)
    include_object: str = field(1, "")


class UpdateOptions(Model):
    """Query parameters of an update."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "UpdateOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    field_manager: str = field(2, "")
    field_validation: str = field(3, "")


class WatchEvent(Model):
    """One change: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object."""

    type: str = field(1, "", required=True)
    object: RawExtension | None = field(2, None, required=True)
