"""Types of meta/v1."""

from typing import ClassVar

from machinery.api.model import AnyValue, FieldsV1, Int32, Int64, Model, Object, RawExtension, Time, field


class GroupVersionForDiscovery(Model):
    group_version: str = field(1, "", required=True)
    version: str = field(2, "", required=True)


class ServerAddressByClientCIDR(Model):
    client_cidr: str = field(1, "", json="clientCIDR", required=True)
    server_address: str = field(2, "", required=True)


class APIGroup(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIGroup", required=True)
    name: str = field(1, "", required=True)
    versions: tuple[GroupVersionForDiscovery, ...] = field(2, (), required=True, list_type="atomic")
    preferred_version: GroupVersionForDiscovery = field(3, GroupVersionForDiscovery)
    server_address_by_client_cidrs: tuple[ServerAddressByClientCIDR, ...] = field(
        4, (), json="serverAddressByClientCIDRs", list_type="atomic"
    )


class APIGroupList(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIGroupList", required=True)
    groups: tuple[APIGroup, ...] = field(1, (), required=True, list_type="atomic")


class APIResource(Model):
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
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIResourceList", required=True)
    group_version: str = field(1, "", required=True)
    resources: tuple[APIResource, ...] = field(2, (), required=True, list_type="atomic")


class APIVersions(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIVersions", required=True)
    versions: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    server_address_by_client_cidrs: tuple[ServerAddressByClientCIDR, ...] = field(
        2, (), json="serverAddressByClientCIDRs", required=True, list_type="atomic"
    )


class ApplyOptions(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ApplyOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    force: bool = field(2, False, required=True)
    field_manager: str = field(3, "", required=True)


class Condition(Model):
    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    observed_generation: Int64 = field(3, 0)
    last_transition_time: Time | None = field(4, None, required=True)
    reason: str = field(5, "", required=True)
    message: str = field(6, "", required=True)


class CreateOptions(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "CreateOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    field_manager: str = field(3, "")
    field_validation: str = field(4, "")


class Preconditions(Model):
    uid: str | None = field(1, None)
    resource_version: str | None = field(2, None)


class DeleteOptions(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "DeleteOptions", required=True)
    grace_period_seconds: Int64 | None = field(1, None)
    preconditions: Preconditions | None = field(2, None)
    orphan_dependents: bool | None = field(3, None)
    propagation_policy: str | None = field(4, None)
    dry_run: tuple[str, ...] = field(5, (), list_type="atomic")
    ignore_store_read_error_with_cluster_breaking_potential: bool | None = field(6, None)


class FieldSelectorRequirement(Model):
    key: str = field(1, "", required=True)
    operator: str = field(2, "", required=True)
    values: tuple[str, ...] = field(3, (), list_type="atomic")


class GetOptions(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "GetOptions", required=True)
    resource_version: str = field(1, "")


class GroupKind(Model):
    group: str = field(1, "", required=True)
    kind: str = field(2, "", required=True)


class GroupResource(Model):
    group: str = field(1, "", required=True)
    resource: str = field(2, "", required=True)


class GroupVersion(Model):
    group: str = field(1, "", required=True)
    version: str = field(2, "", required=True)


class GroupVersionKind(Model):
    group: str = field(1, "", required=True)
    version: str = field(2, "", required=True)
    kind: str = field(3, "", required=True)


class GroupVersionResource(Model):
    group: str = field(1, "", required=True)
    version: str = field(2, "", required=True)
    resource: str = field(3, "", required=True)


class LabelSelectorRequirement(Model):
    key: str = field(1, "", required=True)
    operator: str = field(2, "", required=True)
    values: tuple[str, ...] = field(3, (), list_type="atomic")


class LabelSelector(Model):
    atomic: ClassVar[bool] = True
    match_labels: dict[str, str] = field(1, {})
    match_expressions: tuple[LabelSelectorRequirement, ...] = field(2, (), list_type="atomic")


class ListMeta(Model):
    self_link: str = field(1, "")
    resource_version: str = field(2, "")
    continue_: str = field(3, "", json="continue")
    remaining_item_count: Int64 | None = field(4, None)


class ListOptions(Model):
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
    manager: str = field(1, "")
    operation: str = field(2, "")
    api_version: str = field(3, "")
    time: Time | None = field(4, None)
    fields_type: str = field(6, "")
    fields_v1: FieldsV1 | None = field(7, None)
    subresource: str = field(8, "")


class OwnerReference(Model):
    atomic: ClassVar[bool] = True
    api_version: str = field(5, "", required=True)
    kind: str = field(1, "", required=True)
    name: str = field(3, "", required=True)
    uid: str = field(4, "", required=True)
    controller: bool | None = field(6, None)
    block_owner_deletion: bool | None = field(7, None)


class ObjectMeta(Model):
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
    api_version: str = field(None, "meta.k8s.io/v1", required=True)
    kind: str = field(None, "PartialObjectMetadata", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)


class PartialObjectMetadataList(Object):
    api_version: str = field(None, "meta.k8s.io/v1", required=True)
    kind: str = field(None, "PartialObjectMetadataList", required=True)
    metadata: ListMeta = field(1, ListMeta)
    items: tuple[PartialObjectMetadata, ...] = field(2, (), required=True)


class PatchOptions(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PatchOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    force: bool | None = field(2, None)
    field_manager: str = field(3, "")
    field_validation: str = field(4, "")


class RootPaths(Model):
    paths: tuple[str, ...] = field(1, (), required=True, list_type="atomic")


class StatusCause(Model):
    reason: str = field(1, "")
    message: str = field(2, "")
    field: str = field(3, "")


class StatusDetails(Model):
    name: str = field(1, "")
    group: str = field(2, "")
    kind: str = field(3, "")
    uid: str = field(6, "")
    causes: tuple[StatusCause, ...] = field(4, (), list_type="atomic")
    retry_after_seconds: Int32 = field(5, 0)


class Status(Object):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Status", required=True)
    metadata: ListMeta = field(1, ListMeta)
    status: str = field(2, "")
    message: str = field(3, "")
    reason: str = field(4, "")
    details: StatusDetails | None = field(5, None, list_type="atomic")
    code: Int32 = field(6, 0)


class TableColumnDefinition(Model):
    name: str = field(None, "", required=True)
    type: str = field(None, "", required=True)
    format: str = field(None, "", required=True)
    description: str = field(None, "", required=True)
    priority: Int32 = field(None, 0, required=True)


class TableRowCondition(Model):
    type: str = field(None, "", required=True)
    status: str = field(None, "", required=True)
    reason: str = field(None, "")
    message: str = field(None, "")


class TableRow(Model):
    cells: tuple[AnyValue, ...] = field(None, (), required=True, list_type="atomic")
    conditions: tuple[TableRowCondition, ...] = field(None, (), list_type="atomic")
    object: RawExtension | None = field(None, None)


class Table(Object):
    api_version: str = field(None, "meta.k8s.io/v1", required=True)
    kind: str = field(None, "Table", required=True)
    metadata: ListMeta = field(None, ListMeta)
    column_definitions: tuple[TableColumnDefinition, ...] = field(None, (), required=True, list_type="atomic")
    rows: tuple[TableRow, ...] = field(None, (), required=True, list_type="atomic")


class TableOptions(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "TableOptions", required=True)
    include_object: str = field(1, "")


class UpdateOptions(Model):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "UpdateOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    field_manager: str = field(2, "")
    field_validation: str = field(3, "")


class WatchEvent(Model):
    type: str = field(1, "", required=True)
    object: RawExtension | None = field(2, None, required=True)
