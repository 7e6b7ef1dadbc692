"""APIService (k8s.io/kube-aggregator)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Bytes, Int32, Model, Object, Time, field


class ServiceReference(Model):
    """The Service behind which an extension server listens."""

    namespace: str = field(1, "")
    """The service's namespace."""
    name: str = field(2, "")
    """The service's name."""
    port: Int32 | None = field(3, None)
    """The port that speaks HTTPS. Default 443."""


class APIServiceSpec(Model):
    """The server behind a group and version, and how to trust it."""

    service: ServiceReference | None = field(1, None)
    """The service of the server that answers; if not said, this API server answers itself."""
    group: str = field(2, "")
    """The API group; empty for the core group."""
    version: str = field(3, "")
    """The API version."""
    insecure_skip_tls_verify: bool = field(4, False, json="insecureSkipTLSVerify")
    """Whether to trust any certificate of that server; better give a caBundle. Default false."""
    ca_bundle: Bytes = field(5, "", list_type="atomic")
    """The certificate authorities, as PEM, that vouch for that server; those of the system if not said."""
    group_priority_minimum: Int32 = field(7, 0, required=True)
    """Where the group stands in discovery: higher comes first. 1 to 20000."""
    version_priority: Int32 = field(8, 0, required=True)
    """Where the version stands inside its group: higher comes first. 1 to 1000."""


class APIServiceCondition(Model):
    """One observed aspect of an API service."""

    type: str = field(1, "", required=True)
    """Available: whether the server answers."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_transition_time: Time | None = field(3, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class APIServiceStatus(Model):
    """Whether the server behind a group and version can be reached."""

    conditions: tuple[APIServiceCondition, ...] = field(
        1, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What was found when the server was last asked."""


class APIService(Object):
    """A group and version that another server serves."""

    api_version: str = field(None, "apiregistration.k8s.io/v1", required=True)
    kind: str = field(None, "APIService", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: APIServiceSpec = field(2, APIServiceSpec)
    """Which group and version, and who serves it."""
    status: APIServiceStatus = field(3, APIServiceStatus)
    """What the last check found."""
