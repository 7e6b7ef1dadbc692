"""ServiceAccount."""

from machinery.api.core.v1.reference import LocalObjectReference, ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Object, field


class ServiceAccount(Object):
    """Who a program in a pod is, to the API."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ServiceAccount", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    secrets: tuple[ObjectReference, ...] = field(
        2, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """Secrets that its pods may use, if the annotation to enforce this is set. Deprecated; holds no tokens any more."""
    image_pull_secrets: tuple[LocalObjectReference, ...] = field(3, (), list_type="atomic")
    """Credentials of registries that its pods get, if they name none themselves."""
    automount_service_account_token: bool | None = field(4, None)
    """Whether its pods get a token mounted. Default true; the pod's own word wins."""
