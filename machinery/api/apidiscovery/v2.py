"""Aggregated discovery: every group with its versions and resources in one document (k8s.io/api `apidiscovery/v2`)."""

from machinery.api.meta.v1 import GroupVersionKind, ListMeta, ObjectMeta
from machinery.api.model import Model, Object, field


class APISubresourceDiscovery(Model):
    """A part of a resource with a URL of its own."""

    subresource: str = field(1, "", required=True)
    response_kind: GroupVersionKind | None = field(2, None)
    accepted_types: tuple[GroupVersionKind, ...] = field(
        3, (), list_type="map", list_keys=("group", "version", "kind")
    )
    verbs: tuple[str, ...] = field(4, (), required=True, list_type="set")


class APIResourceDiscovery(Model):
    """A resource: its names, its scope, what can be done with it."""

    resource: str = field(1, "", required=True)
    response_kind: GroupVersionKind | None = field(2, None)
    scope: str = field(3, "", required=True)
    singular_resource: str = field(4, "", required=True)
    verbs: tuple[str, ...] = field(5, (), required=True, list_type="set")
    short_names: tuple[str, ...] = field(6, (), list_type="set")
    categories: tuple[str, ...] = field(7, (), list_type="set")
    subresources: tuple[APISubresourceDiscovery, ...] = field(8, (), list_type="map", list_keys=("subresource",))


class APIVersionDiscovery(Model):
    """The resources of one version of a group, and whether the document is up to date."""

    version: str = field(1, "", required=True)
    resources: tuple[APIResourceDiscovery, ...] = field(2, (), list_type="map", list_keys=("resource",))
    freshness: str = field(3, "")


class APIGroupDiscovery(Object):
    """A group; its name is in the metadata."""

    api_version: str = field(None, "apidiscovery.k8s.io/v2", required=True)
    kind: str = field(None, "APIGroupDiscovery", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    versions: tuple[APIVersionDiscovery, ...] = field(2, (), list_type="map", list_keys=("version",))


class APIGroupDiscoveryList(Object):
    """What /api and /apis answer to those who ask for everything at once."""

    api_version: str = field(None, "apidiscovery.k8s.io/v2", required=True)
    kind: str = field(None, "APIGroupDiscoveryList", required=True)
    metadata: ListMeta = field(1, ListMeta)
    items: tuple[APIGroupDiscovery, ...] = field(2, (), required=True)
