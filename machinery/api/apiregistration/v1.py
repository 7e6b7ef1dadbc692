"""APIService (k8s.io/kube-aggregator)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Bytes, Int32, Model, Object, Time, field


class ServiceReference(Model):
    """The Service behind which an extension server listens."""

    namespace: str = field(1, "")
    name: str = field(2, "")
    port: Int32 | None = field(3, None)


class APIServiceSpec(Model):
    """The server behind a group and version, and how to trust it."""

    service: ServiceReference | None = field(1, None)
    group: str = field(2, "")
    version: str = field(3, "")
    insecure_skip_tls_verify: bool = field(4, False, json="insecureSkipTLSVerify")
    ca_bundle: Bytes = field(5, "", list_type="atomic")
    group_priority_minimum: Int32 = field(7, 0, required=True)
    version_priority: Int32 = field(8, 0, required=True)


class APIServiceCondition(Model):
    """One observed aspect of an API service."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class APIServiceStatus(Model):
    """Whether the server behind a group and version can be reached."""

    conditions: tuple[APIServiceCondition, ...] = field(
        1, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class APIService(Object):
    """A group and version that another server serves."""

    api_version: str = field(None, "apiregistration.k8s.io/v1", required=True)
    kind: str = field(None, "APIService", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: APIServiceSpec = field(2, APIServiceSpec)
    status: APIServiceStatus = field(3, APIServiceStatus)
