"""Aggregated discovery: every group with its versions and resources in one document (k8s.io/api `apidiscovery/v2`)."""

from machinery.api.meta.v1 import GroupVersionKind, ListMeta, ObjectMeta
from machinery.api.model import Model, Object, field


class APISubresourceDiscovery(Model):
    """A part of a resource with a URL of its own."""

    subresource: str = field(1, "", required=True)
    """Its name, such as log, scale or status."""
    response_kind: GroupVersionKind | None = field(2, None)
    """The kind that it answers with; not said where it answers something else, such as plain text."""
    accepted_types: tuple[GroupVersionKind, ...] = field(
        3, (), list_type="map", list_keys=("group", "version", "kind")
    )
    """The kinds that it takes, where they are others than the one it answers with."""
    verbs: tuple[str, ...] = field(4, (), required=True, list_type="set")
    """What can be done with it, such as get, patch, update."""


class APIResourceDiscovery(Model):
    """A resource: its names, its scope, what can be done with it."""

    resource: str = field(1, "", required=True)
    """Its plural name as in URLs, such as pods."""
    response_kind: GroupVersionKind | None = field(2, None)
    """The kind of its objects."""
    scope: str = field(3, "", required=True)
    """Namespaced or Cluster."""
    singular_resource: str = field(4, "", required=True)
    """Its singular name, which clients understand as well."""
    verbs: tuple[str, ...] = field(5, (), required=True, list_type="set")
    """What can be done with it: create, delete, deletecollection, get, list, patch, update, watch."""
    short_names: tuple[str, ...] = field(6, (), list_type="set")
    """Abbreviations for the command line, such as po."""
    categories: tuple[str, ...] = field(7, (), list_type="set")
    """Names for several resources at once, such as all."""
    subresources: tuple[APISubresourceDiscovery, ...] = field(8, (), list_type="map", list_keys=("subresource",))
    """Its subresources."""


class APIVersionDiscovery(Model):
    """The resources of one version of a group, and whether the document is up to date."""

    version: str = field(1, "", required=True)
    """The version's name, such as v1."""
    resources: tuple[APIResourceDiscovery, ...] = field(2, (), list_type="map", list_keys=("resource",))
    """The resources that are served in it."""
    freshness: str = field(3, "")
    """Current, or Stale if the server behind it cannot be asked now."""


class APIGroupDiscovery(Object):
    """A group; its name is in the metadata."""

    api_version: str = field(None, "apidiscovery.k8s.io/v2", required=True)
    kind: str = field(None, "APIGroupDiscovery", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    versions: tuple[APIVersionDiscovery, ...] = field(2, (), list_type="map", list_keys=("version",))
    """Its versions, the one to prefer first."""


class APIGroupDiscoveryList(Object):
    """What /api and /apis answer to those who ask for everything at once."""

    api_version: str = field(None, "apidiscovery.k8s.io/v2", required=True)
    kind: str = field(None, "APIGroupDiscoveryList", required=True)
    metadata: ListMeta = field(1, ListMeta)
    """Empty: the document has no revision."""
    items: tuple[APIGroupDiscovery, ...] = field(2, (), required=True)
    """The groups, in the order in which clients should look."""
