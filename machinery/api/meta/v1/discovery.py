"""What the server tells of its groups, versions and resources, and the ways to name those."""

from machinery.api.model import Model, field


class GroupVersionForDiscovery(Model):
    """A group and version, whole and split."""

    group_version: str = field(1, "", required=True)
    """Both in one, as apiVersion has it: apps/v1, or v1 for the core group."""
    version: str = field(2, "", required=True)
    """The version alone: v1."""


class ServerAddressByClientCIDR(Model):
    """The server's address for clients of one network."""

    client_cidr: str = field(1, "", json="clientCIDR", required=True)
    """The network that the client's address must be in, such as 0.0.0.0/0."""
    server_address: str = field(2, "", required=True)
    """The address to use for the server: an IP address or a host name, perhaps with a port."""


class APIGroup(Model):
    """A group of the API and the versions that it is served in."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIGroup", required=True)
    name: str = field(1, "", required=True)
    """The group's name, such as apps."""
    versions: tuple[GroupVersionForDiscovery, ...] = field(2, (), required=True, list_type="atomic")
    """The versions in which the group is served."""
    preferred_version: GroupVersionForDiscovery = field(3, GroupVersionForDiscovery)
    """The version that the server would choose."""
    server_address_by_client_cidrs: tuple[ServerAddressByClientCIDR, ...] = field(
        4, (), json="serverAddressByClientCIDRs", list_type="atomic"
    )
    """Which address of the server a client should use, by the client's own address."""


class APIGroupList(Model):
    """Every group of the API, as `GET /apis` answers."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIGroupList", required=True)
    groups: tuple[APIGroup, ...] = field(1, (), required=True, list_type="atomic")
    """The groups, without the core group, which /api tells of."""


class APIResource(Model):
    """One resource of a group and version: its names, scope and verbs."""

    name: str = field(1, "", required=True)
    """The resource's plural name as in URLs; pods/log for a subresource."""
    singular_name: str = field(6, "", required=True)
    """Its singular name, which clients understand as well."""
    namespaced: bool = field(2, False, required=True)
    """Whether its objects live in namespaces."""
    group: str = field(8, "")
    """The group of the kind, where it is another than that of the list."""
    version: str = field(9, "")
    """The version of the kind, where it is another than that of the list."""
    kind: str = field(3, "", required=True)
    """The kind of its objects, such as Pod."""
    verbs: tuple[str, ...] = field(4, (), required=True)
    """What can be done with it: create, delete, deletecollection, get, list, patch, update, watch."""
    short_names: tuple[str, ...] = field(5, (), list_type="atomic")
    """Abbreviations for the command line, such as po."""
    categories: tuple[str, ...] = field(7, (), list_type="atomic")
    """Names for several resources at once, such as all."""
    storage_version_hash: str = field(10, "")
    """Changes when objects are stored in another version than before."""


class APIResourceList(Model):
    """The resources of one group and version, as `GET /apis/apps/v1` answers."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIResourceList", required=True)
    group_version: str = field(1, "", required=True)
    """The group and version that these resources belong to."""
    resources: tuple[APIResource, ...] = field(2, (), required=True, list_type="atomic")
    """The resources and their subresources."""


class APIVersions(Model):
    """The versions of the legacy group, as `GET /api` answers."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "APIVersions", required=True)
    versions: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """The versions of the core group: v1."""
    server_address_by_client_cidrs: tuple[ServerAddressByClientCIDR, ...] = field(
        2, (), json="serverAddressByClientCIDRs", required=True, list_type="atomic"
    )
    """Which address of the server a client should use, by the client's own address."""


class GroupKind(Model):
    """A kind without its version."""

    group: str = field(1, "", required=True)
    """The group's name; empty for the core group."""
    kind: str = field(2, "", required=True)
    """The kind, such as Deployment."""


class GroupResource(Model):
    """A resource without its version."""

    group: str = field(1, "", required=True)
    """The group's name; empty for the core group."""
    resource: str = field(2, "", required=True)
    """The plural name, such as deployments."""


class GroupVersion(Model):
    """An API group and version."""

    group: str = field(1, "", required=True)
    """The group's name; empty for the core group."""
    version: str = field(2, "", required=True)
    """The version, such as v1."""


class GroupVersionKind(Model):
    """A kind, fully named."""

    group: str = field(1, "", required=True)
    """The group's name; empty for the core group."""
    version: str = field(2, "", required=True)
    """The version, such as v1."""
    kind: str = field(3, "", required=True)
    """The kind, such as Deployment."""


class GroupVersionResource(Model):
    """A resource, fully named."""

    group: str = field(1, "", required=True)
    """The group's name; empty for the core group."""
    version: str = field(2, "", required=True)
    """The version, such as v1."""
    resource: str = field(3, "", required=True)
    """The plural name, such as deployments."""


class RootPaths(Model):
    """The paths that the server knows, as `GET /` answers."""

    paths: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """Every path that can be asked for."""
